/**
 * One answer about a mix, a pair or three: mixes, perhaps an X that is one of them.
 *
 * The answer is taken once each of them was heard. It is stored as a rating of each mix: of a
 * choice, 100 for the one chosen and 0 for the others, 50 for both of a pair where they are alike.
 */

import { element, fill, letterOf } from "./elements.js";
import { ListenButton } from "./listen_button.js";

/** @typedef {{label: string, values: number[]}} Answer  values of A, B and so on */
/** @typedef {import("../page_types/board.js").Attribute} Attribute */

/**
 * Answers that one of the mixes is the one.
 *
 * @param {import("../page_types/board.js").BoardOptions} options
 * @returns {Answer[]}
 */
export function oneOf({ nRated, texts }) {
  const slots = Array.from({ length: nRated }, (_, slot) => slot);
  return slots.map((chosen) => ({
    label: fill(texts.answer_mix, { letter: letterOf(chosen) }),
    values: slots.map((slot) => (slot === chosen ? 100 : 0)),
  }));
}

export class ChoiceBoard {
  needsAnswer = true;

  /**
   * @param {import("../page_types/board.js").BoardOptions} options
   * @param {Answer[] | ((asked: Attribute) => Answer[])} answers  or what makes them of a question
   * @param {string} [attribute]  stored under this name; that of the page when left out
   */
  constructor(options, answers, attribute) {
    this.options = options;
    this.answersTo = typeof answers === "function" ? answers : () => answers;
    /** @type {Answer[]} */ this.answers = [];
    /** @type {HTMLInputElement[]} */ this.inputs = [];
    this.attribute = attribute ?? "";
    this.isNamed = attribute !== undefined;
    const { names, texts, onChoose } = options;
    const named = names.referenceSlots;
    this.buttons = Array.from({ length: names.count }, (_, slot) => slot)
      .filter((slot) => !named.includes(slot))
      .map((slot) => new ListenButton(slot, names, onChoose));
    this.states = this.buttons.map(() => element("span", { class: "state" }));
    this.cards = this.buttons.map((button, index) =>
      element("div", { class: "stimulus card-of-pair", onclick: (/** @type {Event} */ event) => {
        if (!event.composedPath().includes(button.element)) onChoose(button.slot);
      } }, button.element, this.states[index]));
    this.group = element("fieldset", {
      class: "answers", role: "radiogroup", "aria-label": texts.answers, disabled: true });
    this.element = element(
      "div", { class: "pair-board" }, element("div", { class: "pair" }, ...this.cards), this.group);
  }

  /** @param {Attribute[]} attributes  one */
  show([attribute]) {
    if (!this.isNamed) this.attribute = attribute.name;
    this.answers = this.answersTo(attribute);
    this.inputs = this.answers.map((_, index) =>
      element("input", { type: "radio", name: "answer", onchange: () => this.#choose(index) }));
    this.group.replaceChildren(...this.answers.map((answer, index) =>
      element("label", { class: "answer" }, this.inputs[index], element("span", {}, answer.label))));
    this.answers.forEach((answer, index) => {
      this.inputs[index].checked = answer.values.every(
        (value, slot) => value === this.options.ratingOf(slot, this.attribute));
    });
    this.#mark();
  }

  /** @param {import("../page_types/board.js").Sound} sound */
  update({ chosen }) {
    const { isHeard, wasHeard, texts } = this.options;
    this.buttons.forEach(({ slot }, index) => {
      const card = this.cards[index];
      card.classList.toggle("chosen", slot === chosen);
      card.classList.toggle("heard", isHeard(slot));
      this.states[index].textContent = isHeard(slot)
        ? texts.playing : wasHeard(slot) ? texts.was_heard : texts.not_heard;
    });
    this.group.disabled = !this.buttons.every(({ slot }) => wasHeard(slot));
  }

  /** The keys stay where they are: letters choose the sound, the answer is one step on. */
  focus() {}

  /** @param {number} index */
  #choose(index) {
    const { onRate, onCommit } = this.options;
    this.answers[index].values.forEach((value, slot) => onRate(slot, this.attribute, value));
    const chosen = this.answers[index].values;
    const highest = Math.max(...chosen);
    onCommit(chosen.indexOf(highest), this.attribute, highest);
    this.#mark();
  }

  #mark() {
    this.inputs.forEach((input) => input.parentElement?.classList.toggle("taken", input.checked));
  }
}
