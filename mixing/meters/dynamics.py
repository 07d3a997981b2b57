"""Crest factor of a voice: a measure of its unevenness over short times.

The loudness range compares windows of 3 s, so it says little about an excerpt of 30 s. The crest
factor uses blocks of 100 ms in which the voice is active. The crest factors of an excerpt and of
the whole song are therefore nearly the same.

Conventions
-----------
Audio is float32 ``(n_channels, n_samples)``. A block is *active* if its K-weighted loudness is at
most 20 LU below the integrated loudness. The crest factor of silence is 0.

Measure
-------
The 99th percentile of the sounding blocks' peaks (the louder channel) over their RMS, in dB. The
peak of a recording increases with its length; the 99th percentile does not.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mixing.audio import Audio
from mixing.compiled import compiled
from mixing.meters.k_weighting import Powers
from mixing.meters.loudness import block_powers, integrated_from_powers, lufs_of_power

Mask: TypeAlias = npt.NDArray[np.bool_]

# blocks below this level, relative to the integrated loudness, are left out, as for the loudness
# range
SOUNDING_LU = -20.0
PEAK_PERCENTILE = 99.0


class CrestMeter:
    """Peak and mean square of each 100 ms block, for audio that arrives in pieces.

    Parameters
    ----------
    sample_rate
        In Hz.
    n_samples
        Length of the whole audio in samples.
    """

    def __init__(self, sample_rate: int, n_samples: int) -> None:
        self._edges = block_edges(sample_rate, n_samples)
        self._peaks = np.zeros(self._edges.size - 1)
        self._energies = np.zeros(self._edges.size - 1)
        self._position = 0

    def add(self, audio: Audio) -> None:
        """Process the next piece of audio."""
        _add_blocks(
            audio[0], audio[-1], self._position, self._edges, self._peaks, self._energies
        )  # fmt: skip
        self._position += audio.shape[1]

    def crest_db(self, sounding: Mask) -> float:
        """Crest factor in dB over all active blocks."""
        mean_squares = self._energies / np.diff(self._edges)
        return crest_of_blocks(self._peaks[sounding], mean_squares[sounding])


def block_edges(sample_rate: int, n_samples: int) -> npt.NDArray[np.int64]:
    """First sample of each complete 100 ms block, and the end of the last block."""
    n_blocks = int(n_samples * 10 // sample_rate)
    edges = np.rint(np.arange(n_blocks + 1) * (sample_rate / 10)).astype(np.int64)
    return np.asarray(np.minimum(edges, n_samples), dtype=np.int64)


def sounding_blocks(powers: Powers) -> Mask:
    """Mask of active 100 ms blocks, from the blocks' K-weighted powers; empty for silence."""
    return np.asarray(lufs_of_power(powers) > integrated_from_powers(powers) + SOUNDING_LU)


def crest_of_blocks(peaks: Powers, mean_squares: Powers) -> float:
    """Crest factor in dB, from peaks and mean squares of active blocks; 0 if no block is active."""
    if peaks.size == 0 or not mean_squares.any():
        return 0.0
    peak = float(np.percentile(peaks, PEAK_PERCENTILE))
    return 20 * math.log10(peak / math.sqrt(float(mean_squares.mean()))) if peak > 0 else 0.0


def crest_db(audio: Audio, sample_rate: int, sounding: Mask | None = None) -> float:
    """Crest factor in dB over the blocks in ``sounding``, by default over the active blocks.

    The function raises ``AudioError`` if the audio is shorter than 400 ms or contains NaN.
    """
    if sounding is None:
        sounding = sounding_blocks(block_powers(audio, sample_rate))
    meter = CrestMeter(sample_rate, audio.shape[1])
    meter.add(audio)
    return meter.crest_db(sounding)


@compiled()
def _add_blocks(
    left: Audio,
    right: Audio,
    position: int,
    edges: npt.NDArray[np.int64],
    peaks: Powers,
    energies: Powers,
) -> None:
    block = np.searchsorted(edges, position, side="right") - 1
    start = 0
    while start < left.size and block < peaks.size:
        stop = min(edges[block + 1] - position, left.size)
        peak, energy = np.float32(0.0), 0.0
        for n in range(start, stop):
            peak = max(peak, abs(left[n]), abs(right[n]))
            energy += np.float64(left[n]) ** 2 + np.float64(right[n]) ** 2
        peaks[block] = max(peaks[block], np.float64(peak))
        energies[block] += energy / 2
        start = stop
        block += 1
