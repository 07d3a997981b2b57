/**
 * Comments of a participant: one field for the mix now chosen, one for the page.
 *
 * A comment is sent when its field is left and when the page is handed in; until then it is kept
 * on the device. It travels as events: one `comment`, and as many `comment_more` as its length asks
 * for. The last one said of a mix holds; an empty one takes it back.
 */

import { element, fill, letterOf } from "./elements.js";

export const MAX_CHARACTERS = 2000;
/** The longest value of an event. */
const PIECE_CHARACTERS = 200;

/**
 * Pieces of a text that an event can hold each; one empty piece for an empty text.
 * @param {string} text
 * @returns {string[]}
 */
export function pieces(text) {
  // Counted as the server counts, so that no sign is cut in two; halves of signs are left out.
  const signs = Array.from(text.replaceAll("\0", ""))
    .filter((sign) => !/^[\ud800-\udfff]$/.test(sign))
    .slice(0, MAX_CHARACTERS);
  const out = [];
  for (let at = 0; at < signs.length; at += PIECE_CHARACTERS) {
    out.push(signs.slice(at, at + PIECE_CHARACTERS).join(""));
  }
  return out.length > 0 ? out : [""];
}

export class Comments {
  /** @type {Map<string, string>} by slot, "page" for the page */ #drafts = new Map();
  /** @type {Map<string, string>} */ #sent = new Map();
  #slot = 0;

  /**
   * @param {object} options
   * @param {boolean} options.perStimulus
   * @param {boolean} options.perPage
   * @param {string} options.storageKey
   * @param {(kind: string, slot: number | null, value: string) => void} options.log
   * @param {Record<string, string>} options.texts
   */
  constructor(options) {
    this.options = options;
    this.#takeDeviceCopy();
    const { texts, perStimulus, perPage } = options;
    this.stimulusLabel = element("label", { for: "comment-mix" });
    this.stimulusField = this.#field("comment-mix", () => String(this.#slot));
    this.pageField = this.#field("comment-page", () => "page");
    this.pageField.value = this.#drafts.get("page") ?? "";
    this.element = element("section", { class: "comments", "aria-label": texts.comments });
    if (perStimulus) this.element.append(element("div", {}, this.stimulusLabel, this.stimulusField));
    if (perPage) {
      this.element.append(element("div", {},
        element("label", { for: "comment-page" }, texts.comment_page), this.pageField));
    }
    this.element.hidden = !perStimulus && !perPage;
    this.choose(0);
  }

  /** @param {number} slot  the mix whose comment is shown */
  choose(slot) {
    if (slot !== this.#slot) this.#send(String(this.#slot));
    this.#slot = slot;
    this.stimulusLabel.textContent = fill(this.options.texts.comment_mix, { letter: letterOf(slot) });
    const text = this.#drafts.get(String(slot)) ?? "";
    if (this.stimulusField.value !== text) this.stimulusField.value = text;
  }

  /** Hand in what has not been sent yet. */
  flush() {
    for (const key of this.#drafts.keys()) this.#send(key);
  }

  /** The page is stored: the device need not keep anything of it. */
  forget() {
    try {
      localStorage.removeItem(this.options.storageKey);
    } catch {
      // Nothing was kept.
    }
  }

  /** @param {string} id @param {() => string} key */
  #field(id, key) {
    const field = element("textarea", { id, rows: 2, maxlength: MAX_CHARACTERS });
    field.addEventListener("input", () => {
      this.#drafts.set(key(), field.value);
      this.#keepDeviceCopy();
    });
    field.addEventListener("change", () => this.#send(key()));
    return field;
  }

  /** @param {string} key */
  #send(key) {
    const text = this.#drafts.get(key);
    if (text === undefined || text === (this.#sent.get(key) ?? "")) return;
    this.#sent.set(key, text);
    this.#keepDeviceCopy();
    pieces(text).forEach((piece, index) => {
      const slot = key === "page" ? null : Number(key);
      this.options.log(index === 0 ? "comment" : "comment_more", slot, piece);
    });
  }

  #keepDeviceCopy() {
    try {
      localStorage.setItem(this.options.storageKey, JSON.stringify([...this.#drafts]));
    } catch {
      // A full or forbidden storage costs only the copy.
    }
  }

  /** A kept comment may not have arrived: it is sent again when the page is handed in. */
  #takeDeviceCopy() {
    try {
      const kept = localStorage.getItem(this.options.storageKey);
      if (kept) this.#drafts = new Map(JSON.parse(kept));
    } catch {
      this.#drafts = new Map();
    }
  }
}
