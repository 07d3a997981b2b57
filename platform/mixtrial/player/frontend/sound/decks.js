/**
 * The way of the recordings from their sources to the switcher's fader.
 *
 *     deck ─┐                    ┌─ recording 0 ─┐
 *     deck ─┼─ recordings side ──┼─ recording 1 ─┼─ fader
 *     deck ─┘  by side           └─ …           ─┘
 *
 * A deck plays all recordings of a page from a common start, as channels of one source: nothing can
 * shift them against each other. When the position jumps, another deck goes on. All but the sources is
 * there from the beginning, and what counts the samples comes the same way as the sound: it opens the
 * switcher's gate, so nothing rises before it sounds, and the ends of a loop are exact.
 *
 * Conventions: times in seconds of the context's own clock, regions in samples.
 */

import { fadeLength } from "./envelope.js";

/** Decks that may be on their way out at once: more than anybody asks for in a buffer's time. */
export const N_DECKS = 16;
/** A step from 0 to 1 about an input of 0, in samples; the way down is its negative. */
const UP = [0, 0, 0, 0, 0.5, 1, 1, 1, 1];

/**
 * @typedef {object} Run  one stretch of playing on a deck
 * @property {number} deck
 * @property {number} startTime  context time of the first sample
 * @property {number} offset     position of the first sample, s
 * @property {AudioBufferSourceNode[]} sources
 */

export class Decks {
  /** @type {BaseAudioContext} */ #context;
  /** @type {import("./recordings.js").Recordings} */ #recordings;
  /** @type {import("./switcher.js").Switcher} */ #switcher;
  /** @type {GainNode[][]} one a deck and buffer */ #inputs;
  /** @type {ConstantSourceNode[]} start and end of the loop */ #edges = [];
  /** @type {(Run | undefined)[]} */ #runs = [];
  #nBegun = 0;

  /**
   * @param {BaseAudioContext} context
   * @param {import("./recordings.js").Recordings} recordings
   * @param {import("./switcher.js").Switcher} switcher
   */
  constructor(context, recordings, switcher) {
    this.#context = context;
    this.#recordings = recordings;
    this.#switcher = switcher;
    const splitters = recordings.buffers.map(
      ({ numberOfChannels }) => context.createChannelSplitter(numberOfChannels));
    this.#inputs = Array.from({ length: N_DECKS }, (_, deck) => this.#deck(deck, splitters));
    this.#openGate(splitters[0]);
    for (let slot = 0; slot < recordings.count; slot += 1) {
      this.#letThrough(splitters[Math.floor(slot / recordings.perBuffer)], slot);
    }
  }

  /**
   * Start all recordings on the next deck; nothing of it is heard until it is chosen.
   * @param {number} startTime
   * @param {number} offset  position, s
   * @param {[number, number]} region
   * @param {boolean} once   stop at the end of the region instead of looping
   * @param {(run: Run) => void} onEnd  it was played to its end
   * @returns {Run}
   */
  begin(startTime, offset, region, once, onEnd) {
    const deck = this.#nBegun % N_DECKS;
    this.#nBegun += 1;
    const before = this.#runs[deck];
    if (before) this.end(before);
    const rate = this.#context.sampleRate;
    const sources = this.#recordings.buffers.map((buffer, place) => {
      const source = this.#context.createBufferSource();
      source.buffer = buffer;
      source.loop = !once;
      source.loopStart = region[0] / rate;
      source.loopEnd = region[1] / rate;
      source.connect(this.#inputs[deck][place]);
      if (once) source.start(startTime, offset, region[1] / rate - offset);
      else source.start(startTime, offset);
      return source;
    });
    const run = { deck, startTime, offset, sources };
    sources[0].onended = () => onEnd(run);
    this.#runs[deck] = run;
    return run;
  }

  /** @param {Run} run @param {number} slot @returns {number} what the switcher calls it */
  choiceOf(run, slot) {
    return 1 + run.deck * this.#recordings.count + slot;
  }

  /**
   * Where the loop fades, from a fade on.
   * @param {[number, number]} region
   * @param {number} time
   */
  setRegion([start, end], time) {
    const nFade = fadeLength(this.#context.sampleRate);
    // The rise begins at a loop's first sample, at which the fall of the turn before it ends.
    this.#edges[0].offset.setValueAtTime(-(start + 0.5), time);
    this.#edges[1].offset.setValueAtTime(-(end - nFade + 0.5), time);
  }

  /** Let go of what is no longer heard. @param {Run} run */
  end(run) {
    if (this.#runs[run.deck] !== run) return;
    this.#runs[run.deck] = undefined;
    run.sources[0].onended = null;
    for (const source of run.sources) {
      source.stop();
      source.disconnect();
    }
  }

  /** @param {number} deck @param {ChannelSplitterNode[]} splitters */
  #deck(deck, splitters) {
    const { count, buffers } = this.#recordings;
    return buffers.map(({ numberOfChannels }, place) => {
      const input = this.#switcher.passage(
        (choice) => Math.floor((choice - 1) / count) === deck, numberOfChannels);
      input.connect(splitters[place]);
      return input;
    });
  }

  /** @param {ChannelSplitterNode} splitter @param {number} slot */
  #letThrough(splitter, slot) {
    const { count, nChannels, perBuffer } = this.#recordings;
    const passage = this.#switcher.passage((choice) => (choice - 1) % count === slot, nChannels);
    const merger = this.#context.createChannelMerger(nChannels);
    for (let channel = 0; channel < nChannels; channel += 1) {
      splitter.connect(merger, 1 + (slot % perBuffer) * nChannels + channel, channel);
    }
    merger.connect(passage).connect(this.#switcher.fader);
  }

  /** @param {ChannelSplitterNode} splitter  its first channel counts the samples */
  #openGate(splitter) {
    for (const step of [UP, UP.map((each) => -each)]) {
      const shaper = this.#context.createWaveShaper();
      shaper.curve = Float32Array.from(step);
      const edge = this.#context.createConstantSource();
      edge.start();
      edge.connect(shaper);
      splitter.connect(shaper, 0);
      shaper.connect(this.#switcher.gate);
      this.#edges.push(edge);
    }
    this.setRegion([0, this.#recordings.length], 0);
  }
}
