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
      $("still").setAttribute("aria-pressed", String(yes));
      $("still").textContent = yes ? "Let the figure move" : "Hold the figure still";
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
