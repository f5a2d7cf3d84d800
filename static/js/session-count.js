// The parts of the guided session that know no screen: its tempo, its signals and its record. One file, because each file
// is a request of the first visit.

// The tempo of a set: what is counted when, and the clicks of it. Knows no page: the session's script draws it, and a test
// renders the clicks without a loudspeaker.
(() => {
  "use strict";
  const READY_S = 5;
  const HZ = { ready: 523, up: 880, hold: 660, down: 440, tick: 330, end: 1047 };
  const CLICK_S = 0.05;

  // The steps of one set in order: a word, its seconds, the repetition, and when it begins. Quick movements have no tempo:
  // after "ready" comes one step without an end.
  function plan(dose) {
    const steps = [{ word: "ready", seconds: READY_S, rep: 0 }];
    const tempo = [["up", dose.up_s], ["hold", dose.hold_s], ["down", dose.down_s]].filter(([, seconds]) => seconds);
    if (dose.seconds) steps.push({ word: "hold", seconds: dose.seconds, rep: 0 });
    else if (!tempo.length) steps.push({ word: "go", seconds: Infinity, rep: 0 });
    else for (let rep = 1; rep <= dose.reps; rep++) for (const [word, seconds] of tempo) steps.push({ word, seconds, rep });
    let at = 0;
    for (const step of steps) {
      step.at = at;
      at += step.seconds;
    }
    return steps;
  }

  const length = (steps) => steps.at(-1).at + steps.at(-1).seconds;

  // The step at this second, with the seconds that are left of it; undefined after the end.
  function stepAt(steps, second) {
    const step = steps.find(({ at, seconds }) => second < at + seconds);
    return step && { ...step, left: step.at + step.seconds - second };
  }

  // Repetitions that were finished by this second; for a hold, its seconds.
  function doneAt(steps, second) {
    const hold = steps.find(({ word, rep }) => word === "hold" && !rep);
    if (hold) return Math.max(0, Math.min(hold.seconds, Math.floor(second - hold.at)));
    return Math.max(0, ...steps.filter(({ rep, at, seconds }, i) => rep && at + seconds <= second && steps[i + 1]?.rep !== rep).map(({ rep }) => rep));
  }

  // When to click, and how high: each step begins with its own tone, each second of it ticks. A long hold is quiet but for
  // every tenth second and its last three.
  function cues(steps) {
    const sounds = [];
    for (const { word, seconds, at } of steps) {
      sounds.push({ at, hz: HZ[word] || HZ.up, loud: word === "ready" ? 0.4 : 1 });
      if (!Number.isFinite(seconds)) continue;
      for (let second = 1; second < seconds; second++) {
        const left = seconds - second;
        if (seconds <= 10 || left <= 3 || left % 10 === 0) sounds.push({ at: at + second, hz: word === "ready" ? HZ.ready : HZ.tick, loud: 0.4 });
      }
    }
    const end = length(steps);
    if (Number.isFinite(end)) sounds.push({ at: end, hz: HZ.end, loud: 1 }, { at: end + 0.15, hz: HZ.end, loud: 1 });
    return sounds;
  }

  function click(context, out, { hz, loud }, when) {
    const tone = context.createOscillator();
    const gain = context.createGain();
    tone.frequency.value = hz;
    gain.gain.setValueAtTime(0.7 * loud, when);
    gain.gain.exponentialRampToValueAtTime(0.001, when + CLICK_S);
    tone.connect(gain).connect(out);
    tone.start(when);
    tone.stop(when + CLICK_S);
  }

  // Hand all clicks to the audio clock ahead, so that a slow or sleeping page keeps the tempo. Returns a function that
  // silences what is left.
  function schedule(context, sounds, start) {
    const out = context.createGain();
    out.connect(context.destination);
    for (const sound of sounds) click(context, out, sound, start + sound.at);
    return () => out.disconnect();
  }

  // How far the figure is from its start (0) to its end (1) at this second.
  function heightAt(steps, second) {
    const step = stepAt(steps, Math.max(0, second));
    if (!step || step.word === "ready") return 0;
    if (step.word === "go") return Math.abs(Math.sin(Math.PI * 1.5 * second));
    const passed = step.seconds - step.left;
    if (step.word === "hold" && !step.rep) return Math.min(1, passed, step.left);
    return step.word === "up" ? passed / step.seconds : step.word === "hold" ? 1 : step.left / step.seconds;
  }

  self.sessionCount = { READY_S, plan, length, stepAt, doneAt, cues, schedule, heightAt };
})();

