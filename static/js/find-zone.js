// Shows times in the browser's own zone where the visitor has not chosen one; a choice in the list takes effect at once.
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
  form.addEventListener("change", () => form.requestSubmit());
})();
