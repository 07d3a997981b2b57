/** A slider over a scale that knows whether it was ever set. */

import { element } from "./elements.js";
import { middleOf, plain, shareOf, stepOf } from "./scale.js";

/** @type {import("./columns.js").MakeControl} */
export function makeSlider(name, onRate, onCommit) {
  let isRated = false;
  /** @type {import("./scale.js").Scale} */ let scale;
  const slider = element("input", {
    type: "range", class: "slider", "aria-label": name, disabled: true });
  const value = () => plain(slider.valueAsNumber);
  slider.addEventListener("input", () => onRate(value()));
  slider.addEventListener("change", () => onCommit(value()));
  // A press right on the middle moves nothing, and yet it is a rating of the middle.
  const settle = () => {
    if (isRated) return;
    onRate(value());
    onCommit(value());
  };
  slider.addEventListener("pointerup", settle);
  slider.addEventListener("keydown", (event) => {
    if (event.key === "Enter") settle();
  });
  return {
    element: slider,
    setScale: (own) => {
      scale = own;
      setEnds(slider, own);
    },
    enable: (isEnabled) => (slider.disabled = !isEnabled),
    focus: () => slider.focus({ preventScroll: true }),
    show: (rating, spoken) => {
      isRated = rating !== undefined;
      slider.value = String(rating ?? middleOf(scale));
      slider.style.setProperty("--fill", `${100 * shareOf(scale, rating ?? scale.minimum)}%`);
      slider.setAttribute("aria-valuetext", spoken);
    },
  };
}

/** @param {HTMLInputElement} slider @param {import("./scale.js").Scale} scale */
export function setEnds(slider, scale) {
  slider.min = String(scale.minimum);
  slider.max = String(scale.maximum);
  slider.step = String(stepOf(scale));
}
