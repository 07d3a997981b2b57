/** Two mixes, and which of them is better; both alike where the study allows it. */

import { ChoiceBoard } from "../widgets/choice.js";
import { fill } from "../widgets/elements.js";

export { steps } from "./attributes.js";

/** @typedef {import("./board.js").PageType} PageType */

/** @type {PageType["question"]} */
export const question = ([attribute], texts) =>
  fill(texts.better_question, { attribute: attribute.label });

/** @type {PageType["missing"]} */
export const missing = (_letters, texts) => texts.hint_answer;

/** @type {PageType["board"]} */
export const board = (options) => {
  const { texts } = options;
  /** @type {import("../widgets/choice.js").Answer[]} */
  const answers = [
    { label: fill(texts.answer_mix, { letter: "A" }), values: [100, 0] },
    { label: texts.answer_tie, values: [50, 50] },
    { label: fill(texts.answer_mix, { letter: "B" }), values: [0, 100] },
  ];
  const isOffered = (/** @type {import("../widgets/choice.js").Answer} */ answer) =>
    options.options.ties === true || answer.values[0] !== 50;
  return new ChoiceBoard(options, answers.filter(isOffered));
};
