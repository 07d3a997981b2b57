/**
 * How much of each stimulus has been heard: the covered part of the excerpt, not the time or clicks.
 *
 * Conventions: positions and times in seconds of the excerpt. What was heard twice counts once, so a
 * short loop covers no more than itself.
 */

/** Lost to fades and rounding: a mix heard to its end counts as heard in full. */
const TOLERANCE_S = 0.05;

/** @typedef {[number, number]} Span  start and end, s */

export class Coverage {
  /** @type {Span[][]} sorted, apart */ #spans;

  /**
   * @param {number} nStimuli
   * @param {number} duration  s
   */
  constructor(nStimuli, duration) {
    this.duration = duration;
    this.#spans = Array.from({ length: nStimuli }, () => []);
  }

  /**
   * Note that a stimulus sounded.
   * @param {number} slot
   * @param {number} from     position where this stretch of playing began, s
   * @param {number} since    seconds of it that were noted before
   * @param {number} elapsed  seconds of it until now
   * @param {Span} region     of the loop, s
   */
  hear(slot, from, since, elapsed, region) {
    if (elapsed <= since) return;
    const [start, end] = region;
    const length = end - start;
    if (elapsed - since >= length) {
      this.#add(slot, [start, end]);
      return;
    }
    const first = start + ((from - start + since) % length);
    const last = first + elapsed - since;
    this.#add(slot, [first, Math.min(last, end)]);
    if (last > end) this.#add(slot, [start, start + last - end]);
  }

  /** @param {number} slot @returns {number} seconds of the excerpt */
  seconds(slot) {
    return this.#spans[slot].reduce((sum, [start, end]) => sum + end - start, 0);
  }

  /** @param {number} slot @returns {number} share of the excerpt, 0 to 1 */
  share(slot) {
    const seconds = this.seconds(slot);
    return seconds >= this.duration - TOLERANCE_S ? 1 : seconds / this.duration;
  }

  /** @returns {Span[][]} to be kept, to the millisecond */
  toJSON() {
    return this.#spans.map((spans) =>
      spans.map(([start, end]) => [Math.round(1000 * start) / 1000, Math.round(1000 * end) / 1000]));
  }

  /** @param {Span[][]} kept  from `toJSON` */
  restore(kept) {
    kept.forEach((spans, slot) => {
      if (slot in this.#spans) for (const [start, end] of spans) this.#add(slot, [start, end]);
    });
  }

  /** @param {number} slot @param {Span} span */
  #add(slot, [start, end]) {
    const apart = this.#spans[slot].filter((each) => each[1] < start || each[0] > end);
    const joined = this.#spans[slot].filter((each) => each[1] >= start && each[0] <= end);
    apart.push([
      Math.min(start, ...joined.map((each) => each[0])),
      Math.max(end, ...joined.map((each) => each[1]))]);
    this.#spans[slot] = apart.sort((a, b) => a[0] - b[0]);
  }
}
