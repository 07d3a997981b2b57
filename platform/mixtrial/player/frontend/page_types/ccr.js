/** Two in a given order, and how the second compares with the first (comparison category rating). */

import { fill } from "../widgets/elements.js";
import { plain } from "../widgets/scale.js";
import { OrderedChoice } from "../widgets/ordered_choice.js";

export { steps } from "./attributes.js";

/** @type {import("./board.js").PageType["question"]} */
export const question = ([attribute], texts) =>
  fill(texts.second_question, { attribute: attribute.label });

/** @type {import("./board.js").PageType["missing"]} */
export const missing = (_letters, texts) => texts.hint_answer;

/** The rating of the first against the second is that of the second with its sign turned. */
/** @type {import("./board.js").PageType["board"]} */
export const board = (options) =>
  new OrderedChoice(options, [0, 1], ({ scale }) =>
    scale.labels.map(({ value, word }) =>
      ({ label: word, values: [plain(0 - value), value] })).reverse());
