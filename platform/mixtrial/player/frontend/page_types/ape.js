/** All mixes as markers on one axis, and an axis for each attribute (audio perceptual evaluation). */

import { Axis } from "../widgets/axis.js";
import { element, fill } from "../widgets/elements.js";
import { ListenButton } from "../widgets/listen_button.js";

/** @typedef {import("./board.js").PageType} PageType */

/** @type {PageType["steps"]} */
export const steps = (attributes) => [attributes];

/** @type {PageType["question"]} */
export const question = (attributes, texts) =>
  attributes.length === 1 ? attributes[0].question : texts.axes_question;

/** @type {PageType["missing"]} */
export const missing = (letters, texts) => fill(texts.hint_place, { letters });

/** @type {PageType["board"]} */
export const board = (options) => new ApeBoard(options);

class ApeBoard {
  needsAnswer = false;
  /** @type {Axis[]} */ #axes = [];
  /** The axis that the keys are on. */ #current = 0;

  /** @param {import("./board.js").BoardOptions} options */
  constructor(options) {
    this.options = options;
    const { nRated, names, texts, onChoose } = options;
    this.buttons = Array.from(
      { length: nRated }, (_, slot) => new ListenButton(slot, names, onChoose));
    this.field = element("div", { class: "axes" });
    this.element = element(
      "div", { class: "ape" },
      element("div", { class: "listen-row", role: "group", "aria-label": texts.listen_row },
        ...this.buttons.map((button) => button.element)),
      this.field);
  }

  /** @param {import("./board.js").Attribute[]} attributes  an axis each */
  show(attributes) {
    this.#axes = attributes.map((attribute, index) =>
      new Axis(attribute, this.options, attributes.length > 1, () => (this.#current = index)));
    this.field.replaceChildren(...this.#axes.map((axis) => axis.element));
  }

  update() {
    for (const axis of this.#axes) axis.update();
  }

  /** @param {number} slot */
  focus(slot) {
    this.#axes[this.#current]?.focus(slot);
  }
}
