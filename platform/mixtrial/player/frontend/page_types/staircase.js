/** Three recordings, of which one differs: which? What they are follows from earlier answers. */

import { ChoiceBoard } from "../widgets/choice.js";
import { fill, letterOf } from "../widgets/elements.js";

/** @typedef {import("./board.js").PageType} PageType */

/** Under this name the answer is stored. */
const ATTRIBUTE = "odd_one";

/** Of choices, which are no values of a scale. */
const CHOICES = { minimum: 0, maximum: 100, step: null, labels: [] };

/** @type {PageType["steps"]} */
export const steps = () => [
  [{ name: ATTRIBUTE, label: "", question: "", scale: CHOICES }]];

/** @type {PageType["question"]} */
export const question = (_attributes, texts) => texts.odd_question;

/** @type {PageType["missing"]} */
export const missing = (_letters, texts) => texts.hint_answer;

/** @type {PageType["board"]} */
export const board = (options) => {
  const places = Array.from({ length: options.nRated }, (_, slot) => slot);
  const answers = places.map((place) => ({
    label: fill(options.texts.answer_mix, { letter: letterOf(place) }),
    values: places.map((slot) => (slot === place ? 100 : 0)),
  }));
  return new ChoiceBoard(options, answers, ATTRIBUTE);
};
