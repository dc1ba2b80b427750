// The visitor's choice in the page. Usage, events and limits: docs/script.md.
(() => {
  "use strict";

  // ---- The page -------------------------------------------------------------------------------

  // Markup can hide members of `document` (<img name="querySelectorAll">), but not of a prototype.
  const onDocument = (method, ...given) => Document.prototype[method].apply(document, given);
  const find = (selector) => [...onDocument("querySelectorAll", selector)];
  const currentScript = Object.getOwnPropertyDescriptor(Document.prototype, "currentScript").get;

  const isOwnTag = (element) =>
    element instanceof HTMLScriptElement &&
    element.type !== "text/plain" &&
    element.dataset.cookiegate !== undefined;
  const running = currentScript.call(document);
  // A framework that inserts a page's part may evaluate the script's text by itself. Then no script
  // with these data is running, but the tag is in the page. Injected markup could be taken for it,
  // but cannot know its nonce.
  const searchTag = () => {
    const [first, ...others] = find("script[data-cookiegate]").filter(isOwnTag);
    return others.every((other) => other.nonce === first.nonce) ? first : undefined;
  };
  const tag = isOwnTag(running) ? running : searchTag();

  // The script runs once in a document, whatever is swapped in it. A symbol: no element's id can
  // take it.
  const ONCE = Symbol.for("cookiegate");
  if (window[ONCE]) {
    window[ONCE](tag);
    return;
  }
  if (!tag) {
    console.error("Cookiegate: the page has no <script data-cookiegate>, or several that differ.");
    return;
  }

  // Relative to the page's address: an injected <base> must not decide where a choice is sent.
  const base = new URL(tag.dataset.cookiegate, location.href);
  if (base.origin !== location.origin) throw new Error(`Cookiegate: ${base} is another site.`);
  // The tag of the page that was swapped in last; it may have another language.
  let newest = tag;
  // Ids of the allowed categories; null while they are not known.
  let allowed = null;
  let asks = false;
  // Ids of the categories that a signal of the browser holds off, whatever the visitor chooses.
  let blocked = (tag.dataset.blocked || "").split(" ");
  const allows = (category) => !!allowed && allowed.includes(category);

  // In a frame of another host the banner is not shown; there, reading `top.document` throws.
  let isFramed = true;
  try {
    isFramed = !top.document;
  } catch {
    // It is framed.
  }

  // Whether a framework made an element or not, it stays where it is: what is added stands beside.

  // Elements that failed; they are reported once. One bad element must not stop the others.
  const failed = new WeakSet();
  const attempt = (action, element) => {
    if (failed.has(element)) return;
    try {
      action(element);
    } catch (error) {
      failed.add(element);
      console.error("Cookiegate:", error.message, element);
    }
  };

  // "javascript:" and "data:" would run in the page.
  const webAddress = (text, element) => {
    const url = new URL(text, element.baseURI);
    if (!/^https?:$/.test(url.protocol)) throw new Error(`${url.protocol} is no web address.`);
    return url;
  };

  // ---- Held-back scripts ----------------------------------------------------------------------

  // For `require-trusted-types-for 'script'`; allow it with `trusted-types cookiegate`.
  let policy = null;
  const trusted = (kind, text) => {
    const rules = { createScript: (given) => given, createScriptURL: (given) => given };
    try {
      policy ??= window.trustedTypes.createPolicy("cookiegate", rules);
    } catch {
      // No trusted types, or the policy is not allowed; then the page's default policy decides.
      policy = rules;
    }
    return policy[kind](text);
  };

  // If the page gave this script a nonce, it trusts only what has the same: injected markup cannot.
  const { nonce } = tag;
  const checkNonce = (held) => {
    if (nonce && held.nonce !== nonce) throw new Error("this script lacks the page's nonce.");
  };
  // Beside each held-back script that has started stands the one that runs. In a copy of a page,
  // such as Turbo keeps, both are there, and the framework runs the second.
  const started = new WeakSet();
  const hasStarted = (held) =>
    started.has(held) || held.nextElementSibling?.getAttribute(STARTED) === "";
  const isReleasable = (held) => {
    if (hasStarted(held) || !allows(held.dataset.cookiegate)) return false;
    attempt(checkNonce, held);
    return !failed.has(held);
  };

  const isModule = (held) => held.dataset.type === "module";
  const isAsync = (held) => held.hasAttribute("async");
  // The parser runs these after all others.
  const isDeferred = (held) =>
    !isAsync(held) && (isModule(held) || (held.hasAttribute("defer") && held.hasAttribute("src")));
  // Whether a later inline script waits for it. A script of another type never loads.
  const isAwaited = (held) =>
    held.hasAttribute("src") &&
    !isAsync(held) &&
    !held.hasAttribute("nomodule") &&
    /^$|^(text|application)\/(java|ecma)script$/i.test(held.dataset.type || "");

  const STARTED = "data-cookiegate-started";
  const NOT_COPIED = /^(on.*|type|src|nonce|data-cookiegate|data-type)$/i;
  const makeLive = (held) => {
    const live = onDocument("createElement", "script");
    for (const { name, value } of held.attributes) {
      if (!NOT_COPIED.test(name)) live.setAttribute(name, value);
    }
    if (held.dataset.type) live.type = held.dataset.type;
    live.setAttribute(STARTED, "");
    live.nonce = held.nonce;
    // Otherwise the browser runs it as soon as it has arrived, before earlier ones.
    live.async = isAsync(held);
    const source = held.getAttribute("src");
    if (source === null) live.text = trusted("createScript", held.text);
    else live.src = trusted("createScriptURL", webAddress(source, held).href);
    return live;
  };

  const nextHeld = () => {
    const due = find('script[type="text/plain"][data-cookiegate]').filter(isReleasable);
    return due.find((held) => !isDeferred(held)) || due[0];
  };

  // Run the scripts whose category is allowed, in the order in which the parser would run them.
  let isReleasing = false;
  const releaseScripts = async () => {
    // The loop that is at work finds whatever else is due.
    if (isReleasing) return;
    isReleasing = true;
    let loading = [];
    for (let held = nextHeld(); held; held = nextHeld()) {
      if (loading.length && !isDeferred(held) && !held.hasAttribute("src")) {
        await Promise.all(loading);
        loading = [];
        // Look again: the choice may have changed meanwhile.
        continue;
      }
      attempt(() => {
        const live = makeLive(held);
        if (isAwaited(held)) {
          const done = (resolve) => ["load", "error"].map((e) => live.addEventListener(e, resolve));
          loading.push(new Promise(done));
        }
        started.add(held);
        held.after(live);
      }, held);
    }
    isReleasing = false;
  };

  // ---- Held-back frames, pictures and players -------------------------------------------------

  // embeds.js, which only pages that have some load, with the texts in their language.
  const NAMES = ["src", "srcset", "poster", "href"].map((name) => `data-cookiegate-${name}`);
  const EMBEDS = NAMES.map((name) => `[${name}]`).join();
  let updateEmbeds = null;
  let loaded = "";
  const loadEmbeds = () => {
    const file = newest.dataset.embeds;
    // Another file could be one that a visitor has uploaded.
    if (file === loaded || !/^embeds\.js\?[\w=&-]+$/.test(file) || !find(EMBEDS).length) return;
    loaded = file;
    const script = onDocument("createElement", "script");
    script.nonce = nonce;
    script.src = trusted("createScriptURL", `${base.href}/static/${file}`);
    script.addEventListener("error", () => {
      loaded = "";
    });
    find("head")[0].append(script);
  };

  // ---- Storage --------------------------------------------------------------------------------

  // Call `run` with a global object, if there is one. A browser may deny access to its storage;
  // then nothing is stored there.
  const withGlobal = (name, run) => {
    try {
      run(window[name]);
    } catch {
      // Absent, or denied.
    }
  };

  // Remove the storage keys that are not allowed.
  const clear = (refused) => {
    for (const { area, refused: pattern, kept } of refused) {
      withGlobal(area, (store) => {
        for (const key of Object.keys(store)) {
          if (RegExp(pattern, "s").test(key) && !RegExp(kept, "s").test(key)) store.removeItem(key);
        }
      });
    }
  };

  // Turbo and htmx keep copies of pages, with the banner and the scripts of an earlier choice.
  const forgetCopies = () => {
    withGlobal("Turbo", (turbo) => turbo.cache.clear());
    for (const area of ["localStorage", "sessionStorage"]) {
      withGlobal(area, (store) => store.removeItem("htmx-history-cache"));
    }
  };

  // ---- Banner ---------------------------------------------------------------------------------

  const BANNER = "#cookiegate-banner[data-offered]";
  const LINK = "#cookiegate-link";
  const RELOAD = "#cookiegate-reload";
  // While a part is swapped, an element may be there twice.
  const only = (selector) => {
    const [first, ...others] = find(selector);
    for (const other of others) other.hidden = true;
    return first;
  };

  const isBlocked = (category) => blocked.includes(category);
  const showBanner = () => {
    const banner = only(BANNER);
    only(RELOAD);
    const link = only(LINK);
    // A banner that is the same for everyone may offer what a signal blocks for this visitor.
    const isDue = !!banner && asks && !banner.dataset.offered.split(" ").some(isBlocked);
    if (banner) banner.hidden = !isDue;
    if (link) link.hidden = isFramed || isDue;
  };

  // What has run cannot be stopped, only left behind: offer to load the page again.
  const offerReload = (isOffered) => {
    const offer = only(RELOAD);
    if (offer) offer.hidden = !isOffered;
  };
  const reload = (event) => {
    const { target } = event;
    if (!(target instanceof HTMLAnchorElement && target.closest(RELOAD))) return;
    event.preventDefault();
    location.reload();
  };

  // For those who hear the page: the banner has gone, and why.
  const STATUS = "#cookiegate-status";
  const announce = (isSaved) => {
    const status = only(STATUS);
    if (status) status.textContent = isSaved ? status.dataset.saved : "";
  };

  const setBusy = (banner, isBusy) => {
    banner.setAttribute("aria-busy", isBusy);
    for (const button of banner.querySelectorAll("button")) button.disabled = isBusy;
  };

  // Send the form itself, which does the same without the script.
  const sendForm = (form, values) => {
    for (const [name, value] of Object.entries(values)) {
      const field = onDocument("createElement", "input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      HTMLFormElement.prototype.append.call(form, field);
    }
    HTMLFormElement.prototype.submit.call(form);
  };

  const answerBanner = async (event) => {
    const button = event.submitter;
    const banner = button instanceof HTMLElement ? button.closest(BANNER) : null;
    if (!banner || !["all", "these", "none"].includes(button.value)) return;
    event.preventDefault();
    // Turbo and htmx would send the form as well.
    event.stopImmediatePropagation();
    const { offered, shown } = banner.dataset;
    const granted = button.value === "none" ? [] : offered.split(" ");
    const once = randomText();
    setBusy(banner, true);
    try {
      await choose(granted, { surface: "banner", language: banner.lang, shown, once });
      only(LINK)?.querySelector("a")?.focus();
    } catch {
      sendForm(button.form, { answer: button.value, once });
    } finally {
      setBusy(banner, false);
    }
  };

  // ---- State ----------------------------------------------------------------------------------

  // False in a page that is prerendered: nothing starts in a page that may never be seen.
  let hasBegun = false;
  let isReady = false;
  const update = (hasWithdrawn) => {
    if (!hasBegun) return;
    showBanner();
    updateEmbeds?.(hasWithdrawn);
    loadEmbeds();
    releaseScripts();
  };

  // Return whether a listener has prevented what follows.
  const emit = (name, detail) =>
    !onDocument("dispatchEvent", new CustomEvent(name, { detail, cancelable: true }));

  const apply = (state, isAnswer) => {
    const before = allowed;
    const isFirst = isAnswer && asks && !state.should_ask;
    allowed = state.allowed;
    asks = state.should_ask && !isFramed;
    blocked = state.categories.filter((one) => one.blocked).map((one) => one.id);
    const removed = (before || []).filter((category) => !allows(category));
    const added = allowed.filter((category) => !before?.includes(category));
    clear(state.refused);
    update(removed.length > 0);
    const detail = { allowed, added, removed, withdrawn: removed };
    if (isFirst) emit("cookiegate:first", detail);
    if (before && !added.length && !removed.length) return;
    forgetCopies();
    let isHandled = before && emit("cookiegate:change", detail);
    isHandled = emit("cookiegate", detail) || isHandled;
    offerReload(removed.length > 0 && !isHandled);
  };

  const fetchState = async (query, options) => {
    const address = `${base.href}/api${query}`;
    const response = await fetch(address, { credentials: "same-origin", ...options });
    if (!response.ok) {
      const { status } = response;
      throw Object.assign(new Error(`Cookiegate: ${status}`), { status });
    }
    return response.json();
  };

  // Answers may arrive in another order: one is applied only if no later request was sent.
  let turn = 0;
  let readAt = 0;
  // "again": the banner of this page was counted before.
  const read = async (query = "?again=1") => {
    const mine = ++turn;
    readAt = Date.now();
    const state = await fetchState(query);
    if (mine === turn) apply(state);
    return state;
  };
  const refresh = () => read().catch(() => {});

  const warn = (what) =>
    console.warn(`Cookiegate: ${what} Serve the site over https, or use Gate(secure=False).`);
  // A browser that keeps no cookie asks on each page for ever, and nobody would know why.
  const verify = async (chosen) => {
    const kept = await fetchState("?again=1");
    if (kept.status === chosen.status) return;
    warn("the browser did not keep the consent cookie.");
  };

  const put = async (body) => {
    turn += 1;
    announce(false);
    const headers = { "Content-Type": "application/json" };
    try {
      const state = await fetchState("", { method: "PUT", headers, body, keepalive: true });
      // Ignore what was read meanwhile.
      turn += 1;
      apply(state, true);
      announce(true);
      verify(state).catch(() => {});
      return state;
    } catch (error) {
      if (error.status === 403 && !window.isSecureContext) {
        warn("over plain http, no choice can be made here.");
      }
      // A rejected choice may have withdrawn something: show that.
      await refresh();
      throw error;
    } finally {
      notifyTabs();
    }
  };

  // By it the server knows a choice that arrives twice, as when only the answer was lost.
  const randomText = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

  // `shown` is the page that the visitor chose on, for the proof: surface, language and hash.
  // Choices are sent one after the other; the same choice again, as by a double click, only once.
  let latest = { done: Promise.resolve() };
  const choose = (granted, { once = randomText(), ...shown } = {}) => {
    const choice = JSON.stringify({ granted, ...shown });
    if (latest.choice !== choice) {
      const sent = { choice };
      sent.done = latest.done
        .catch(() => {})
        .then(() => put(JSON.stringify({ granted, once, ...shown })))
        .finally(() => {
          sent.choice = null;
        });
      latest = sent;
    }
    return latest.done;
  };

  // Allow more, beside what is allowed. What a signal blocks stays granted; what the visitor could
  // confirm under a signal, and has not, is not confirmed by another choice.
  const grant = async (categories, shown) => {
    const state = await fetchState("?again=1");
    const isKept = (id) =>
      state.allowed.includes(id) ||
      state.categories.some((one) => one.blocked && one.id === id.split(":")[0]);
    return choose([...new Set([...state.granted.filter(isKept), ...categories])], shown);
  };

  // ---- Other tabs, and pages that come back ---------------------------------------------------

  // A message is only a hint. What holds is what the server says.
  let channel = null;
  const summary = () => `${asks} ${allowed}`;
  const notifyTabs = () => channel?.postMessage(summary());
  const listen = () => {
    if (isFramed || !window.BroadcastChannel) return;
    channel = new BroadcastChannel(`cookiegate ${base.pathname}`);
    channel.onmessage = ({ data }) => {
      if (data !== summary()) refresh();
    };
  };
  // An open channel may keep a page from being restored.
  const stopListening = () => {
    channel?.close();
    channel = null;
  };

  // The browser restores the page as it was left; the choice may have changed since.
  const restore = async (event) => {
    if (!event.persisted) return;
    listen();
    const asked = asks;
    asks = false;
    showBanner();
    await read().catch(() => {
      asks = asked;
      showBanner();
    });
  };

  // Messages reach tabs that run. A tab that slept, or without messages, asks when it is seen.
  const MINUTE = 60_000;
  const wake = () => {
    if (document.visibilityState === "hidden") return;
    if (!channel || Date.now() - readAt > MINUTE) refresh();
  };

  // A page, or a part of one, was swapped in with this script in it.
  const adopt = (newer) => {
    if (!hasBegun) return;
    if (newer) newest = newer;
    update();
    // It may be a copy from before the last choice: compare, and ask the server.
    const { allowed: theirs } = newest.dataset;
    if (theirs !== undefined && allowed && theirs !== allowed.join(" ")) refresh();
  };

  // Frameworks insert parts of pages without running scripts in them, and change what they made.
  const OURS = `[data-cookiegate], ${EMBEDS}, #cookiegate-banner, #cookiegate-link`;
  const isOurs = (node) =>
    node instanceof Element &&
    (Element.prototype.matches.call(node, OURS) ||
      Element.prototype.querySelector.call(node, OURS) !== null);
  const watch = () => {
    const observer = new MutationObserver((records) => {
      const changed = records.flatMap(({ type, target, addedNodes, removedNodes }) => {
        if (type === "childList") return [...addedNodes, ...removedNodes];
        failed.delete(target);
        return target;
      });
      if (changed.some(isOurs)) update();
    });
    observer.observe(document, { childList: true, subtree: true, attributeFilter: NAMES.concat("data-cookiegate") });
  };

  // ---- Start ----------------------------------------------------------------------------------

  const begin = async (wasPrerendered) => {
    hasBegun = true;
    listen();
    const banner = find(BANNER)[0];
    const { allowed: rendered } = tag.dataset;
    // Only a tag that runs is the server's for certain; and a prerendered page may be old.
    if (rendered !== undefined && tag === running && !wasPrerendered) {
      allowed = rendered.split(" ");
      asks = !!banner && !banner.hidden && !isFramed;
      readAt = Date.now();
      clear(JSON.parse(tag.dataset.refused || "[]"));
      update();
    } else {
      // A cacheable banner counts when it asks the server; others were counted by it.
      await read(rendered === undefined ? "" : "?again=1").catch(() => {
        allowed ??= [];
        update();
      });
    }
    watch();
    notifyTabs();
    isReady = true;
    emit("cookiegate:ready", { allowed });
  };

  const on = (name, listener) => {
    const type = `cookiegate:${name}`;
    const call = (event) => listener(event.detail, event);
    onDocument("addEventListener", type, call);
    if (name === "ready" && isReady) listener({ allowed });
    return () => onDocument("removeEventListener", type, call);
  };

  // What the page has asked for before this script was there: an array of functions.
  const queue = window.cookiegate;
  const api = { allows, choose, grant, withdraw: () => choose([]), refresh: () => read(), on };
  api.push = (run) => run(api);
  window.cookiegate = api;
  window[ONCE] = adopt;
  adopt.embeds = (make) => {
    const state = () => ({ allowed, blocked });
    const page = { find, onDocument, attempt, webAddress, allows, state, grant, update, base, nonce };
    updateEmbeds = make(page);
    update();
  };
  addEventListener("submit", answerBanner, true);
  addEventListener("click", reload);
  addEventListener("pageshow", restore);
  addEventListener("pagehide", stopListening);
  onDocument("addEventListener", "visibilitychange", wake);
  if (document.prerendering === true) {
    const activate = () => begin(true);
    onDocument("addEventListener", "prerenderingchange", activate, { once: true });
  } else if (document.readyState === "loading") {
    // A template without `defer`: what is not parsed yet would be cut off.
    onDocument("addEventListener", "DOMContentLoaded", () => begin(false));
  } else {
    begin(false);
  }
  // An element with this id is none.
  if (Array.isArray(queue)) queue.forEach((run) => queueMicrotask(() => run(api)));
})();
