/** Start and end of the loop as numbers: for whoever neither drags nor hits a place by ear. */

import { element, fill } from "./elements.js";
import { MIN_LOOP_S } from "../sound/engine.js";

const DIGITS = 2;

export class LoopEnds {
  #duration = 0;
  /** @type {[number, number]} */ #region = [0, 0];

  /**
   * @param {(start: number, end: number) => [number, number]} setRegion  returns the one taken, s
   * @param {Record<string, string>} texts
   */
  constructor(setRegion, texts) {
    this.setRegion = setRegion;
    this.texts = texts;
    this.openButton = element("button", { type: "button", class: "link", hidden: true,
      "aria-expanded": "false", onclick: () => this.#toggle() }, texts.loop_type);
    this.fields = [texts.loop_start, texts.loop_end].map((label) => element("input", {
      type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `${label} (s)`,
      onchange: () => this.#take(),
      onkeydown: (/** @type {KeyboardEvent} */ { key }) => key === "Enter" && this.#take(),
    }));
    this.fault = element("span", { class: "fault", role: "alert" });
    const [start, end] = this.fields;
    this.element = element("div", { class: "loop-ends", hidden: true },
      element("label", {}, texts.loop_start, start), element("label", {}, texts.loop_end, end),
      element("span", {}, "s"), this.fault);
  }

  /** @param {[number, number]} region  s @param {number} duration  s; 0 where nothing is looped */
  update(region, duration) {
    this.#region = region;
    this.#duration = duration;
    this.openButton.hidden = duration === 0;
    if (duration === 0) this.element.hidden = true;
    if (!this.fault.textContent) this.#show();
  }

  #toggle() {
    const isOpen = this.element.hidden;
    this.element.hidden = !isOpen;
    this.openButton.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) this.fields[0].focus();
  }

  #show() {
    this.fields.forEach((field, side) => {
      const written = this.#region[side].toFixed(DIGITS);
      const isSame = Math.abs(seconds(field) - this.#region[side]) < 10 ** -DIGITS;
      if (!isSame && !field.matches(":focus")) field.value = written;
      field.removeAttribute("aria-invalid");
    });
  }

  /** Loop what was typed, or say why that cannot be. */
  #take() {
    const [start, end] = this.fields.map(seconds);
    const isRight = start >= 0 && end <= this.#duration + 0.5 * 10 ** -DIGITS
      && end - start >= MIN_LOOP_S - 1e-9;
    this.fault.textContent = isRight ? "" : fill(this.texts.loop_fault, {
      duration: this.#duration.toFixed(DIGITS), least: MIN_LOOP_S });
    for (const field of this.fields) field.setAttribute("aria-invalid", String(!isRight));
    if (!isRight) return;
    this.#region = this.setRegion(start, Math.min(end, this.#duration));
    this.#show();
  }
}

/** @param {HTMLInputElement} field @returns {number} what is typed there, with point or comma */
function seconds(field) {
  return Number(field.value.trim().replace(",", ".") || NaN);
}
