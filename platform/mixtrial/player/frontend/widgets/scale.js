/** The words along a scale from 0 to 100, and where they stand. */

import { element } from "./elements.js";

/** @typedef {import("../page_types/board.js").Attribute} Attribute */

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

/**
 * The word for a rating. Labels stand at equal distances from 0 to 100, or name as many equal
 * intervals, as on the scale of BS.1534-3 (5.4): there 62 is already "Good".
 * @param {number} rating
 * @param {string[]} labels
 * @param {boolean} [areIntervals]
 */
export function nearestLabel(rating, labels, areIntervals = false) {
  const place = areIntervals
    ? Math.floor((rating / 100) * labels.length)
    : Math.round((rating / 100) * (labels.length - 1));
  return labels[Math.min(place, labels.length - 1)];
}

/** @param {number} index @param {number} n  labels @returns {number} what a label stands for */
export function valueOfLabel(index, n) {
  return (100 * index) / (n - 1);
}

/**
 * The labels as marks along a scale, or in the middle of their intervals.
 * @param {string[]} labels
 * @param {boolean} [areIntervals]
 * @returns {HTMLElement[]}
 */
export function ticks(labels, areIntervals = false) {
  const n = labels.length;
  return labels.map((label, index) => {
    const tick = element("span", { class: "tick" }, label);
    const at = areIntervals ? (index + 0.5) / n : index / (n - 1);
    tick.style.setProperty("--at", String(at));
    return tick;
  });
}
