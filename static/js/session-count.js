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
