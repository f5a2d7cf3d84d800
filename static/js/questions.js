// A questionnaire, one question a screen. What is answered goes into the phone's queue at once, and from there to the server
// as a draft, so that a reload, a lost network or another phone goes on where it was. Without a script all is one form.
(() => {
  "use strict";
  const page = document.querySelector("[data-questions]");
  if (!page || !self.waiting) return;
  const form = page.querySelector("form");
  const screens = [...form.querySelectorAll("[data-screen]")];
  const [pager, end, place, kept] = ["pager", "end", "place", "kept"].map((name) => page.querySelector(`[data-${name}]`));
  const NOTE = `questions ${form.getAttribute("action")}`;
  const SAVE_AFTER_MS = 400;
  let at = 0;
  let timer;

  const fields = () => [...new FormData(form)].filter(([name, value]) => /^(answer|name)_/.test(name) && value);
  const version = () => form.elements.version.value;

  function show(number, focus = true) {
    at = Math.min(Math.max(number, 0), screens.length - 1);
    screens.forEach((screen, index) => {
      screen.hidden = index !== at;
    });
    const last = at === screens.length - 1;
    pager.hidden = screens.length === 1;
    pager.querySelector("[data-back]").hidden = at === 0;
    pager.querySelector("[data-next]").hidden = last;
    end.hidden = !last;
    place.hidden = screens.length === 1;
    place.textContent = ` · ${at + 1} of ${screens.length}`;
    const first = screens[at].querySelector("input:checked") || screens[at].querySelector("input");
    if (focus && first) first.focus({ preventScroll: true });
    if (focus) window.scrollTo(0, 0);
  }

  // First on this phone, then to the server. The queue sends what waits as soon as there is a network.
  async function save() {
    const typed = fields();
    await waiting.note(NOTE, { typed, version: version(), at: Date.now() }).catch(() => {});
    const draft = [["key", NOTE], ["version", version()], ...typed];
    const queued = await waiting.keep(page.dataset.draft, draft).catch(() => false);
    if (!queued) return;
    await waiting.send();
    const left = (await waiting.all().catch(() => [])).some(({ key }) => key === NOTE);
    kept.textContent = left ? "Saved on this phone. It’s sent when you’re back online." : "";
  }
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER_MS);
  }

  // What this phone knows and the server does not: typed after the server last had something, for the same questions.
  async function restore() {
    const script = document.querySelector("script[data-owner]");
    if (!script || (await waiting.owner()) !== script.dataset.owner) return; // of the person who used this phone before
    const noted = await waiting.noted(NOTE).catch(() => undefined);
    if (!noted || noted.version !== version() || noted.at <= Number(page.dataset.savedAt)) return;
    if (form.querySelector(".errorlist")) return; // the form that came back holds what was sent
    for (const [name, value] of noted.typed) {
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type === "radio") field.checked = field.value === value;
        else field.value = value;
      }
    }
  }
  const isOpen = (screen) => !screen.querySelector("input:checked") && ![...screen.querySelectorAll("input:not([type=radio])")].some(({ value }) => value);
  // Where to begin: at what is wrong, else at the first open question, else at the first of all.
  function begin() {
    const wrong = screens.findIndex((screen) => screen.querySelector(".errorlist"));
    const open = screens.findIndex(isOpen);
    show(wrong >= 0 ? wrong : Math.max(open, 0), false);
  }

  // A page that was opened without a network may be days old: then the phone has the day of the answer.
  function stamp() {
    const now = new Date();
    const day = new Date(now - now.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
    if (day > form.elements.answered_on.value) form.elements.answered_on.value = day;
  }

  pager.querySelector("[data-back]").addEventListener("click", () => show(at - 1));
  pager.querySelector("[data-next]").addEventListener("click", () => show(at + 1));
  form.addEventListener("input", soon);
  // Enter in a text field goes on, as the button would.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT" || at === screens.length - 1) return;
    event.preventDefault();
    show(at + 1);
  });
  // The draft that waits on this phone is let go of, or it would count as an entry of its own.
  let sending = false;
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    stamp();
    if (sending) return;
    event.preventDefault();
    sending = true;
    await waiting.remove(NOTE).catch(() => {});
    form.requestSubmit(event.submitter);
  });
  window.addEventListener("online", save);
  // The summary of what is wrong leads to fields on other screens.
  page.addEventListener("click", (event) => {
    const link = event.target.closest('.problems a[href^="#"]');
    const screen = link && screens.findIndex((one) => one.querySelector(`[id="${CSS.escape(link.hash.slice(1))}"]`));
    if (link && screen >= 0) show(screen);
  });
  restore().then(() => {
    begin();
    page.dataset.ready = "";
  });
})();
