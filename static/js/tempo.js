// The tempo of a set, counted out loud in large figures: up, hold, down, rep after rep; or a hold of so many seconds.
// A set that ran to its end is ticked. Without JavaScript the dose in words is all there is, and enough.
(function () {
  "use strict";

  const READY_S = 3;

  function phasesOf(box) {
    const number = (name) => Number(box.dataset[name]) || 0;
    if (number("seconds")) {
      return [{ word: "hold", seconds: number("seconds"), rep: 0 }];
    }
    const phases = [];
    for (let rep = 1; rep <= number("reps"); rep += 1) {
      for (const [word, name] of [["up", "up"], ["hold", "hold"], ["down", "down"]]) {
        if (number(name)) {
          phases.push({ word, seconds: number(name), rep });
        }
      }
    }
    return phases;
  }

  function tickNextSet(box) {
    const open = box.closest("fieldset").querySelector(".set-done input:not(:checked)");
    if (open) {
      open.checked = true;
      open.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  function buzz(pattern) {
    if (navigator.vibrate) {
      navigator.vibrate(pattern);
    }
  }

  function set(box) {
    const phases = phasesOf(box);
    if (!phases.length) {
      return;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button plain";
    const shown = document.createElement("strong");
    const word = document.createElement("span");
    word.className = "soft";
    box.append(button, shown, word);
    box.hidden = false;
    let stop = null;

    function rest() {
      stop = null;
      button.textContent = "Count a set";
      shown.textContent = "";
      word.textContent = "";
    }

    function run() {
      const plan = [{ word: "ready", seconds: READY_S, rep: 0 }, ...phases];
      const began = performance.now();
      let last = -1;
      button.textContent = "Stop";
      const beat = window.setInterval(step, 100);
      stop = () => {
        window.clearInterval(beat);
        rest();
      };

      // The clock is read at every step, so that a slow phone loses no time.
      function step() {
        let left = (performance.now() - began) / 1000;
        const at = plan.findIndex((phase) => {
          if (left < phase.seconds) {
            return true;
          }
          left -= phase.seconds;
          return false;
        });
        if (at < 0) {
          stop();
          tickNextSet(box);
          buzz([80, 60, 160]);
          word.textContent = "Set done";
          return;
        }
        if (at !== last) {
          last = at;
          buzz(40);
        }
        shown.textContent = String(Math.ceil(plan[at].seconds - left));
        word.textContent = plan[at].rep ? plan[at].word + ", rep " + plan[at].rep : plan[at].word;
      }
      step();
    }

    button.addEventListener("click", () => (stop ? stop() : run()));
    rest();
  }

  document.querySelectorAll(".tempo").forEach(set);
})();
