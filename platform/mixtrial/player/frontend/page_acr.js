/** One mix by itself, rated by labels or on a slider (absolute category rating). */

import { ColumnBoard } from "./columns.js";
import { makeLabels } from "./labels.js";
import { makeSlider } from "./slider.js";

export { question, steps } from "./page_attributes.js";

/** @type {import("./board.js").PageType["missing"]} */
export const missing = (_letters, texts) => texts.hint_one;

/** @type {import("./board.js").PageType["board"]} */
export const board = (options) =>
  options.options.scale === "slider"
    ? new ColumnBoard(options, makeSlider, "single")
    : new ColumnBoard(options, makeLabels, "single labelled");
