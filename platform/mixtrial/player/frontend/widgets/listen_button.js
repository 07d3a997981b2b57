/** The button that makes a stimulus audible, and the row of those that are open references. */

import { element, icon } from "./elements.js";

export class ListenButton {
  /**
   * @param {number} slot
   * @param {import("./names.js").Names} names
   * @param {(slot: number) => void} onChoose
   */
  constructor(slot, names, onChoose) {
    const isNamed = names.referenceSlots.includes(slot);
    this.slot = slot;
    this.element = element(
      "button",
      { type: "button", class: isNamed ? "letter named" : "letter", disabled: true,
        "aria-label": names.listenTo(slot), "aria-pressed": "false", onclick: () => onChoose(slot) },
      element("span", { class: "name" }, names.short(slot)), icon("sound"));
  }

  /**
   * @param {boolean} isHeard
   * @param {boolean} isReady
   * @param {number | null} share  of what must be heard, 0 to 1; null where nothing must
   */
  update(isHeard, isReady, share) {
    this.element.setAttribute("aria-pressed", String(isHeard));
    this.element.disabled = !isReady;
    this.element.classList.toggle("heard", isHeard);
    this.element.classList.toggle("measured", share !== null);
    if (share !== null) this.element.style.setProperty("--share", String(Math.min(1, share)));
  }
}

export class ReferenceRow {
  /**
   * @param {import("./names.js").Names} names
   * @param {(slot: number) => void} onChoose
   */
  constructor(names, onChoose) {
    const { texts } = names;
    this.buttons = names.referenceSlots.map((slot) => new ListenButton(slot, names, onChoose));
    this.element = element(
      "div", { class: "references", role: "group", "aria-label": texts.references });
    this.element.hidden = this.buttons.length === 0;
    if (this.element.hidden) return;
    this.element.append(
      element("span", { class: "references-label", "aria-hidden": "true" }, texts.references),
      ...this.buttons.map((button) => button.element));
  }
}
