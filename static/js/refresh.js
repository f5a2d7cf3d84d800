// One file for the pages that refresh a part of themselves; the second half is the board's keyboard.
// Replaces a part of the page by its present state every `data-refresh` seconds.
// With `data-refresh-news`, the id of a hidden link, rows never change while somebody reads, types or has chosen
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
  const rows = (root) => text(root.querySelector("tbody") || root);

  async function refresh() {
    if (document.hidden) return;
    // The header tells the server that no person is active: a refresh must not keep a session alive.
    const answer = await fetch(window.location.href, { headers: { "X-Requested-With": "board" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    // The page has become another one, such as a form: to go on replacing it would wipe what is typed.
    if (!fresh || !fresh.dataset.refresh) window.location.reload();
    else if (!news || !inUse()) {
      part.replaceChildren(...fresh.children);
      if (news) news.hidden = true;
    } else if (rows(fresh) !== rows(part)) news.hidden = false;
  }
  setInterval(() => refresh().catch(() => {}), 1000 * Number(part.dataset.refresh));
})();

// The board by keyboard: the arrow keys move between runners, `d` opens the decision.
(() => {
  "use strict";
  const board = document.getElementById("board");
  if (!board) return;
  const links = () => [...board.querySelectorAll("tbody th a")];
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = links();
    const here = all.findIndex((link) => link.closest("tr").contains(document.activeElement));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = event.key === "ArrowDown" ? Math.min(here + 1, all.length - 1) : Math.max(here - 1, 0);
      if (all[next]) all[next].focus();
      event.preventDefault();
    } else if (event.key === "d" && here >= 0) {
      window.location.assign(`${all[here].href}#decide`);
    }
  });
})();
