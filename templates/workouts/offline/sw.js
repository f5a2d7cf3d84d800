{% load static %}// The service worker: it caches one page without user data, for when there is no network. The runner's own pages are held
// apart from it, by held-pages.js; the strength session by waiting.js. Signing out, or another person, clears them.
"use strict";
const SHELL = "{{ version }}";
const PAGE = "{% url 'log_offline' %}";
const FILES = [{% for file in files %}"{% static file %}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const SESSION = "{% url 'log_strength' %}";
const FORMS = ["{% url 'log_run' %}", SESSION, "{% url 'log_strength_finish' %}", "{% url 'log_morning' %}"];
const QUESTIONS = /^\/questions\/[a-z0-9-]+\/\d+\/$/;
const IMPORT = "{% url 'log_import' %}";
const SHARE = "{% url 'log_import_share' %}";
const OPENS = [...FORMS, "{% url 'log_strength_by_hand' %}", "{% url 'log' %}", "{% url 'today' %}", "{% url 'progress' %}", IMPORT, PAGE];
importScripts("{% static 'js/waiting.js' %}");
importScripts("{% static 'js/held-pages.js' %}");

self.addEventListener("install", (event) => {
  const page = new Request(PAGE, { credentials: "omit", cache: "reload" });
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll([page, ...FILES])).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  const others = (names) => Promise.all(names.filter((name) => name !== SHELL && name !== "held").map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(others).then(() => self.clients.claim()));
});

async function page(request) {
  const isSession = new URL(request.url).pathname === SESSION;
  try {
    const answer = await fetch(request);
    if (isSession) await self.waiting.holdPage(SESSION, answer.clone()).catch(() => {});
    return answer;
  } catch {
    // A phone that knows of a stop prescribes nothing.
    const held = isSession && !(await self.waiting.stopped()) && (await self.waiting.heldPage(SESSION));
    return held || caches.match(PAGE);
  }
}
async function form(request, path) {
  const copy = request.clone();
  let answer;
  try {
    answer = await fetch(request);
  } catch (lost) {
    if (!(await self.waiting.keep(path, [...(await copy.formData())]))) throw lost;
    return Response.redirect(PAGE, 303);
  }
  // What leads on was saved. An entry that was refused and repaired on its own page no longer waits under its key.
  if (answer.type === "opaqueredirect") await copy.formData().then((data) => self.waiting.remove(data.get("key"))).catch(() => {});
  return answer;
}
// The phone shares files without a token and perhaps without a session. They wait here; the import page sends them.
async function share(request) {
  const copy = request.clone();
  try {
    const files = (await request.formData()).getAll("activities").filter((file) => file instanceof File && file.size);
    if (files.length) await self.waiting.keepShare(files);
    return Response.redirect(files.length ? IMPORT : SHARE, 303);
  } catch {
    return fetch(copy); // a phone that keeps nothing: the server takes what is small
  }
}
// There is a network again. The pages that are open say what came of it; what is left is tried again by the browser.
self.addEventListener("sync", (event) => {
  if (event.tag === "log") event.waitUntil(deliver());
});
async function deliver() {
  const answers = await self.waiting.send();
  for (const page of await self.clients.matchAll()) page.postMessage({ answers });
  const left = (await self.waiting.all()).filter((entry) => !entry.refused).length;
  if (left) throw new Error(`${left} left`);
}
// A push has neutral words and the page that it opens. It replaces the one before it with the same tag.
self.addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data.json();
  } catch {
    // A browser may wake us with nothing; it insists on a notification all the same.
  }
  const options = { body: said.body || "There is something new.", tag: said.tag || "news", icon: "{% static 'img/icon-192.png' %}", data: { path: said.path || "/today/" } };
  event.waitUntil(self.registration.showNotification(said.title || "Pain-Free Runner", options));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.path));
});
async function open(path) {
  const goal = new URL(path, self.location.origin);
  if (goal.origin !== self.location.origin) return;
  const pages = await self.clients.matchAll({ type: "window" });
  const shown = pages.find((page) => new URL(page.url).pathname === goal.pathname);
  if (shown) await shown.focus();
  else await self.clients.openWindow(goal.href);
}
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (request.method === "GET" && OPENS.includes(url.pathname)) event.respondWith(page(request));
    if (request.method === "POST" && (FORMS.includes(url.pathname) || QUESTIONS.test(url.pathname))) event.respondWith(form(request, url.pathname));
    if (request.method === "POST" && url.pathname === SHARE) event.respondWith(share(request));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(request).then((found) => found || fetch(request)));
  }
});
