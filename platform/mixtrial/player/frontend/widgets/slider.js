/** A slider from 0 to 100 that knows whether it was ever set. */

import { element } from "./elements.js";

/** @type {import("./columns.js").MakeControl} */
export function makeSlider(name, onRate, onCommit) {
  let isRated = false;
  const slider = element("input", {
    type: "range", min: 0, max: 100, step: 1, value: 50, class: "slider", "aria-label": name,
    disabled: true,
  });
  slider.addEventListener("input", () => onRate(slider.valueAsNumber));
  slider.addEventListener("change", () => onCommit(slider.valueAsNumber));
  // A press right on the middle moves nothing, and yet it is a rating of 50.
  const settle = () => {
    if (isRated) return;
    onRate(slider.valueAsNumber);
    onCommit(slider.valueAsNumber);
  };
  slider.addEventListener("pointerup", settle);
  slider.addEventListener("keydown", (event) => {
    if (event.key === "Enter") settle();
  });
  return {
    element: slider,
    setLabels: () => undefined,
    enable: (isEnabled) => (slider.disabled = !isEnabled),
    focus: () => slider.focus({ preventScroll: true }),
    show: (rating, spoken) => {
      isRated = rating !== undefined;
      slider.value = String(rating ?? 50);
      slider.style.setProperty("--fill", `${rating ?? 0}%`);
      slider.setAttribute("aria-valuetext", spoken);
    },
  };
}
