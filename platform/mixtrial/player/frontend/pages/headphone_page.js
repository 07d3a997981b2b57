/** A trial of the headphone check: three sounds in a row, then the choice of one. */

import { element, fill, icon } from "../widgets/elements.js";
import { loadStimuli } from "../sound/recordings.js";

const REPEAT_MS = 3000;
/** A browser that has not begun to sound by then holds the sound back. */
const WAKE_MS = 4000;

/**
 * @typedef {object} HeadphoneData
 * @property {string} url          of the trial's sound
 * @property {number} attempt
 * @property {number} trial
 * @property {number} sample_rate
 * @property {number} gain         linear
 * @property {number[]} starts_s   of the three sounds
 * @property {number} sound_s      duration of each
 * @property {Record<string, string>} texts
 */

export class HeadphonePage {
  /** @type {AudioContext | null} */ #context = null;
  /** @type {AudioBuffer | null} */ #buffer = null;
  /** @type {AudioBufferSourceNode | null} */ #source = null;
  /** @type {ReturnType<typeof setTimeout>[]} */ #timers = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #repeat;
  #loading = new AbortController();
  #wasHeard = false;
  #isAnswered = false;

  /**
   * @param {HTMLElement} root
   * @param {HeadphoneData} data
   * @param {(answer: {attempt: number, trial: number, given: number}) => void} onAnswer
   */
  constructor(root, data, onAnswer) {
    this.data = data;
    this.onAnswer = onAnswer;
    const { texts } = data;
    this.playLabel = element("span", {}, texts.headphone_play);
    this.playButton = element(
      "button", { type: "button", class: "primary play", onclick: () => this.#play() },
      icon("play"), this.playLabel);
    this.choices = data.starts_s.map((_, index) =>
      element("button", {
        type: "button", class: "choice",
        "aria-label": fill(texts.headphone_choose, { number: index + 1 }),
        onclick: () => this.#answer(index + 1),
      }, String(index + 1)));
    this.hint = element("p", { class: "hint", role: "status" });
    this.retry = element("p", { class: "notice", role: "alert" }, texts.headphone_retry);
    root.replaceChildren(element(
      "section", { class: "card headphones" },
      this.retry, this.playButton, element("div", { class: "choices" }, ...this.choices), this.hint));
    this.#begin();
  }

  /** @param {HeadphoneData} data  the same trial drawn again, or the next one */
  update(data) {
    const isNew = data.url !== this.data.url;
    this.data = data;
    if (isNew) this.#begin();
  }

  close() {
    this.#loading.abort();
    clearTimeout(this.#repeat);
    this.#silence();
    this.#context?.close();
  }

  /** A trial begins: nothing heard, nothing chosen. */
  #begin() {
    clearTimeout(this.#repeat);
    this.#silence();
    this.#buffer = null;
    this.#wasHeard = this.#isAnswered = false;
    this.retry.hidden = !(this.data.attempt > 0 && this.data.trial === 0);
    this.#show();
    this.#load();
  }

  async #load() {
    const { url, sample_rate, texts } = this.data;
    try {
      const [buffer] = await loadStimuli([url], sample_rate, () => undefined, this.#loading.signal);
      if (url !== this.data.url) return;
      this.#buffer = buffer;
      this.#show();
    } catch {
      if (this.#loading.signal.aborted || url !== this.data.url) return;
      this.hint.textContent = texts.load_failed;
      this.#timers.push(setTimeout(() => this.#load(), REPEAT_MS));
    }
  }

  #play() {
    if (!this.#buffer || this.#source || this.#isAnswered) return;
    const { sample_rate, gain, starts_s, sound_s } = this.data;
    const context = this.#context ?? new AudioContext({ sampleRate: sample_rate });
    this.#context = context;
    context.resume().catch(() => undefined);
    const source = context.createBufferSource();
    const volume = context.createGain();
    volume.gain.value = gain;
    source.buffer = this.#buffer;
    source.connect(volume).connect(context.destination);
    source.onended = () => this.#heard();
    source.start();
    this.#source = source;
    // Held back at the start, or put to sleep by a call: the sound would never end by itself.
    this.#timers.push(setTimeout(() => {
      if (context.state !== "running") this.#interrupted();
    }, WAKE_MS));
    let wasRunning = context.state === "running";
    context.onstatechange = () => {
      if (this.#source === source && wasRunning && context.state !== "running") this.#interrupted();
      wasRunning ||= context.state === "running";
    };
    starts_s.forEach((start, index) => {
      const { classList } = this.choices[index];
      this.#timers.push(
        setTimeout(() => classList.add("sounding"), 1000 * start),
        setTimeout(() => classList.remove("sounding"), 1000 * (start + sound_s)));
    });
    this.#show();
  }

  #heard() {
    this.#silence();
    this.#wasHeard = true;
    this.#show();
  }

  #interrupted() {
    this.#silence();
    this.#show();
    this.hint.textContent = this.data.texts.sound_blocked;
  }

  #silence() {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
    if (this.#source) this.#source.onended = null;
    this.#source?.stop();
    this.#source = null;
    for (const choice of this.choices) choice.classList.remove("sounding");
  }

  /** @param {number} given */
  #answer(given) {
    if (!this.#wasHeard || this.#isAnswered) return;
    this.#isAnswered = true;
    this.#silence();
    this.#show();
    this.#send(given);
  }

  /** An answer can be lost with the connection: repeated until the next trial is here. */
  #send(/** @type {number} */ given) {
    this.onAnswer({ attempt: this.data.attempt, trial: this.data.trial, given });
    this.#repeat = setTimeout(() => this.#send(given), REPEAT_MS);
  }

  #show() {
    const { texts } = this.data;
    const isPlaying = this.#source !== null;
    const mayPlay = this.#buffer !== null && !isPlaying && !this.#isAnswered;
    this.playButton.setAttribute("aria-disabled", String(!mayPlay));
    this.playLabel.textContent = this.#wasHeard ? texts.headphone_again : texts.headphone_play;
    for (const choice of this.choices) {
      choice.setAttribute("aria-disabled", String(!this.#wasHeard || this.#isAnswered));
    }
    this.hint.textContent = this.#wasHeard ? texts.headphone_hint_choose : texts.headphone_hint_play;
  }
}
