// On a runner's pages: installs the service worker, sends what waits, and cleans up when the runner signs out.
(() => {
  "use strict";
  const script = document.querySelector("script[data-owner]");
  if (!script || !("serviceWorker" in navigator) || !navigator.locks) return;
  const SESSION = "/log/strength/";
  const HELD_MS = 4 * 60 * 60 * 1000;
  const line = document.querySelector("[data-waiting]");

  async function show() {
    const entries = await waiting.all();
    const refused = entries.filter((entry) => entry.refused).length;
    const rest = entries.length - refused;
    const said = [];
    if (rest) said.push(`${rest} ${rest === 1 ? "entry is" : "entries are"} waiting on this phone until you’re back online.`);
    if (refused) said.push(`${refused} ${refused === 1 ? "needs" : "need"} fixing before we can save ${refused === 1 ? "it" : "them"}.`);
    line.hidden = !said.length;
    line.querySelector("span").textContent = said.join(" ");
  }
  async function answered(answers) {
    if (answers.includes("/log/stop/")) window.location.assign("/log/stop/");
    else if (answers.length && window.location.pathname === "/today/") window.location.reload();
    await show();
  }
  async function begin() {
    const before = await waiting.owner();
    if (before && before !== script.dataset.owner) {
      await waiting.clear();
      await endPush();
    }
    await waiting.own(script.dataset.owner);
    await waiting.markStopped("stopped" in script.dataset);
    if (script.dataset.bands) await waiting.note("bands", script.dataset.bands.split(" ").map(Number));
    await navigator.serviceWorker.register("/sw.js");
    await show();
    await waiting.keepTrying(answered);
    if (["/today/", SESSION].includes(window.location.pathname)) await holdSession();
  }
  // What is pushed is for the person who turned it on. The push service drops the address, and with it the server.
  async function endPush() {
    const worker = await navigator.serviceWorker.getRegistration("/");
    const subscription = worker && worker.pushManager && (await worker.pushManager.getSubscription());
    if (subscription) await subscription.unsubscribe();
  }
  // The strength session opens without a network: a basement has none. It is fetched again when it is some hours old.
  async function holdSession() {
    const held = await waiting.heldPage(SESSION);
    if (held && Date.now() - Date.parse(held.headers.get("date")) < HELD_MS) return;
    try {
      await waiting.holdPage(SESSION, await fetch(SESSION, { credentials: "same-origin" }));
    } catch {
      // No network now; the next visit tries again.
    }
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.getAttribute("action") !== "/accounts/logout/") return;
    event.preventDefault();
    try {
      await waiting.send();
      const left = (await waiting.all()).length;
      if (left && !window.confirm(`${left} ${left === 1 ? "entry" : "entries"} on this phone would be lost. Sign out anyway?`)) return;
      await waiting.clear();
      await endPush();
    } catch {
      // A browser that keeps nothing here has nothing to lose: signing out must work all the same.
    }
    form.submit();
  });
  navigator.serviceWorker.addEventListener("message", (event) => answered(event.data.answers));
  begin();
})();
