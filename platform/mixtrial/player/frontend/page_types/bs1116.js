/** A system and the hidden reference, a grade of impairment each (BS.1116-3); one is at the top. */

import { ColumnBoard } from "../widgets/columns.js";
import { fill } from "../widgets/elements.js";
import { written } from "../widgets/scale.js";
import { makeSlider } from "../widgets/slider.js";

export { missing, steps } from "./attributes.js";

/** @typedef {import("./board.js").PageType} PageType */

/** @type {PageType["question"]} */
export const question = ([attribute], texts) =>
  fill(texts.impairment_question, { attribute: attribute.label });

/** @type {PageType["fault"]} */
export const fault = (attributes, grades, texts) => {
  const open = attributes.find(({ name, scale }) => !grades(name).includes(scale.maximum));
  return open === undefined ? "" : fill(texts.hint_one_at_top, { top: written(open.scale.maximum) });
};

/** @type {PageType["board"]} */
export const board = (options) => new ColumnBoard(options, makeSlider, "grades");
