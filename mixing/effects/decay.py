"""Decay times of an impulse response, by backward integration.

Conventions
-----------
Responses are float32 ``(n_channels, n_samples)``; energies of channels are added.

References
----------
.. [1] ISO 3382-1: decay times by backward integration (M. Schroeder, 1965).
.. [2] B. De Man, K. McNally, J. Reiss, "Perceptual evaluation and analysis of reverberation in
   multitrack music production", J. Audio Eng. Soc. 65 (1/2), 2017.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mixing.audio import Audio, AudioError


def early_decay_time_s(response: Audio, sample_rate: int) -> float:
    """Six times the time in which the sound decays by the first 10 dB, in seconds (De Man [2]_).

    ``response`` is (n_channels, n_samples); the energies of the channels are added. The function
    raises ``AudioError`` if the response is silent.
    """
    level = _backward_level_db(response)
    below = np.flatnonzero(level <= -10)
    return 6 * float(below[0]) / sample_rate if below.size else 0.0


def decay_time_s(
    response: Audio, sample_rate: int, start_db: float = -5.0, stop_db: float = -35.0
) -> float:
    """Time of a decay by 60 dB, extrapolated from a line between two levels, in s (ISO 3382 [1]_).

    Parameters
    ----------
    response
        Impulse response (n_channels, n_samples); the energies of the channels are added.
    start_db, stop_db
        A line is fitted to the backward-integrated curve between these levels: −5 and −25 for T20,
        −5 and −35 for T30.

    Raises
    ------
    AudioError
        The response is silent, or does not decay as far as the lower level.
    """
    level = _backward_level_db(response)
    inside = np.flatnonzero((level <= start_db) & (level >= stop_db))
    if inside.size < 2:
        raise AudioError(f"The response does not decay from {start_db} to {stop_db} dB.")
    slope = np.polyfit(inside / sample_rate, level[inside], 1)[0]
    return float(-60 / slope)


def _backward_level_db(response: Audio) -> npt.NDArray[np.float64]:
    """Energy from each sample to the end, in dB relative to all energy (Schroeder's integral)."""
    energy = np.square(np.atleast_2d(response).astype(np.float64)).sum(axis=0)
    remaining = np.cumsum(energy[::-1])[::-1]
    if remaining.size == 0 or remaining[0] <= 0:
        raise AudioError("The impulse response is silent.")
    with np.errstate(divide="ignore"):
        return np.asarray(10 * np.log10(remaining / remaining[0]))
