// Saves a form while it is being typed: a page of the intake. Files are left out.
(() => {
  "use strict";
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  let waiting;

  function save() {
    const body = new FormData(form);
    for (const field of form.querySelectorAll("[type=file]")) body.delete(field.name);
    fetch(form.dataset.draft, { method: "POST", body, credentials: "same-origin", keepalive: true }).catch(() => {});
  }
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, 800);
  });
  form.addEventListener("submit", () => clearTimeout(waiting));
})();
