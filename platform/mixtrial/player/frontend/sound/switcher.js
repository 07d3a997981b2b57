/**
 * The one control from which all gains follow: which sound is chosen, as a number that changes with time.
 *
 * Whoever chooses writes one number into one parameter, at any time and however late. The sound
 * thread derives the rest from that number, sample by sample, so no order can go wrong:
 *
 *     choice ─┬─ changed? ── held for a fade ── not ──× gate ── mean of a fade's length ── cosine ── fader
 *             └─ one fade later ── which sound is let through
 *
 * With each change the fader falls for 5 ms and then rises for 5 ms, and the sound is exchanged at the
 * sample between, where the fader is at 0. A mean over 5 ms cannot step, so the fader cannot either; and
 * a number has one value at a time, so two sounds are never let through together. Nothing is one
 * of the numbers: a stop is a change like the others. A change within a fade turns the fader back
 * where it is; the rise comes 5 ms after the last change.
 *
 * Conventions: times in seconds of the context's own clock, choices whole numbers from 0 (nothing).
 */

import { fadeLength, raisedCosine } from "./envelope.js";

/** Points of a curve from one choice to the next: rounding on the way changes no gain. */
const POINTS = 4;

export class Switcher {
  /** @type {BaseAudioContext} */ #context;
  /** @type {ConstantSourceNode} */ #choice;
  /** @type {DelayNode} the choice as it is heard: from the sample on at which the fader is at 0 */
  #heard;
  #nChoices;
  /** Context time of the last change: changes keep the order in which they were asked for. */ #last = 0;

  /**
   * @param {BaseAudioContext} context
   * @param {number} nChoices  besides nothing
   */
  constructor(context, nChoices) {
    this.#context = context;
    this.#nChoices = nChoices;
    const nFade = fadeLength(context.sampleRate);
    this.#choice = context.createConstantSource();
    this.#choice.offset.value = this.#level(0);
    this.#choice.start();
    // Half the difference to the sample before: within the range of a curve.
    const difference = context.createIIRFilter([0.5, -0.5], [1]);
    const middle = POINTS * (nChoices + 1);
    const changed = this.#shaper(new Float32Array(2 * middle + 1).fill(1).fill(0, middle, middle + 1));
    const held = this.#filter(new Float32Array(nFade).fill(1));
    const closed = this.#shaper(Float32Array.of(0, 0, 0, 0, 0, 0, -1, -1, -1));
    /** The heard stimulus writes here where it may sound: 1, or 0 at the ends of a loop. */
    this.gate = context.createGain();
    const slope = this.#filter(new Float32Array(nFade).fill(1 / nFade));
    const cosine = new Float32Array(2 * nFade + 1);
    cosine.set(raisedCosine(nFade), nFade);
    /** All sounds go through here. */
    this.fader = context.createGain();
    this.fader.gain.value = 0;
    this.#choice.connect(difference).connect(changed).connect(held).connect(closed)
      .connect(this.gate.gain);
    this.gate.connect(slope).connect(this.#shaper(cosine)).connect(this.fader.gain);
    this.#heard = context.createDelay();
    this.#heard.delayTime.value = (nFade - 1) / context.sampleRate;
    this.#choice.connect(this.#heard);
  }

  /**
   * @param {number} soonest  context time
   * @returns {number} when the next fade can begin: on a sample, not before the last change
   */
  next(soonest) {
    const rate = this.#context.sampleRate;
    return Math.ceil(Math.max(soonest, this.#last) * rate - 1e-6) / rate;
  }

  /**
   * Fall, exchange, rise.
   * @param {number} choice
   * @param {number} fadeStart  context time of the last sample at full gain, from `next`
   */
  choose(choice, fadeStart) {
    this.#last = fadeStart;
    // Half a sample of room: the change is on the next sample, whatever the rounding.
    this.#choice.offset.setValueAtTime(
      this.#level(choice), fadeStart + 0.5 / this.#context.sampleRate);
  }

  /**
   * A gain that lets some choices through: 1 while one of them is heard, else 0.
   * @param {(choice: number) => boolean} isLetThrough
   * @param {number} nChannels
   * @returns {GainNode}
   */
  passage(isLetThrough, nChannels) {
    const middle = POINTS * (this.#nChoices + 1);
    const curve = new Float32Array(2 * middle + 1);
    for (let choice = 1; choice <= this.#nChoices; choice += 1) {
      const at = middle + POINTS * (choice + 1);
      if (isLetThrough(choice)) curve.fill(1, at - 1, at + 2);
    }
    // Its channels are fixed: what is connected later is let through at once.
    const gain = new GainNode(this.#context, {
      gain: 0, channelCount: nChannels, channelCountMode: "explicit",
      channelInterpretation: "discrete" });
    this.#heard.connect(this.#shaper(curve)).connect(gain.gain);
    return gain;
  }

  /**
   * Call back once a change asked for before has been rendered, down and up.
   *
   * A silent sound is played after it: its end is the sound thread's own word, however late.
   * @param {number} fadeStart  of that change
   * @param {() => void} callback
   */
  afterwards(fadeStart, callback) {
    const { sampleRate } = this.#context;
    const pilot = this.#context.createBufferSource();
    pilot.buffer = this.#context.createBuffer(1, 3 * fadeLength(sampleRate), sampleRate);
    pilot.connect(this.fader);
    pilot.onended = () => {
      pilot.disconnect();
      callback();
    };
    pilot.start(fadeStart);
  }

  /** @param {number} choice @returns {number} above 0: what is silent need not be rendered */
  #level(choice) {
    return (choice + 1) / (this.#nChoices + 1);
  }

  /** @param {Float32Array<ArrayBuffer>} curve  over inputs from -1 to 1 */
  #shaper(curve) {
    const shaper = this.#context.createWaveShaper();
    shaper.curve = curve;
    return shaper;
  }

  /** @param {Float32Array<ArrayBuffer>} response */
  #filter(response) {
    const buffer = this.#context.createBuffer(1, response.length, this.#context.sampleRate);
    buffer.copyToChannel(response, 0);
    const filter = this.#context.createConvolver();
    filter.normalize = false;
    filter.buffer = buffer;
    return filter;
  }
}
