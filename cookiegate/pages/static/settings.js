// The settings page: in a long list, a field by which a cookie is found. Without this script there
// is none, and the list is folded by company. And the switches of a category and of its services
// follow each other; without this script, the category's stands for all services while it is on.
(() => {
  "use strict";
  const texts = document.currentScript.dataset;

  const addField = (list) => {
    const label = document.createElement("label");
    const field = document.createElement("input");
    const status = document.createElement("span");
    label.className = "cg-find";
    field.type = "search";
    field.autocomplete = "off";
    status.setAttribute("role", "status");
    label.append(texts.find, " ", field, " ", status);
    list.prepend(label);

    const find = () => {
      const wanted = field.value.trim().toLowerCase();
      const has = (node) => node.textContent.toLowerCase().includes(wanted);
      let isFound = false;
      for (const group of list.querySelectorAll("details")) {
        const isWhole = has(group.querySelector("summary"));
        const rows = [...group.querySelectorAll("tbody tr")];
        for (const row of rows) row.hidden = !isWhole && !has(row);
        group.hidden = rows.every((row) => row.hidden);
        group.open = wanted !== "" && !group.hidden;
        isFound ||= !group.hidden;
      }
      status.textContent = isFound ? "" : texts.none;
    };
    field.addEventListener("input", find);
    // The field is in the form of the settings, which Enter would send.
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
  };

  const pair = (section) => {
    const whole = section.querySelector(".cg-head input");
    const services = [...section.querySelectorAll(".cg-services input[type=checkbox]")];
    const follow = () => {
      const count = services.filter((one) => one.checked).length;
      whole.checked = count === services.length;
      whole.indeterminate = count > 0 && !whole.checked;
    };
    const lead = () => {
      for (const one of services) one.checked = whole.checked;
    };
    const begin = () => (whole.checked ? lead() : follow());
    whole.addEventListener("change", lead);
    for (const one of services) one.addEventListener("change", follow);
    // Browsers restore the switches of a page that comes back.
    addEventListener("pageshow", begin);
    begin();
    section.classList.add("cg-live");
  };

  document.querySelectorAll(".cg-long").forEach(addField);
  document.querySelectorAll(".cg-category:has(.cg-services)").forEach(pair);
})();
