/**
 * An axis, a scale on which every stimulus is a marker.
 *
 * A marker that was never set waits beside the axis. Only the marker of the stimulus now heard can
 * be moved: by dragging, by a press on the axis, or by the keys of a slider. Markers that come too
 * near stand above each other.
 */

import { element, icon } from "./elements.js";
import {
  gapsOf, middleOf, plain, shareOf, spokenRating, ticks, valueAt, written,
} from "./scale.js";
import { setEnds } from "./slider.js";

const MARKER_PIXELS = 44;
const GAP_PIXELS = 4;
const ROW_PIXELS = MARKER_PIXELS + GAP_PIXELS;
const DRAG_PIXELS = 4;

/**
 * @typedef {{element: HTMLElement, stem: HTMLElement, input: HTMLInputElement, value: HTMLElement,
 *   lane: number}} Marker
 */

export class Axis {
  /** @type {number | null} */ #dragged = null;
  #nTrayRows = 0;

  /**
   * @param {import("../page_types/board.js").Attribute} attribute
   * @param {import("../page_types/board.js").BoardOptions} options
   * @param {boolean} isOneOfSeveral
   * @param {() => void} onFocus
   */
  constructor(attribute, options, isOneOfSeveral, onFocus) {
    this.attribute = attribute;
    this.options = options;
    this.scale = attribute.scale;
    this.prefix = isOneOfSeveral ? `${attribute.label}: ` : "";
    this.markers = Array.from({ length: options.nRated }, (_, slot) => this.#marker(slot));
    this.line = element("div", { class: "axis-line" }, ...ticks(this.scale));
    this.note = element("span", { class: "tray-note" });
    this.field = element(
      "div", { class: "axis-field" }, this.line, this.note,
      ...this.markers.map((marker) => marker.stem),
      ...this.markers.map((marker) => marker.element));
    this.field.addEventListener("click", (event) => this.#press(event));
    this.field.addEventListener("focusin", onFocus);
    const heading = isOneOfSeveral
      ? element("h3", { class: "axis-question" }, attribute.question) : "";
    this.element = element(
      "section", { class: "axis", role: "group", "aria-label": attribute.question },
      heading, this.field);
    this.line.setAttribute("aria-hidden", "true");
    this.line.style.setProperty("--gaps", String(gapsOf(this.scale)));
    new ResizeObserver(() => this.#layOut(true)).observe(this.field);
    this.update();
  }

  update() {
    this.markers.forEach(({ element: marker, stem, input }, slot) => {
      const isHeard = this.options.isHeard(slot);
      for (const each of [marker, stem]) each.classList.toggle("heard", isHeard);
      input.disabled = !this.options.mayRate(slot);
    });
    this.#layOut(false);
  }

  /** @param {number} slot */
  focus(slot) {
    this.markers[slot]?.input.focus({ preventScroll: true });
  }

  /** @param {number} slot @returns {Marker} */
  #marker(slot) {
    const { names } = this.options;
    const input = element("input", {
      type: "range", class: "marker-input", disabled: true,
      "aria-label": `${this.prefix}${names.ratingOf(slot)}`,
    });
    setEnds(input, this.scale);
    input.addEventListener("input", () => this.#rate(slot, plain(input.valueAsNumber)));
    input.addEventListener("change", () => this.#commit(slot));
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || this.#ratingOf(slot) !== undefined) return;
      this.#rate(slot, plain(input.valueAsNumber));
      this.#commit(slot);
    });
    const value = element("span", { class: "marker-value", "aria-hidden": "true" });
    const marker = element(
      "div", { class: "marker" }, input,
      element("span", { class: "marker-name", "aria-hidden": "true" }, names.short(slot)), value,
      icon("sound"));
    marker.addEventListener("pointerdown", (event) => this.#grasp(event, slot));
    // Chosen already when it was pressed; the axis below must not take the click for its own.
    marker.addEventListener("click", (event) => event.stopPropagation());
    return { element: marker, stem: element("div", { class: "stem" }), input, value, lane: 0 };
  }

  /** @param {PointerEvent} event @param {number} slot  heard at once, moved when it is dragged */
  #grasp(event, slot) {
    if (event.button !== 0) return;
    event.preventDefault();
    const { options } = this;
    if (!options.isHeard(slot)) options.onChoose(slot);
    this.focus(slot);
    const marker = this.markers[slot].element;
    const from = [event.clientX, event.clientY];
    const rating = this.#ratingOf(slot);
    const grip = rating === undefined ? 0 : event.clientX - this.#clientX(rating);
    marker.setPointerCapture(event.pointerId);
    const move = (/** @type {PointerEvent} */ moved) => {
      const far = Math.hypot(moved.clientX - from[0], moved.clientY - from[1]);
      if (this.#dragged !== slot && far <= DRAG_PIXELS) return;
      this.#dragged = slot;
      this.#rate(slot, this.#valueAt(moved.clientX - grip));
    };
    const drop = () => {
      marker.removeEventListener("pointermove", move);
      marker.removeEventListener("pointercancel", drop);
      marker.removeEventListener("pointerup", drop);
      if (this.#dragged !== slot) return;
      this.#dragged = null;
      this.#commit(slot);
      this.#layOut(false);
    };
    marker.addEventListener("pointermove", move);
    marker.addEventListener("pointerup", drop);
    marker.addEventListener("pointercancel", drop);
  }

  /** @param {MouseEvent} event  the marker of what is heard comes to where the axis is pressed */
  #press(event) {
    const slot = this.markers.findIndex((_, each) => this.options.mayRate(each));
    if (slot < 0) return;
    this.#rate(slot, this.#valueAt(event.clientX));
    this.#commit(slot);
    this.focus(slot);
  }

  /** @param {number} slot @param {number} value */
  #rate(slot, value) {
    if (!this.options.mayRate(slot)) return;
    this.options.onRate(slot, this.attribute.name, value);
    this.#layOut(false);
  }

  /** @param {number} slot */
  #commit(slot) {
    const rating = this.#ratingOf(slot);
    if (rating !== undefined) this.options.onCommit(slot, this.attribute.name, rating);
  }

  /** @param {number} slot */
  #ratingOf(slot) {
    return this.options.ratingOf(slot, this.attribute.name);
  }

