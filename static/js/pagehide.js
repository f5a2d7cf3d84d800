// Browsers let go of `unload`; whoever asks for it, as the admin's pop-up windows do, is told at `pagehide`.
(() => {
  "use strict";
  const listen = window.addEventListener.bind(window);
  window.addEventListener = (type, listener, options) =>
    type === "unload"
      ? listen("pagehide", () => listener(new Event("unload")), options)
      : listen(type, listener, options);
})();
