// Show that no passkey was given: canceled, none on this device, or one that is known already.
(() => {
  "use strict";
  const said = document.querySelector("[data-passkey-refused]");
  if (!said) return;
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    said.hidden = false;
  });
})();
