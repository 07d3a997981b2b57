/**
 * Sound of one page: every stimulus runs from one common start, and only gains move.
 *
 * Conventions: times in seconds of the context's own clock, positions in seconds of the excerpt,
 * gains linear. A switch is 5 ms raised cosine down, then 5 ms raised cosine up, as ITU-R BS.1534-3
 * asks (5.3); two stimuli are never heard together (`switcher.js` says why). Works in an
 * AudioContext and, for tests, in an OfflineAudioContext.
 */

import { Decks, N_DECKS } from "./decks.js";
import { fadeLength } from "./envelope.js";
import { Switcher } from "./switcher.js";

export const MIN_LOOP_S = 0.5;

/** Sounds that are asked for early enough start at their own time; late ones start at once. */
const LOOKAHEAD_S = 0.003;
/** Time for all sources to be ready before the common start. */
const START_DELAY_S = 0.02;
/** More sources than one cannot be started at once, but in time. */
const SEVERAL_S = 0.1;
/** @typedef {import("./decks.js").Run} Run */

/**
 * @typedef {object} EngineOptions
 * @property {number} [gain]
 * @property {boolean} [once]  stop at the end of the region instead of looping
 * @property {(stretch: {from: number, elapsed: number}) => void} [onEnd]  it was reached
 */

export class Engine {
  /** @type {BaseAudioContext} */ #context;
  /** @type {import("./recordings.js").Recordings} */ #recordings;
  /** @type {Switcher} */ #switcher;
  /** @type {Decks} */ #decks;
  /** @type {GainNode} */ #master;
  /** @type {Run | null} */ #playing = null;
  /** @type {[number, number]} region in samples */ #region;
  #audible = 0;
  #position = 0;
  #once;
  /** @type {(stretch: {from: number, elapsed: number}) => void} */ #onEnd;

  /**
   * @param {BaseAudioContext} context
   * @param {import("./recordings.js").Recordings} recordings
   * @param {EngineOptions} [options]
   */
  constructor(context, recordings, options = {}) {
    this.#context = context;
    this.#recordings = recordings;
    this.#region = [0, recordings.length];
    this.#once = options.once ?? false;
    this.#onEnd = options.onEnd ?? (() => undefined);
    this.#switcher = new Switcher(context, N_DECKS * recordings.count);
    this.#decks = new Decks(context, recordings, this.#switcher);
    this.#master = context.createGain();
    this.#master.gain.value = options.gain ?? 1;
    // Mono must reach both ears: up-mix here, whatever the destination would do.
    this.#master.channelCount = 2;
    this.#master.channelCountMode = "explicit";
    this.#master.channelInterpretation = "speakers";
    this.#switcher.fader.connect(this.#master).connect(context.destination);
  }

  get isPlaying() {
    return this.#playing !== null;
  }

  /** The stimulus heard, or about to be heard when a fade is still running. */
  get audible() {
    return this.#audible;
  }

  get duration() {
    return this.#recordings.duration;
  }

