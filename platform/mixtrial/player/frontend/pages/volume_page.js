/**
 * The volume page: a recording in a loop and one slider; what is chosen here holds for the study.
 * At a calibrated seat there is no slider.
 */

import { element } from "../widgets/elements.js";
import { SoundBar } from "../widgets/sound_bar.js";

/**
 * @typedef {object} VolumeData
 * @property {string} page
 * @property {string[]} urls
 * @property {number} sample_rate
 * @property {number} volume  slider position 0–100 at the start
 * @property {number | null} locked_gain  linear, where a laboratory has set it: there is no slider
 * @property {Record<string, string>} texts
 */

/** Slider position to linear gain: the square feels even to the ear. @param {number} position */
export function gainAt(position) {
  return (position / 100) ** 2;
}

export class VolumePage {
  #wasHeard = false;

  /**
   * @param {HTMLElement} root
   * @param {VolumeData} data
   * @param {(volume: number) => void} onAdvance  linear gain, 0–1
   */
  constructor(root, data, onAdvance) {
    const { texts } = data;
    this.sound = new SoundBar({
      urls: data.urls, sampleRate: data.sample_rate, gain: data.locked_gain ?? gainAt(data.volume), texts,
      onChange: () => this.#update(), log: () => undefined,
    });
    this.slider = element("input", {
      type: "range", min: 0, max: 100, step: 1, value: data.volume, class: "slider wide",
      id: "volume", "aria-valuetext": `${data.volume} %`,
    });
    this.slider.addEventListener("input", () => {
      const position = this.slider.valueAsNumber;
      this.sound.setGain(gainAt(position));
      this.slider.setAttribute("aria-valuetext", `${position} %`);
      this.#fill();
    });
    this.nextButton = element("button", {
      type: "button", class: "primary next", "aria-disabled": "true",
      onclick: () => {
        if (!this.#wasHeard) return;
        this.sound.stop();
        onAdvance(data.locked_gain ?? gainAt(this.slider.valueAsNumber));
      },
    }, data.locked_gain === null ? texts.volume_continue : texts.volume_go_on);
    this.hint = element("p", { class: "hint", role: "status" }, texts.volume_hint);
    root.replaceChildren(
      this.sound.element,
      element("section", { class: "card volume" },
        ...(data.locked_gain === null ? [
          element("label", { for: "volume", class: "question" }, texts.volume_label),
          element("div", { class: "volume-row" },
            element("span", {}, texts.quiet), this.slider, element("span", {}, texts.loud)),
        ] : [element("p", { class: "question" }, texts.volume_locked)]),
        element("div", { class: "foot" }, this.hint, this.nextButton)));
    this.#fill();
  }

  /** The server has drawn the page again; nothing of it changes. */
  update() {}

  close() {
    this.sound.close();
  }

  #fill() {
    this.slider.style.setProperty("--fill", `${this.slider.value}%`);
  }

  #update() {
    this.#wasHeard ||= this.sound.isPlaying;
    this.nextButton.setAttribute("aria-disabled", String(!this.#wasHeard));
    this.hint.hidden = this.#wasHeard;
  }
}
