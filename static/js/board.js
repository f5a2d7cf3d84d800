// The board by keyboard: the arrow keys move between runners, `d` opens the decision.
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
})();
