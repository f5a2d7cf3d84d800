// The log without a network: the form of the page that was asked for, kept on the phone when it is sent.
(() => {
  "use strict";
  const forms = [...document.querySelectorAll("form[data-offline]")];
  const kept = document.querySelector("[data-kept]");
  const stop = document.querySelector("[data-stop]");
  const nobody = document.querySelector("[data-nobody]");
  const refused = document.querySelector("[data-refused]");
  const title = document.querySelector("h1");
  const offline = title.textContent;
  const SESSION = "/log/strength/";
  const SET = "/log/strength/set/";
  const local = new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 10);

  function open(path) {
    const asked = forms.find((form) => form.getAttribute("action") === path) || forms[0];
    for (const form of forms) form.hidden = form !== asked;
    for (const link of document.querySelectorAll(".switch a")) {
      if (link.getAttribute("href") === asked.getAttribute("action")) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }
  function fresh(form) {
    form.reset();
    form.elements.key.value = crypto.randomUUID();
    form.elements.local_on.value = local;
    form.elements.local_on.max = local;
    delete form.repaired;
    delete form.typed;
  }
  // Both sentences come hidden: a phone that cannot say whether there is a stop prescribes nothing.
  function prescribe(yes) {
    document.querySelector("[data-unless-stopped]").hidden = !yes;
    document.querySelector("[data-when-stopped]").hidden = yes;
  }
  // The page itself knows no runner, so it comes with the clinic's bands of pain; the runner's own cohort may have others.
  async function color() {
    const [amber, red] = (await waiting.noted("bands").catch(() => null)) || [];
    if (!red) return;
    for (const label of document.querySelectorAll(".pain-row label")) {
      const pain = Number(label.querySelector("input").value);
      label.className = `band-${pain >= red ? "red" : pain >= amber ? "amber" : "green"}`;
    }
  }
  // What was ticked here is named; a stop that the clinic knows of already is shown without its reason.
  function worry(ticked) {
    for (const line of stop.querySelectorAll("[data-symptom]")) line.hidden = line.hidden && !ticked.includes(line.dataset.symptom);
    if (ticked.length) stop.querySelector("[data-unsent]").hidden = false;
    stop.hidden = false;
    prescribe(false);
  }
  async function count() {
    const entries = await waiting.all();
    list(entries.filter((entry) => entry.refused));
    const rest = entries.filter((entry) => !entry.refused).length;
    kept.hidden = !rest;
    kept.querySelector("span").textContent = `${rest} ${rest === 1 ? "entry is" : "entries are"} waiting on this phone.`;
  }
  // Why it was refused, as its own page put it.
  function why(entry) {
    const said = new DOMParser().parseFromString(entry.why || "", "text/html").querySelectorAll("li, p:not(:has(strong))");
    return [...said].map((one) => `${one.textContent} `).join("");
  }
  // What a refused entry was, in words, with a way to repair it under its own key and one to let go of it.
  function list(entries) {
    refused.hidden = !entries.length;
    // With a network the page is for them alone.
    const heading = refused.querySelector("h2");
    heading.hidden = title.nextElementSibling.hidden = entries.length > 0 && navigator.onLine;
    title.textContent = heading.hidden ? heading.textContent : offline;
    const items = entries.map((entry) => {
      const item = document.createElement("li");
      item.append(`${words(entry)} ${why(entry)}`);
      if (entry.path !== SET) item.append(button("Repair it", () => (fitsHere(entry) ? repair(entry) : repairThere(entry))), " ");
      item.append(button("Delete it", () => drop(entry)));
      return item;
    });
    refused.querySelector("[data-refused-list]").replaceChildren(...items);
  }
  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button quiet";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }
  const value = (entry, name) => (entry.fields.find(([field]) => field === name) || [])[1] || "";
  function words(entry) {
    if (entry.path.startsWith("/questions/")) return `Questions of ${value(entry, "answered_on")}.`;
    const kinds = { "/log/run/": "Run", "/log/morning/": "Morning", [SESSION]: "Strength", "/log/strength/finish/": "Strength", [SET]: "One set" };
    const kind = kinds[entry.path] || "Entry";
    const minutes = value(entry, "duration_s_m");
    const parts = [value(entry, "local_on"), value(entry, "distance_m"), minutes && `${minutes} min`, value(entry, "cadence_spm")];
    parts.push(value(entry, "planned").replaceAll("_", " "), value(entry, "number") && `set ${value(entry, "number")}`);
    const pain = value(entry, "pain");
    return `${kind}: ${[...parts, pain && `pain ${pain}`, value(entry, "note")].filter(Boolean).join(", ")}.`;
  }
  async function drop(entry) {
    await waiting.remove(entry.key);
    await count();
  }
  // The form of a session here says "as prescribed". One with sets of its own, or the end of a guided one, does not fit it.
  const fitsHere = (entry) =>
    forms.some((form) => form.getAttribute("action") === entry.path) && (entry.path !== SESSION || value(entry, "as_prescribed") === "1") &&
    !entry.fields.some(([name]) => /-done_\d/.test(name));
  // Its own page has everything that was typed, and says what is wrong. It waits here until that page has saved it, of
  // which the service worker hears.
  async function repairThere(entry) {
    const page = await fetch("/log/run/", { credentials: "same-origin", cache: "no-store" }).catch(() => null);
    const token = page && page.ok && !page.redirected && /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(await page.text());
    if (!token) return;
    const form = document.createElement("form");
    form.method = "post";
    form.action = entry.path;
    for (const [name, text] of [...entry.fields, ["csrfmiddlewaretoken", token[1]]]) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value: text });
      form.append(field);
    }
    document.body.append(form);
    form.submit();
  }
  function repair(entry) {
    open(entry.path);
    const form = forms.find((one) => !one.hidden);
    form.reset();
    form.repaired = entry.fields;
    form.typed = true;
    for (const [name, text] of entry.fields) fill(form, name, text);
    form.querySelector("details.more").open = true;
    form.querySelector("input:not([type=hidden])").focus();
  }
  function fill(form, name, text) {
    const [distance, unit] = name === "distance_m" ? text.trim().split(/\s+/) : [text];
    if (unit) fill(form, "unit", unit);
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type === "radio" || field.type === "checkbox") field.checked = field.checked || field.value === text;
      else field.value = distance;
    }
  }
  function told(form) {
    const data = new FormData(form);
    if (data.has("unit")) {
      data.set("distance_m", `${data.get("distance_m").trim()} ${data.get("unit")}`);
      data.delete("unit");
    }
    // What the form of the page had beyond this one goes with it.
    const beyond = (form.repaired || []).filter(([name]) => !form.elements[name]);
    return [...data, ...beyond];
  }

  for (const form of forms) {
    fresh(form);
    form.addEventListener("input", () => {
      form.typed = true;
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const ticked = new FormData(form).getAll("symptoms").filter((symptom) => stop.dataset.stop.split(" ").includes(symptom));
      if (!(await waiting.keep(form.getAttribute("action"), told(form)))) {
        nobody.hidden = false;
        return;
      }
      fresh(form);
      if (ticked.length) {
        worry(ticked);
        await waiting.markStopped(true);
      }
      await count();
      (ticked.length ? stop : kept).focus();
      await answered(await waiting.send());
    });
  }
  // What is being typed stays.
  const isTyping = () => forms.some((form) => form.typed);
  async function answered(answers) {
    if (answers.includes("/log/stop/")) window.location.assign("/log/stop/");
    else if (answers.length && !(await waiting.all()).length && !isTyping()) window.location.assign("/today/");
    else await count();
  }
  if (navigator.serviceWorker) navigator.serviceWorker.addEventListener("message", (event) => answered(event.data.answers));
  open(window.location.pathname);
  count().then(() => waiting.keepTrying(answered));
  color();
  waiting.owner().then((owner) => {
    nobody.hidden = Boolean(owner);
  });
  // What was ticked on another page of this phone waits here too.
  async function greet() {
    const stops = stop.dataset.stop.split(" ");
    const fields = (await waiting.all()).flatMap((entry) => entry.fields);
    const ticked = fields.filter(([name, text]) => name === "symptoms" && stops.includes(text)).map(([, text]) => text);
    if (ticked.length) await waiting.markStopped(true);
    if (ticked.length || (await waiting.stopped())) worry(ticked);
    else prescribe(true);
  }
  greet();
})();
