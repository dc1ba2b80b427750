// Frames, pictures, players and style sheets that are held back. cookiegate.js loads this file on
// pages that have some, and calls what is made here each time that something has changed.
window[Symbol.for("cookiegate")].embeds((page) => {
  "use strict";

  const { find, onDocument, attempt, webAddress, allows, state, grant, update } = page;
  const { base, nonce } = page;
  // The server writes the texts in, in the language of the page.
  const { lang, dir, style, titles, held, once: load, always, about, settings } = TEXTS;

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

  const create = (name, text = "") => {
    const element = onDocument("createElement", name);
    element.textContent = text;
    return element;
  };
  const createButton = (text, action) => {
    const button = create("button", text);
    button.type = "button";
    button.addEventListener("click", action);
    return button;
  };

  // Frames that were loaded once, by their own button; no copy of a page has one.
  let once = new WeakSet();
  // Turbo and htmx are about to copy the page; another page begins.
  const forget = () => {
    once = new WeakSet();
    update();
  };
  onDocument("addEventListener", "turbo:before-cache", forget);
  onDocument("addEventListener", "htmx:beforeHistorySave", forget);
  // What stands beside a frame that is held back.
  const notes = new WeakMap();
  const NOTE = "cookiegate-held";
  // The frame's place in the page; it may grow with its text.
  const PLACE = ["width", "aspect-ratio", "margin", "position", "inset"];

  const createNote = (frame, host, place) => {
    const { blocked } = state();
    const { cookiegate: category, cookiegateProvider: provider } = frame.dataset;
    const { cookiegatePicture: picture, cookiegatePurpose: purpose } = frame.dataset;
    const names = {
      host: provider ? `${provider} (${host})` : host,
      category: titles[category] || category,
    };
    const fill = (text) => text.replace(/{(\w+)}/g, (_, name) => names[name]);

    const answers = create("p");
    const later = create("p");
    const loadOnce = () => {
      once.add(frame);
      update();
      frame.focus();
    };
    answers.append(createButton(load, loadOnce));
    // "marketing:videos" is a service in a category; a signal blocks whole categories.
    if (!blocked.includes(category.split(":")[0])) {
      const allow = async () => {
        try {
          await grant([category], { language: lang });
          frame.focus();
        } catch {
          location.assign(base.href);
        }
      };
      answers.append(createButton(fill(always), allow));
      later.append(fill(about), " ");
    }
    const link = create("a", settings);
    link.href = base.href;
    later.append(link);
    const panel = create("div");
    panel.append(create("p", fill(held)), ...(purpose ? [create("p", purpose)] : []), answers, later);

    const note = create("div");
    note.className = NOTE;
    note.lang = lang;
    note.dir = dir;
    note.role = "group";
    note.ariaLabel = frame.title || host;
    for (const name of PLACE) note.style.setProperty(name, place.getPropertyValue(name));
    note.style.minHeight = place.height;
    if (place.position === "absolute") note.style.maxHeight = place.height;
    if (picture) note.style.backgroundImage = `url(${JSON.stringify(webAddress(picture, frame).href)})`;
    note.append(panel);
    return note;
  };

  const updateFrame = (frame) => {
    const isLoaded = allows(frame.dataset.cookiegate) || once.has(frame);
    if (!isLoaded) unload(frame);
    hide(frame);
    const url = webAddress(frame.dataset.cookiegateSrc, frame);
    if (isLoaded) {
      notes.delete(frame);
      show(frame);
      if (frame.src !== url.href) frame.src = url.href;
    } else if (state().allowed) {
      const place = getComputedStyle(frame);
      // Nobody sees a frame of no size.
      if (parseFloat(place.height) <= 1) return;
      if (!notes.has(frame)) notes.set(frame, createNote(frame, url.host, place));
      const note = notes.get(frame);
      if (frame.nextSibling !== note) frame.after(note);
    }
  };

  const updateFrames = () => {
    const frames = find("iframe[data-cookiegate-src]");
    frames.forEach((frame) => attempt(updateFrame, frame));
    // Others stand in a copy, or their frame is gone.
    const kept = frames.map((frame) => notes.get(frame));
    for (const note of find(`.${NOTE}`)) if (!kept.includes(note)) note.remove();
  };

  // ---- Pictures, players and style sheets -----------------------------------------------------

  const HELD = ["src", "srcset", "poster", "href"];
  const LOADS = "img, source, video, audio, track, link";
  const updateElement = (element) => {
    const isAllowed = allows(element.closest("[data-cookiegate]")?.dataset.cookiegate);
    let hasChanged = false;
    for (const name of HELD) {
      const held = element.getAttribute(`data-cookiegate-${name}`);
      if (held === null) continue;
      const wanted = isAllowed ? held : null;
      if (wanted && name !== "srcset") webAddress(wanted, element);
      if (element.getAttribute(name) === wanted) continue;
      if (isAllowed) element.setAttribute(name, held);
      else element.removeAttribute(name);
      hasChanged = true;
    }
    if (hasChanged) element.closest("video, audio")?.load();
  };
  const updateElements = () => {
    for (const element of find(HELD.map((name) => `[data-cookiegate-${name}]`).join())) {
      if (element.matches(LOADS)) attempt(updateElement, element);
    }
  };

  const sheet = create("link");
  sheet.rel = "stylesheet";
  sheet.nonce = nonce;
  sheet.href = `${base.href}/static/${style}`;
  // First: the page's own rules count for more.
  find("head")[0].prepend(sheet);

  return (hasWithdrawn) => {
    if (hasWithdrawn) once = new WeakSet();
    updateFrames();
    updateElements();
  };
});
