/** Names of the stimuli of a page: letters, and words for open references. */

import { fill, letterOf } from "./elements.js";

/** @typedef {"reference" | "dry_mix" | "dry_vocal" | "dry_backing" | "x"} ReferenceKind */

export class Names {
  /**
   * @param {number} nRated
   * @param {ReferenceKind[]} kinds  of the references, whose slots come after those rated
   * @param {Record<string, string>} texts
   */
  constructor(nRated, kinds, texts) {
    this.nRated = nRated;
    this.kinds = kinds;
    this.texts = texts;
    /** @type {Record<string, string>} */
    this.words = {
      reference: texts.reference,
      dry_mix: texts.dry_mix,
      dry_vocal: texts.dry_vocal,
      dry_backing: texts.dry_backing,
    };
  }

  /** @returns {number} stimuli that can be heard */
  get count() {
    return this.nRated + this.kinds.length;
  }

  /** @returns {number[]} slots of references with a name of their own; X has only its letter */
  get referenceSlots() {
    return this.kinds.flatMap((kind, index) => (kind === "x" ? [] : [this.nRated + index]));
  }

  /** @param {number} slot @returns {string} as on its button */
  short(slot) {
    if (slot < this.nRated) return letterOf(slot);
    const kind = this.kinds[slot - this.nRated];
    return kind === "x" ? "X" : this.words[kind];
  }

  /** @param {number} slot @returns {string} for screen readers */
  listenTo(slot) {
    return this.#isLettered(slot)
      ? fill(this.texts.play_stimulus, { letter: this.short(slot) })
      : fill(this.texts.play_reference, { name: this.short(slot) });
  }

  /** @param {number} slot @returns {string} for screen readers */
  isPlaying(slot) {
    return this.#isLettered(slot)
      ? fill(this.texts.now_playing, { letter: this.short(slot) })
      : fill(this.texts.reference_playing, { name: this.short(slot) });
  }

  /** @param {number} slot @returns {string} for screen readers */
  ratingOf(slot) {
    return fill(this.texts.rating_of, { letter: this.short(slot) });
  }

  /**
   * Letters and digits choose a stimulus; R goes from one reference to the next.
   * @param {string} key
   * @param {number} chosen  the slot now chosen
   * @returns {number | null}
   */
  slotOfKey(key, chosen) {
    const place = placeOf(key);
    if (place !== null && place < this.nRated) return place;
    const sign = key.toLowerCase();
    if (sign === "x" && this.kinds.includes("x")) return this.nRated + this.kinds.indexOf("x");
    const references = this.referenceSlots;
    if (sign !== "r" || references.length === 0) return null;
    return references[(references.indexOf(chosen) + 1) % references.length];
  }

  /** @param {number} slot */
  #isLettered(slot) {
    return slot < this.nRated || this.kinds[slot - this.nRated] === "x";
  }
}

/** @param {string} key @returns {number | null} 1 is the first stimulus, and so is A */
function placeOf(key) {
  if (/^[1-9]$/.test(key)) return Number(key) - 1;
  if (key === "0") return 9;
  return /^[a-z]$/i.test(key) ? key.toUpperCase().charCodeAt(0) - 65 : null;
}
