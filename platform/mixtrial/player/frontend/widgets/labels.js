/** Labels to choose one from: radio buttons at equal distances. */

import { element } from "./elements.js";

/** Of a value of the scale: nearer than so much is the same. */
const SLACK = 1e-6;
const STEPS = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, Home: -99, End: 99 };

/** @type {import("./columns.js").MakeControl} */
export function makeLabels(name, onRate, onCommit) {
  /** @type {HTMLInputElement[]} from the lowest to the highest */ let points = [];
  /** @type {number[]} what they stand for */ let values = [];
  const group = element("fieldset", {
    class: "points", role: "radiogroup", "aria-label": name, disabled: true });
  const choose = (/** @type {number} */ index) => {
    onRate(values[index]);
    onCommit(values[index]);
  };
  group.addEventListener("keydown", (event) => {
    // Up and right are higher, as on a slider, however the labels are laid out.
    const step = STEPS[/** @type {keyof typeof STEPS} */ (event.key)];
    if (step === undefined) return;
    event.preventDefault();
    const from = points.indexOf(/** @type {HTMLInputElement} */ (event.composedPath()[0]));
    // The first arrow takes the label it stands on, the middle one.
    const isFirst = Math.abs(step) === 1 && points.every((point) => !point.checked);
    const to = Math.min(Math.max(isFirst ? from : from + step, 0), points.length - 1);
    points[to].checked = true;
    points[to].focus({ preventScroll: true });
    choose(to);
  });
  return {
    element: group,
    enable: (isEnabled) => (group.disabled = !isEnabled),
    focus: () => {
      const middle = points[Math.floor(points.length / 2)];
      (points.find((point) => point.checked) ?? middle).focus({ preventScroll: true });
    },
    setScale: ({ labels }) => {
      values = labels.map((label) => label.value);
      points = labels.map((_, index) =>
        element("input", {
          type: "radio", name, value: index, onchange: () => choose(index) }));
      group.replaceChildren(...labels.map(({ word }, index) =>
        element("label", { class: "point" }, points[index],
          element("span", { class: "point-name" }, word))));
    },
    show: (rating) => {
      points.forEach((point, index) => {
        point.checked = rating !== undefined && Math.abs(values[index] - rating) < SLACK;
      });
    },
  };
}
