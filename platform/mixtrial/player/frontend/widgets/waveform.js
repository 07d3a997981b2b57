/**
 * The excerpt as a picture: one neutral waveform for all stimuli, the position, the loop region.
 *
 * The outline is the loudest of all stimuli at each place, so it tells nothing about any one of
 * them. Region and position are set by mouse, touch or keys; a press without movement seeks.
 */

import { clock, element, fill } from "./elements.js";
import { MIN_LOOP_S } from "../sound/engine.js";

const DRAG_PIXELS = 5;
const BAR_PIXELS = 4;

/**
 * @typedef {object} WaveformActions
 * @property {(position: number) => void} seek
 * @property {(start: number, end: number) => [number, number]} setRegion  returns the one taken
 */

export class Waveform {
  /** @type {Float32Array} */ #peaks = new Float32Array(0);
  /** @type {[number, number]} */ #region = [0, 1];
  #duration = 1;
  #position = 0;
  #isReady = false;
  #isFixed = false;

  /**
   * @param {WaveformActions} actions
   * @param {Record<string, string>} texts
   */
  constructor(actions, texts) {
    this.actions = actions;
    this.texts = texts;
    this.canvas = element("canvas", { "aria-hidden": "true" });
    this.handles = [this.#handle(0), this.#handle(1)];
    this.progress = element("div", { class: "load-share" });
    this.note = element("div", { class: "load-note", role: "status" });
    this.element = element(
      "div",
      { class: "waveform", role: "group", "aria-label": texts.excerpt },
      this.canvas, ...this.handles,
      element("div", { class: "loading" }, this.note, element("div", {}, this.progress)));
    this.canvas.addEventListener("pointerdown", (event) => this.#press(event));
    new ResizeObserver(() => this.#draw()).observe(this.element);
  }

  /** @param {number} share  0 to 1 of the recordings loaded */
  showLoading(share) {
    this.element.dataset.state = "loading";
    this.note.textContent = fill(this.texts.loading, { percent: Math.round(100 * share) });
    this.progress.style.width = `${100 * share}%`;
  }

  /** @param {AudioBuffer[]} buffers @param {boolean} [isFixed]  no part can be looped */
  show(buffers, isFixed = false) {
    this.#isReady = true;
    this.#isFixed = isFixed;
    for (const handle of this.handles) handle.hidden = isFixed;
    this.element.dataset.state = "ready";
    this.note.textContent = "";
    this.#duration = buffers[0].duration;
    this.#region = [0, this.#duration];
    this.#peaks = commonPeaks(buffers, 400);
    this.#placeHandles();
    this.update(0, this.#region);
  }

  /** @param {number} position s @param {[number, number]} region s */
  update(position, region) {
    const isMoved = region.some((time, side) => time !== this.#region[side]);
    this.#position = position;
    this.#region = region;
    if (isMoved) this.#placeHandles();
    this.#draw();
  }

  #placeHandles() {
    this.handles.forEach((handle, side) => {
      handle.style.left = `${(100 * this.#region[side]) / this.#duration}%`;
      handle.setAttribute("aria-valuemax", this.#duration.toFixed(1));
      handle.setAttribute("aria-valuenow", this.#region[side].toFixed(1));
      handle.setAttribute("aria-valuetext", clock(this.#region[side], 1));
    });
  }

  /** @param {0 | 1} side */
  #handle(side) {
    const handle = element("div", {
      class: `handle ${side ? "end" : "start"}`,
      role: "slider",
      tabindex: "0",
      "aria-label": side ? this.texts.loop_end : this.texts.loop_start,
      "aria-valuemin": "0",
      "aria-orientation": "horizontal",
    });
    handle.addEventListener("keydown", (event) => this.#nudge(event, side));
    handle.addEventListener("pointerdown", (event) => {
      if (!this.#isReady) return;
      handle.setPointerCapture(event.pointerId);
      const move = (/** @type {PointerEvent} */ moved) =>
        this.update(this.#position, this.#withSide(side, this.#timeAt(moved)));
      // The sound follows once, at the end: a loop that restarts at each movement only stutters.
      const drop = (/** @type {PointerEvent} */ dropped) => {
        handle.removeEventListener("pointermove", move);
        this.#moveSide(side, this.#timeAt(dropped));
      };
      handle.addEventListener("pointermove", move);
      handle.addEventListener("pointerup", drop, { once: true });
    });
    return handle;
  }

  /** @param {KeyboardEvent} event @param {0 | 1} side */
  #nudge(event, side) {
    const steps = { ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1,
      PageDown: -1, PageUp: 1, Home: -Infinity, End: Infinity };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (step === undefined || !this.#isReady) return;
    event.preventDefault();
    const time = this.#region[side] + (event.shiftKey ? 10 : 1) * step;
    this.#moveSide(side, Math.min(Math.max(time, 0), this.#duration));
  }

  /** @param {0 | 1} side @param {number} time */
  #moveSide(side, time) {
    const [start, end] = this.#withSide(side, time);
    this.update(this.#position, this.actions.setRegion(start, end));
  }

  /** @param {0 | 1} side @param {number} time @returns {[number, number]} at least 500 ms */
  #withSide(side, time) {
    const [start, end] = this.#region;
    return side
      ? [start, Math.max(time, start + MIN_LOOP_S)]
      : [Math.max(0, Math.min(time, end - MIN_LOOP_S)), end];
  }

  /** @param {PointerEvent} event  on the picture: drag a region, or press to seek */
  #press(event) {
    if (!this.#isReady || event.button !== 0) return;
    const from = event.clientX;
    const start = this.#timeAt(event);
    let isDrag = false;
    this.canvas.setPointerCapture(event.pointerId);
    const move = (/** @type {PointerEvent} */ moved) => {
      isDrag ||= !this.#isFixed && Math.abs(moved.clientX - from) > DRAG_PIXELS;
      if (!isDrag) return;
      const [low, high] = [start, this.#timeAt(moved)].sort((a, b) => a - b);
      this.update(this.#position, [low, Math.max(high, low + MIN_LOOP_S)]);
    };
    const drop = (/** @type {PointerEvent} */ dropped) => {
      this.canvas.removeEventListener("pointermove", move);
      if (isDrag) {
        const [low, high] = [start, this.#timeAt(dropped)].sort((a, b) => a - b);
        this.update(low, this.actions.setRegion(low, high));
      } else this.actions.seek(start);
    };
    this.canvas.addEventListener("pointermove", move);
    this.canvas.addEventListener("pointerup", drop, { once: true });
    this.canvas.addEventListener(
      "pointercancel", () => this.canvas.removeEventListener("pointermove", move), { once: true });
  }

  /** @param {PointerEvent} event */
  #timeAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    return share * this.#duration;
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const pen = this.canvas.getContext("2d");
    if (!pen || !width || !height) return;
    const density = devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * density)) {
      this.canvas.width = Math.round(width * density);
    }
    if (this.canvas.height !== Math.round(height * density)) {
      this.canvas.height = Math.round(height * density);
    }
    pen.setTransform(density, 0, 0, density, 0, 0);
    pen.clearRect(0, 0, width, height);
    if (!this.#isReady) return;
    const style = getComputedStyle(this.element);
    const [accent, quiet] = ["--accent", "--wave"].map((name) => style.getPropertyValue(name));
    const left = (width * this.#region[0]) / this.#duration;
    const right = (width * this.#region[1]) / this.#duration;
    const head = (width * this.#position) / this.#duration;
    for (let x = 0; x < width; x += BAR_PIXELS) {
      const peak = this.#peaks[Math.floor((x / width) * this.#peaks.length)];
      const bar = Math.max(2, peak * (height - 14));
      const isInside = x + BAR_PIXELS / 2 >= left && x + BAR_PIXELS / 2 <= right;
      pen.globalAlpha = isInside ? 1 : 0.35;
      pen.fillStyle = isInside && x < head && x >= left ? accent : quiet;
      pen.fillRect(x + 0.5, (height - bar) / 2, BAR_PIXELS - 1.5, bar);
    }
    pen.globalAlpha = 1;
    pen.fillStyle = accent;
    pen.fillRect(head - 1, 2, 2, height - 4);
  }
}

/**
 * Loudest sample of any stimulus in each of n stretches, scaled so that the highest is 1.
 * @param {AudioBuffer[]} buffers
 * @param {number} nStretches
 */
export function commonPeaks(buffers, nStretches) {
  const peaks = new Float32Array(nStretches);
  const length = buffers[0].length;
  for (const buffer of buffers) {
    for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) {
      const samples = buffer.getChannelData(channel);
      // Every 16th sample is enough for a picture.
      for (let i = 0; i < length; i += 16) {
        const stretch = Math.floor((i * nStretches) / length);
        const size = Math.abs(samples[i]);
        if (size > peaks[stretch]) peaks[stretch] = size;
      }
    }
  }
  const highest = peaks.reduce((a, b) => Math.max(a, b), 1e-9);
  // Bent upwards a little, so that quiet verses show.
  return peaks.map((peak) => (peak / highest) ** 0.7);
}
