/** The words along a scale from 0 to 100, and where they stand. */

import { element } from "./elements.js";

/** @typedef {import("./board.js").Attribute} Attribute */

/**
 * The study's labels, with an attribute's own words at the two ends.
 * @param {Attribute} attribute
 * @param {string[]} labels
 */
export function scaleLabels(attribute, labels) {
  const own = [...labels];
  own[0] = attribute.low_label || own[0];
  own[own.length - 1] = attribute.high_label || own[own.length - 1];
  return own;
}

/** Labels stand at equal distances from 0 to 100. @param {number} rating @param {string[]} labels */
export function nearestLabel(rating, labels) {
  return labels[Math.round((rating / 100) * (labels.length - 1))];
}

/** @param {number} index @param {number} n  labels @returns {number} what a label stands for */
export function valueOfLabel(index, n) {
  return (100 * index) / (n - 1);
}

/** The labels as marks along a scale. @param {string[]} labels @returns {HTMLElement[]} */
export function ticks(labels) {
  return labels.map((label, index) => {
    const tick = element("span", { class: "tick" }, label);
    tick.style.setProperty("--at", String(index / (labels.length - 1)));
    return tick;
  });
}
