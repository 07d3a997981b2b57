/**
 * The bar with play, restart, time and waveform, and the sound behind it.
 *
 * The audio context is made in the press on play, as browsers demand, at the files' own rate; a
 * context that the browser has put to sleep is woken by the next press.
 */

import { clock, element, icon } from "./elements.js";
import { Engine } from "../sound/engine.js";
import { Hearing } from "../sound/hearing.js";
import { Recordings, loadStimuli } from "../sound/recordings.js";
import { pause } from "../sound/patience.js";
import { LoopEnds } from "./loop_ends.js";
import { Waveform } from "./waveform.js";

/** How often it is noted what has been heard, ms. */
const LISTEN_MS = 250;
/** The moving line is drawn anew after this time, ms: as often as a film's pictures change. */
const PICTURE_MS = 40;
/** A browser that lets sound through does so within this time after a press, ms. */
const WAKE_MS = 4000;
/** The last fade is rendered within this time, ms. */
const LONGEST_CLOSE_MS = 500;
/** A change of the output's latency by this much tells of another device, s. */
const LATENCY_STEP_S = 0.02;
/**
 * Firefox is not asked for its output's latency: it holds the lock of its sound while it asks its
 * parent process, which may wait for a block of that sound, and the page stands still for good.
 */
const TELLS_LATENCY = !navigator.userAgent.includes("Firefox/");

/**
 * @typedef {object} SoundBarOptions
 * @property {string[]} urls
 * @property {number} sampleRate
 * @property {number} gain       master gain, linear
 * @property {Record<string, string>} texts
 * @property {boolean} [once]           stop at the end instead of looping
 * @property {boolean} [fromStart]      another stimulus begins at the start, not in step
 * @property {string} [heardKey]        under which the device keeps what was heard
 * @property {() => void} onChange                   play state, stimulus or readiness changed
 * @property {() => void} [onHeard]                  more has been heard
 * @property {(kind: string, slot?: number | null, value?: number | string | null) => void} log
 */

export class SoundBar {
  /** @type {AudioContext | null} */ #context = null;
  /** @type {Engine | null} */ #engine = null;
  /** @type {Recordings | null} */ #recordings = null;
  #loading = new AbortController();
  #chosen = 0;
  #isOver = false;
  #gain;
  #hearing;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #drawing;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #listening;
  #latency = -1;

