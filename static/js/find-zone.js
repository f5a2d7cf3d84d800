// Shows times in the browser's own zone where the visitor has not chosen one. Typing replaces what the field holds.
(() => {
  const form = document.querySelector("[data-find-zone]");
  if (!form) return;
  const shown = form.dataset.findZone;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (shown && here && here !== shown) {
    const address = new URL(window.location.href);
    address.searchParams.set("zone", here);
    window.location.replace(address);
    return;
  }
  // The list shows only what fits the text: with the old choice in front of the new letters, nothing would.
  form.elements.zone.addEventListener("focus", (event) => requestAnimationFrame(() => event.target.select()));
})();
