// Cadence without a watch: tap each time the right foot lands, or count one foot for 30 seconds. In a form the tapped
// number goes into its field (`data-into`), and measuring chooses how the cadence was found (`data-choose`).
(() => {
  "use strict";
  const MOST_S = 3; // a longer gap between two taps starts a new count
  const ENOUGH = 8;
  const COUNT_S = 30;
  const READY_S = 3;

  const tapped = document.querySelector("[data-tap]");
  const counted = document.querySelector("[data-count]");

  function choose(place) {
    if (!place.dataset.choose) return;
    const [name, value] = place.dataset.choose.split("=");
    place.closest("form").elements[name].value = value;
  }

  // Steps of both feet a minute. A tap that was missed shows as a double gap and counts as two.
  function cadence(taps) {
    const gaps = taps.slice(1).map((at, i) => at - taps[i]);
    const usual = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)];
    const landings = gaps.reduce((sum, gap) => sum + Math.max(1, Math.round(gap / usual)), 0);
    return Math.round((2 * 60000 * landings) / (taps[taps.length - 1] - taps[0]));
  }

  function tapping() {
    const button = tapped.querySelector("button");
    const shown = tapped.querySelector("[data-shown]");
    const said = tapped.querySelector("[role=status]");
    let taps = [];
    let quiet;

    function fill() {
      const field = document.getElementById(tapped.dataset.into);
      if (!field) return;
      field.value = shown.textContent;
      choose(tapped);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    function tap(at) {
      if (taps.length && at - taps[taps.length - 1] > MOST_S * 1000) taps = [];
      taps.push(at);
      const left = ENOUGH - taps.length;
      shown.textContent = left > 0 ? `${left} more` : String(cadence(taps));
      if (left <= 0) fill();
      clearTimeout(quiet);
      quiet = setTimeout(() => {
        said.textContent = left > 0 ? "Keep tapping: eight landings are needed." : `${shown.textContent} steps a minute, both feet.`;
      }, 1200);
    }
    button.addEventListener("pointerdown", (event) => tap(event.timeStamp));
    button.addEventListener("keydown", (event) => {
      if (!event.repeat && (event.key === " " || event.key === "Enter")) tap(event.timeStamp);
    });
  }

  function counting() {
    const button = counted.querySelector("button");
    const clock = counted.querySelector("[data-shown]");
    const input = counted.querySelector("input");
    const said = counted.querySelector("[role=status]");
    let ends = 0;
    let began = false;

    function signal() {
      if (navigator.vibrate) navigator.vibrate(200);
      const context = new AudioContext();
      const tone = context.createOscillator();
      tone.frequency.value = 880;
      tone.connect(context.destination);
      tone.start();
      tone.stop(context.currentTime + 0.25);
      tone.onended = () => context.close();
    }
    function tick() {
      const left = Math.ceil((ends - performance.now()) / 1000);
      if (!began && left <= COUNT_S) {
        began = true;
        signal();
      }
      if (left <= 0) {
        signal();
        clock.textContent = "Stop";
        button.disabled = false;
        input.focus();
        return;
      }
      clock.textContent = left > COUNT_S ? `Ready: ${left - COUNT_S}` : String(left);
      setTimeout(tick, 100);
    }
    button.addEventListener("click", () => {
      button.disabled = true;
      began = false;
      ends = performance.now() + (READY_S + COUNT_S) * 1000;
      tick();
    });
    input.addEventListener("input", () => {
      const landings = Number(input.value);
      if (input.value) choose(counted);
      if (!Number.isInteger(landings) || landings < 1) said.textContent = "";
      else if (landings < 30 || landings > 60) said.textContent = `${landings} times four is ${landings * 4}. Was it one foot, for 30 seconds?`;
      else said.textContent = `${landings} × 4 = ${landings * 4} steps a minute, both feet.`;
    });
  }
  if (tapped) tapping();
  if (counted) counting();
})();