  /** @returns {[number, number]} loop region in seconds */
  get region() {
    const rate = this.#context.sampleRate;
    return [this.#region[0] / rate, this.#region[1] / rate];
  }

  /** @returns {number} position in the excerpt, s */
  get position() {
    return this.#playing ? this.#positionAt(this.#context.currentTime) : this.#position;
  }

  /**
   * The stretch played since the last play, seek or change of the loop.
   * @returns {{from: number, elapsed: number}} where it began in the excerpt, and for how long, s
   */
  get stretch() {
    if (!this.#playing) return { from: this.#position, elapsed: 0 };
    const { offset, startTime } = this.#playing;
    const longest = this.#once ? this.region[1] - offset : Infinity;
    const elapsed = Math.max(0, this.#context.currentTime - startTime);
    return { from: offset, elapsed: Math.min(elapsed, longest) };
  }

  /** @param {number} gain  linear master gain; moves without a click */
  setGain(gain) {
    this.#master.gain.setTargetAtTime(gain, this.#context.currentTime, 0.015);
  }

  /** Start where we stopped; all stimuli with one start time. */
  play() {
    if (this.#playing) return;
    const delay = Math.max(START_DELAY_S - this.#fade_s, this.#notice_s);
    this.#begin(this.#fadeStart(delay), this.#position);
  }

  /** Fade out and keep the position. */
  stop() {
    if (!this.#playing) return;
    const fadeStart = this.#fadeStart(LOOKAHEAD_S);
    this.#position = this.#positionAfterFade(fadeStart);
    this.#fallSilent(this.#playing, fadeStart);
  }

  /** @param {number} position  s; kept inside the loop region */
  seek(position) {
    const [start, end] = this.region;
    const inside = position >= start && position < end ? position : start;
    this.#moveTo(() => inside);
  }

  /** Back to the start of the loop region. */
  restart() {
    this.seek(this.region[0]);
  }

  /**
   * Loop over a part of the excerpt; widened to 500 ms when shorter.
   * @param {number} start  s
   * @param {number} end    s
   * @returns {[number, number]} the region taken
   */
  setRegion(start, end) {
    const rate = this.#context.sampleRate;
    const { length } = this.#recordings;
    const shortest = Math.min(length, Math.ceil(MIN_LOOP_S * rate));
    const first = Math.min(Math.max(0, Math.round(start * rate)), length - shortest);
    const last = Math.min(length, Math.max(Math.round(end * rate), first + shortest));
    if (first === this.#region[0] && last === this.#region[1]) return this.region;
    this.#moveTo((position) => {
      this.#region = [first, last];
      return position * rate >= first && position * rate < last ? position : first / rate;
    });
    return this.region;
  }

  /**
   * Make another stimulus audible; of several quick calls the last one wins.
   * @param {number} slot
   * @param {boolean} [fromStart]  play it from the start of the loop region, not in step
   */
  switchTo(slot, fromStart = false) {
    if (!(slot >= 0 && slot < this.#recordings.count)) throw new RangeError(`no stimulus ${slot}`);
    if (slot === this.#audible) return;
    this.#audible = slot;
    if (fromStart) this.restart();
    else if (this.#playing) this.#choose(this.#playing, this.#fadeStart(LOOKAHEAD_S));
  }

  /**
   * Fall silent and let go of the recordings.
   * @returns {Promise<void>} once it is silent
   */
  close() {
    this.stop();
    const silent = this.#fadeStart(0);
    return new Promise((resolve) => {
      this.#switcher.afterwards(silent, () => {
        this.#master.disconnect();
        resolve();
      });
    });
  }

  get #fade_s() {
    return fadeLength(this.#context.sampleRate) / this.#context.sampleRate;
  }

  get #notice_s() {
    return this.#recordings.buffers.length > 1 ? SEVERAL_S : LOOKAHEAD_S;
  }

  /** @param {number} delay  s @returns {number} context time */
  #fadeStart(delay) {
    return this.#switcher.next(this.#context.currentTime + delay);
  }

  /** @param {number} fadeStart @returns {number} the position to go on from, s */
  #positionAfterFade(fadeStart) {
    const position = this.#positionAt(fadeStart + this.#fade_s);
    return position < this.region[1] ? position : this.region[0];
  }

  /** @param {(position: number) => number} place  the new position from the old one, s */
  #moveTo(place) {
    const before = this.#playing;
    if (!before) {
      this.#position = place(this.#position);
      return;
    }
    const fadeStart = this.#fadeStart(this.#notice_s);
    const position = place(this.#positionAfterFade(fadeStart));
    this.#begin(fadeStart, position);
    this.#leave(before, fadeStart);
  }

  /**
   * The sources come first, the choice after them: nothing is chosen that is not there.
   * @param {number} fadeStart  context time at which what sounded before falls
   * @param {number} offset  s
   */
  #begin(fadeStart, offset) {
    const startTime = fadeStart + this.#fade_s;
    this.#playing = this.#decks.begin(
      startTime, offset, this.#region, this.#once, (run) => this.#ended(run));
    this.#decks.setRegion(this.#region, fadeStart);
    this.#choose(this.#playing, fadeStart);
  }

  /** @param {Run} run @param {number} fadeStart */
  #choose(run, fadeStart) {
    this.#switcher.choose(this.#decks.choiceOf(run, this.#audible), fadeStart);
  }

  /** @param {Run} run  playing until now @param {number} fadeStart */
  #fallSilent(run, fadeStart) {
    this.#playing = null;
    this.#switcher.choose(0, fadeStart);
    this.#leave(run, fadeStart);
  }

  /** A run is let go of once its fade has been rendered. @param {Run} run @param {number} fadeStart */
  #leave(run, fadeStart) {
    this.#switcher.afterwards(fadeStart, () => this.#decks.end(run));
  }

  /** @param {Run} run  played once, to its end */
  #ended(run) {
    if (this.#playing !== run) return;
    // It sounded to its end, though the clock that is read here may not have come there yet.
    const { offset } = run;
    const stretch = { from: offset, elapsed: this.region[1] - offset };
    this.#position = this.region[0];
    this.#fallSilent(run, this.#fadeStart(0));
    this.#onEnd(stretch);
  }

  /** @param {number} time  context time, while playing */
  #positionAt(time) {
    const { offset, startTime } = /** @type {Run} */ (this.#playing);
    const [start, end] = this.region;
    const played = Math.max(0, time - startTime);
    if (this.#once) return Math.min(offset + played, end);
    return start + ((offset - start + played) % (end - start));
  }
}
