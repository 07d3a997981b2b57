/** The scale of a question: its values, the words along it, and where they stand. */

import { element } from "./elements.js";

/**
 * @typedef {object} Scale
 * @property {number} minimum
 * @property {number} maximum
 * @property {number | null} step   null: any value
 * @property {{value: number, word: string}[]} labels  from the lowest to the highest
 */

/** Any value means a hundred steps: no finer on a screen. */
const FINE = 100;
/** So many steps can be told apart, so that each is named by a word of its own or by none. */
const FEW = 20;
const DECIMALS = 6;

/** @param {Scale} scale @returns {number} */
export function stepOf(scale) {
  return scale.step ?? (scale.maximum - scale.minimum) / FINE;
}

/** @param {Scale} scale @param {number} value @returns {number} place on the scale, 0 to 1 */
export function shareOf(scale, value) {
  return (value - scale.minimum) / (scale.maximum - scale.minimum);
}

/** @param {Scale} scale @param {number} share  0 to 1 @returns {number} the nearest value */
export function valueAt(scale, share) {
  const step = stepOf(scale);
  const inside = Math.min(Math.max(share, 0), 1) * (scale.maximum - scale.minimum);
  return plain(scale.minimum + Math.round(inside / step) * step);
}

/** @param {Scale} scale @returns {number} where a slider waits */
export function middleOf(scale) {
  return (scale.minimum + scale.maximum) / 2;
}

/** @param {number} value @returns {number} without the noise of binary fractions */
export function plain(value) {
  return Number(value.toFixed(DECIMALS));
}

/** @param {number} value @returns {string} as people of the page's language write it */
export function written(value) {
  const language = document.documentElement.lang || undefined;
  return new Intl.NumberFormat(language, {
    maximumFractionDigits: DECIMALS, useGrouping: false }).format(value);
}

/**
 * A rating in words: the number, and the word near it. Of many values the nearest word tells; of
 * few, that of the value itself.
 * @param {Scale} scale
 * @param {number} rating
 */
export function wordOf(scale, rating) {
  const far = (/** @type {{value: number}} */ label) => Math.abs(label.value - rating);
  // Of two as near, the upper one: 20 already lies in the second fifth of BS.1534-3 (5.4).
  const nearest = scale.labels.reduce((best, label) => (far(label) <= far(best) ? label : best));
  return areFew(scale) && far(nearest) >= stepOf(scale) ? "" : nearest.word;
}

/** @param {Scale} scale @param {number} rating @returns {string} number and word, to be read out */
export function spokenRating(scale, rating) {
  return [written(rating), wordOf(scale, rating)].filter(Boolean).join(", ");
}

/** @param {Scale} scale */
function areFew(scale) {
  return scale.step !== null && (scale.maximum - scale.minimum) / scale.step <= FEW;
}

/**
 * In how many equal parts lines divide the scale: its steps, where they are few, else the distances
 * of its words, where they are equal.
 * @param {Scale} scale
 * @returns {number}
 */
export function gapsOf(scale) {
  const span = scale.maximum - scale.minimum;
  if (areFew(scale)) return Math.round(span / stepOf(scale));
  const gaps = scale.labels.slice(1).map((label, index) => label.value - scale.labels[index].value);
  const isEven = gaps.every((gap) => Math.abs(gap - gaps[0]) < span / 1000);
  return isEven ? Math.round(span / gaps[0]) : 1;
}

/**
 * The words as marks along a scale, at their values or at equal distances.
 * @param {Scale} scale
 * @param {boolean} [isEven]
 * @returns {HTMLElement[]}
 */
export function ticks(scale, isEven = false) {
  return scale.labels.map(({ value, word }, index) => {
    const tick = element("span", { class: "tick" }, word);
    const at = isEven ? index / (scale.labels.length - 1) : shareOf(scale, value);
    tick.style.setProperty("--at", String(at));
    return tick;
  });
}
