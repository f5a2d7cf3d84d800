// The guided strength session. The server has every set that reached it, the phone's queue those that did not; what is next
// follows from both, so that a reload, an empty battery or another phone goes on where it was.
(() => {
  "use strict";
  const page = document.querySelector("[data-session]");
  if (!page || !self.sessionCount) return;
  const { plan, length, stepAt, doneAt, cues, schedule, heightAt } = self.sessionCount;
  const data = JSON.parse(document.getElementById("session-data").textContent);
  const $ = (name) => page.querySelector(`[data-${name}]`);
  const all = (name) => [...page.querySelectorAll(`[data-${name}]`)];
  const exercises = data.exercises;
  const form = page.querySelector("form[action$='/finish/']");
  const ASLEEP_MS = 5000; // a clock this late means that the page slept, or was behind another one
  const SOUNDS = ["clicks", "voice", "off"];
  const LEGS = { left: "Left", right: "Right", both: "" };
  const done = new Map();
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let notes = { skipped: [], swaps: {}, loads: {}, over: false };
  let at = null; // the place that is on the screen
  let after = null; // the place that was done last
  let timer, lock, audio, silence, running, rest, stopped;
  let sound = "clicks";
  let unsaved = [];
  let screen = "overview";

  // ---- What is done, and what is next ----

  const placeOf = ({ planned, leg, number }) => `${planned}:${leg}:${number}`;
  const exerciseOf = (id) => exercises.find(({ exercise }) => exercise === id);
  // "Left leg", or "Left side" where the exercise is done lying on one; empty for both together.
  const legOf = ({ planned, leg }) => (LEGS[leg] ? `${LEGS[leg]} ${actOf(exerciseOf(planned)).each || "leg"}` : "");
  // What was chosen here, else what the last set did: a swap made on another phone goes on.
  function swapOf(id) {
    if (id in notes.swaps) return notes.swaps[id];
    const last = doneOf(exerciseOf(id)).at(-1);
    if (!last || !last.because) return undefined;
    const name = last.exercise === id ? exerciseOf(id).easier : (exerciseOf(last.exercise) || exerciseOf(id)).name;
    return { exercise: last.exercise, form: last.form, because: last.because, name };
  }
  // What is done in its place: after a swap another exercise of the plan, with its own dose, weight and figure.
  function actOf(one) {
    const swap = swapOf(one.exercise);
    return (swap && exerciseOf(swap.exercise)) || one;
  }
  const isEasier = (one) => Boolean(swapOf(one.exercise)) && actOf(one) === one;
  const legsOf = (one) => (isEasier(one) ? one.easier_legs : actOf(one).legs);

  function places(one) {
    const found = [];
    for (let number = 1; number <= one.sets; number++) for (const leg of legsOf(one)) found.push({ planned: one.exercise, leg, number });
    return found;
  }
  const doneOf = (one) => [...done.values()].filter(({ planned }) => planned === one.exercise);
  // A set counts as done for the leg, or when it was done for both legs before a swap.
  const isDone = (place) => done.has(placeOf(place)) || done.has(placeOf({ ...place, leg: "both" }));
  const openOf = (one) => (notes.skipped.includes(one.exercise) ? undefined : places(one).find((place) => !isDone(place)));

  function next() {
    const here = exerciseOf(at ? at.planned : notes.here);
    return (here && openOf(here)) || exercises.map(openOf).find(Boolean) || null;
  }
  const numbersDone = (one) => new Set(doneOf(one).map(({ number }) => number)).size;
  const countDone = () => exercises.reduce((sum, one) => sum + numbersDone(one), 0);

  // ---- What is kept ----

  const phoneDay = (moment) => new Date(moment - new Date(moment).getTimezoneOffset() * 60000).toISOString().slice(0, 10);
  const mondayOf = (day) => {
    const date = new Date(`${day}T12:00Z`);
    return new Date(date - ((date.getUTCDay() + 6) % 7) * 86400000).toISOString().slice(0, 10);
  };

  async function remember() {
    try {
      await waiting.note("session", { ...notes, sets: [...done.values()], at: Date.now() });
    } catch {
      // A browser that stores nothing asks the server again.
    }
  }

  // A page that was opened without a network may be days old: then the phone's day counts, with a key of its own.
  async function recall() {
    const fresh = phoneDay(data.at) === phoneDay(Date.now());
    const day = fresh ? data.day : phoneDay(Date.now());
    if (!fresh && (mondayOf(day) !== data.week || (await waiting.stopped()))) window.location.replace(page.dataset.log);
    const noted = await waiting.noted("session");
    // Another phone may have finished it meanwhile.
    const goesOn = noted && noted.day === day && !noted.over && !(fresh && noted.at < data.finished_at);
    const theirs = fresh && data.sets.length > 0;
    if (goesOn) {
      notes = { ...notes, ...noted };
      for (const set of noted.sets) done.set(placeOf(set), set);
    }
    const spent = noted && noted.over && noted.key === data.key;
    const key = theirs ? data.key : goesOn ? noted.key : fresh && !spent ? data.key : crypto.randomUUID();
    notes = { ...notes, day, key };
    if (fresh && !spent) for (const set of data.sets) done.set(placeOf(set), set);
    for (const entry of await waiting.all()) {
      const fields = Object.fromEntries(entry.fields);
      if (entry.path === page.dataset.sets && fields.local_on === day && !entry.refused) restore(fields);
    }
  }
  function restore(fields) {
    const number = (name) => (fields[name] ? Number(fields[name]) : null);
    const set = { ...fields, number: number("number"), reps: number("reps"), seconds: number("seconds"), pain: number("pain") };
    done.set(placeOf(set), { ...set, load: (fields.load_g || "").split(" ")[0] });
  }

  function fieldsOf(set) {
    const fields = ["planned", "leg", "number", "exercise", "form", "reps", "seconds", "pain", "because"].map((name) => [name, set[name] ?? ""]);
    const load = set.load ? `${set.load} ${data.unit}` : "";
    return [...fields, ["load_g", load], ["session", notes.key], ["local_on", notes.day]].map(([name, value]) => [name, String(value)]);
  }

  // Into the phone's queue first: what is in there survives everything. Then to the server, if there is a network.
  async function save(set) {
    done.set(placeOf(set), set);
    remember();
    const fields = fieldsOf(set);
    const kept = await waiting.keep(page.dataset.sets, fields).catch(() => false);
    if (!kept) unsaved.push(fields);
    send();
  }
  async function sendUnkept() {
    const token = form.elements.csrfmiddlewaretoken.value;
    for (const fields of [...unsaved]) {
      const body = new URLSearchParams([...fields, ["csrfmiddlewaretoken", token]]);
      const answer = await fetch(page.dataset.sets, { method: "POST", body, credentials: "same-origin" }).catch(() => null);
      if (!answer || !answer.ok || answer.redirected) return;
      unsaved = unsaved.filter((one) => one !== fields);
    }
  }
  async function send() {
    await sendUnkept();
    const answers = await waiting.send();
    if (answers.includes("/log/stop/")) window.location.assign("/log/stop/");
    const left = (await mine()).length + unsaved.length;
    $("saved").textContent = left
      ? `${left} ${left === 1 ? "set is" : "sets are"} ${unsaved.length ? "not saved yet. Keep this page open." : "kept on this phone and sent when you’re back online and signed in."}`
      : "";
  }
  const mine = async () => (await waiting.all().catch(() => [])).filter(({ path }) => path === page.dataset.sets);

  // Another phone may have gone on meanwhile, or the clinic have stopped it. What is being typed stays.
  async function refresh() {
    const answer = await fetch(page.dataset.sets, { credentials: "same-origin", headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const state = await answer.json();
    for (const set of state.sets) if (!done.has(placeOf(set))) done.set(placeOf(set), set);
    if (state.stopped && !["finish", "kept"].includes(screen)) window.location.assign("/log/strength/");
    else if (screen === "overview") drawOverview();
    else if (screen === "set" && isDone(at)) goOn();
  }

  // ---- The screens ----

  function open(name) {
    screen = name;
    for (const one of all("screen")) one.hidden = one.dataset.screen !== name;
    const playing = !["overview", "kept"].includes(name);
    document.body.classList.toggle("in-session", playing);
    $("top").hidden = !["set", "stopped", "rest"].includes(name);
    const opened = page.querySelector(`[data-screen="${name}"]`);
    const place = opened.querySelector("[data-figure-place]");
    if (place && !place.children.length) place.append(...all("figures"));
    opened.querySelector("h1").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }

  function show(name) {
    if (name === "overview") drawOverview();
    if (name === "set") drawSet();
    if (name === "finish") drawFinish();
    open(name);
  }

  function drawOverview() {
    for (const one of exercises) {
      const count = numbersDone(one);
      page.querySelector(`[data-count="${one.exercise}"]`).textContent = notes.skipped.includes(one.exercise) ? "· skipped" : count ? `· ${count} of ${one.sets} done` : "";
    }
    $("begin").textContent = !countDone() ? "Start" : next() ? "Go on" : "Finish";
    page.querySelector("[data-finish]").hidden = !countDone();
  }

  function nameOf(one) {
    const swap = swapOf(one.exercise);
    return swap ? swap.name : one.name;
  }
  function doseOf(one) {
    const tempo = [[one.up_s, "up"], [one.seconds ? 0 : one.hold_s, "hold"], [one.down_s, "down"]].filter(([seconds]) => seconds);
    return [one.seconds ? `Hold ${one.seconds} s` : `${one.reps} reps`, ...tempo.map(([seconds, word]) => `${seconds} s ${word}`)].join(" · ");
  }

  function drawSet() {
    const one = exerciseOf(at.planned);
    const act = actOf(one);
    $("where").textContent = `${exercises.indexOf(one) + 1} of ${exercises.length}`;
    $("name").textContent = nameOf(one);
    $("leg").textContent = legOf(at);
    $("leg").hidden = !legOf(at);
    $("dose").textContent = isEasier(one) ? `${doseOf(one)} · easier form` : doseOf(act);
    drawTicks(one);
    const load = loadOf(act);
    $("load").value = load;
    $("load-problem").hidden = true;
    $("load-row").hidden = !(act.weighted || load);
    $("weight").hidden = !$("load-row").hidden;
    $("last-load").hidden = !act.load;
    $("last-load").textContent = act.load ? `Last time ${act.load} ${data.unit}.` : "";
    const easier = isEasier(one) && page.querySelector(`[data-figures="${one.exercise} easier"]`);
    const shown = easier ? easier.dataset.figures : act.exercise;
    for (const figure of all("figures")) figure.hidden = figure.dataset.figures !== shown;
    for (const how of all("how")) how.hidden = how.dataset.how !== act.exercise;
    drawSwaps(one);
    figure.begin(act);
  }
  function drawTicks(one) {
    const marks = [];
    for (let number = 1; number <= one.sets; number++) marks.push(places(one).filter((place) => place.number === number).every(isDone) ? "✓" : number === at.number ? "●" : "○");
    $("ticks").textContent = marks.join(" ");
    $("ticks").setAttribute("aria-label", `Set ${at.number} of ${one.sets}`);
    $("ticks").setAttribute("role", "img");
  }
  function drawSwaps(one) {
    const choices = [["", "Choose"]];
    if (swapOf(one.exercise)) choices.push(["as-planned", `As planned: ${one.name}`]);
    if (one.easier) choices.push(["easier", `Easier form: ${one.easier}`]);
    choices.push(...exercises.filter((other) => other !== one).map((other) => [other.exercise, other.name]));
    $("swap-to").replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
    $("swap-why").value = "";
    $("swap-problem").hidden = true;
    $("swap").open = false;
  }
  function drawFinish() {
    const planned = exercises.reduce((sum, one) => sum + one.sets, 0);
    $("summary").textContent = `${countDone()} of ${planned} sets are done.`;
    page.querySelector('[data-screen="finish"] h1').textContent = "Well done";
  }

  // ---- The figure: it moves from its start to its end, in the exercise's own tempo ----

  const figure = (() => {
    let frame, pairs, steps, began, held = false;
    const parse = (path) => path.getAttribute("d").split(/(-?[\d.]+)/);
    function pair(box) {
      const [start, end] = box.querySelectorAll("svg");
      if (!end) return [];
      const ends = [...end.children];
      return [...start.children].flatMap((path) => {
        const other = ends.find((one) => one.getAttribute("class") === path.getAttribute("class"));
        if (other) ends.splice(ends.indexOf(other), 1);
        const [from, to] = [parse(path), other ? parse(other) : []];
        return from.length === to.length && /leg|foot|arm|trunk|head|load|weight|sole/.test(path.getAttribute("class")) ? [{ path, from, to }] : [];
      });
    }
    function draw(height) {
      for (const { path, from, to } of pairs) {
        path.setAttribute("d", from.map((part, i) => (i % 2 && part !== to[i] ? (Number(part) + (Number(to[i]) - Number(part)) * height).toFixed(1) : part)).join(""));
      }
    }
    function move() {
      if (held || still.matches) return;
      let second = (performance.now() - began) / 1000;
      if (!running) second %= Number.isFinite(length(steps)) ? length(steps) : 3600;
      draw(heightAt(steps, second));
      frame = requestAnimationFrame(move);
    }
    function end() {
      cancelAnimationFrame(frame);
      if (pairs) draw(0);
      pairs = undefined;
    }
    // With reduced motion both positions are shown, and nothing moves.
    function begin(one, counted) {
      end();
      const box = all("figures").find((found) => !found.hidden);
      page.classList.toggle("at-rest", still.matches);
      $("still").hidden = still.matches || !box;
      if (!box) return;
      pairs = pair(box);
      steps = counted || plan({ ...one, reps: 1, seconds: one.seconds ? 4 : null }).slice(1);
      if (!counted) for (const step of steps) step.at -= sessionCount.READY_S;
      began = counted ? running.began : performance.now();
      move();
    }
    function hold(yes) {
      held = yes;
      $("still").setAttribute("aria-pressed", String(yes));
      $("still").textContent = yes ? "Let the figure move" : "Hold the figure still";
      if (!yes && pairs) move();
    }
    return { begin, end, toggle: () => hold(!held) };
  })();

  // ---- Counting ----

  async function keepAwake(yes) {
    try {
      if (yes && !lock) lock = await navigator.wakeLock.request("screen");
      else if (!yes && lock) {
        await lock.release();
        lock = undefined;
      }
    } catch {
      lock = undefined; // not allowed now, or no such thing
    }
  }
  function speak(text) {
    if (sound !== "voice" || !("speechSynthesis" in window)) return;
    speechSynthesis.cancel();
    speechSynthesis.speak(new SpeechSynthesisUtterance(text));
  }
  function clicks(sounds) {
    if (silence) silence();
    silence = undefined;
    if (!sounds || sound !== "clicks" || !("AudioContext" in window)) return;
    if ("audioSession" in navigator) navigator.audioSession.type = "playback";
    audio = audio || new AudioContext();
    audio.resume().catch(() => {});
    silence = schedule(audio, sounds, audio.currentTime + 0.05);
  }
  // Only an extra: many phones have none.
  const buzz = (pattern) => navigator.vibrate && navigator.vibrate(pattern);

  function count() {
    const one = exerciseOf(at.planned);
    const act = actOf(one);
    if (!noteLoad(act)) return;
    const steps = plan(act);
    running = { one: act, steps, began: performance.now(), last: -1 };
    $("count-name").textContent = [nameOf(one), legOf(at), `set ${at.number} of ${one.sets}`].filter(Boolean).join(" · ");
    $("stop").textContent = Number.isFinite(length(steps)) ? "Stop" : "Done";
    open("count");
    figure.begin(act, steps);
    clicks(cues(steps));
    keepAwake(true);
    clearInterval(timer);
    timer = setInterval(tick, 100);
    tick();
    $("stop").focus({ preventScroll: true });
  }
  // The clock is read at every tick, so that a slow phone loses no time.
  function tick() {
    if (!running) return;
    const { one, steps } = running;
    const second = (performance.now() - running.began) / 1000;
    const step = stepAt(steps, second);
    if (!step) {
      buzz([80, 60, 160]);
      ended(one.seconds || one.reps, (second - length(steps)) * 1000);
      return;
    }
    if (step.at !== running.last) {
      running.last = step.at;
      buzz(40);
      speak(step.word === "up" && step.rep > 1 ? `${step.rep}. Up` : step.word === "ready" ? "Get ready" : step.word);
    }
    $("word").textContent = step.word === "ready" ? "Get ready" : step.word;
    $("number").textContent = step.word === "go" ? String(one.reps) : String(Math.ceil(step.left));
    $("number").dataset.digits = $("number").textContent.length;
    $("rep").textContent = step.rep ? `Rep ${step.rep} of ${one.reps}` : step.word === "go" ? "as many, then tap Done" : "";
    page.querySelector('[data-screen="count"]').dataset.phase = step.word;
  }
  // A set that ended while nobody looked at the phone is asked about: the runner may have been called away.
  function ended(amount, late) {
    if (late < ASLEEP_MS && !document.hidden) {
      finishSet(amount);
      return;
    }
    endCount();
    askAmount(amount, null, "Did you do all of it?");
  }
  function endCount() {
    clearInterval(timer);
    clicks(null);
    figure.end();
    running = undefined;
  }
  function stop() {
    const { one, steps, began } = running;
    const amount = Number.isFinite(length(steps)) ? doneAt(steps, (performance.now() - began) / 1000) : one.reps;
    endCount();
    if (!Number.isFinite(length(steps))) finishSet(amount);
    else askAmount(amount, null);
  }
  const isTimed = () => (stopped ? stopped.seconds !== null : Boolean(actOf(exerciseOf(at.planned)).seconds));
  function askAmount(amount, place, title = place ? "Change the set" : "Stopped") {
    stopped = place;
    $("amount-label").textContent = isTimed() ? "seconds" : "reps";
    $("amount").value = amount;
    $("amount-problem").hidden = true;
    $("again").hidden = Boolean(place);
    page.querySelector('[data-screen="stopped"] h1').textContent = title;
    open("stopped");
  }

  // What the log would refuse is asked about beside its field: a set that waits on the phone is too late for it.
  function mistake(name, text) {
    $(`${name}-problem`).textContent = text;
    $(`${name}-problem`).hidden = !text;
    if (text) $(name).focus();
    return Boolean(text);
  }
  const loadOf = (act) => notes.loads[act.exercise] ?? act.load;
  // Return whether the weight can be saved.
  function noteLoad(act) {
    const load = $("load").value.trim().replace(",", ".");
    const fits = !load || (/^\d{1,4}(\.\d{1,2})?$/.test(load) && Number(load) <= HEAVIEST);
    if (mistake("load", fits ? "" : `Write the weight as a number of ${data.unit}, like 20, up to ${HEAVIEST}.`)) return false;
    notes.loads[act.exercise] = load;
    remember();
    return true;
  }
  function setOf(place, amount) {
    const one = exerciseOf(place.planned);
    const swap = swapOf(one.exercise);
    const act = actOf(one);
    const timed = Boolean(act.seconds);
    return {
      ...place,
      exercise: swap ? swap.exercise : one.exercise,
      form: swap ? swap.form : one.form,
      because: swap ? swap.because : "",
      reps: timed ? null : amount,
      seconds: timed ? amount : null,
      load: loadOf(act),
      pain: null,
      done_at: Date.now(),
    };
  }
  // The screen says "done" only once the phone has the set: whatever happens then, it is not lost.
  async function finishSet(amount) {
    endCount();
    after = setOf(at, amount);
    await save(after);
    const following = next();
    if (!following) {
      at = null;
      keepAwake(false);
      show("finish");
      return;
    }
    begunRest(following);
  }

  // ---- Resting ----

  function begunRest(following) {
    const one = actOf(exerciseOf(after.planned));
    const otherLeg = following.planned === after.planned && following.number === after.number;
    const seconds = otherLeg ? one.change_s : one.rest_s;
    rest = { until: Date.now() + seconds * 1000, seconds, following, same: following.planned === after.planned };
    $("rest-title").textContent = `Set ${after.number} done${legOf(after) ? `, ${legOf(after).toLowerCase()}` : ""}`;
    $("next").textContent = otherLeg ? `Change to your ${legOf(following).toLowerCase()}.` : `Next: ${nameOf(exerciseOf(following.planned))}, set ${following.number}${legOf(following) ? `, ${legOf(following).toLowerCase()}` : ""}`;
    for (const radio of $("set-pain").querySelectorAll("input")) radio.checked = false;
    $("too-much").hidden = true;
    open("rest");
    clicks([{ at: seconds - 3, hz: 523, loud: 0.5 }, { at: seconds, hz: 880, loud: 1 }]);
    clearInterval(timer);
    timer = setInterval(resting, 200);
    resting();
  }
  function resting() {
    const left = Math.max(0, (rest.until - Date.now()) / 1000);
    const minutes = Math.floor(Math.ceil(left) / 60);
    $("rest").textContent = minutes ? `${minutes}:${String(Math.ceil(left) % 60).padStart(2, "0")}` : String(Math.ceil(left));
    $("ring").setAttribute("stroke-dashoffset", String(100 - (100 * left) / rest.seconds));
    if (left <= 0) go(rest.same && !document.hidden && Date.now() - rest.until < ASLEEP_MS);
  }
  // The same exercise goes on by itself. Another one waits for a tap, because it needs another place or weight; so does
  // the set after one that hurt too much, and a phone that nobody looks at.
  function go(counts) {
    const { following } = rest;
    endRest();
    at = following;
    show("set");
    if (counts) count();
    else speak(following.planned === after.planned ? "Tap Start when you’re ready" : "Next exercise");
  }
  function endRest() {
    clearInterval(timer);
    clicks(null);
    rest = undefined;
  }

  function leave(name) {
    if (running) endCount();
    if (rest) endRest();
    figure.end();
    if (name === "overview") at = null;
    keepAwake(name !== "overview");
    show(name);
  }
  // Something wrong is told at the end of the session, with its worst pain: a stop is answered there at once.
  function worry() {
    leave("finish");
    page.querySelector('[data-screen="finish"] h1').textContent = "What’s wrong?";
    const box = form.querySelector('[name^="worry"]');
    box.checked = true;
    box.focus();
  }
  function goOn(place) {
    at = place || next();
    if (at) notes.here = at.planned; // where a page that loads again goes on
    remember();
    show(at ? "set" : "finish");
  }

  // ---- The finish ----

  async function finish(event) {
    event.preventDefault();
    const problem = problemOf();
    $("problem").hidden = !problem;
    $("problem").textContent = problem;
    if (problem) return;
    form.elements.key.value = notes.key;
    form.elements.local_on.value = notes.day;
    await send();
    if ((await mine()).length + unsaved.length === 0 && navigator.onLine && (await reachable())) {
      notes.over = true;
      await remember();
      form.submit();
      return;
    }
    const fields = [...new FormData(form)].filter(([name]) => name !== "key");
    // The queue knows entries by their key, and the sets have other keys: the session's is free.
    if (!(await waiting.keep(form.getAttribute("action"), [["key", notes.key], ...fields]).catch(() => false))) {
      $("problem").hidden = false;
      $("problem").textContent = "There’s no network, and this phone can’t keep it. Leave this page open and try again.";
      return;
    }
    notes.over = true;
    await remember();
    if (await stops()) return;
    $("kept-red").hidden = !form.querySelector(".band-red :checked") && ![...done.values()].some(tooMuch);
    open("kept");
  }
  // A stop is answered at once, also without a network: that page has its words and the clinic's number.
  async function stops() {
    const ticked = [...form.querySelectorAll("[name=symptoms]:checked")].map(({ value }) => value);
    if (!ticked.some((symptom) => form.dataset.stops.split(" ").includes(symptom))) return false;
    await waiting.markStopped(true);
    window.location.assign(page.dataset.log);
    return true;
  }
  const tooMuch = ({ pain }) => pain !== null && Boolean(form.querySelector(`.band-red [name=pain][value="${pain}"]`));
  const reachable = async () => Boolean(await fetch(page.dataset.sets, { credentials: "same-origin" }).then((answer) => answer.ok && !answer.redirected).catch(() => false));
  // The server asks the same. Without a network nobody else does.
  function problemOf() {
    const pain = form.querySelector("[name=pain]:checked");
    const worst = Math.max(pain ? Number(pain.value) : -1, ...[...done.values()].map((set) => set.pain ?? -1));
    if (!countDone() && !form.querySelector("[name=symptoms]:checked")) return "There’s no set to save yet.";
    if (worst < 0) return "Tap a number. 0 is no pain.";
    const hurts = form.querySelector(`.pain-row [value="${worst}"]`).closest("label").matches(".band-amber, .band-red");
    return hurts && !form.querySelector("[name=site]:checked") ? "Where was it worst?" : "";
  }

  // ---- What can be pressed ----

  const press = (name, work) => all(name).forEach((button) => button.addEventListener("click", work));
  const step = (input, by, least) => {
    const value = Number(input.value.replace(",", ".")) || 0;
    input.value = String(Math.max(least, Math.round((value + by) * 10) / 10) || "");
  };
  const BY = data.unit === "kg" ? 2.5 : 5;
  const HEAVIEST = data.unit === "kg" ? 500 : 1100;

  press("begin", () => goOn());
  press("finish", () => show("finish"));
  press("overview", () => leave("overview"));
  press("start", count);
  press("stop", stop);
  press("still", figure.toggle);
  press("worry", worry);
  press("go", () => go(rest.same));
  press("weight", () => {
    $("load-row").hidden = false;
    $("weight").hidden = true;
    $("load").focus();
  });
  press("lighter", () => step($("load"), -BY, 0));
  press("heavier", () => step($("load"), BY, 0));
  press("fewer", () => step($("amount"), -1, 0));
  press("further", () => step($("amount"), 1, 0));
  press("again", count);
  press("change", () => {
    const place = after;
    endRest();
    askAmount(place.reps ?? place.seconds, place);
  });
  press("save-stopped", async () => {
    const [timed, least] = [isTimed(), stopped ? 1 : 0];
    const [text, most] = [$("amount").value.trim(), timed ? 3600 : 200];
    const fits = /^\d{1,4}$/.test(text) && Number(text) >= least && Number(text) <= most;
    if (mistake("amount", fits ? "" : `Write a whole number from ${least} to ${most}.`)) return;
    const amount = Number(text);
    if (!amount) return goOn(at); // nothing was done
    if (!stopped) return finishSet(amount);
    after = { ...stopped, reps: timed ? null : amount, seconds: timed ? amount : null };
    await save(after);
    goOn(next());
  });
  press("longer", () => {
    rest.until += 30000;
    rest.seconds += 30;
    clicks([{ at: (rest.until - Date.now()) / 1000, hz: 880, loud: 1 }]);
    resting();
  });
  press("uncounted", () => {
    const act = actOf(exerciseOf(at.planned));
    if (noteLoad(act)) finishSet(act.seconds || act.reps);
  });
  press("skip", () => {
    notes.skipped.push(at.planned);
    remember();
    at = null;
    goOn();
  });
  press("swap-go", () => {
    const to = $("swap-to").value;
    const because = $("swap-why").value.trim();
    const one = exerciseOf(at.planned);
    if (to === "as-planned") notes.swaps[one.exercise] = null;
    else if (!to || !because) {
      $("swap-problem").hidden = false;
      (to ? $("swap-why") : $("swap-to")).focus();
      return;
    } else if (to === "easier") notes.swaps[one.exercise] = { exercise: one.exercise, form: "easier", name: one.easier, because };
    else notes.swaps[one.exercise] = { exercise: to, form: exerciseOf(to).form, name: exerciseOf(to).name, because };
    remember();
    goOn();
  });
  press("sound", () => {
    sound = SOUNDS[(SOUNDS.indexOf(sound) + 1) % SOUNDS.length];
    if (sound === "voice" && !("speechSynthesis" in window)) sound = "off";
    $("sound").textContent = `Sound: ${sound}`;
    if (sound !== "clicks") clicks(null);
    notes.sound = sound;
    remember();
  });
  for (const button of all("choose")) {
    button.addEventListener("click", () => {
      const id = button.dataset.choose;
      notes.skipped = notes.skipped.filter((other) => other !== id);
      goOn(openOf(exerciseOf(id)));
    });
  }
  $("set-pain").addEventListener("change", (event) => {
    after = { ...after, pain: Number(event.target.value) };
    $("too-much").hidden = !event.target.closest(".band-red");
    rest.same = rest.following.planned === after.planned && $("too-much").hidden;
    save(after);
  });
  form.addEventListener("submit", finish);
  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    if (lock) {
      lock = undefined; // the browser let go of it
      keepAwake(true);
    }
    refresh();
  });

  recall().catch(() => { notes = { ...notes, key: data.key, day: data.day }; for (const set of data.sets) done.set(placeOf(set), set); }).then(() => {
    sound = notes.sound || sound;
    $("sound").textContent = `Sound: ${sound}`;
    drawOverview();
    page.dataset.ready = "";
  });
})();
