"""Stimuli of a page that sound exactly the same to everybody, because their samples are equal.

Conventions
-----------
Two sounds are compared sample by sample. The second sound is subtracted from the first sound, with
the gain for which the least power remains. The measure is the power that remains, divided by the
power of the first sound. Equal samples can mean that a file was copied, that a codec was not
applied, or that the vocal of two mixes is silent. The bytes of the compared files can differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from mixing.audio import PIECE, Audio

INAUDIBLE_DB = -80.0
"""Power of the difference of two sounds that nobody hears, below that of the sounds. At 75 dB SPL,
loud for hours of listening, it lies at −5 dB SPL: below the threshold of hearing (ISO 226, about
0 dB SPL at 1 kHz), even without the sound itself to mask it. Encoders leave −10 to −40 dB."""


def dither_power(bit_depth: int) -> float:
    """Noise power per sample after rounding with triangular dither: a quarter of a step squared."""
    return 0.25 * 4.0 ** (1 - bit_depth)


def same_sounds(
    sounds: Sequence[Audio], is_level_matched: bool, noise_powers: Sequence[float]
) -> list[tuple[int, int]]:
    """Pairs of sounds that nobody can distinguish; each pair is given by the numbers of the sounds.

    Parameters
    ----------
    sounds
        Arrays (2, n_samples) of equal length.
    is_level_matched
        Whether two sounds count as equal if they differ in level only.
    noise_powers
        Noise power per sample that dither added to each sound; this noise does not count as a
        difference.
    """
    products = _products(sounds)
    energy, n_values = np.diag(products), sounds[0].size
    noise = np.array(noise_powers) * n_values
    found = []
    for a, b in combinations(range(len(sounds)), 2):
        gain = products[a, b] / max(energy[b], 1e-30) if is_level_matched else 1.0
        left = energy[a] - 2 * gain * products[a, b] + gain**2 * energy[b]
        allowed = 10 ** (INAUDIBLE_DB / 10) * energy[a] + 1.1 * (noise[a] + gain**2 * noise[b])
        if gain > 0 and left <= allowed:
            found.append((a, b))
    return found


def _products(sounds: Sequence[Audio]) -> npt.NDArray[np.float64]:
    """Inner products of all pairs of sounds; long sounds stay on disk and are read in pieces."""
    products = np.zeros((len(sounds), len(sounds)))
    for start in range(0, sounds[0].shape[1], PIECE):
        piece = np.stack(
            [sound[:, start : start + PIECE].ravel() for sound in sounds], dtype=np.float64
        )
        products += piece @ piece.T
    return products
