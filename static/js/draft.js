// Saves a page of the intake while it is being typed. Without it, every "Save and go on" does.
(() => {
  "use strict";
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  let waiting;

  function save() {
    const body = new FormData(form);
    body.delete("cadence_file");
    fetch(form.dataset.draft, { method: "POST", body, credentials: "same-origin", keepalive: true }).catch(() => {});
  }
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, 800);
  });
  form.addEventListener("submit", () => clearTimeout(waiting));
})();
