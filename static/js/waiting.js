// Entries that wait on the phone. Used by the pages and by the service worker.
// An entry is kept with its form's key, which the database takes once, so sending it again after a lost answer is safe.
(() => {
  "use strict";
  const SIGNED_OUT = "/accounts/";
  const LONGEST_MS = 20000;

  function open() {
    return new Promise((done, fail) => {
      const asked = indexedDB.open("log", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("entries", { keyPath: "key" });
        asked.result.createObjectStore("about");
      };
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => fail(asked.error);
    });
  }
  async function run(store, mode, work) {
    const database = await open();
    return new Promise((done, fail) => {
      const change = database.transaction(store, mode);
      const asked = work(change.objectStore(store));
      change.oncomplete = () => {
        database.close();
        done(asked.result);
      };
      change.onerror = () => fail(change.error);
    });
  }

  const all = () => run("entries", "readonly", (store) => store.getAll());
  const owner = () => run("about", "readonly", (store) => store.get("owner"));
  const put = (entry) => run("entries", "readwrite", (store) => store.put(entry));
  const remove = (key) => run("entries", "readwrite", (store) => store.delete(key));
  const own = (name) => run("about", "readwrite", (store) => store.put(name, "owner"));
  // Only that running is off, never why: the page without a network shows the stop first.
  const stopped = () => run("about", "readonly", (store) => store.get("stopped"));
  const markStopped = (yes) => run("about", "readwrite", (store) => store.put(yes, "stopped"));

  // Nothing of one person stays for the next on this phone.
  async function clear() {
    await run("entries", "readwrite", (store) => store.clear());
    await run("about", "readwrite", (store) => store.clear());
  }

  // Asks the browser to wake the worker when there is a network, page or no page. Not every browser can: the next page
  // sends what is left, so that nothing hangs on it.
  async function wake() {
    try {
      const worker = self.registration || (await navigator.serviceWorker.ready);
      await worker.sync.register("log");
    } catch {
      // No such thing here, or not allowed.
    }
  }

  // Store a form as it would have been sent; refuse if no one is signed in.
  async function keep(path, fields) {
    if (!(await owner())) return false;
    const told = fields.filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
    const key = (told.find(([name]) => name === "key") || [])[1] || crypto.randomUUID();
    await put({ key, path, fields: [...told.filter(([name]) => name !== "key"), ["key", key]], kept: Date.now() });
    wake();
    return true;
  }

  const ask = (path, options) => fetch(path, { credentials: "same-origin", signal: AbortSignal.timeout(LONGEST_MS), ...options });

  // The token is that of the session the page was read in: signing in as another person replaces it, and the entry is refused.
  async function deliver() {
    const entries = (await all()).filter((entry) => !entry.refused);
    if (!entries.length) return [];
    const page = await ask("/log/run/", { cache: "no-store" });
    const text = await page.text();
    const whose = /data-owner="([^"]+)"/.exec(text);
    const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(text);
    if (!page.ok || page.redirected || !whose || !token) return [];
    if (whose[1] !== (await owner())) {
      await clear();
      return [];
    }
    const answers = [];
    for (const entry of entries.sort((a, b) => a.kept - b.kept)) {
      const body = new URLSearchParams([...entry.fields, ["csrfmiddlewaretoken", token[1]]]);
      const answer = await ask(entry.path, { method: "POST", body });
      const path = new URL(answer.url).pathname;
      if (answer.redirected && !path.startsWith(SIGNED_OUT)) {
        await remove(entry.key);
        answers.push(path);
      } else if (answer.status === 422) await put({ ...entry, refused: true });
      else break;
    }
    return answers;
  }

  // One sender at a time, of all pages and the worker; the paths the answers led to, empty while there is no network.
  async function send() {
    try {
      return await navigator.locks.request("log", deliver);
    } catch {
      return [];
    }
  }

  self.waiting = { all, clear, keep, markStopped, own, owner, remove, send, stopped };
})();
