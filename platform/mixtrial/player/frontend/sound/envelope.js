/**
 * The gains of every fade as numbers: a switch's, a loop's, a play's.
 *
 * Conventions: gains linear, lengths in samples; a fade is 5 ms of a raised cosine, as
 * ITU-R BS.1534-3 asks (5.3).
 */

export const FADE_S = 0.005;

/** @param {number} sampleRate @returns {number} samples that a fade lasts */
export function fadeLength(sampleRate) {
  return Math.round(FADE_S * sampleRate);
}

/**
 * Half a cosine from 0 to 1, both ends included.
 * @param {number} nSteps  samples the fade lasts
 * @returns {Float32Array<ArrayBuffer>} nSteps + 1 gains
 */
export function raisedCosine(nSteps) {
  return Float32Array.from(
    { length: nSteps + 1 }, (_, i) => 0.5 * (1 - Math.cos((Math.PI * i) / nSteps)));
}
