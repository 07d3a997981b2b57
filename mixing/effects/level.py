"""Levels that are set by gain: balance of vocal and backing, and loudness of the finished mix.

Conventions
-----------
Audio is float32 ``(n_channels, n_samples)``; loudness is integrated (BS.1770), in LUFS. The level
stage has no limiter, because a limiter would change the sound that listeners judge. If the true
peak of a mix would exceed the ceiling, the mix gets a lower gain and a note.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mixing.audio import Audio
from mixing.meters.loudness import integrated_loudness
from mixing.meters.true_peak import true_peak_dbtp

# highest true peak recommended by EBU R 128, so that codecs do not clip
TRUE_PEAK_CEILING_DBTP = -1.0
# True peaks stay this many dB below the ceiling, because float32 and 24-bit files round the
# samples.
_CEILING_MARGIN_DB = 0.001
# largest gain in dB that sets the balance; a stem that needs a larger gain is practically silent
_GAIN_LIMIT_DB = 120.0


@dataclass(frozen=True, slots=True)
class LoudnessMatch:
    """Gain that brings audio to its loudness target; a lower gain if the peak would be too high.

    ``held_by_peak`` is True if the true-peak ceiling kept the loudness below the target.
    """

    gain_db: float
    integrated_lufs: float
    true_peak_dbtp: float
    held_by_peak: bool


def apply_gain(audio: Audio, gain_db: float, in_place: bool = False) -> Audio:
    """``audio`` times a gain in dB, in float32; a gain of 0 dB does not change the audio."""
    if gain_db == 0:
        return audio
    # np.float32: a float64 factor would convert the whole array to float64 (NEP 50)
    factor = np.float32(10 ** (gain_db / 20))
    return np.asarray(np.multiply(audio, factor, out=audio if in_place else None))


def balance_gain_db(vocal_lufs: float, backing_lufs: float, relative_loudness_lu: float) -> float:
    """Gain of the vocal in dB for a target balance; 0 if one of the stems has no loudness."""
    if math.isinf(vocal_lufs) or math.isinf(backing_lufs):
        return 0.0
    gain_db = backing_lufs + relative_loudness_lu - vocal_lufs
    return min(max(gain_db, -_GAIN_LIMIT_DB), _GAIN_LIMIT_DB)


def relative_loudness_lu(vocal: Audio, backing: Audio, sample_rate: int) -> float | None:
    """Integrated loudness of the vocal relative to the backing, in LU; None if either is silent."""
    difference = integrated_loudness(vocal, sample_rate) - integrated_loudness(backing, sample_rate)
    return difference if math.isfinite(difference) else None


def match_loudness(
    audio: Audio,
    sample_rate: int,
    target_lufs: float,
    ceiling_dbtp: float = TRUE_PEAK_CEILING_DBTP,
) -> LoudnessMatch:
    """Gain that brings ``audio`` to ``target_lufs``; a lower gain if its peak would be too high.

    Returns
    -------
    LoudnessMatch
        The gain in dB, and the levels that result from the gain. Silence gets a gain of 0 dB and a
        loudness of −inf LUFS. Audio in which every block is below −70 LUFS has no loudness. Audio
        without a loudness is not changed, unless its peak is above the ceiling.
    """
    loudness_lufs = integrated_loudness(audio, sample_rate)
    peak_dbtp = true_peak_dbtp(audio)
    wanted_db = target_lufs - loudness_lufs if math.isfinite(loudness_lufs) else 0.0
    allowed_db = -excess_db(peak_dbtp, ceiling_dbtp)
    gain_db = min(wanted_db, allowed_db)
    return LoudnessMatch(
        gain_db=gain_db,
        integrated_lufs=loudness_lufs + gain_db,
        true_peak_dbtp=peak_dbtp + gain_db,
        held_by_peak=allowed_db < wanted_db,
    )


def excess_db(peak_dbtp: float, ceiling_dbtp: float = TRUE_PEAK_CEILING_DBTP) -> float:
    """True peak plus a margin for rounding, minus the ceiling, in dB; can be negative."""
    return peak_dbtp - ceiling_dbtp + _CEILING_MARGIN_DB
