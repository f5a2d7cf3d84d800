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
