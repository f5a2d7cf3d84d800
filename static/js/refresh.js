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
    if (!fresh) window.location.reload(); // the page has become another one
    else if (!news || !inUse()) {
      part.replaceChildren(...fresh.children);
      if (news) news.hidden = true;
    } else if (rows(fresh) !== rows(part)) news.hidden = false;
  }
  setInterval(() => refresh().catch(() => {}), 1000 * Number(part.dataset.refresh));
})();
