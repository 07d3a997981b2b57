/** All mixes of a song, and which of them is the best. */

import { ChoiceBoard } from "../widgets/choice.js";
import { fill, letterOf } from "../widgets/elements.js";

export { steps } from "./attributes.js";

/** @typedef {import("./board.js").PageType} PageType */

/** @type {PageType["question"]} */
export const question = ([attribute], texts) =>
  fill(texts.pick_question, { attribute: attribute.label });

/** @type {PageType["missing"]} */
export const missing = (_letters, texts) => texts.hint_answer;

/** @type {PageType["board"]} */
export const board = (options) => {
  const slots = Array.from({ length: options.nRated }, (_, slot) => slot);
  const answers = slots.map((picked) => ({
    label: fill(options.texts.answer_mix, { letter: letterOf(picked) }),
    values: slots.map((slot) => (slot === picked ? 100 : 0)),
  }));
  return new ChoiceBoard(options, answers);
};
