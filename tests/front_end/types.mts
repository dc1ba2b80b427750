// Compiled and never run: what a site writes with Cookiegate's types.
import { allows, choose, grant, on, refresh, withdraw, type State } from "./cookiegate.mjs";

const isAllowed: boolean = allows("marketing");
const stop: () => void = on("change", ({ added, removed, allowed }) => {
  const ids: string[] = [...added, ...removed, ...allowed];
  console.log(ids, isAllowed);
});
stop();
on("ready", ({ allowed }, event) => event?.detail.allowed.includes(allowed[0] ?? ""));
on("first", (detail) => detail.withdrawn.length);

const state: State = await choose(["analysis"], { surface: "banner", language: "sv" });
console.log(state.granted, state.status === "given", (await refresh()).should_ask);
await grant(["marketing"]);
await withdraw();

window.cookiegate ??= [];
window.cookiegate.push((cookiegate) => cookiegate.on("ready", () => {}));
console.log(window.cookiegate.allows?.("marketing"));
document.addEventListener("cookiegate:change", (event) => {
  if (event.detail.removed.length) event.preventDefault();
});
document.addEventListener("cookiegate", ({ detail }) => detail.withdrawn);

// @ts-expect-error There is no such event.
on("ended", () => {});
// @ts-expect-error Ids are a list.
await choose("analysis");
// @ts-expect-error Nothing was added before the page knew.
on("ready", ({ added }) => added);
// @ts-expect-error It may not have loaded.
window.cookiegate.allows("marketing");
