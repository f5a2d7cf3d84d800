// On the import page: sends the files that the phone shared and the service worker kept, straight to their preview.
(() => {
  "use strict";
  const form = document.querySelector("form[data-shares]");
  const owner = document.querySelector("script[data-owner]")?.dataset.owner;
  if (!form || !owner || !self.waiting || !navigator.locks) return;
  const note = document.getElementById("sharing");
  const MOST = Number(form.dataset.shares);
  const say = (text) => {
    note.textContent = text;
    note.hidden = !text;
  };

  // As many shares as one form may hold; what is left is sent when the page opens again.
  function together(shares) {
    const taken = [];
    let count = 0;
    for (const share of shares) {
      if (taken.length && count + share.files.length > MOST) break;
      taken.push(share);
      count += share.files.length;
    }
    return taken;
  }
  // The first share's id is the batch: what is sent again because its answer was lost is stored once.
  function body(taken) {
    const fields = new FormData(form);
    fields.delete("activities");
    fields.set("batch", taken[0].id);
    fields.set("source", "share");
    for (const share of taken) for (const file of share.files) fields.append("activities", file, file.name);
    return fields;
  }
  // The server's page with its sentence takes the place of this one, with the files chosen in its form.
  async function refuse(answer, taken) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("main");
    if (!fresh) return say("That did not work. Please try again in a minute, or choose the files below.");
    const chosen = new DataTransfer();
    for (const share of taken) for (const file of share.files) chosen.items.add(file);
    document.querySelector("main").replaceWith(fresh);
    const input = document.querySelector("input[name=activities]");
    if (input) input.files = chosen.files;
    for (const share of taken) await waiting.dropShare(share.id);
  }
  async function send(expected) {
    const taken = together(await waiting.shares(owner));
    if (!taken.length) {
      if (expected) window.location.reload(); // another page of this phone has sent them: show what waits
      return;
    }
    say("Sending the files you shared …");
    const answer = await fetch(form.action, { method: "POST", body: body(taken), credentials: "same-origin" });
    if (answer.status === 422) await refuse(answer, taken);
    else if (!answer.redirected) say("That did not work. Your files are still on this phone: open this page again in a minute.");
    else {
      if (new URL(answer.url).pathname.startsWith(form.getAttribute("action")))
        for (const share of taken) await waiting.dropShare(share.id);
      window.location.assign(answer.url);
    }
  }
  async function begin() {
    const expected = (await waiting.shares(owner)).length;
    await navigator.locks.request("shares", () => send(expected));
  }
  begin().catch(() => say("Your files are still on this phone. They’ll be sent when you open this page online."));
})();
