/** The recordings of a page: fetched and decoded side by side, and fit to be compared. */

import { askedWait_ms, pause } from "./patience.js";

const MOST_TRIES = 4;
/** Channels that every browser can hold in one buffer (Web Audio API, createBuffer). */
const MOST_CHANNELS = 32;

/**
 * Refuse stimuli that cannot be compared sample by sample.
 * @param {AudioBuffer[]} buffers
 */
export function assertAligned(buffers) {
  const [first, ...others] = buffers;
  const fits = (/** @type {AudioBuffer} */ buffer) =>
    buffer.length === first.length &&
    buffer.sampleRate === first.sampleRate &&
    buffer.numberOfChannels === first.numberOfChannels;
  if (!first || !others.every(fits)) {
    throw new Error("The recordings of this page differ in length, rate or channels.");
  }
}

/**
 * The recordings of a page side by side as channels, so that one source plays them in step.
 *
 * Before them stands a channel that counts the samples: it tells at each sample where the source is.
 * More than one buffer holds (15 in stereo) go into several.
 */
export class Recordings {
  /** @type {AudioBuffer[]} */ buffers = [];

  /** @param {AudioBuffer[]} decoded  same rate, channels and length */
  constructor(decoded) {
    assertAligned(decoded);
    this.count = decoded.length;
    const [{ length, sampleRate, duration, numberOfChannels }] = decoded;
    this.length = length;
    this.sampleRate = sampleRate;
    this.duration = duration;
    this.nChannels = numberOfChannels;
    /** Recordings in a buffer. */
    this.perBuffer = Math.min(this.count, Math.floor((MOST_CHANNELS - 1) / this.nChannels));
    for (let slot = 0; slot < this.count; slot += this.perBuffer) {
      this.buffers.push(this.#sideBySide(decoded.slice(slot, slot + this.perBuffer)));
    }
  }

  /** @param {AudioBuffer[]} decoded */
  #sideBySide(decoded) {
    const { length, sampleRate, nChannels } = this;
    const numberOfChannels = 1 + nChannels * decoded.length;
    const buffer = new AudioBuffer({ numberOfChannels, length, sampleRate });
    buffer.copyToChannel(Float32Array.from({ length }, (_, i) => i), 0);
    decoded.forEach((each, place) => {
      for (let channel = 0; channel < nChannels; channel += 1) {
        buffer.copyToChannel(each.getChannelData(channel), 1 + place * nChannels + channel);
      }
    });
    return buffer;
  }
}

/**
 * Fetch one recording; a server that is busy and says for how long is asked again.
 * @param {string} url
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>}
 */
async function fetched(url, signal) {
  for (let n = 1; ; n += 1) {
    const response = await fetch(url, { signal, credentials: "same-origin" });
    if (response.ok) return response;
    const wait_ms = askedWait_ms(response);
    if (wait_ms === null || n === MOST_TRIES) {
      throw new Error(`A recording could not be fetched (${response.status}).`);
    }
    await pause(wait_ms, signal);
  }
}

/**
 * Fetch and decode the stimuli of a page side by side.
 * @param {string[]} urls
 * @param {number} sampleRate  of the files, so that nothing is resampled
 * @param {(share: number) => void} onProgress  0 to 1
 * @param {AbortSignal} [signal]
 * @returns {Promise<AudioBuffer[]>}
 */
export async function loadStimuli(urls, sampleRate, onProgress, signal) {
  const decoder = new OfflineAudioContext(2, 1, sampleRate);
  let nDone = 0;
  const load = async (/** @type {string} */ url) => {
    const response = await fetched(url, signal);
    const buffer = await decoder.decodeAudioData(await response.arrayBuffer());
    nDone += 1;
    onProgress(nDone / urls.length);
    return buffer;
  };
  return Promise.all(urls.map(load));
}
