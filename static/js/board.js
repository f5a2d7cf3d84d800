// The board by keyboard, and its gentle refresh: rows never change while somebody reads, types or has chosen something.
"use strict";
(() => {
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
  let touched = false;
  board.addEventListener("input", () => { touched = true; });
  const inUse = () => touched || board.contains(document.activeElement) || board.matches(":hover")
    || !document.getSelection().isCollapsed;
  const told = (root) => root.querySelector("tbody").textContent.replace(/\s+/g, " ");
  const news = document.getElementById("board-news");
  const refresh = async () => {
    if (document.hidden) return;
    const answer = await fetch(window.location.href, { headers: { "X-Requested-With": "board" } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("board");
    if (!fresh) return;
    if (!inUse()) {
      board.replaceChildren(...fresh.children);
      news.hidden = true;
    } else if (told(fresh) !== told(board)) {
      news.hidden = false;
    }
  };
  window.setInterval(() => { refresh().catch(() => {}); }, 1000 * Number(board.dataset.refresh));
})();
