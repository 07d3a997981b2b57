/** Attributes one after another, each mix rated in all of them: a slider or labels a mix. */

import { ColumnBoard } from "../widgets/columns.js";
import { fill } from "../widgets/elements.js";
import { makeLabels } from "../widgets/labels.js";
import { makeSlider } from "../widgets/slider.js";

/** @typedef {import("./board.js").PageType} PageType */

/** @type {PageType["steps"]} */
export const steps = (attributes) => attributes.map((attribute) => [attribute]);

/** @type {PageType["question"]} */
export const question = ([attribute]) => attribute.question;

/** @type {PageType["missing"]} */
export const missing = (letters, texts) => fill(texts.hint_missing, { letters });

/** @type {PageType["board"]} */
export const board = (options) =>
  options.options.scale === "labels"
    ? new ColumnBoard(options, makeLabels, "labelled")
    : new ColumnBoard(options, makeSlider);
