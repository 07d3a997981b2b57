/** One answer about recordings that are heard in a given order: none before the one ahead of it. */

import { ChoiceBoard } from "./choice.js";

export class OrderedChoice extends ChoiceBoard {
  /**
   * @param {import("../page_types/board.js").BoardOptions} options
   * @param {number[]} order  of the slots
   * @param {(asked: import("./choice.js").Attribute) => import("./choice.js").Answer[]} answersTo
   */
  constructor(options, order, answersTo) {
    super(options, answersTo);
    this.order = order;
    this.element.classList.add("ordered");
  }

  /** The one that sounds when play is pressed first. */
  get firstSlot() {
    return this.order[0];
  }

  /** @param {number} slot */
  mayHear(slot) {
    const place = this.order.indexOf(slot);
    return this.order.slice(0, place).every((before) => this.options.wasHeard(before));
  }

  /** @param {import("../page_types/board.js").Sound} sound */
  update(sound) {
    super.update(sound);
    for (const { slot, element } of this.buttons) {
      if (!this.mayHear(slot)) element.disabled = true;
    }
    if (!this.order.every((slot) => this.options.wasHeard(slot))) this.group.disabled = true;
  }
}
