// The visitor's choice in the page. Usage, events and limits: docs/asking.md.
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
  // The texts; a page that is swapped in may have another language.
  let texts = tag.dataset;
  // Ids of the allowed categories; null while they are not known.
  let allowed = null;
  let asks = false;
  const allows = (category) => !!allowed && allowed.includes(category);

  // In a frame of another host the banner is not shown; there, reading `top.document` throws.
  let isFramed = false;
  try {
    isFramed = !top.document;
  } catch {
    isFramed = true;
  }

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
  const isReleasable = (held) => {
    if (!allows(held.dataset.cookiegate)) return false;
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

  const NOT_COPIED = /^(on.*|type|src|nonce|data-cookiegate|data-type)$/i;
  const makeLive = (held) => {
    const live = onDocument("createElement", "script");
    for (const { name, value } of held.attributes) {
      if (!NOT_COPIED.test(name)) live.setAttribute(name, value);
    }
    if (held.dataset.type) live.type = held.dataset.type;
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
        held.replaceWith(live);
      }, held);
    }
    isReleasing = false;
  };

  // ---- Frames ---------------------------------------------------------------------------------

  // Neither the attribute alone nor a style sheet: a site's `iframe { display: block }` beats both.
  const hide = (frame) => {
    if (frame.hidden && frame.style.display === "none") return;
    frame.dataset.cookiegateDisplay ??= frame.style.display;
    frame.hidden = true;
    frame.style.setProperty("display", "none", "important");
  };
  const show = (frame) => {
    frame.hidden = false;
    if (frame.dataset.cookiegateDisplay === undefined) return;
    frame.style.setProperty("display", frame.dataset.cookiegateDisplay);
    delete frame.dataset.cookiegateDisplay;
  };

  // Taken out and put back, a frame ends what runs in it. Another address would stay in the history.
  const unload = (frame) => {
    if (!frame.hasAttribute("src")) return;
    const place = onDocument("createComment", "");
    frame.replaceWith(place);
    frame.removeAttribute("src");
    place.replaceWith(frame);
  };

  const NOTE = "cookiegate-held";
  const noteOf = (frame) => {
    const before = frame.previousElementSibling;
    return before && before.className === NOTE ? before : null;
  };
  const addNote = (frame, host) => {
    const { cookiegate: category } = frame.dataset;
    const title = JSON.parse(texts.titles || "{}")[category] || category;
    const note = onDocument("createElement", "p");
    const link = onDocument("createElement", "a");
    const text = texts.held || "";
    note.className = NOTE;
    note.textContent = text.replace("{host}", () => host).replace("{category}", () => title) + " ";
    link.href = base.href;
    link.textContent = texts.settings || "";
    note.append(link);
    frame.before(note);
  };

  const updateFrame = (frame) => {
    const isAllowed = allows(frame.dataset.cookiegate);
    if (!isAllowed) unload(frame);
    hide(frame);
    const url = webAddress(frame.dataset.cookiegateSrc, frame);
    if (isAllowed) {
      noteOf(frame)?.remove();
      show(frame);
      if (frame.src !== url.href) frame.src = url.href;
    } else if (allowed && !noteOf(frame)) {
      addNote(frame, url.host);
    }
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

  const showBanner = () => {
    const banner = only(BANNER);
    const link = only(LINK);
    only(RELOAD);
    if (banner) banner.hidden = !asks;
    if (link) link.hidden = isFramed || (!!banner && asks);
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
    if (!banner || !["all", "none"].includes(button.value)) return;
    event.preventDefault();
    // Turbo and htmx would send the form as well.
    event.stopImmediatePropagation();
    const { offered, shown } = banner.dataset;
    const granted = button.value === "all" ? offered.split(" ") : [];
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
  const update = () => {
    if (!hasBegun) return;
    showBanner();
    find("iframe[data-cookiegate-src]").forEach((frame) => attempt(updateFrame, frame));
    releaseScripts();
  };

  const apply = (state) => {
    const before = allowed;
    allowed = state.allowed;
    asks = state.should_ask && !isFramed;
    clear(state.refused);
    update();
    if (before && before.join() === allowed.join()) return;
    forgetCopies();
    const withdrawn = (before || []).filter((category) => !allows(category));
    const detail = { allowed, withdrawn };
    const event = new CustomEvent("cookiegate", { detail, cancelable: true });
    const isHandled = !onDocument("dispatchEvent", event);
    offerReload(withdrawn.length > 0 && !isHandled);
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

  const HTTPS = "Serve the site over https, or see Gate(secure=False) for development.";
  // A browser that keeps no cookie asks on each page for ever, and nobody would know why.
  const verify = async (chosen) => {
    const kept = await fetchState("?again=1");
    if (kept.status === chosen.status) return;
    console.warn(`Cookiegate: the browser did not keep the consent cookie. ${HTTPS}`);
  };

  const put = async (body) => {
    turn += 1;
    const headers = { "Content-Type": "application/json" };
    try {
      const state = await fetchState("", { method: "PUT", headers, body, keepalive: true });
      // Ignore what was read meanwhile.
      turn += 1;
      apply(state);
      verify(state).catch(() => {});
      return state;
    } catch (error) {
      if (error.status === 403 && !window.isSecureContext) {
        console.warn(`Cookiegate: over plain http, no choice can be made here. ${HTTPS}`);
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
    if (newer) texts = newer.dataset;
    update();
    // It may be a copy from before the last choice: compare, and ask the server.
    const { allowed: theirs } = texts;
    if (theirs !== undefined && allowed && theirs !== allowed.join(" ")) refresh();
  };

  // Frameworks insert parts of pages without running scripts in them.
  const OURS = "[data-cookiegate], [data-cookiegate-src], #cookiegate-banner, #cookiegate-link";
  const isOurs = (node) =>
    node instanceof Element &&
    (Element.prototype.matches.call(node, OURS) ||
      Element.prototype.querySelector.call(node, OURS) !== null);
  const watch = () => {
    const observer = new MutationObserver((records) => {
      const changed = records.flatMap((record) => [...record.addedNodes, ...record.removedNodes]);
      if (changed.some(isOurs)) update();
    });
    observer.observe(document, { childList: true, subtree: true });
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
  };

  window.cookiegate = { allows, choose, withdraw: () => choose([]), refresh: () => read() };
  window[ONCE] = adopt;
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
})();
