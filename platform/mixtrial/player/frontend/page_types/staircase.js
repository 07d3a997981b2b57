/** Three recordings, of which one differs: which? What they are follows from earlier answers. */

import { ChoiceBoard, oneOf } from "../widgets/choice.js";

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
export const board = (options) => new ChoiceBoard(options, oneOf(options), ATTRIBUTE);
