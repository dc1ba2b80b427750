// What cookiegate.js gives a page, as a module. It may be imported before that script has loaded,
// and on a server, where nothing is allowed and nothing happens. Types: cookiegate.d.ts.

const push = (run) => {
  if (typeof document === "undefined") return;
  // An element with this id is no queue.
  if (typeof window.cookiegate?.push !== "function") window.cookiegate = [];
  window.cookiegate.push(run);
};

const call =
  (name) =>
  (...given) =>
    new Promise((resolve, reject) => {
      push((cookiegate) => cookiegate[name](...given).then(resolve, reject));
    });

export const allows = (category) => globalThis.cookiegate?.allows?.(category) ?? false;

export const on = (name, listener) => {
  let stop = null;
  let isStopped = false;
  push((cookiegate) => {
    if (!isStopped) stop = cookiegate.on(name, listener);
  });
  return () => {
    isStopped = true;
    stop?.();
  };
};

export const choose = call("choose");
export const grant = call("grant");
export const withdraw = call("withdraw");
export const refresh = call("refresh");
