// Tick a set as soon as it has a pain, because then it was done. Without JavaScript the form asks for the tick.
(() => {
  "use strict";
  for (const pain of document.querySelectorAll(".set-pains select")) {
    const done = document.getElementsByName(pain.name.replace("-pain_", "-done_"))[0];
    pain.addEventListener("change", () => {
      if (pain.value !== "") done.checked = true;
    });
  }
})();
