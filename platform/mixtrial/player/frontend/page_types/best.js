/** All mixes of a song, and which of them is the best. */

import { ChoiceBoard, oneOf } from "../widgets/choice.js";
import { fill } from "../widgets/elements.js";

export { steps } from "./attributes.js";

/** @typedef {import("./board.js").PageType} PageType */

/** @type {PageType["question"]} */
export const question = ([attribute], texts) =>
  fill(texts.pick_question, { attribute: attribute.label });

/** @type {PageType["missing"]} */
export const missing = (_letters, texts) => texts.hint_answer;

/** @type {PageType["board"]} */
export const board = (options) => new ChoiceBoard(options, oneOf(options));
