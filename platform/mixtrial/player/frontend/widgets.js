/**
 * What is rated with: the steps of a page (one attribute each) and one slider a stimulus.
 *
 * A slider that was never moved is drawn hollow and says so; it is not a rating of 50. Only the
 * stimulus now heard can be rated (BS.1534-3, 5.4): the others' sliders are disabled, and a press
 * on their column makes them the one heard.
 */

import { element, fill, icon, letterOf } from "./elements.js";

/**
 * @typedef {{name: string, label: string, question: string,
 *   low_label: string | null, high_label: string | null}} Attribute
 * @typedef {(slot: number, attribute: string) => number | undefined} RatingOf
 */

/** The attributes of a page as steps, each done or to do. */
export class Steps {
  /**
   * @param {Attribute[]} attributes
   * @param {(index: number) => void} onChoose
   * @param {Record<string, string>} texts
   */
  constructor(attributes, onChoose, texts) {
    this.texts = texts;
    this.attributes = attributes;
    this.buttons = attributes.map((attribute, index) =>
      element(
        "button", { type: "button", class: "step", onclick: () => onChoose(index) },
        element("span", { class: "mark", "aria-hidden": "true" }),
        element("span", { class: "step-label" }, attribute.label),
        element("span", { class: "sr-only" })));
    this.element = element(
      "ol", { class: "steps", "aria-label": texts.attributes },
      ...this.buttons.map((button) => element("li", {}, button)));
    this.element.hidden = attributes.length === 1;
  }

  /** @param {number} current @param {boolean[]} isDone */
  update(current, isDone) {
    this.buttons.forEach((button, index) => {
      const done = isDone[index];
      button.classList.toggle("done", done);
      if (index === current) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
      const [mark, , spoken] = button.children;
      mark.replaceChildren(done ? icon("check") : String(index + 1));
      spoken.textContent = `, ${done ? this.texts.done : this.texts.to_do}`;
    });
  }

  /** @param {number} index  bring the pill into view on narrow screens */
  reveal(index) {
    const pill = this.buttons[index];
    const left = pill.offsetLeft - (this.element.clientWidth - pill.clientWidth) / 2;
    this.element.scrollTo({ left, behavior: "smooth" });
  }
}

/** The sliders of one attribute, a column for each stimulus. */
export class Board {
  /** @type {Attribute} */ #attribute;
  /** @type {string[]} */ #labels = [];
  /** @type {(slot: number, value: number) => void} */ #onRate;

  /**
   * @param {object} options
   * @param {number} options.nStimuli
   * @param {string[]} options.scaleLabels  from the lowest to the highest
   * @param {Attribute} options.attribute
   * @param {RatingOf} options.ratingOf
   * @param {(slot: number) => void} options.onChoose
   * @param {(slot: number, value: number) => void} options.onRate
   * @param {Record<string, string>} options.texts
   */
  constructor(options) {
    this.options = options;
    this.#attribute = options.attribute;
    this.#onRate = options.onRate;
    this.columns = Array.from({ length: options.nStimuli }, (_, slot) => this.#column(slot));
    this.scale = element("div", { class: "scale", "aria-hidden": "true" });
    this.element = element(
      "div", { class: "board", role: "group" },
      this.scale, ...this.columns.map((column) => column.element));
    this.element.style.setProperty("--columns", String(options.nStimuli));
    this.setAttribute(options.attribute);
  }

  /** @param {Attribute} attribute */
  setAttribute(attribute) {
    this.#attribute = attribute;
    this.#labels = scaleLabels(attribute, this.options.scaleLabels);
    const last = this.#labels.length - 1;
    const ticks = this.#labels.map((label, index) => {
      const tick = element("span", { class: "tick" }, label);
      tick.style.setProperty("--at", String(index / last));
      return tick;
    });
    this.scale.replaceChildren(...ticks);
    this.element.style.setProperty("--gaps", String(last));
    this.element.setAttribute("aria-label", attribute.question);
    this.columns.forEach((_, slot) => this.#show(slot));
  }

  /** @param {number} audible @param {boolean} isPlaying @param {boolean} isReady */
  update(audible, isPlaying, isReady) {
    this.columns.forEach(({ element: column, button, state, slider }, slot) => {
      const isHeard = slot === audible && isPlaying;
      column.classList.toggle("chosen", slot === audible);
      column.classList.toggle("heard", isHeard);
      button.setAttribute("aria-pressed", String(isHeard));
      button.disabled = !isReady;
      state.textContent = isHeard ? this.options.texts.playing : "";
      slider.disabled = !isHeard;
    });
  }

  /** @param {number} slot */
  focusSlider(slot) {
    this.columns[slot].slider.focus({ preventScroll: true });
  }

  /** @param {number} slot */
  #column(slot) {
    const { texts, onChoose } = this.options;
    const letter = letterOf(slot);
    const state = element("span", { class: "state" });
    const button = element(
      "button",
      { type: "button", class: "letter", "aria-label": fill(texts.play_stimulus, { letter }),
        onclick: () => onChoose(slot) },
      element("span", { class: "name" }, letter), icon("sound"));
    const slider = element("input", {
      type: "range", min: 0, max: 100, step: 1, value: 50, class: "slider",
      "aria-label": fill(texts.rating_of, { letter }),
    });
    const value = element("output", { class: "value" });
    const commit = () => {
      this.#onRate(slot, slider.valueAsNumber);
      this.#show(slot);
    };
    slider.addEventListener("input", commit);
    // A press right on the middle moves nothing, and yet it is a rating of 50.
    slider.addEventListener("pointerup", () => {
      if (this.#ratingOf(slot) === undefined) commit();
    });
    slider.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && this.#ratingOf(slot) === undefined) commit();
    });
    const column = element(
      "div", { class: "stimulus", onclick: (/** @type {Event} */ event) => {
        // The whole column of a stimulus that is not heard is a way to hear it.
        const isButton = event.composedPath().includes(button);
        if (!isButton && slider.disabled && !button.disabled) onChoose(slot);
      } },
      button, state, element("div", { class: "lane" }, slider), value);
    return { element: column, button, state, slider, value };
  }

  /** @param {number} slot */
  #ratingOf(slot) {
    return this.options.ratingOf(slot, this.#attribute.name);
  }

  /** @param {number} slot */
  #show(slot) {
    const { slider, value, element: column } = this.columns[slot];
    const rating = this.#ratingOf(slot);
    const isRated = rating !== undefined;
    slider.value = String(rating ?? 50);
    column.classList.toggle("unrated", !isRated);
    column.style.setProperty("--fill", `${isRated ? rating : 0}%`);
    const label = isRated ? nearestLabel(rating, this.#labels) : "";
    slider.setAttribute(
      "aria-valuetext", isRated ? `${rating}, ${label}` : this.options.texts.not_rated);
    value.replaceChildren(
      isRated ? element("b", {}, String(rating)) : "",
      element("span", {}, isRated ? label : this.options.texts.not_rated));
  }
}

/**
 * The study's labels, with an attribute's own words at the two ends.
 * @param {Attribute} attribute
 * @param {string[]} labels
 */
function scaleLabels(attribute, labels) {
  const own = [...labels];
  own[0] = attribute.low_label || own[0];
  own[own.length - 1] = attribute.high_label || own[own.length - 1];
  return own;
}

/** Labels stand at equal distances from 0 to 100. @param {number} rating @param {string[]} labels */
export function nearestLabel(rating, labels) {
  return labels[Math.round((rating / 100) * (labels.length - 1))];
}
