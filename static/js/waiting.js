// Entries that wait on the phone. Used by the pages and by the service worker.
// An entry is kept with its form's key, which the database takes once, so sending it again after a lost answer is safe.
(() => {
  "use strict";
  const SIGNED_OUT = "/accounts/";
  const LONGEST_MS = 20000;
  const LONGEST_KEPT_MS = 7 * 24 * 3600 * 1000;
  const TRY_EVERY_MS = 15000;

  function open(name) {
    return new Promise((done, fail) => {
      const asked = indexedDB.open(name, 1);
      asked.onupgradeneeded = () => {
        if (name === "shared") asked.result.createObjectStore("shares", { keyPath: "id" });
        else {
          asked.result.createObjectStore("entries", { keyPath: "key" });
          asked.result.createObjectStore("about");
        }
      };
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => fail(asked.error);
    });
  }
  async function run(store, mode, work) {
    // Two databases: a page that is still open with an older script could not open a later version of its own.
    const database = await open(store === "shares" ? "shared" : "log");
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
  const unsent = async () => (await all()).filter((entry) => !entry.refused);
  const owner = () => run("about", "readonly", (store) => store.get("owner"));
  const put = (entry) => run("entries", "readwrite", (store) => store.put(entry));
  const remove = (key) => run("entries", "readwrite", (store) => store.delete(key));
  const own = (name) => run("about", "readwrite", (store) => store.put(name, "owner"));
  // Only that running is off, never why: the page without a network shows the stop first.
  const stopped = () => run("about", "readonly", (store) => store.get("stopped"));
  const markStopped = (yes) => run("about", "readwrite", (store) => store.put(yes, "stopped"));

  // What a page remembers between two visits of its runner.
  const note = (name, value) => run("about", "readwrite", (store) => store.put(value, `note ${name}`));
  const noted = (name) => run("about", "readonly", (store) => store.get(`note ${name}`));

  // A page of the runner's own, for when there is no network: the strength session here, the week's pages in held-pages.js.
  // Only that of the person who is signed in is kept, and only while there is one: on hold or on a break the address shows
  // something else, and the old exercises must go.
  const MINE = "held";
  async function holdPage(path, answer) {
    const name = await owner();
    const text = await answer.clone().text();
    if (!name || !answer.ok || answer.redirected || !text.includes(`data-owner="${name}"`)) return;
    const mine = await caches.open(MINE);
    if (text.includes("data-session")) await mine.put(path, answer);
    else await mine.delete(path, { ignoreVary: true });
  }
  async function heldPage(path) {
    if (!(await owner())) return undefined;
    return (await caches.open(MINE)).match(path, { ignoreVary: true });
  }

  // Nothing of one person stays for the next on this phone.
  async function clear() {
    if (self.caches) await caches.delete(MINE);
    await run("entries", "readwrite", (store) => store.clear());
    await run("about", "readwrite", (store) => store.clear());
    await run("shares", "readwrite", (store) => store.clear());
  }

  // Files from the phone's share sheet, which the import page sends. They outlive a sign-in, but not a week.
  async function keepShare(files) {
    const share = { id: crypto.randomUUID(), files, owner: (await owner()) || "", kept: Date.now() };
    await run("shares", "readwrite", (store) => store.put(share));
  }
  const dropShare = (id) => run("shares", "readwrite", (store) => store.delete(id));
  // The shares of this person, oldest first; those of another person or of long ago are forgotten.
  async function shares(person) {
    const found = await run("shares", "readonly", (store) => store.getAll());
    const fits = (share) => Date.now() - share.kept < LONGEST_KEPT_MS && (!share.owner || share.owner === person);
    for (const share of found.filter((one) => !fits(one))) await dropShare(share.id);
    return found.filter(fits).sort((a, b) => a.kept - b.kept);
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

  // What a page that refuses says at its head, as HTML.
  const problems = (html) => (/<div class="problems"[^>]*>([^]*?)<\/div>/.exec(html) || [])[1] || "";

  // The token is that of the session the page was read in: signing in as another person replaces it, and the entry is refused.
  async function deliver() {
    const entries = await unsent();
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
      } else if (answer.ok && /json/.test(answer.headers.get("content-type"))) {
        await remove(entry.key);
        answers.push(entry.path);
      } else if (answer.status === 422) await put({ ...entry, refused: true, why: problems(await answer.text()) });
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

  // Tries now, when the browser says that it is online, and every few seconds while something waits: a browser may say so
  // before anything can be reached, or before the page listened.
  async function keepTrying(answered) {
    async function attempt() {
      const left = await unsent();
      if (!left.length) return;
      const answers = await send();
      if (answers.length || (await unsent()).length < left.length) await answered(answers);
    }
    self.addEventListener("online", attempt);
    setInterval(attempt, TRY_EVERY_MS);
    await attempt();
  }

  self.waiting = {
    all, clear, dropShare, heldPage, holdPage, keep, keepShare, keepTrying, markStopped, note, noted, own, owner, remove, send,
    shares, stopped,
  };
})();
