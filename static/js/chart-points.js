// Each picture is one stop of the Tab key; the arrow keys go from point to point, and each says its value. A tap anywhere
// in the picture is for the point that is nearest: a thumb is wider than a day.
(() => {
  "use strict";
  const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
  for (const chart of document.querySelectorAll("[data-points]")) {
    const points = [...chart.querySelectorAll(".point")];
    if (!points.length) continue;
    let at = points.length - 1;
    const move = (to) => {
      points[at].setAttribute("tabindex", "-1");
      at = to;
      points[at].setAttribute("tabindex", "0");
    };
    move(at);
    chart.addEventListener("focusin", (event) => {
      const focused = points.indexOf(event.target);
      if (focused >= 0) move(focused);
    });
    const away = (point, { clientX, clientY }) => {
      const box = point.querySelector(":not(.says)").getBoundingClientRect();
      return Math.hypot(box.x + box.width / 2 - clientX, box.y + box.height / 2 - clientY);
    };
    chart.addEventListener("click", (event) => {
      const tapped = event.target.closest(".point");
      const nearest = points.reduce((best, point) => (away(point, event) < away(best, event) ? point : best));
      (tapped || nearest).focus({ preventScroll: true });
    });
    chart.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      move(Math.min(points.length - 1, Math.max(0, at + step)));
      points[at].focus();
    });
  }
})();
