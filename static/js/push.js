// On the page of reminders: offers notifications on this device, where the browser has them.
(() => {
  "use strict";
  const section = document.querySelector("[data-push-key]");
  const form = section && section.querySelector("[data-push-on]");
  const note = section && section.querySelector("[data-push-note]");
  const homeScreen = section && section.querySelector("[data-home-screen]");
  if (!section || !("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return;
  if (homeScreen) homeScreen.hidden = true; // opened from the home screen, or a phone that needs none

  const say = (words) => {
    note.textContent = words;
    note.hidden = !words;
  };
  const BLOCKED = "Notifications are blocked for this site. Allow them in your browser’s settings, then come back here.";
  const ON = "Notifications are on for this device.";
  const FAILED = "Your browser couldn’t turn notifications on. You’ll keep getting email. You can try again later.";

  function bytes(key) {
    const text = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  }
  async function subscribe() {
    await navigator.serviceWorker.register("/sw.js");
    const worker = await navigator.serviceWorker.ready;
    const options = { userVisibleOnly: true, applicationServerKey: bytes(section.dataset.pushKey) };
    try {
      return await worker.pushManager.subscribe(options);
    } catch (error) {
      // Subscribed under an earlier key of the clinic: that one is of no use any more.
      const old = await worker.pushManager.getSubscription();
      if (!old) throw error;
      await old.unsubscribe();
      return worker.pushManager.subscribe(options);
    }
  }
  async function turnOn() {
    if ((await Notification.requestPermission()) !== "granted") return say(BLOCKED);
    const { endpoint, keys } = (await subscribe()).toJSON();
    const sent = new FormData(form);
    for (const [name, value] of Object.entries({ endpoint, ...keys })) sent.set(name, value);
    const answer = await fetch(section.dataset.pushTo, { method: "POST", body: new URLSearchParams(sent), credentials: "same-origin" });
    const said = await answer.json();
    if (said.saved) window.location.reload();
    else say(said.refused);
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say("");
    turnOn().catch(() => say(FAILED));
  });
  // Whether this browser is among the devices of the list, which the page knows by the hashes of their addresses.
  async function isOn() {
    const worker = await navigator.serviceWorker.getRegistration("/");
    const subscription = worker && (await worker.pushManager.getSubscription());
    if (!subscription || Notification.permission !== "granted") return false;
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(subscription.endpoint));
    const known = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return section.dataset.pushKnown.split(" ").includes(known);
  }
  async function begin() {
    const on = await isOn().catch(() => false);
    form.hidden = on;
    say(on ? ON : Notification.permission === "denied" ? BLOCKED : "");
  }
  begin();
})();
