// Counts down a held seat from the server's moments, so that a wrong clock on the phone shows the right time.
(() => {
  "use strict";
  const line = document.querySelector("[data-countdown]");
  const left = line && line.querySelector("[data-countdown-left]");
  if (!left) return;
  const began = performance.now();
  const seconds = Number(line.dataset.until) - Number(line.dataset.now);

  function show() {
    const rest = Math.ceil(seconds - (performance.now() - began) / 1000);
    if (rest <= 0) {
      line.querySelector("span").textContent = line.dataset.over;
      return;
    }
    left.textContent = `${Math.floor(rest / 60)}:${String(rest % 60).padStart(2, "0")}`;
    setTimeout(show, 1000);
  }
  show();
})();
