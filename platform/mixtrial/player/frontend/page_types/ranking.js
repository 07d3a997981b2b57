/**
 * All mixes of a song, put in order by dragging or by keys, the best on top.
 *
 * A mix waits below until it is put in order; nobody's order is the one in which mixes were shown.
 * Mixes in order have places from the best on, stored as ratings at equal steps from 100 to 0.
 */

import { element, fill } from "../widgets/elements.js";
import { ListenButton } from "../widgets/listen_button.js";

export { steps } from "./attributes.js";

/** @typedef {import("./board.js").PageType} PageType */

const DRAG_PIXELS = 4;

/** @type {PageType["question"]} */
export const question = ([attribute], texts) =>
  fill(texts.rank_question, { attribute: attribute.label });

/** @type {PageType["missing"]} */
export const missing = (letters, texts) => fill(texts.hint_rank, { letters });

/** @type {PageType["board"]} */
export const board = (options) => new RankingBoard(options);

class RankingBoard {
  needsAnswer = true;
  #attribute = "";
  /** Slots in order, the best first. @type {number[]} */ #order = [];
  /** @type {number | null} */ #dragged = null;

  /** @param {import("./board.js").BoardOptions} options */
  constructor(options) {
    this.options = options;
    const { nRated, names, texts, onChoose } = options;
    this.buttons = Array.from(
      { length: nRated }, (_, slot) => new ListenButton(slot, names, onChoose));
    this.rows = this.buttons.map((button) => this.#row(button));
    this.list = element("ol", { class: "order", "aria-label": texts.rank_order });
    this.empty = element("p", { class: "order-empty" }, texts.rank_empty);
    this.waiting = element("ul", { class: "order waiting", "aria-label": texts.rank_waiting });
    this.note = element("p", { class: "order-note", "aria-hidden": "true" }, texts.rank_waiting);
    this.spoken = element("div", { class: "sr-only", role: "status" });
    this.placed = element(
      "div", { class: "order-field" },
      element("p", { class: "order-end", "aria-hidden": "true" }, texts.rank_top),
      this.list, this.empty,
      element("p", { class: "order-end", "aria-hidden": "true" }, texts.rank_end));
    this.element = element(
      "div", { class: "order-board" }, this.placed, this.note, this.waiting, this.spoken);
  }

  /** @param {import("./board.js").Attribute[]} attributes  one */
  show([attribute]) {
    this.#attribute = attribute.name;
    const ratingOf = (/** @type {number} */ slot) => this.options.ratingOf(slot, attribute.name);
    this.#order = this.rows.map((_, slot) => slot).filter((slot) => ratingOf(slot) !== undefined)
      .sort((a, b) => Number(ratingOf(b)) - Number(ratingOf(a)));
    this.#draw();
  }

  /** @param {import("./board.js").Sound} sound */
  update({ chosen }) {
    const { isHeard, wasHeard, texts } = this.options;
    this.rows.forEach(({ row, state, controls }, slot) => {
      row.classList.toggle("chosen", slot === chosen);
      row.classList.toggle("heard", isHeard(slot));
      row.classList.toggle("open", wasHeard(slot));
      state.textContent = isHeard(slot)
        ? texts.playing : wasHeard(slot) ? texts.was_heard : texts.not_heard;
      for (const control of Object.values(controls)) control.disabled = !wasHeard(slot);
    });
    this.#markEnds();
  }

  /** The keys stay where they are: letters choose the sound, the order is moved by its own. */
  focus() {}

  /** @param {ListenButton} button */
  #row(button) {
    const { texts, names } = this.options;
    const { slot } = button;
    const name = { letter: names.short(slot) };
    const control = (/** @type {string} */ sign, /** @type {string} */ text, /** @type {() => void} */ act) =>
      element("button", { type: "button", class: "order-move", disabled: true,
        "aria-label": fill(text, name), onclick: act }, sign);
    const controls = {
      put: control(texts.rank_put_short, texts.rank_put, () => this.#move(slot, this.#order.length)),
      up: control("▲", texts.rank_up, () => this.#step(slot, -1)),
      down: control("▼", texts.rank_down, () => this.#step(slot, 1)),
    };
    const place = element("span", { class: "order-place", "aria-hidden": "true" });
    const state = element("span", { class: "state" });
    const row = element(
      "li", { class: "order-row", onclick: (/** @type {Event} */ event) => {
        const isOnButton = event.composedPath().some((each) => each instanceof HTMLButtonElement);
        if (!isOnButton && !this.options.isHeard(slot)) this.options.onChoose(slot);
      } },
      element("span", { class: "order-grip", "aria-hidden": "true" }, "⠿"), place,
      button.element, state, controls.put, controls.up, controls.down);
    row.addEventListener("pointerdown", (event) => this.#grasp(event, slot));
    row.addEventListener("keydown", (event) => this.#key(event, slot));
    return { row, place, state, controls };
  }

  /** @param {KeyboardEvent} event @param {number} slot  arrows move what the keys are on */
  #key(event, slot) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (!this.options.wasHeard(slot)) return;
    if (this.#order.includes(slot)) this.#step(slot, step);
    else if (step < 0) this.#move(slot, this.#order.length);
  }

  /** @param {number} slot @param {number} step */
  #step(slot, step) {
    const place = this.#order.indexOf(slot) + step;
    if (place >= 0 && place < this.#order.length) this.#move(slot, place);
  }

  /** @param {number} slot @param {number} place  to where it comes, from 0 */
  #move(slot, place) {
    const root = /** @type {Document | ShadowRoot} */ (this.element.getRootNode());
    const focused = root.activeElement;
    this.#setPlace(slot, place);
    this.#commit(slot);
    const { row, controls } = this.rows[slot];
    const isInside = focused instanceof HTMLButtonElement && row.contains(focused);
    const still = isInside && !focused.hidden && !focused.disabled ? focused : null;
    const other = [controls.up, controls.down].find((each) => !each.disabled);
    if (isInside) (still ?? other ?? this.buttons[slot].element).focus();
  }

  /** @param {number} slot @param {number} place */
  #setPlace(slot, place) {
    const rest = this.#order.filter((each) => each !== slot);
    rest.splice(place, 0, slot);
    this.#order = rest;
    this.#draw();
  }

  /** Every place in order is stored, and told. @param {number} slot  which was moved */
  #commit(slot) {
    const { onRate, onCommit, names, texts, nRated } = this.options;
    const valueOf = (/** @type {number} */ place) =>
      (100 * (nRated - 1 - place)) / Math.max(1, nRated - 1);
    this.#order.forEach((each, place) => onRate(each, this.#attribute, valueOf(place)));
    const place = this.#order.indexOf(slot);
    onCommit(slot, this.#attribute, valueOf(place));
    this.spoken.textContent = fill(texts.rank_placed, {
      letter: names.short(slot), place: String(place + 1), n: String(this.#order.length) });
  }

  #draw() {
    const waiting = this.rows.map((_, slot) => slot).filter((slot) => !this.#order.includes(slot));
    arrange(this.list, this.#order.map((slot) => this.rows[slot].row));
    arrange(this.waiting, waiting.map((slot) => this.rows[slot].row));
    this.rows.forEach(({ place, controls }, slot) => {
      const at = this.#order.indexOf(slot);
      place.textContent = at < 0 ? "" : String(at + 1);
      controls.put.hidden = at >= 0;
      controls.up.hidden = controls.down.hidden = at < 0;
    });
    this.empty.hidden = this.#order.length > 0;
    this.note.hidden = this.waiting.hidden = waiting.length === 0;
    this.#markEnds();
  }

  #markEnds() {
    this.#order.forEach((slot, place) => {
      const { up, down } = this.rows[slot].controls;
      const isOpen = this.options.wasHeard(slot);
      up.disabled = !isOpen || place === 0;
      down.disabled = !isOpen || place === this.#order.length - 1;
    });
  }

  /** @param {PointerEvent} event @param {number} slot  a finger drags by the grip alone */
  #grasp(event, slot) {
    const path = event.composedPath();
    const onButton = path.some((each) => each instanceof HTMLButtonElement);
    const onGrip = path.some((each) => each instanceof Element && each.matches(".order-grip"));
    if (event.button !== 0 || onButton || !this.options.wasHeard(slot)) return;
    if (event.pointerType !== "mouse" && !onGrip) return;
    const from = [event.clientX, event.clientY];
    const ends = new AbortController();
    const { row } = this.rows[slot];
    const move = (/** @type {PointerEvent} */ moved) => {
      const far = Math.hypot(moved.clientX - from[0], moved.clientY - from[1]);
      if (this.#dragged === null && far <= DRAG_PIXELS) return;
      this.#dragged = slot;
      row.classList.add("dragged");
      this.#dragTo(slot, moved.clientY);
    };
    const drop = () => {
      ends.abort();
      row.classList.remove("dragged");
      const wasDragged = this.#dragged === slot;
      this.#dragged = null;
      if (wasDragged && this.#order.includes(slot)) this.#commit(slot);
    };
    addEventListener("pointermove", move, { signal: ends.signal });
    addEventListener("pointerup", drop, { signal: ends.signal });
    addEventListener("pointercancel", drop, { signal: ends.signal });
  }

  /** @param {number} slot @param {number} clientY  what waits must come to the field first */
  #dragTo(slot, clientY) {
    const isPlaced = this.#order.includes(slot);
    if (!isPlaced && clientY > this.placed.getBoundingClientRect().bottom) return;
    const others = this.#order.filter((each) => each !== slot);
    const place = others.filter((each) => {
      const box = this.rows[each].row.getBoundingClientRect();
      return box.top + box.height / 2 < clientY;
    }).length;
    if (!isPlaced || this.#order.indexOf(slot) !== place) this.#setPlace(slot, place);
  }
}

/** @param {HTMLElement} list @param {HTMLElement[]} rows  moved only where they are not in place */
function arrange(list, rows) {
  rows.forEach((row, index) => {
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
}