  /** @param {number} clientX @returns {number} a value of the scale */
  #valueAt(clientX) {
    const box = this.field.getBoundingClientRect();
    const share = (clientX - box.left - MARKER_PIXELS / 2) / (box.width - MARKER_PIXELS);
    return valueAt(this.scale, share);
  }

  /** @param {number} value @returns {number} */
  #clientX(value) {
    return this.field.getBoundingClientRect().left + MARKER_PIXELS / 2 + this.#x(value);
  }

  /** @param {number} value @returns {number} pixels from the left of the field */
  #x(value) {
    return (this.field.clientWidth - MARKER_PIXELS) * shareOf(this.scale, value);
  }

  /**
   * Every marker to its place. One that is not moved keeps its lane, so that nothing jumps.
   * @param {boolean} isAnew  all lanes are found anew
   */
  #layOut(isAnew) {
    const { texts } = this.options;
    const ratings = this.markers.map((_, slot) => this.#ratingOf(slot));
    this.#findLanes(ratings, isAnew);
    const nLanes = 1 + Math.max(0, ...this.markers.map((marker, slot) =>
      ratings[slot] === undefined ? 0 : marker.lane));
    const lineY = ROW_PIXELS * nLanes;
    const perRow = Math.max(1, Math.floor(this.field.clientWidth / ROW_PIXELS));
    const trayY = lineY + 46;
    const waiting = ratings.flatMap((rating, slot) => (rating === undefined ? [slot] : []));
    this.line.style.top = `${lineY}px`;
    this.note.style.top = `${trayY}px`;
    this.note.textContent = waiting.length > 0 ? texts.tray_hint : texts.tray_empty;
    // The tray goes when it is empty, but not under a finger.
    if (this.#dragged === null) this.#nTrayRows = Math.ceil(waiting.length / perRow);
    this.field.style.height = `${trayY + 28 + ROW_PIXELS * this.#nTrayRows}px`;
    this.markers.forEach((marker, slot) => {
      const rating = ratings[slot];
      const place = waiting.indexOf(slot);
      const x = rating === undefined ? ROW_PIXELS * (place % perRow) : this.#x(rating);
      const y = rating === undefined
        ? trayY + 28 + ROW_PIXELS * Math.floor(place / perRow)
        : lineY - ROW_PIXELS * (marker.lane + 1);
      marker.element.style.translate = `${x}px ${y}px`;
      marker.stem.hidden = rating === undefined;
      marker.stem.style.translate = `${x}px ${y + MARKER_PIXELS}px`;
      marker.stem.style.height = `${lineY - y - MARKER_PIXELS}px`;
      this.#draw(slot, rating);
    });
  }

  /** @param {number} slot @param {number | undefined} rating */
  #draw(slot, rating) {
    const { element: marker, input, value } = this.markers[slot];
    const isRated = rating !== undefined;
    marker.classList.toggle("unrated", !isRated);
    marker.classList.toggle("dragged", this.#dragged === slot);
    value.textContent = isRated ? written(rating) : "";
    input.value = String(rating ?? middleOf(this.scale));
    input.setAttribute("aria-valuetext", isRated
      ? spokenRating(this.scale, rating) : this.options.texts.not_rated);
  }

  /** @param {(number | undefined)[]} ratings @param {boolean} isAnew */
  #findLanes(ratings, isAnew) {
    const order = this.markers.map((_, slot) => slot).filter((slot) => ratings[slot] !== undefined);
    /** @type {number[]} */ const placed = [];
    // Those that stand where they stood come first; a marker that moves gives way.
    const isStill = (/** @type {number} */ slot) => !isAnew && !this.options.mayRate(slot);
    order.sort((a, b) => Number(isStill(b)) - Number(isStill(a)));
    for (const slot of order) {
      const x = this.#x(/** @type {number} */ (ratings[slot]));
      const taken = placed
        .filter((each) => Math.abs(this.#x(/** @type {number} */ (ratings[each])) - x) < ROW_PIXELS)
        .map((each) => this.markers[each].lane);
      const marker = this.markers[slot];
      if (!isStill(slot) || taken.includes(marker.lane)) {
        marker.lane = 0;
        while (taken.includes(marker.lane)) marker.lane += 1;
      }
      placed.push(slot);
    }
  }
}
