// A message while it is typed: on this phone at once, and on the server as soon as there is a network. Pictures are left out.
(() => {
  "use strict";
  const form = document.querySelector("form[data-saved-at]");
  const script = document.querySelector("script[data-owner]");
  if (!form || !script || !self.waiting) return;
  const { text } = form.elements;
  const kept = document.querySelector("[data-kept]");
  const NOTE = "message";
  const SAVE_AFTER_MS = 800;
  let base = Number(form.dataset.savedAt); // when the server last had a draft of this message
  let timer;

  const note = (value) => waiting.note(NOTE, value).catch(() => {});
  const remember = () => note({ text: text.value, base });

  async function save() {
    const typed = text.value;
    const body = new FormData(form);
    for (const field of form.querySelectorAll("[type=file]")) body.delete(field.name);
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body, credentials: "same-origin" });
      const { saved, at } = await answer.json();
      if (!saved) return;
      base = at;
      kept.textContent = "";
      await (text.value === typed ? note(null) : remember());
    } catch {
      // No network, or signed out: what is typed stays here.
      kept.textContent = "Saved on this phone. It’s saved when you’re back online.";
    }
  }

  // What this phone has and the server does not. A draft that went on elsewhere stays, with this one below it.
  async function restore() {
    if ((await waiting.owner()) !== script.dataset.owner || form.querySelector(".problems")) return;
    const noted = await waiting.noted(NOTE).catch(() => undefined);
    if (!noted || noted.text === text.value) return;
    if (noted.base === base || (text.value && noted.text.startsWith(text.value))) text.value = noted.text;
    else if (text.value) text.value = `${text.value}\n\n${noted.text}`;
    else {
      await note(null); // it was sent
      return;
    }
    await save();
  }

  text.addEventListener("input", () => {
    remember();
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER_MS);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (navigator.onLine) return;
    event.preventDefault();
    remember();
    kept.textContent = "No network. Your message is kept on this phone: press Send once you’re back online.";
  });
  window.addEventListener("online", save);
  restore();
})();
