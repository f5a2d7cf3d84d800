// What Django's admin lacks in today's browsers. It stands in the head, before the admin's own scripts.
(() => {
  "use strict";
  // Browsers let go of `unload`; scripts that wait for it, like the admin's pop-up windows, get `pagehide` instead.
  const listen = window.addEventListener.bind(window);
  window.addEventListener = (type, listener, options) =>
    type === "unload"
      ? listen("pagehide", () => listener(new Event("unload")), options)
      : listen(type, listener, options);

  // A form that came back leaves the focus in its first field, or nowhere: its summary takes it.
  listen("load", () => {
    const note = document.querySelector(".errornote");
    if (!note) return;
    note.tabIndex = -1;
    note.focus();
  });
})();
