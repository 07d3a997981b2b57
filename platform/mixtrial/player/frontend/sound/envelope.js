/**
 * The gains of every fade as numbers: a switch's, a loop's, a play's.
 *
 * Conventions: gains linear, positions in samples; a fade is 5 ms of a raised cosine, as
 * ITU-R BS.1534-3 asks (5.3).
 */

export const FADE_S = 0.005;

/**
 * Half a cosine between 0 and 1, both ends included.
 * @param {number} nSteps  samples the fade lasts
 * @param {boolean} rising
 * @returns {Float32Array} nSteps + 1 gains
 */
export function raisedCosine(nSteps, rising) {
  const curve = new Float32Array(nSteps + 1);
  for (let i = 0; i <= nSteps; i += 1) {
    const falling = 0.5 * (1 + Math.cos((Math.PI * i) / nSteps));
    curve[i] = rising ? 1 - falling : falling;
  }
  return curve;
}

/**
 * Gain over one turn of the loop: in over 5 ms, 1, out over 5 ms; 0 outside the region.
 * @param {BaseAudioContext} context
 * @param {number} length  samples of a stimulus
 * @param {number} first   first sample of the region
 * @param {number} last    one past its last sample
 * @returns {AudioBuffer}
 */
export function loopEnvelope(context, length, first, last) {
  const nFade = Math.round(FADE_S * context.sampleRate);
  const buffer = context.createBuffer(1, length, context.sampleRate);
  const gain = buffer.getChannelData(0);
  gain.fill(1, first, last);
  const rise = raisedCosine(nFade, true);
  for (let i = 0; i < nFade; i += 1) {
    gain[first + i] = rise[i];
    gain[last - 1 - i] = rise[i + 1];
  }
  return buffer;
}
