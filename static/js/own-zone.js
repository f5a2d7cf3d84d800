// The zone of the browser instead of the clinic's, until the runner has chosen one.
(() => {
  "use strict";
  const select = document.querySelector("[data-own-zone] select");
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!select || !here || !here.includes("/")) return;
  if (![...select.options].some((option) => option.value === here)) {
    select.add(new Option(here.split("/").slice(1).join(", ").replaceAll("_", " "), here), 0);
  }
  select.value = here;
})();
