/** The questions of a page one after another, each done or to do. */

import { element, icon } from "./elements.js";

/** @typedef {import("../page_types/board.js").Attribute} Attribute */

export class Steps {
  /**
   * @param {Attribute[]} attributes
   * @param {(index: number) => void} onChoose
   * @param {Record<string, string>} texts
   */
  constructor(attributes, onChoose, texts) {
    this.texts = texts;
    this.attributes = attributes;
    this.buttons = attributes.map((attribute, index) =>
      element(
        "button", { type: "button", class: "step", onclick: () => onChoose(index) },
        element("span", { class: "mark", "aria-hidden": "true" }),
        element("span", { class: "step-label" }, attribute.label),
        element("span", { class: "sr-only" })));
    this.element = element(
      "ol", { class: "steps", "aria-label": texts.attributes },
      ...this.buttons.map((button) => element("li", {}, button)));
    this.element.hidden = attributes.length === 1;
  }

  /** @param {number} current @param {boolean[]} isDone */
  update(current, isDone) {
    this.buttons.forEach((button, index) => {
      const done = isDone[index];
      button.classList.toggle("done", done);
      if (index === current) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
      const [mark, , spoken] = button.children;
      mark.replaceChildren(done ? icon("check") : String(index + 1));
      spoken.textContent = `, ${done ? this.texts.done : this.texts.to_do}`;
    });
  }

  /** @param {number} index  bring the pill into view on narrow screens */
  reveal(index) {
    const pill = this.buttons[index];
    const left = pill.offsetLeft - (this.element.clientWidth - pill.clientWidth) / 2;
    this.element.scrollTo({ left, behavior: "smooth" });
  }
}
