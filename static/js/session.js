// The screens of the guided strength session: what is shown, counted and pressed. Its tempo, what moves and sounds, and the
// record of what is done and next are in session-count.js.
(() => {
  "use strict";
  const page = document.querySelector("[data-session]");
  if (!page || !self.sessionCount || !self.sessionRecord || !self.sessionFigure) return;
  const { plan, length, stepAt, doneAt, cues } = self.sessionCount;
  const data = JSON.parse(document.getElementById("session-data").textContent);
  const $ = (name) => page.querySelector(`[data-${name}]`);
  const all = (name) => [...page.querySelectorAll(`[data-${name}]`)];
  const exercises = data.exercises;
  const form = page.querySelector("form[action$='/finish/']");
  const ASLEEP_MS = 5000; // a clock this late means that the page slept, or was behind another one
  let at = null; // the place that is on the screen
  let after = null; // the place that was done last
  let timer, running, rest, stopped;
  let screen = "overview";
  const record = self.sessionRecord(page, data, form, sent);
  const { actOf, countDone, done, exerciseOf, isDone, isEasier, legOf, notes, numbersDone, openOf, places, remember, save, swapOf } = record;
  const next = () => record.next(at);
  const figure = self.sessionFigure(page);
  const { awakeAgain, buzz, choose, clicks, keepAwake, speak } = self.sessionSounds();

  function sent(answers, left, lost) {
    if (answers.includes("/log/stop/")) window.location.assign("/log/stop/");
    $("saved").textContent = left
      ? `${left} ${left === 1 ? "set is" : "sets are"} ${lost ? "not saved yet. Keep this page open." : "kept on this phone and sent when you’re back online and signed in."}`
      : "";
  }
  // Another phone may have gone on meanwhile, or the clinic have stopped it. What is being typed stays.
  async function refresh() {
    const state = await record.merge();
    if (!state) return;
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
    $("begin").textContent = !countDone() ? "Start" : next() ? "Continue" : "Finish";
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
    const worst = worstSet();
    $("summary").textContent = `${countDone()} of ${planned} sets done.${worst > 0 ? ` Your worst set was ${worst} out of 10.` : ""}`;
    // A set that hurt unfolds what its pain would, whatever is tapped for the whole session.
    form.toggleAttribute("data-hurt", worst > 0);
    form.toggleAttribute("data-hurt-much", isMuch(worst));
    page.querySelector('[data-screen="finish"] h1').textContent = "Well done";
  }

  // ---- Counting ----

  // For who listens to the screen: each step of the tempo, and how long a hold still lasts. The voice says it already.
  function heard(step) {
    const left = Math.ceil(step.left);
    const text = step.word === "hold" && !step.rep ? (step.left > step.seconds - 1 ? "hold" : [30, 10, 3].includes(left) ? `${left} seconds left` : "") : `${step.rep ? `${step.rep} ` : ""}${step.word}`;
    if (text && notes.sound !== "voice" && $("heard").textContent !== text) $("heard").textContent = text;
  }
  function count() {
    const one = exerciseOf(at.planned);
    const act = actOf(one);
    if (!noteLoad(act)) return;
    const steps = plan(act);
    running = { one: act, steps, began: performance.now(), last: -1 };
    $("count-name").textContent = [nameOf(one), legOf(at), `set ${at.number} of ${one.sets}`].filter(Boolean).join(" · ");
    $("stop").textContent = Number.isFinite(length(steps)) ? "Stop" : "Done";
    open("count");
    figure.begin(act, steps, running.began);
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
    heard(step);
    $("word").textContent = step.word === "ready" ? "Get ready" : step.word;
    $("number").textContent = step.word === "go" ? String(one.reps) : String(Math.ceil(step.left));
    $("number").dataset.digits = $("number").textContent.length;
    $("rep").textContent = step.rep ? `Rep ${step.rep} of ${one.reps}` : step.word === "go" ? "as many, then tap Done" : "";
    page.querySelector('[data-screen="count"]').dataset.phase = step.word;
  }
  // A set that ended while no one looked at the phone is asked about: the runner may have been called away.
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
    if (mistake("load", fits ? "" : `Enter the weight in ${data.unit} as a number, like 20, up to ${HEAVIEST}.`)) return false;
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
  // the set after one that hurt too much, and a phone that no one looks at.
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
    const [problem, asked] = problemOf();
    $("problem").hidden = !problem;
    $("problem").textContent = problem;
    if (asked) form.querySelector(`[name=${asked}]`).focus();
    if (problem) return;
    form.elements.key.value = notes.key;
    form.elements.local_on.value = notes.day;
    await record.send();
    if ((await record.left()) === 0 && navigator.onLine && (await reachable())) {
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
  // The server asks the same. Without a network no one else does.
  const isMuch = (pain) => pain > 0 && form.querySelector(`.pain-row [value="${pain}"]`).closest("label").matches(".band-amber, .band-red");
  const worstSet = () => Math.max(-1, ...[...done.values()].map((set) => set.pain ?? -1));
  // What is missing, and the field that asks for it.
  function problemOf() {
    const pain = form.querySelector("[name=pain]:checked");
    const worst = Math.max(pain ? Number(pain.value) : -1, worstSet());
    if (!countDone() && !form.querySelector("[name=symptoms]:checked")) return ["There’s no set to save yet."];
    if (worst < 0) return ["Tap a number. 0 is no pain.", "pain"];
    return isMuch(worst) && !form.querySelector("[name=site]:checked") ? ["Where was it worst?", "site"] : [""];
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
    if (mistake("amount", fits ? "" : `Enter a whole number from ${least} to ${most}.`)) return;
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
    notes.sound = choose();
    $("sound").textContent = `Sound: ${notes.sound}`;
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
  window.addEventListener("online", record.send);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    awakeAgain();
    refresh();
  });

  record.begin().then(() => {
    $("sound").textContent = `Sound: ${choose(notes.sound || "clicks")}`;
    drawOverview();
    page.dataset.ready = "";
  });
})();
