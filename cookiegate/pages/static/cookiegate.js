// The visitor's choice in the page. Usage: docs/asking.md.
(() => {
  const tag = document.currentScript;
  // In a frame of another site the banner is not shown; there, reading `top.document` throws.
  let isFramed = false;
  try {
    isFramed = !top.document;
  } catch {
    isFramed = true;
  }
  const data = tag.dataset;
  const base = data.cookiegate;
  const titles = JSON.parse(data.titles);
  const find = (selector, run) => document.querySelectorAll(selector).forEach(run);
  const byId = (id) => document.getElementById(id);
  let allowed = data.allowed === undefined ? null : data.allowed.split(" ");
  const allows = (category) => !!allowed && allowed.includes(category);

  // Start the scripts and frames whose category is allowed.
  const release = () => {
    find('script[type="text/plain"][data-cookiegate]', (held) => {
      if (!allows(held.dataset.cookiegate)) return;
      const live = document.createElement("script");
      for (const { name, value } of held.attributes) {
        if (name !== "type" && name !== "data-cookiegate") live.setAttribute(name, value);
      }
      if (held.dataset.type) live.type = held.dataset.type;
      live.nonce = held.nonce;
      live.text = held.text;
      held.replaceWith(live);
    });
    find("iframe[data-cookiegate-src]", (frame) => {
      const { cookiegate: category, cookiegateSrc: source } = frame.dataset;
      const place = frame.previousElementSibling;
      const isPlace = place && place.className === "cookiegate-held";
      if (allows(category)) {
        if (isPlace) place.remove();
        frame.hidden = false;
        frame.removeAttribute("data-cookiegate-src");
        frame.src = source;
      } else if (!isPlace) {
        const note = document.createElement("p");
        note.className = "cookiegate-held";
        note.textContent =
          data.held
            .replace("{host}", new URL(source, location).host)
            .replace("{category}", titles[category] || category) + " ";
        const link = document.createElement("a");
        link.href = base;
        link.textContent = data.settings;
        note.append(link);
        frame.hidden = true;
        frame.before(note);
      }
    });
  };

  // Remove the storage keys that are not allowed.
  const clear = (refused) => {
    for (const { area, refused: pattern, kept } of refused) {
      try {
        const store = window[area];
        for (const key of Object.keys(store)) {
          if (RegExp(pattern, "s").test(key) && !RegExp(kept, "s").test(key)) store.removeItem(key);
        }
      } catch {
        // The browser denies access to its storage, so it stores nothing there.
      }
    }
  };

  const apply = (state) => {
    const before = allowed && allowed.join(" ");
    allowed = state.allowed;
    const banner = byId("cookiegate");
    const link = byId("cookiegate-link");
    const isAsked = state.should_ask && !isFramed;
    if (banner) banner.hidden = !isAsked;
    if (link) link.hidden = isFramed || (!!banner && isAsked);
    clear(state.refused);
    release();
    if (before !== allowed.join(" ")) {
      document.dispatchEvent(new CustomEvent("cookiegate", { detail: { allowed } }));
    }
    return state;
  };

  const call = async (options) => {
    const response = await fetch(`${base}/api`, { credentials: "same-origin", ...options });
    if (!response.ok) {
      // A rejected choice may have withdrawn something: show that.
      if (options.method) await call({});
      throw new Error(`Cookiegate: ${response.status}`);
    }
    return apply(await response.json());
  };

  // `shown` is the page that the visitor chose on, for the proof: surface, language and hash.
  const choose = (granted, shown) =>
    call({
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ granted, ...shown }),
    });

  window.cookiegate = { allows, choose, withdraw: () => choose([]), refresh: () => call({}) };

  const start = () => {
    const banner = byId("cookiegate");
    const form = banner && banner.querySelector("form");
    if (form) {
      form.addEventListener("submit", (event) => {
        const answer = event.submitter && event.submitter.value;
        if (answer !== "all" && answer !== "none") return;
        event.preventDefault();
        const { offered, shown: hash } = banner.dataset;
        const shown = { surface: "banner", language: banner.lang, shown: hash };
        choose(answer === "all" ? offered.split(" ") : [], shown)
          .then(() => byId("cookiegate-link").querySelector("a").focus())
          // Fall back to the form, which does the same without the script.
          .catch(() => {
            const field = document.createElement("input");
            field.type = "hidden";
            field.name = "answer";
            field.value = answer;
            form.append(field);
            form.submit();
          });
      });
    }
    clear(JSON.parse(data.refused || "[]"));
    if (allowed) release();
    else call({}).catch(release);
  };
  // The script is deferred, so the document is complete.
  start();
})();
