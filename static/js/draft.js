// Saves a page of the intake while it is being typed. Without it, every "Save and go on" does.
(() => {
  "use strict";
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  let waiting;

  function save() {
    fetch(form.dataset.draft, { method: "POST", body: new FormData(form), credentials: "same-origin", keepalive: true }).catch(() => {});
  }
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, 800);
  });
  form.addEventListener("submit", () => clearTimeout(waiting));
})();
