/** Two recordings, of one mix or of two: are they the same? */

import { ChoiceBoard } from "../widgets/choice.js";

/** @typedef {import("./board.js").PageType} PageType */

/** Under this name the answer is stored. */
const ATTRIBUTE = "different";

/** Of choices, which are no values of a scale. */
const CHOICES = { minimum: 0, maximum: 100, step: null, labels: [] };

/** @type {PageType["steps"]} */
export const steps = () => [
  [{ name: ATTRIBUTE, label: "", question: "", scale: CHOICES }]];

/** @type {PageType["question"]} */
export const question = (_attributes, texts) => texts.differ_question;

/** @type {PageType["missing"]} */
export const missing = (_letters, texts) => texts.hint_answer;

/** @type {PageType["board"]} */
export const board = (options) => new ChoiceBoard(options, [
  { label: options.texts.answer_same, values: [0, 0] },
  { label: options.texts.answer_differ, values: [100, 100] }], ATTRIBUTE);
