/** One mix by itself, rated by labels or on a slider (absolute category rating). */

import { ColumnBoard } from "../widgets/columns.js";
import { makeLabels } from "../widgets/labels.js";
import { makeSlider } from "../widgets/slider.js";

export { question, steps } from "./attributes.js";

/** @type {import("./board.js").PageType["missing"]} */
export const missing = (_letters, texts) => texts.hint_one;

/** @type {import("./board.js").PageType["board"]} */
export const board = (options) =>
  options.options.scale === "slider"
    ? new ColumnBoard(options, makeSlider, "single")
    : new ColumnBoard(options, makeLabels, "single labelled");