  /** @param {SoundBarOptions} options */
  constructor(options) {
    this.options = options;
    this.#gain = options.gain;
    this.#hearing = new Hearing(options.heardKey);
    const { texts } = options;
    this.waveform = new Waveform(
      { seek: (time) => this.seek(time), setRegion: (a, b) => this.setRegion(a, b) }, texts);
    this.playLabel = element("span", {}, texts.play);
    this.playButton = element(
      "button", { type: "button", class: "primary play", disabled: true,
        onclick: () => this.toggle() },
      icon("play"), icon("pause"), this.playLabel);
    this.restartButton = element(
      "button", { type: "button", class: "quiet restart", disabled: true,
        "aria-label": texts.restart, title: texts.restart, onclick: () => this.restart() },
      icon("restart"));
    this.blocked = element("div", { class: "problem", role: "alert", hidden: true }, texts.sound_blocked);
    this.time = element("span", { class: "time" }, "0:00 / 0:00");
    this.loopNote = element("span", { class: "loop-note" });
    this.wholeButton = element(
      "button", { type: "button", class: "link", onclick: () => this.clearLoop() }, texts.loop_whole);
    this.loopEnds = new LoopEnds((start, end) => this.setRegion(start, end), texts);
    this.aside = element("span", { class: "aside" });
    this.element = element(
      "section", { class: "card sound", "aria-label": texts.player },
      element("div", { class: "bar" },
        this.playButton, this.restartButton, this.time, this.aside),
      this.waveform.element,
      element("div", { class: "loop-line" }, this.loopNote, this.wholeButton,
        this.loopEnds.openButton),
      this.loopEnds.element, this.blocked);
    if (options.once) this.element.classList.add("once");
    // A page that the browser keeps for the way back comes back silent.
    addEventListener("pagehide", () => this.stop(), { signal: this.#loading.signal });
    this.#load();
  }

  get isReady() {
    return this.#recordings !== null;
  }

  get #duration() {
    return this.#recordings?.duration ?? 0;
  }

  get isPlaying() {
    return this.#engine?.isPlaying ?? false;
  }

  /** Whether the chosen stimulus has just been played to its end, and may still be answered about. */
  get isOver() {
    return this.#isOver;
  }

  get chosen() {
    return this.#chosen;
  }

  /** Heard parts; null until the recordings are there. */
  get coverage() {
    this.#listen();
    return this.#hearing.coverage;
  }

  /** @param {number} slot  that sounds when play is pressed first */
  startAt(slot) {
    if (!this.#engine) this.#chosen = slot;
  }

  toggle() {
    if (this.isPlaying) this.stop();
    else this.play();
  }

  play() {
    const engine = this.#wake();
    if (!engine || engine.isPlaying) return;
    this.#isOver = false;
    engine.play();
    this.#hearing.begin();
    this.options.log("play", this.#chosen, round(engine.position));
    this.#changed();
  }

  stop() {
    if (!this.#engine?.isPlaying) return;
    this.#listen();
    this.#engine.stop();
    this.options.log("stop", this.#chosen, round(this.#engine.position));
    this.#changed();
  }

  restart() {
    if (!this.#engine) return;
    this.#anew(() => this.#engine?.restart());
    this.options.log("restart", this.#chosen);
    this.#changed();
  }

  /** @param {number} time s */
  seek(time) {
    const engine = this.#wake();
    this.#anew(() => engine?.seek(time));
    this.options.log("seek", this.#chosen, round(time));
    this.#changed();
  }

  /** @param {number} slot  made audible; playing starts when it was stopped */
  choose(slot) {
    const engine = this.#wake();
    if (!engine) return;
    const { fromStart } = this.options;
    if (slot !== this.#chosen) this.options.log("switch", slot, round(engine.position));
    this.#listen();
    if (fromStart && slot !== this.#chosen) this.#hearing.begin();
    this.#chosen = slot;
    engine.switchTo(slot, fromStart);
    if (engine.isPlaying) this.#changed();
    else this.play();
  }

  /** @param {number} start s @param {number} end s @returns {[number, number]} */
  setRegion(start, end) {
    const engine = this.#wake();
    if (!engine) return [start, end];
    /** @type {[number, number]} */ let region = [start, end];
    this.#anew(() => (region = engine.setRegion(start, end)));
    this.options.log("loop", null, `${round(region[0])}-${round(region[1])}`);
    this.#changed();
    return region;
  }

  /** @param {0 | 1} side  start or end at the present position */
  setLoopSide(side) {
    if (!this.#engine || this.options.once) return;
    const [start, end] = this.#engine.region;
    const here = this.#engine.position;
    this.setRegion(side ? start : here, side ? here : end);
  }

  clearLoop() {
    if (this.#engine) this.setRegion(0, this.#engine.duration);
  }

  /** The page is stored. */
  forgetHeard() {
    this.#hearing.forget();
  }

  /** @param {number} gain linear */
  setGain(gain) {
    this.#gain = gain;
    this.#engine?.setGain(gain);
  }

  close() {
    this.#loading.abort();
    this.#listen();
    clearInterval(this.#listening);
    clearInterval(this.#drawing);
    // Let the last fade out be heard; where nothing is rendered, nobody waits for it.
    const silent = this.#engine?.close();
    const context = this.#context;
    Promise.race([silent, pause(LONGEST_CLOSE_MS)]).then(() => context?.close());
    this.#engine = this.#recordings = null;
  }

  async #load() {
    const { urls, sampleRate, texts, log } = this.options;
    const began = performance.now();
    this.waveform.showLoading(0);
    try {
      const show = (/** @type {number} */ share) => this.waveform.showLoading(share);
      const decoded = await loadStimuli(urls, sampleRate, show, this.#loading.signal);
      const recordings = new Recordings(decoded);
      this.#hearing.open(recordings.count, recordings.duration);
      this.waveform.show(decoded, this.options.once);
      this.#recordings = recordings;
      log("ready", null, round((performance.now() - began) / 1000));
    } catch (error) {
      if (this.#loading.signal.aborted) return;
      this.#fail(error);
      return;
    }
    for (const button of [this.playButton, this.restartButton]) button.disabled = false;
    this.playButton.title = texts.play_hint;
    this.#changed();
  }

  /** @param {unknown} error */
  #fail(error) {
    const { texts, log } = this.options;
    log("load_failed", null, String(error).slice(0, 200));
    const isSpoilt = error instanceof DOMException && error.name === "EncodingError";
    const sentence = isSpoilt ? texts.decode_failed : texts.load_failed;
    const again = element("button", { type: "button", class: "quiet",
      onclick: () => {
        problem.remove();
        this.#load();
      } }, texts.load_again);
    const problem = element("div", { class: "problem", role: "alert" }, sentence, again);
    this.waveform.element.dataset.state = "failed";
    this.element.append(problem);
  }

  /** Context and engine, made or woken inside the press that asked for sound. */
  #wake() {
    if (!this.#recordings) return null;
    if (!this.#context) {
      const context = new AudioContext({
        sampleRate: this.options.sampleRate, latencyHint: "interactive" });
      this.#context = context;
      this.options.log("sample_rate", null, context.sampleRate);
      this.options.log("base_latency", null, round(context.baseLatency ?? 0));
      let wasRunning = false;
      context.onstatechange = () => {
        this.options.log(`context_${context.state}`);
        if (context.state === "running") this.blocked.hidden = wasRunning = true;
        // A call, a locked phone, a device that is gone: nothing sounds, and no press has ended it.
        else if (wasRunning && this.isPlaying) this.#heldBack();
      };
      this.#engine = new Engine(context, this.#recordings, {
        gain: this.#gain, once: this.options.once, onEnd: (stretch) => this.#ended(stretch) });
      this.#engine.switchTo(this.#chosen);
    }
    if (this.#context.state !== "running") this.#resume(this.#context);
    return this.#engine;
  }

  /** @param {AudioContext} context  some browsers and settings hold sound back even so */
  #resume(context) {
    context.resume().catch(() => undefined);
    setTimeout(() => {
      if (this.isPlaying && context.state !== "running") this.#heldBack();
    }, WAKE_MS);
  }

  /** The browser lets no sound through: the page says so, and shows that nothing plays. */
  #heldBack() {
    this.stop();
    this.options.log("sound_blocked");
    this.blocked.hidden = false;
  }

  /** @param {() => void} move  begins another stretch of playing */
  #anew(move) {
    this.#listen();
    move();
    this.#hearing.begin();
  }

  /** Note what has sounded since the last look; comes before anything of it changes. */
  #listen() {
    if (this.#engine) this.#hearing.note(this.#engine, this.#chosen);
  }

  /** @param {{from: number, elapsed: number}} stretch  that came to its end */
  #ended(stretch) {
    const { region } = /** @type {Engine} */ (this.#engine);
    this.#hearing.noteStretch(this.#chosen, stretch, region);
    this.options.log("end", this.#chosen, round(region[1]));
    this.#isOver = true;
    this.#changed();
  }

  /** The output's latency tells of another listening device. */
  #noteLatency() {
    const latency = this.#context?.outputLatency ?? 0;
    if (this.#latency >= 0 && Math.abs(latency - this.#latency) < LATENCY_STEP_S) return;
    this.#latency = latency;
    this.options.log("output_latency", null, round(latency));
  }

  #changed() {
    const { texts } = this.options;
    this.element.classList.toggle("playing", this.isPlaying);
    this.playLabel.textContent = this.isPlaying ? texts.pause : texts.play;
    this.#showTime();
    const [start, end] = this.#engine?.region ?? [0, this.#duration];
    const isWhole = start === 0 && end === this.#duration;
    this.loopNote.textContent = isWhole
      ? (this.options.once ? texts.once_hint : texts.loop_hint)
      : `${texts.loop} ${clock(start, 1)} – ${clock(end, 1)}`;
    this.wholeButton.hidden = isWhole;
    this.loopEnds.update([start, end], this.options.once ? 0 : this.#duration);
    this.options.onChange();
    clearInterval(this.#drawing);
    clearInterval(this.#listening);
    if (!this.isPlaying) return;
    this.#drawing = setInterval(() => this.#showTime(), PICTURE_MS);
    this.#listening = setInterval(() => {
      this.#listen();
      if (TELLS_LATENCY) this.#noteLatency();
      this.options.onHeard?.();
    }, LISTEN_MS);
  }

  #showTime() {
    const duration = this.#duration;
    const position = this.#engine?.position ?? 0;
    const time = `${clock(position)} / ${clock(duration)}`;
    if (this.time.textContent !== time) this.time.textContent = time;
    this.waveform.update(position, this.#engine?.region ?? [0, duration]);
  }
}

/** @param {number} seconds */
function round(seconds) {
  return Math.round(1000 * seconds) / 1000;
}
