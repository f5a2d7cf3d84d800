// The field for a time zone: the browser's own instead of the clinic's until one is chosen, and typing replaces what it holds.
(() => {
  "use strict";
  const field = document.querySelector("input[name=time_zone]");
  if (!field) return;
  // The list shows only what fits the text: with the old choice in front of the new letters, nothing would.
  field.addEventListener("focus", () => requestAnimationFrame(() => field.select()));
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!field.closest("[data-own-zone]") || !here || !here.includes("/")) return;
  const offered = [...field.list.options].find((option) => option.dataset.zone === here);
  field.value = offered ? offered.value : here;
})();
