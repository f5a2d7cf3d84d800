// Questions that test_every_page asks of a page. One object of functions.
({
  // How many stops Tab has: radio buttons of one name count once, what is closed or hidden not at all.
  stops() {
    const names = new Set();
    const all = "a[href], button, input, select, textarea, summary, iframe, [tabindex='0']";
    return [...document.querySelectorAll(all)]
      .filter((one) => one.tabIndex >= 0 && !one.disabled && one.type !== "hidden")
      .filter((one) => one.checkVisibility({ visibilityProperty: true }))
      .filter((one) => one.type !== "radio" || (!names.has(one.name) && names.add(one.name))).length;
  },
  // What has the focus, whether that is seen (on itself, its label or what its label draws) and in the window.
  focused() {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    one.dataset.reached = "yes";
    const labels = [...(one.labels || []), one.closest("label")].filter(Boolean);
    const marks = [one, ...labels, ...labels.flatMap((label) => [...label.querySelectorAll("*")])];
    const drawn = (mark) => {
      const style = getComputedStyle(mark);
      return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    };
    const tiny = one.getBoundingClientRect().width < 2 && labels.length;
    const box = (tiny ? labels[0] : one).getBoundingClientRect();
    const covers = (bar) => {
      if (!["fixed", "sticky"].includes(getComputedStyle(bar).position) || bar.contains(one)) return false;
      const over = bar.getBoundingClientRect();
      const [top, bottom] = [Math.max(box.top, over.top, 0), Math.min(box.bottom, over.bottom, innerHeight)];
      const [left, right] = [Math.max(box.left, over.left), Math.min(box.right, over.right)];
      if (bottom - top <= 1 || right - left <= 1) return false;
      // Two bars may touch: what counts is which of them is drawn on top.
      return bar.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
    };
    return {
      covered: [...document.querySelectorAll("body *")].some((bar) => covers(bar) && bar.checkVisibility()),
      seen: marks.some(drawn) || one.tagName === "IFRAME",
      inside: box.bottom > 0 && box.top < innerHeight,
      name: `${one.tagName} ${(one.getAttribute("name") || one.textContent || "").trim().slice(0, 30)}`,
    };
  },
  // What a form that came back does not say: in the title, in its summary, at its fields.
  unsaid() {
    const found = [];
    if (!document.title.startsWith("Error:")) found.push(`title: ${document.title}`);
    const summary = document.querySelector(".problems[role=alert]:not([hidden]), .errornote");
    const wrong = [...document.querySelectorAll("#main [aria-invalid=true], #content [aria-invalid=true]")];
    if (summary && document.activeElement !== summary) found.push("the summary has no focus");
    if (!summary && document.querySelectorAll(".errorlist").length > 1) found.push("no summary");
    const ways = summary ? [...summary.querySelectorAll("a[href^='#']")] : [];
    const ends = ways.map((way) => document.getElementById(way.hash.slice(1)));
    ways.forEach((way, i) => { if (!ends[i]) found.push(`no field for ${way.textContent}`); });
    const behind = (one, i) => i && one && ends[i - 1] && !(ends[i - 1].compareDocumentPosition(one) & 4);
    ends.forEach((one, i) => { if (behind(one, i)) found.push(`out of order: ${ways[i].textContent}`); });
    const said = (end) => wrong.some((one) => end === one || end.contains(one));
    ends.filter(Boolean).forEach((end) => { if (!said(end)) found.push(`not called invalid: ${end.id}`); });
    return found;
  },
  // Words that their box cuts off.
  cut() {
    const words = "h1, h2, h3, p, li, a, button, label, td, th, dt, dd, summary, span, legend";
    return [...document.querySelectorAll(words)]
      .filter((one) => !one.children.length && one.checkVisibility())
      .filter((one) => !one.closest(".visually-hidden, .skip"))
      .filter((one) => {
        const style = getComputedStyle(one);
        const wide = style.overflowX === "hidden" && one.scrollWidth > one.clientWidth + 1;
        return wide || (style.overflowY === "hidden" && one.scrollHeight > one.clientHeight + 1);
      })
      .map((one) => `${one.tagName} ${one.textContent.trim().slice(0, 30)}`);
  },
  // What can be pressed or filled and has neither an edge nor an underline nor the browser's own form.
  bare() {
    return [...document.querySelectorAll("button, .button, input:not([type=hidden]), select, textarea")]
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 2)
      .filter((one) => !one.closest(".visually-hidden, .menu, .calls-times"))
      .filter((one) => {
        const style = getComputedStyle(one);
        const edged = parseFloat(style.borderTopWidth) >= 1 || style.outlineStyle !== "none";
        return !edged && style.appearance === "none" && style.textDecorationLine === "none";
      })
      .map((one) => `${one.tagName}.${one.className} ${(one.name || one.textContent).trim().slice(0, 30)}`);
  },
})
