"""What a compressor's gain does besides following the level, and how levels lie about their second.

*Level spread*: 95th less 10th percentile, over sounding blocks of 50 ms, of the level against that
of the second around them (sounding blocks alone), in dB.

*Pumping*: root mean square, over sounding blocks of 50 ms, of the part of the gain that does not
follow from the block's own level: the gain less the median of the gains of blocks within the same
decibel. A gain that follows the level at once reads 0; one that still holds down a soft syllable
because of the loud one before it does not.
"""

from __future__ import annotations

import math

import numpy as np

from mixing.audio import Audio
from mixing.meters.dynamics import SOUNDING_LU, Mask
from mixing.meters.k_weighting import Powers
from mixing.meters.loudness import block_powers, integrated_from_powers

SPREAD_PERCENTILES = (10.0, 95.0)  # those of the loudness range
_BLOCKS_AROUND = 21  # blocks of 50 ms: the second around a block, itself in the middle
_FEWEST_AROUND = 10  # of which this many must sound


def level_spread_db(audio: Audio, sample_rate: int) -> float:
    """Spread of 50 ms levels against the second around them, in dB."""
    levels_db, sounding = _short_levels(audio, sample_rate)
    power = np.where(sounding, 10 ** (levels_db / 10), 0.0)
    ones = np.ones(_BLOCKS_AROUND)
    count = np.convolve(sounding.astype(float), ones, "same")
    kept = sounding & (count >= _FEWEST_AROUND)
    if not kept.any():
        return 0.0
    around = np.convolve(power, ones, "same")[kept] / count[kept]
    low, high = np.percentile(levels_db[kept] - 10 * np.log10(around), SPREAD_PERCENTILES)
    return float(high - low)


def pumping_db(before: Audio, after: Audio, sample_rate: int) -> float:
    """Gain that does not follow the level, in dB (RMS).

    Parameters
    ----------
    before, after
        The same sound without and with the compressor, of one length.
    """
    levels_db, sounding = _short_levels(before, sample_rate)
    if not sounding.any():
        return 0.0
    gains_db = (_short_levels(after, sample_rate)[0] - levels_db)[sounding]
    decibel = np.rint(levels_db[sounding]).astype(np.int64)
    rest = np.empty(gains_db.size)
    for level in np.unique(decibel):
        same = decibel == level
        rest[same] = gains_db[same] - np.median(gains_db[same])
    return float(np.sqrt(np.square(rest).mean()))


def _short_levels(audio: Audio, sample_rate: int) -> tuple[Powers, Mask]:
    """Level of each 50 ms in dB (mean square, channels averaged), and which of them sound."""
    integrated_lufs = integrated_from_powers(block_powers(audio, sample_rate))
    length = sample_rate // 20
    n_blocks = audio.shape[1] // length
    squares = np.square(audio[:, : n_blocks * length], dtype=np.float64).mean(axis=0)
    power = squares.reshape(n_blocks, length).mean(axis=1)
    levels_db = 10 * np.log10(np.maximum(power, 1e-20))
    # -0.691 and two channels: the loudness of a plain level, near enough to gate by
    loudness_lufs = levels_db - 0.691 + 10 * math.log10(audio.shape[0])
    return levels_db, np.asarray(loudness_lufs > integrated_lufs + SOUNDING_LU)
