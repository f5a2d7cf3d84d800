// One file for the pages that refresh a part of themselves; the second half is the keyboard of the clinicians' pages.
// Replaces a part of the page by its present state every `data-refresh` seconds.
// What screen readers hear of it is its `data-say`, in the element with `data-heard` beside it.
// With `data-refresh-news`, the id of a hidden link, rows never change while someone reads, types or has chosen
// something: then the link appears instead.
(() => {
  "use strict";
  const part = document.querySelector("[data-refresh]");
  if (!part) return;
  const news = document.getElementById(part.dataset.refreshNews);
  let touched = false;
  part.addEventListener("input", () => { touched = true; });
  const inUse = () => touched || part.contains(document.activeElement) || part.matches(":hover")
    || !document.getSelection().isCollapsed;
  const text = (root) => root.textContent.replace(/\s+/g, " ");
  const rows = (root) => [...root.querySelectorAll("tbody, .rows")].map(text).join() || text(root);

  async function refresh() {
    if (document.hidden) return;
    // The header tells the server that no person is active: a refresh must not keep a session alive.
    const answer = await fetch(window.location.href, { headers: { "X-Requested-With": "board" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    // The page has become another one, such as a form: to go on replacing it would wipe what is typed.
    if (!fresh || !fresh.dataset.refresh) {
      if (!news || !inUse()) window.location.reload();
      else news.hidden = false;
    }
    else if (!news || !inUse()) {
      const heard = document.querySelector("[data-heard]");
      if (heard && rows(fresh) !== rows(part)) heard.textContent = fresh.dataset.say;
      part.replaceChildren(...fresh.children);
      if (news) news.hidden = true;
    } else if (rows(fresh) !== rows(part)) news.hidden = false;
  }
  setInterval(() => refresh().catch(() => {}), 1000 * Number(part.dataset.refresh));
})();

// The board and a runner's page by keyboard: `n` goes to the next unanswered, `1` and `2` to the first and second answer
// of what waits; in a row of the board the arrow keys move between runners and `d` opens the decision. No key decides anything:
// the answer is focused, and Enter presses it. A button at the foot of the page turns all of them off.
(() => {
  "use strict";
  const page = document.querySelector("[data-next]");
  if (!page) return;
  const board = page.id === "board" ? page : null;
  // A key must not leave what is typed or chosen and not sent yet.
  let touched = false;
  page.addEventListener("input", () => { touched = true; });
  const rows = () => [...page.querySelectorAll("li.runner")];
  const placeOf = (all) => all.findIndex((row) => row.contains(document.activeElement));
  const focus = (row) => row && row.querySelector("h3 a").focus();

  function next() {
    if (!board) {
      if (!touched) window.location.assign(page.dataset.next);
      return;
    }
    const all = rows();
    const here = placeOf(all);
    focus([...all.slice(here + 1), ...all.slice(0, here + 1)].find((row) => row.hasAttribute("data-waits")));
  }
  // A stop has no answers to press but a form: its first choice is focused. An answer without a reason begins with it.
  function answer(number) {
    const all = rows();
    const asked = (board ? all[placeOf(all)] : page)?.querySelector(board ? ".answer" : ".flag-card form:not(.take)");
    const button = asked?.querySelectorAll("button[name]")[number - 1];
    const why = asked?.querySelector("[name=note], [name=reason], [name$=-reason]");
    if (button && button.hasAttribute("data-why") && !why.value) why.focus();
    else (button || (number === 1 && asked?.querySelector("input[type=radio]")))?.focus();
  }
  // WCAG 2.1.4: people who speak to the computer can turn the single keys off; this browser remembers it.
  const OFF = "single-keys-off";
  let off = false;
  try { off = localStorage.getItem(OFF) === "1"; } catch { /* no storage: on, as at first */ }
  const keys = document.querySelector("[data-keys]");
  const label = () => { keys.textContent = off ? "Turn on keyboard shortcuts" : "Turn off keyboard shortcuts"; };
  keys.hidden = false;
  label();
  keys.addEventListener("click", () => {
    off = !off;
    try { localStorage.setItem(OFF, off ? "1" : "0"); } catch { /* for this page alone */ }
    label();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea")) return;
    if (off || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "n") { event.preventDefault(); next(); return; }
    if (event.key === "1" || event.key === "2") { event.preventDefault(); answer(Number(event.key)); return; }
    if (!board) return;
    const all = rows();
    const here = placeOf(all);
    if (here < 0 || event.target.matches("[type=radio]")) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      focus(event.key === "ArrowDown" ? all[Math.min(here + 1, all.length - 1)] : all[Math.max(here - 1, 0)]);
      event.preventDefault();
    } else if (event.key === "d" && !touched) {
      window.location.assign(`${all[here].querySelector("h3 a").href}#decide`);
    }
  });
  // Coming back from an answer or a runner's page, the keys go on from that runner.
  const place = /^#runner-\d+$/.test(window.location.hash) && document.querySelector(window.location.hash);
  if (place) focus(place);
})();
