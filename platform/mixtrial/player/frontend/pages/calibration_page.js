/** The experimenter's page: pink noise in a loop, and a field for the level that was measured. */

import { element, fill, icon } from "../widgets/elements.js";
import { loadStimuli } from "../sound/recordings.js";

/** A browser that has not begun to sound by then holds the sound back. */
const WAKE_MS = 4000;
const FADE_S = 0.05;

/**
 * @typedef {object} CalibrationData
 * @property {string} url          of the noise, and where a level is stored
 * @property {number} sample_rate
 * @property {number} gain         linear: the one at which participants will listen
 * @property {string} seat         its name, as it was last given
 * @property {string} known        what the seat is calibrated to, in a sentence; empty for nothing
 * @property {string} unit         of the level
 * @property {Record<string, string>} texts
 */

export class CalibrationPage {
  /** @type {AudioContext | null} */ #context = null;
  /** @type {AudioBuffer | null} */ #buffer = null;
  /** @type {{source: AudioBufferSourceNode, volume: GainNode} | null} */ #sounding = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #waking;
  #loading = new AbortController();

  /** @param {HTMLElement} root @param {CalibrationData} data */
  constructor(root, data) {
    this.data = data;
    const { texts } = data;
    this.playLabel = element("span", {}, texts.noise_play);
    this.playButton = element("button", { type: "button", class: "primary play", disabled: true,
      onclick: () => this.#toggle() }, icon("play"), icon("pause"), this.playLabel);
    this.blocked = element("p", { class: "problem", role: "alert", hidden: true });
    this.level = element("input", { type: "text", inputmode: "decimal", id: "calibration-level",
      autocomplete: "off", "aria-describedby": "calibration-fault", required: true });
    this.seat = element("input", { type: "text", id: "calibration-seat", maxlength: 60,
      autocomplete: "off", value: data.seat });
    this.fault = element("p", { class: "problem", role: "alert", id: "calibration-fault", hidden: true });
    this.known = element("p", { class: "hint", role: "status" }, data.known);
    this.storeButton = element("button", { type: "submit", class: "primary next" }, texts.level_store);
    this.form = element("form", { class: "calibration-form", novalidate: true,
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        this.#store();
      } },
    element("label", { for: "calibration-level" }, fill(texts.level_label, { unit: data.unit })), this.level, this.fault,
    element("label", { for: "calibration-seat" }, texts.level_seat), this.seat, element("div", { class: "foot" }, this.known, this.storeButton));
    root.replaceChildren(
      element("section", { class: "card calibration" }, this.playButton, this.blocked),
      element("section", { class: "card calibration" }, this.form));
    this.#load();
  }

  /** The server has drawn the page again; nothing of it changes. */
  update() {}

  close() {
    this.#loading.abort();
    clearTimeout(this.#waking);
    this.#context?.close();
  }

  async #load() {
    const { url, sample_rate, texts } = this.data;
    try {
      [this.#buffer] = await loadStimuli([url], sample_rate, () => undefined, this.#loading.signal);
      this.playButton.disabled = false;
    } catch {
      if (!this.#loading.signal.aborted) this.#warn(texts.load_failed);
    }
  }

  #toggle() {
    if (this.#sounding) this.#stop();
    else this.#play();
  }

  #play() {
    const { sample_rate, gain, texts } = this.data;
    const context = this.#context ?? new AudioContext({ sampleRate: sample_rate });
    this.#context = context;
    context.resume().catch(() => undefined);
    const source = context.createBufferSource();
    const volume = context.createGain();
    source.buffer = this.#buffer;
    source.loop = true; // made of whole periods: its end runs into its beginning
    volume.gain.setValueAtTime(0, context.currentTime);
    volume.gain.linearRampToValueAtTime(gain, context.currentTime + FADE_S);
    source.connect(volume).connect(context.destination);
    source.start();
    this.#sounding = { source, volume };
    this.blocked.hidden = true;
    this.#waking = setTimeout(() => {
      if (!this.#sounding || context.state === "running") return;
      this.#stop();
      this.#warn(texts.sound_blocked);
    }, WAKE_MS);
    this.#show();
  }

  #stop() {
    clearTimeout(this.#waking);
    const sounding = this.#sounding;
    this.#sounding = null;
    if (sounding && this.#context) {
      const now = this.#context.currentTime;
      sounding.volume.gain.setValueAtTime(this.data.gain, now);
      sounding.volume.gain.linearRampToValueAtTime(0, now + FADE_S);
      sounding.source.stop(now + FADE_S);
    }
    this.#show();
  }

  #show() {
    const { texts } = this.data;
    this.playButton.closest("section")?.classList.toggle("playing", this.#sounding !== null);
    this.playLabel.textContent = this.#sounding ? texts.noise_stop : texts.noise_play;
  }

  /** @param {string} sentence */
  #warn(sentence) {
    this.blocked.textContent = sentence;
    this.blocked.hidden = false;
  }

  async #store() {
    this.fault.hidden = true;
    this.storeButton.disabled = true;
    try {
      const answer = await fetch(new URL(this.data.url, document.baseURI), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ level_db: this.level.value, seat: this.seat.value }),
      });
      const said = await answer.json();
      if (answer.ok) this.known.textContent = said.noted;
      else this.#refuse(said.error);
    } catch {
      this.#refuse(this.data.texts.level_not_stored);
    } finally {
      this.storeButton.disabled = false;
    }
  }

  /** @param {string} sentence */
  #refuse(sentence) {
    this.fault.textContent = sentence;
    this.fault.hidden = false;
    this.level.setAttribute("aria-invalid", "true");
    this.level.focus();
    this.level.addEventListener("input", () => this.level.removeAttribute("aria-invalid"), { once: true });
  }
}
