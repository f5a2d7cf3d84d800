// Browsers let go of `unload`; scripts that wait for it, like the admin's pop-up windows, get `pagehide` instead.
(() => {
  "use strict";
  const listen = window.addEventListener.bind(window);
  window.addEventListener = (type, listener, options) =>
    type === "unload"
      ? listen("pagehide", () => listener(new Event("unload")), options)
      : listen(type, listener, options);
})();
