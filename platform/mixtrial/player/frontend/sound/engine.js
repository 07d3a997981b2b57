/**
 * Sound of one page: every stimulus runs from one common start, and only gains move.
 *
 * Conventions: times in seconds of the context's own clock, positions in seconds of the excerpt,
 * gains linear. A switch is 5 ms raised cosine down, then 5 ms raised cosine up, as ITU-R BS.1534-3
 * asks (5.3); two stimuli are never heard together. Works in an AudioContext and, for tests, in an
 * OfflineAudioContext.
 */

import { FADE_S, loopEnvelope, raisedCosine } from "./envelope.js";
import { assertAligned } from "./recordings.js";

export const MIN_LOOP_S = 0.5;

/** An event must lie ahead of what the sound thread has already rendered. */
const LOOKAHEAD_S = 0.003;
/** Time for all sources to be ready before the common start. */
const START_DELAY_S = 0.02;

/**
 * @typedef {object} Generation  the nodes of one stretch of playing; replaced as a whole
 * @property {number} startTime   context time of the first sample
 * @property {number} offset      position of the first sample, s
 * @property {GainNode} fader     fade at play and stop
 * @property {GainNode[]} gains   one switch gain a stimulus
 * @property {AudioScheduledSourceNode[]} sources
 */

export class Engine {
  /** @type {BaseAudioContext} */ #context;
  /** @type {AudioBuffer[]} */ #buffers;
  /** @type {GainNode} */ #master;
  /** @type {Generation | null} */ #playing = null;
  /** @type {AudioBuffer | null} */ #envelope = null;
  /** @type {[number, number]} region in samples */ #region;
  #audible = 0;
  #target = 0;
  #isSwitching = false;
  /** Context time at which the last switch is over; the timer may be ahead of the context. */
  #settledFrom = 0;
  #position = 0;
  /** Context time at which the last generation has fallen silent. */ #silentFrom = 0;
  /** @type {(time: number, callback: () => void) => void} */ #callAfter;
  #once;
  /** @type {(stretch: {from: number, elapsed: number}) => void} */ #onEnd;

  /**
   * @param {BaseAudioContext} context
   * @param {AudioBuffer[]} buffers  same rate, channels and length (`assertAligned`)
   * @param {object} [options]
   * @param {number} [options.gain]
   * @param {boolean} [options.once]  stop at the end of the region instead of looping
   * @param {(stretch: {from: number, elapsed: number}) => void} [options.onEnd]  it was reached
   * @param {(time: number, callback: () => void) => void} [options.callAfter]  calls back once
   *   the context's clock has passed a time; tests replace the timer
   */
  constructor(context, buffers, options = {}) {
    assertAligned(buffers);
    this.#context = context;
    this.#buffers = buffers;
    this.#region = [0, buffers[0].length];
    this.#once = options.once ?? false;
    this.#onEnd = options.onEnd ?? (() => undefined);
    this.#callAfter =
      options.callAfter ??
      ((time, callback) => {
        setTimeout(callback, Math.max(0, 1000 * (time - context.currentTime)));
      });
    this.#master = context.createGain();
    this.#master.gain.value = options.gain ?? 1;
    // Mono must reach both ears: up-mix here, whatever the destination would do.
    this.#master.channelCount = 2;
    this.#master.channelCountMode = "explicit";
    this.#master.channelInterpretation = "speakers";
    this.#master.connect(context.destination);
  }

  get isPlaying() {
    return this.#playing !== null;
  }

  /** The stimulus heard, or about to be heard when a fade is still running. */
  get audible() {
    return this.#target;
  }

