// Warns staff before a session that is not used ends. All windows of a browser share one session, so they share its
// end in localStorage: a page loaded in one window keeps the others quiet.
(() => {
  "use strict";
  const dialog = document.getElementById("idle");
  if (!dialog || !dialog.showModal) return;
  const SHARED = "staff-session-ends";
  const warning = 1000 * Number(dialog.dataset.warning);
  const words = document.getElementById("idle-words");
  const form = dialog.querySelector("form");
  const close = dialog.querySelector("button[type=button]");
  const OVER = "You have been signed out because this window was not used for a while. What you typed is still on this "
    + "page: close this note, send it as usual, and sign in. It comes back filled.";
  const FAILED = "That did not reach us. Try once more.";
  let ends = 0;
  let dismissed = false;

  function note(seconds) {
    ends = Date.now() + 1000 * seconds;
    try {
      localStorage.setItem(SHARED, String(ends));
    } catch {
      // Without storage this window counts for itself.
    }
  }
  function left() {
    let shared = 0;
    try {
      shared = Number(localStorage.getItem(SHARED)) || 0;
    } catch {
      // As above.
    }
    return Math.max(ends, shared) - Date.now();
  }
  // In steps, so that a screen reader is not interrupted every second.
  function inWords(ms) {
    const seconds = Math.ceil(ms / 1000);
    if (seconds > 90) return "2 minutes";
    if (seconds > 45) return "1 minute";
    return seconds > 10 ? `${10 * Math.ceil(seconds / 10)} seconds` : "a few seconds";
  }
  function say(text) {
    if (words.textContent !== text) words.textContent = text;
  }
  function show(isOver) {
    form.hidden = isOver;
    close.hidden = !isOver;
    if (!dialog.open) dialog.showModal();
    if (isOver && !dialog.contains(document.activeElement)) close.focus();
  }
  function tick() {
    const ms = left();
    if (ms > warning) {
      dismissed = false;
      if (dialog.open) dialog.close();
    } else if (ms > 0) {
      show(false);
      if (words.textContent !== FAILED) say(`You will be signed out in ${inWords(ms)}, because this window was not used for a while.`);
    } else if (!dismissed) {
      show(true);
      say(OVER);
    }
  }
  function end() {
    ends = 0;
    try {
      localStorage.removeItem(SHARED);
    } catch {
      // As above.
    }
    tick();
  }
  async function stay() {
    say("");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
      if (answer.type === "opaqueredirect") end();
      else if (answer.ok) note((await answer.json()).seconds);
      else say(FAILED);
    } catch {
      say(FAILED);
    }
    tick();
  }
  function leave() {
    dismissed = true;
    dialog.close();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    stay();
  });
  close.addEventListener("click", leave);
  // Escape is a sign of life, too.
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    if (left() > 0) stay();
    else leave();
  });
  window.addEventListener("storage", tick);
  document.addEventListener("visibilitychange", tick);
  note(Number(dialog.dataset.left));
  window.setInterval(tick, 1000);
})();
