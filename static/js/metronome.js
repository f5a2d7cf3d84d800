// The metronome. One loop of sound holds a whole number of clicks and of samples, so it repeats on the audio
// clock without a timer: nothing drifts, and a page that the browser slows down in the background keeps its beat.
(() => {
  "use strict";
  const RATE = 24000;
  const CLICK_S = 0.04;

  const gcd = (a, b) => (b ? gcd(b, a % b) : a);

  function strike(samples, at, rate) {
    const length = Math.min(Math.round(CLICK_S * rate), samples.length - at);
    for (let i = 0; i < length; i++) {
      samples[at + i] = 0.9 * Math.cos((2 * Math.PI * 1500 * i) / rate) * Math.exp((-7 * i) / (CLICK_S * rate));
    }
  }

  // A click on every step, every second or every third: `every` steps apart, at `spm` steps a minute.
  function loop(context, spm, every) {
    const rate = context.sampleRate;
    const minute = 60 * rate * every;
    const clicks = spm / gcd(spm, minute);
    const sound = context.createBuffer(1, (minute * clicks) / spm, rate);
    const samples = sound.getChannelData(0);
    for (let i = 0; i < clicks; i++) strike(samples, Math.round((i * minute) / spm), rate);
    return sound;
  }

  function play(context, spm, every, when) {
    const source = context.createBufferSource();
    source.buffer = loop(context, spm, every);
    source.loop = true;
    source.connect(context.destination);
    source.start(when);
    return source;
  }

  window.metronome = { play };

  const panel = document.querySelector("[data-metronome]");
  if (!panel) return;
  const slider = panel.querySelector("[data-spm]");
  const number = panel.querySelector("[data-number]");
  const button = panel.querySelector("[data-play]");
  const awake = panel.querySelector("[data-awake]");
  const silenced = panel.querySelector("[data-silenced]");
  let context, playing, lock;

  const spm = () => Number(slider.value);
  const every = () => Number(panel.querySelector("[name=every]:checked").value);

  function show() {
    if (number.textContent !== slider.value) number.textContent = slider.value;
    slider.setAttribute("aria-valuetext", `${slider.value} steps a minute`);
    button.querySelector("span").textContent = playing ? "Stop" : "Start";
  }

  // A new tempo takes over on a beat of the old one.
  function sound() {
    let when = Math.round((context.currentTime + 0.1) * context.sampleRate) / context.sampleRate;
    if (playing) {
      const passed = Math.max(0, Math.ceil((when - playing.began) / playing.period));
      when = playing.began + passed * playing.period;
      playing.source.stop(when);
    }
    const source = play(context, spm(), every(), when);
    playing = { source, began: when, period: (60 * every()) / spm() };
    if ("mediaSession" in navigator) {
      navigator.mediaSession.metadata = new MediaMetadata({ title: `${slider.value} steps a minute` });
      navigator.mediaSession.playbackState = "playing";
    }
  }

  // A call or a lock may interrupt the audio clock. The page asks for it again and shows that until it is back.
  function interrupted() {
    const silent = Boolean(playing) && context.state !== "running";
    silenced.hidden = !silent;
    if (silent && document.visibilityState === "visible") context.resume().catch(() => {});
  }

  async function start() {
    // As music, not as a page's noise: with it an iPhone plays on when it locks.
    if ("audioSession" in navigator) navigator.audioSession.type = "playback";
    if (!context) {
      context = new AudioContext({ sampleRate: RATE, latencyHint: "playback" });
      context.addEventListener("statechange", interrupted);
    }
    await context.resume();
    if (playing) return;
    sound();
    keepAwake();
    show();
  }

  function stop() {
    if (!playing) return;
    playing.source.stop();
    playing = undefined;
    silenced.hidden = true;
    context.suspend();
    keepAwake();
    if ("mediaSession" in navigator) navigator.mediaSession.playbackState = "paused";
    show();
  }

  async function keepAwake() {
    if (!("wakeLock" in navigator)) return;
    try {
      if (playing && awake.checked) lock = await navigator.wakeLock.request("screen");
      else if (lock) await lock.release();
    } catch {
      lock = undefined;
    }
  }

  button.addEventListener("click", () => (playing ? stop() : start()));
  slider.addEventListener("input", show);
  panel.addEventListener("change", (event) => {
    if (event.target === awake) keepAwake();
    else if (playing) sound();
    show();
  });
  for (const step of panel.querySelectorAll("[data-step]")) {
    step.addEventListener("click", () => {
      slider.value = String(spm() + Number(step.dataset.step));
      slider.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
  // A phone call or a locked screen may have silenced the page: the beat comes back with it.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible" || !playing) return;
    interrupted();
    keepAwake();
  });
  if ("mediaSession" in navigator) {
    navigator.mediaSession.setActionHandler("play", start);
    navigator.mediaSession.setActionHandler("pause", stop);
  }
  awake.closest("[data-can-wake]").hidden = !("wakeLock" in navigator);
  show();
})();
