/**
 * A column for each stimulus: its button, and a slider or labels to rate it with.
 *
 * A slider that was never set is drawn hollow and says so; it is not a rating of the middle. Only
 * the stimulus now heard can be rated (BS.1534-3, 5.4), one played once also after its end: the
 * others' controls are disabled, and a press on their column makes them the one heard, a drag rates
 * them with it.
 */

import { element } from "./elements.js";
import { ListenButton } from "./listen_button.js";
import { gapsOf, spokenRating, ticks, wordOf, written } from "./scale.js";
import { rateBySilentDrag } from "./silent_drag.js";

/**
 * @typedef {import("../page_types/board.js").Attribute} Attribute
 * @typedef {object} Control  what a column is rated with
 * @property {HTMLElement} element
 * @property {(scale: import("./scale.js").Scale) => void} setScale
 * @property {(rating: number | undefined, spoken: string) => void} show
 * @property {(isEnabled: boolean) => void} enable
 * @property {() => void} focus
 *
 * @typedef {(name: string, onRate: (value: number) => void, onCommit: (value: number) => void)
 *   => Control} MakeControl
 */

/** Beside each other; more of them lie under each other. */
const MOST_COLUMNS = 13;
const DENSE_FROM = 8;

export class ColumnBoard {
  needsAnswer = false;
  /** @type {Attribute | null} */ #attribute = null;

  /**
   * @param {import("../page_types/board.js").BoardOptions} options
   * @param {MakeControl} makeControl
   * @param {string} [look]  further classes
   */
  constructor(options, makeControl, look = "") {
    this.options = options;
    const { nRated, names, onChoose } = options;
    this.buttons = Array.from(
      { length: nRated }, (_, slot) => new ListenButton(slot, names, onChoose));
    this.columns = this.buttons.map((button) => this.#column(button, makeControl));
    this.scale = element("div", { class: "scale", "aria-hidden": "true" });
    this.board = element(
      "div", { class: "board", role: "group" },
      this.scale, ...this.columns.map((column) => column.element));
    const room = nRated > MOST_COLUMNS ? "many" : nRated > DENSE_FROM ? "dense" : "";
    this.element = element("div", { class: `board-frame ${look} ${room}` }, this.board);
    this.board.style.setProperty("--columns", String(nRated));
  }

  /** @param {Attribute[]} attributes  one */
  show([attribute]) {
    this.#attribute = attribute;
    const { scale } = attribute;
    this.scale.replaceChildren(...ticks(scale, this.#areLabels));
    const nGaps = this.#areLabels ? scale.labels.length - 1 : gapsOf(scale);
    this.board.style.setProperty("--gaps", String(nGaps));
    this.board.setAttribute("aria-label", attribute.question);
    this.columns.forEach(({ control }, slot) => {
      control.setScale(scale);
      this.#draw(slot);
    });
  }

  /** @param {import("../page_types/board.js").Sound} sound */
  update({ chosen }) {
    this.columns.forEach(({ element: column, state, control }, slot) => {
      const { isHeard, mayRate, texts } = this.options;
      column.classList.toggle("chosen", slot === chosen);
      column.classList.toggle("open", mayRate(slot));
      state.textContent = isHeard(slot) ? texts.playing : "";
      control.enable(mayRate(slot));
    });
  }

  /** @param {number} slot */
  focus(slot) {
    this.columns[slot]?.control.focus();
  }

  /** @param {ListenButton} button @param {MakeControl} makeControl */
  #column(button, makeControl) {
    const { options } = this;
    const { slot } = button;
    const state = element("span", { class: "state" });
    const value = element("output", { class: "value" });
    const name = options.names.ratingOf(slot);
    const rate = (/** @type {number} */ rating) => {
      options.onRate(slot, this.#name, rating);
      this.#draw(slot);
    };
    const control = makeControl(
      name, rate, (rating) => options.onCommit(slot, this.#name, rating));
    const lane = element("div", { class: "lane" }, control.element);
    if (control.element instanceof HTMLInputElement) {
      rateBySilentDrag(
        lane, control.element, () => !options.mayRate(slot) && !button.element.disabled,
        () => options.onChoose(slot));
    }
    const column = element(
      "div", { class: "stimulus", onclick: (/** @type {Event} */ event) => {
        // The whole column of a stimulus that is not heard is a way to hear it.
        const isButton = event.composedPath().includes(button.element);
        if (!isButton && !options.mayRate(slot) && !button.element.disabled) options.onChoose(slot);
      } },
      button.element, state, lane, value);
    return { element: column, state, control, value };
  }

  get #name() {
    return this.#asked.name;
  }

  get #asked() {
    return /** @type {Attribute} */ (this.#attribute);
  }

  /** Whether one of the words is chosen, at equal distances, and no slider moved. */
  get #areLabels() {
    return this.options.options.scale === "labels";
  }

  /** @param {number} slot */
  #draw(slot) {
    const { control, value, element: column } = this.columns[slot];
    const { texts } = this.options;
    const rating = this.options.ratingOf(slot, this.#name);
    const isRated = rating !== undefined;
    const { scale } = this.#asked;
    const label = isRated ? wordOf(scale, rating) : texts.not_rated;
    column.classList.toggle("unrated", !isRated);
    control.show(rating, isRated ? spokenRating(scale, rating) : label);
    value.replaceChildren(
      isRated ? element("b", {}, written(rating)) : "", element("span", {}, label));
  }
}