  get duration() {
    return this.#buffers[0].duration;
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
   * What has sounded since the last play, seek or change of the loop.
   * @returns {{from: number, elapsed: number}} where it began in the excerpt, and for how long, s
   */
  get stretch() {
    const generation = this.#playing;
    if (!generation) return { from: this.#position, elapsed: 0 };
    const longest = this.#once ? this.region[1] - generation.offset : Infinity;
    const elapsed = Math.max(0, this.#context.currentTime - generation.startTime);
    return { from: generation.offset, elapsed: Math.min(elapsed, longest) };
  }

  /** @param {number} gain  linear master gain; moves without a click */
  setGain(gain) {
    this.#master.gain.setTargetAtTime(gain, this.#context.currentTime, 0.015);
  }

  /** Start where we stopped; all stimuli with one start time. */
  play() {
    if (this.#playing) return;
    const soonest = this.#context.currentTime + START_DELAY_S;
    this.#begin(this.#onFrame(Math.max(soonest, this.#silentFrom)), this.#position);
  }

  /** Fade out and keep the position. */
  stop() {
    if (!this.#playing) return;
    const fadeStart = this.#fadeStart(this.#playing);
    const position = this.#positionAt(fadeStart + FADE_S);
    this.#position = position < this.region[1] ? position : this.region[0];
    this.#end(fadeStart);
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
    const length = this.#buffers[0].length;
    const shortest = Math.min(length, Math.ceil(MIN_LOOP_S * rate));
    const first = Math.min(Math.max(0, Math.round(start * rate)), length - shortest);
    const last = Math.min(length, Math.max(Math.round(end * rate), first + shortest));
    if (first === this.#region[0] && last === this.#region[1]) return this.region;
    this.#moveTo((position) => {
      this.#region = [first, last];
      this.#envelope = null;
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
    if (!(slot in this.#buffers)) throw new RangeError(`no stimulus ${slot}`);
    const isOther = slot !== this.#target;
    this.#target = slot;
    if (fromStart && isOther) {
      this.restart();
      return;
    }
    if (!this.#playing) this.#audible = slot;
    else if (!this.#isSwitching) this.#fadeToTarget(this.#playing);
  }

  /** Fall silent and let go of the buffers. */
  close() {
    this.stop();
    this.#callAfter(this.#silentFrom, () => this.#master.disconnect());
    this.#buffers = this.#buffers.slice(0, 1);
    this.#envelope = null;
  }

  /**
   * A fade in flight is never cut: its gains are only known at its ends.
   * @param {Generation} generation
   */
  #fadeToTarget(generation) {
    const to = this.#target;
    if (to === this.#audible) return;
    const soonest = this.#context.currentTime + LOOKAHEAD_S;
    const start = this.#onFrame(
      Math.max(soonest, this.#settledFrom, generation.startTime));
    const nFade = Math.round(FADE_S * this.#context.sampleRate);
    const fade = nFade / this.#context.sampleRate;
    const middle = this.#onFrame(start + fade);
    generation.gains[this.#audible].gain.setValueCurveAtTime(
      raisedCosine(nFade, false), start, fade);
    generation.gains[to].gain.setValueCurveAtTime(raisedCosine(nFade, true), middle, fade);
    this.#audible = to;
    this.#isSwitching = true;
    // One sample later: two curves of one gain may not even touch.
    this.#settledFrom = this.#onFrame(middle + fade + 1 / this.#context.sampleRate);
    this.#callAfter(this.#settledFrom, () => {
      if (this.#playing !== generation) return;
      this.#isSwitching = false;
      this.#fadeToTarget(generation);
    });
  }

  /** @param {(position: number) => number} place  the new position from the old one, s */
  #moveTo(place) {
    const wasPlaying = this.isPlaying;
    this.stop();
    this.#position = place(this.#position);
    if (wasPlaying) this.#begin(this.#onFrame(this.#silentFrom), this.#position);
  }

  /**
   * @param {number} at        context time of the first sample
   * @param {number} position  s
   */
  #begin(at, position) {
    const context = this.#context;
    const [start, end] = this.region;
    const nFade = Math.round(FADE_S * context.sampleRate);
    const fader = context.createGain();
    fader.gain.value = 0;
    fader.gain.setValueCurveAtTime(raisedCosine(nFade, true), at, nFade / context.sampleRate);
    fader.connect(this.#master);
    // The seam's fades are a looped signal, not timed events: exact to the sample, no timer.
    this.#envelope ??= loopEnvelope(
      context, this.#buffers[0].length, this.#region[0], this.#region[1]);
    const seam = context.createGain();
    seam.gain.value = 0;
    seam.connect(fader);
    this.#audible = this.#target;
    this.#isSwitching = false;
    const gains = this.#buffers.map((_, slot) => {
      const gain = context.createGain();
      gain.gain.value = slot === this.#audible ? 1 : 0;
      gain.connect(seam);
      return gain;
    });
    const source = (/** @type {AudioBuffer} */ buffer, /** @type {AudioNode | AudioParam} */ to) => {
      const node = context.createBufferSource();
      node.buffer = buffer;
      node.loop = !this.#once;
      node.loopStart = start;
      node.loopEnd = end;
      node.connect(/** @type {AudioNode} */ (to));
      if (this.#once) node.start(at, position, end - position);
      else node.start(at, position);
      return node;
    };
    const sources = this.#buffers.map((buffer, slot) => source(buffer, gains[slot]));
    sources.push(source(this.#envelope, seam.gain));
    const generation = { startTime: at, offset: position, fader, gains, sources };
    sources[0].onended = () => this.#ended(generation);
    this.#playing = generation;
  }

  /** @param {Generation} generation  played once, to its end */
  #ended(generation) {
    if (this.#playing !== generation) return;
    // It sounded to its end, though the clock that is read here may not have come there yet.
    const stretch = { from: generation.offset, elapsed: this.region[1] - generation.offset };
    this.#playing = null;
    this.#isSwitching = false;
    this.#silentFrom = this.#context.currentTime;
    this.#position = this.region[0];
    generation.fader.disconnect();
    this.#onEnd(stretch);
  }

  /** @param {number} fadeStart  context time */
  #end(fadeStart) {
    const generation = /** @type {Generation} */ (this.#playing);
    const nFade = Math.round(FADE_S * this.#context.sampleRate);
    const fade = nFade / this.#context.sampleRate;
    generation.fader.gain.setValueCurveAtTime(raisedCosine(nFade, false), fadeStart, fade);
    this.#silentFrom = this.#onFrame(fadeStart + fade);
    for (const node of generation.sources) node.stop(this.#silentFrom);
    generation.sources[0].onended = () => generation.fader.disconnect();
    this.#playing = null;
    this.#isSwitching = false;
  }

  /** @param {Generation} generation */
  #fadeStart(generation) {
    const soonest = this.#context.currentTime + LOOKAHEAD_S;
    const risen = generation.startTime + FADE_S + 2 / this.#context.sampleRate;
    return this.#onFrame(Math.max(soonest, risen));
  }

  /** @param {number} time  context time, while playing */
  #positionAt(time) {
    const generation = /** @type {Generation} */ (this.#playing);
    const [start, end] = this.region;
    const played = Math.max(0, time - generation.startTime);
    if (this.#once) return Math.min(generation.offset + played, end);
    return start + ((generation.offset - start + played) % (end - start));
  }

  /** @param {number} time @returns {number} the next sample's time */
  #onFrame(time) {
    const rate = this.#context.sampleRate;
    return Math.ceil(time * rate - 1e-6) / rate;
  }
}