// What a runner sees move and hears during a set: the figure in the exercise's own tempo, clicks, voice and vibration, and the
// screen kept awake. Knows nothing of sets; the session's script says when.
(() => {
  "use strict";
  const SOUNDS = ["clicks", "voice", "off"];
  const { heightAt, length, plan, READY_S, schedule } = self.sessionCount;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  // The figure moves from its start to its end. `begin` with the steps of a count and its first moment follows that count.
  self.sessionFigure = (page) => {
    const $ = (name) => page.querySelector(`[data-${name}]`);
    const all = (name) => [...page.querySelectorAll(`[data-${name}]`)];
    let frame, pairs, steps, since, endless, held = false;
    const parse = (path) => path.getAttribute("d").split(/(-?[\d.]+)/);
    function pair(box) {
      const [start, end] = box.querySelectorAll("svg");
      if (!end) return [];
      const ends = [...end.children];
      return [...start.children].flatMap((path) => {
        const other = ends.find((one) => one.getAttribute("class") === path.getAttribute("class"));
        if (other) ends.splice(ends.indexOf(other), 1);
        const [from, to] = [parse(path), other ? parse(other) : []];
        return from.length === to.length && /leg|foot|arm|trunk|torso|head|load|weight|sole/.test(path.getAttribute("class")) ? [{ path, from, to }] : [];
      });
    }
    function draw(height) {
      for (const { path, from, to } of pairs) {
        path.setAttribute("d", from.map((part, i) => (i % 2 && part !== to[i] ? (Number(part) + (Number(to[i]) - Number(part)) * height).toFixed(1) : part)).join(""));
      }
    }
    function move() {
      if (held || still.matches) return;
      let second = (performance.now() - since) / 1000;
      if (endless) second %= Number.isFinite(length(steps)) ? length(steps) : 3600;
      draw(heightAt(steps, second));
      frame = requestAnimationFrame(move);
    }
    function end() {
      cancelAnimationFrame(frame);
      if (pairs) draw(0);
      pairs = undefined;
    }
    // With reduced motion both positions are shown, and nothing moves.
    function begin(one, counted, began) {
      end();
      const box = all("figures").find((found) => !found.hidden);
      page.classList.toggle("at-rest", still.matches);
      $("still").hidden = still.matches || !box;
      if (!box) return;
      pairs = pair(box);
      steps = counted || plan({ ...one, reps: 1, seconds: one.seconds ? 4 : null }).slice(1);
      if (!counted) for (const step of steps) step.at -= READY_S;
      since = counted ? began : performance.now();
      endless = !counted;
      move();
    }
    function hold(yes) {
      held = yes;
      $("still").textContent = yes ? "Play the animation" : "Stop the animation";
      if (!yes && pairs) move();
    }
    return { begin, end, toggle: () => hold(!held) };
  };

  self.sessionSounds = () => {
    let lock, audio, silence;
    let sound = SOUNDS[0];
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
    const can = (name) => name !== "voice" || "speechSynthesis" in window;
    // The next kind of sound, or the one that was chosen before; its name.
    function choose(name) {
      sound = name || SOUNDS[(SOUNDS.indexOf(sound) + 1) % SOUNDS.length];
      if (!can(sound)) sound = "off";
      if (sound !== "clicks") clicks(null);
      return sound;
    }
    // The browser lets go of the lock when the page is hidden.
    function awakeAgain() {
      if (!lock) return;
      lock = undefined;
      keepAwake(true);
    }
    return { awakeAgain, buzz, choose, clicks, keepAwake, speak };
  };
})();

// The record of a guided strength session: which sets are done, what is next, and how both are kept. The server has every
// set that reached it, the phone's queue those that did not; what is next follows from both, so that a reload, an empty
// battery or another phone goes on where it was. Knows no screen: `sent` is called after each sending.
(() => {
  "use strict";
  const LEGS = { left: "Left", right: "Right", both: "" };

  self.sessionRecord = (page, data, form, sent) => {
    const exercises = data.exercises;
    const done = new Map();
    const notes = { skipped: [], swaps: {}, loads: {}, over: false };
    let unsaved = [];

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

    // The next open place, of the exercise on the screen first.
    function next(at) {
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
        Object.assign(notes, noted);
        for (const set of noted.sets) done.set(placeOf(set), set);
      }
      const spent = noted && noted.over && noted.key === data.key;
      const key = theirs ? data.key : goesOn ? noted.key : fresh && !spent ? data.key : crypto.randomUUID();
      Object.assign(notes, { day, key });
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
      sent(answers, await left(), unsaved.length > 0);
    }
    const mine = async () => (await waiting.all().catch(() => [])).filter(({ path }) => path === page.dataset.sets);
    const left = async () => (await mine()).length + unsaved.length;
    // What the server has: sets of another phone are added, and what is being typed stays. Null without an answer.
    async function merge() {
      const answer = await fetch(page.dataset.sets, { credentials: "same-origin", headers: { Accept: "application/json" } }).catch(() => null);
      if (!answer || !answer.ok || answer.redirected) return null;
      const state = await answer.json();
      for (const set of state.sets) if (!done.has(placeOf(set))) done.set(placeOf(set), set);
      return state;
    }
    // Without the phone's own store the page goes on with what the server said.
    function begin() {
      return recall().catch(() => {
        Object.assign(notes, { key: data.key, day: data.day });
        for (const set of data.sets) done.set(placeOf(set), set);
      });
    }

    return {
      actOf, begin, countDone, done, doneOf, exerciseOf, isDone, isEasier, left, legOf, merge, next, notes, numbersDone, openOf,
      places, remember, save, send, swapOf,
    };
  };
})();
