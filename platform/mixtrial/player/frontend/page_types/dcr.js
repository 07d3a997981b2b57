/** The reference, then one mix, and how annoying its degradation is (degradation category rating). */

import { OrderedChoice } from "../widgets/ordered_choice.js";

export { question, steps } from "./attributes.js";

/** @type {import("./board.js").PageType["missing"]} */
export const missing = (_letters, texts) => texts.hint_answer;

/** @type {import("./board.js").PageType["board"]} */
export const board = (options) => {
  const [reference] = options.names.referenceSlots;
  return new OrderedChoice(options, [reference, 0], ({ scale }) =>
    scale.labels.map(({ value, word }) => ({ label: word, values: [value] })).reverse());
};
