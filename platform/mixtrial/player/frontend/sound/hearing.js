/** Parts of a page that were heard: noted while it plays, kept on the device over a reload. */

import { Coverage } from "./coverage.js";

/**
 * @typedef {{from: number, elapsed: number}} Stretch
 * @typedef {{isPlaying: boolean, stretch: Stretch, region: [number, number]}} Sounding
 */

export class Hearing {
  /** @type {Coverage | null} until the recordings are there */ coverage = null;
  /** Seconds of the present stretch of playing that are noted. */ #noted = 0;
  #key;

  /** @param {string} [key]  under which the device keeps it; without one it is not kept */
  constructor(key) {
    this.#key = key;
  }

  /** @param {number} nStimuli @param {number} duration  s */
  open(nStimuli, duration) {
    this.coverage = new Coverage(nStimuli, duration);
    try {
      const kept = this.#key && localStorage.getItem(this.#key);
      if (kept) this.coverage.restore(JSON.parse(kept));
    } catch {
      // As if nothing had been heard.
    }
  }

  /** Another stretch of playing begins. */
  begin() {
    this.#noted = 0;
  }

  /** @param {Sounding} engine @param {number} slot  sounding now */
  note(engine, slot) {
    if (engine.isPlaying) this.noteStretch(slot, engine.stretch, engine.region);
  }

  /** @param {number} slot @param {Stretch} stretch @param {[number, number]} region */
  noteStretch(slot, { from, elapsed }, region) {
    this.coverage?.hear(slot, from, this.#noted, elapsed, region);
    this.#noted = elapsed;
    try {
      if (this.#key) localStorage.setItem(this.#key, JSON.stringify(this.coverage));
    } catch {
      // Without it a reload asks to listen again; nothing else is lost.
    }
  }

  /** The page is stored: the device need not keep anything of it. */
  forget() {
    try {
      if (this.#key) localStorage.removeItem(this.#key);
    } catch {
      // Nothing was kept.
    }
  }
}
