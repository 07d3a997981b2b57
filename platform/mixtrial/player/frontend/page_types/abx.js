/** Two mixes and an X that is one of them: which? */

import { ChoiceBoard } from "../widgets/choice.js";
import { fill } from "../widgets/elements.js";

/** @typedef {import("./board.js").PageType} PageType */

/** Under this name the answer is stored. */
const ATTRIBUTE = "abx";

/** Of choices, which are no values of a scale. */
const CHOICES = { minimum: 0, maximum: 100, step: null, labels: [] };

/** @type {PageType["steps"]} */
export const steps = () => [[{ name: ATTRIBUTE, label: "X", question: "", scale: CHOICES }]];

/** @type {PageType["question"]} */
export const question = (_attributes, texts) => texts.x_question;

/** @type {PageType["missing"]} */
export const missing = (_letters, texts) => texts.hint_answer;

/** @type {PageType["board"]} */
export const board = (options) => {
  const label = (/** @type {string} */ letter) => fill(options.texts.answer_x, { letter });
  return new ChoiceBoard(options, [
    { label: label("A"), values: [100, 0] }, { label: label("B"), values: [0, 100] }], ATTRIBUTE);
};
