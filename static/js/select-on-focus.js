// The distance comes filled in; a tap selects it, so that the first digit replaces it.
(() => {
  "use strict";
  const field = document.querySelector('[name="distance_m"]');
  if (!field) return;
  const filled = field.value;
  field.addEventListener("focus", () => {
    // After the browser has set its own caret. What the runner typed is left alone.
    if (field.value === filled) requestAnimationFrame(() => field.select());
  });
})();
