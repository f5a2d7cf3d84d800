// Part of the service worker: this week's pages, the guide of its exercises and the metronome, held for the runner who is
// signed in, for a day outdoors without a network. Signing out, another person or a stop takes them away; `waiting.clear` removes the cache too.
(() => {
  "use strict";
  const HELD = "held";
  const PAGES = ["/today/", "/plan/", "/metronome/"];
  const QUESTIONS = "/questions/";
  const GUIDE = "/guide/"; // in the runner's own forms: these pages differ from runner to runner too
  const PAIN = "/guide/pain/";
  const WEEK = /^\/plan\/\d+\/$/;
  const FRESH_MS = 60 * 60 * 1000;

  const isHeld = (path) => PAGES.includes(path) || WEEK.test(path) || path.startsWith(QUESTIONS) || path.startsWith(GUIDE);

  // Only a page of this phone's runner, and never one under a stop: its numbers would outlive the call of the clinic.
  async function hold(path, answer) {
    const owner = await self.waiting.owner();
    const text = await answer.clone().text();
    if (text.includes(" data-stopped") || (answer.redirected && new URL(answer.url).pathname.startsWith("/accounts/"))) {
      await caches.delete(HELD);
      return "";
    }
    if (!owner || !answer.ok || answer.redirected || !text.includes(`data-owner="${owner}"`)) return "";
    const cache = await caches.open(HELD);
    await cache.put(path, answer);
    const needs = [...text.matchAll(/(?:href|src)="(\/static\/[^"#]+)/g)].map((found) => found[1]);
    await Promise.all([...new Set(needs)].map(async (file) => (await cache.match(file)) || cache.add(file).catch(() => {})));
    return text;
  }
  async function holdAll(force) {
    if (!(await self.waiting.owner()) || (await self.waiting.stopped())) return;
    const before = await (await caches.open(HELD)).match("/plan/", { ignoreVary: true });
    if (!force && before && Date.now() - Date.parse(before.headers.get("date")) < FRESH_MS) return;
    const guides = new Set([PAIN]);
    const fresh = async (path) => {
      const text = await hold(path, await fetch(path, { credentials: "same-origin" }));
      for (const [, guide] of text.matchAll(/href="(\/guide\/[a-z0-9_/-]*)"/g)) guides.add(guide);
      return text;
    };
    let week = "";
    for (const path of PAGES) {
      const text = await fresh(path);
      week = week || (/aria-current="step"[^<]*<a href="(\/plan\/\d+\/)"/.exec(text) || [])[1];
    }
    if (week) await fresh(week);
    const list = await fresh(QUESTIONS);
    for (const [, path] of list.matchAll(/href="(\/questions\/[a-z0-9-]+\/\d+\/)"/g)) await fresh(path);
    for (const path of [...guides]) await hold(path, await fetch(path, { credentials: "same-origin" }));
  }

  // The page as it was, with a line above it that says so.
  async function held(path) {
    if (!(await self.waiting.owner()) || (await self.waiting.stopped())) return undefined;
    const answer = await (await caches.open(HELD)).match(path, { ignoreVary: true });
    if (!answer) return undefined;
    const options = { weekday: "long", hour: "numeric", minute: "2-digit" };
    const when = new Date(answer.headers.get("date")).toLocaleString("en-US", options);
    const line = `<div class="page"><p class="note" role="status" data-held>No network. This is your page from ${when}.</p></div>`;
    const text = (await answer.text()).replace(/<main [^>]*>/, (main) => main + line);
    return new Response(text, { headers: answer.headers });
  }
  async function open(event, path) {
    try {
      const answer = await fetch(event.request);
      event.waitUntil(hold(path, answer.clone()).then(() => path === "/today/" && holdAll(false)).catch(() => {}));
      return answer;
    } catch {
      return (await held(path)) || caches.match("/log/offline/");
    }
  }

  // Not part of the activation, which every page waits for.
  self.addEventListener("activate", () => {
    holdAll(true).catch(() => {});
  });
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (url.origin !== self.location.origin || request.method !== "GET") return;
    if (request.mode === "navigate" && isHeld(url.pathname)) {
      event.stopImmediatePropagation();
      event.respondWith(open(event, url.pathname));
    } else if (url.pathname.startsWith("/static/") && !FILES.includes(url.pathname)) {
      event.stopImmediatePropagation();
      event.respondWith(fetch(request).catch(async () => (await caches.match(request, { ignoreVary: true })) || Response.error()));
    }
  });
})();
