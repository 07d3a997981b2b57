"""Loudness of a reverb relative to the dry sound.

Conventions
-----------
Audio is float32 ``(n_channels, n_samples)``; relative loudness is in LU, negative when the
reverb is softer than the dry sound.

References
----------
.. [1] B. De Man, K. McNally, J. Reiss, "Perceptual evaluation and analysis of reverberation in
   multitrack music production", J. Audio Eng. Soc. 65 (1/2), 2017.
"""

from __future__ import annotations

import math

import numpy as np

from mixing.audio import Audio
from mixing.meters.k_weighting import Powers
from mixing.meters.loudness import (
    BLOCKS_MOMENTARY,
    block_powers,
    integrated_from_powers,
    lufs_of_power,
)

# Windows whose reverb is below this level, relative to the window with the loudest reverb, are left
# out, because the reverb has hardly begun.
QUIET_REVERB_DB = -60.0
# Coefficients of De Man's [1] regression of "too reverberant" on loudness and early decay time.
REGRESSION_CONSTANT, REGRESSION_PER_LU, REGRESSION_PER_DECADE = 6.7767, 0.4866, 2.5619
_HAIR_LU = 0.02  # largest error of the solver for the amount of reverb, in LU
# relative gate of BS.1770: windows in which the dry sound pauses are left out
RELATIVE_GATE_LU = -10.0


def relative_reverb_loudness_lu(wet: Audio, dry: Audio, sample_rate: int) -> float:
    """Loudness of the reverberation alone, relative to the dry sound, in LU (De Man [1]_).

    Parameters
    ----------
    wet, dry
        Reverberation without direct sound, and the dry sound; both have the same length.

    Returns
    -------
    float
        Mean difference in momentary loudness (windows of 400 ms, with a new window every 100 ms);
        −inf if one of the sounds is silent.

    Notes
    -----
    Pauses of the dry sound (below −70 LUFS or 10 LU under its mean, the gates of BS.1770) are left
    out, as they would dominate otherwise; so are windows in which the reverberation is 60 dB below
    its loudest, before it has set in.
    """
    return relative_lu_of_powers(block_powers(wet, sample_rate), block_powers(dry, sample_rate))


def too_reverberant_logit(relative_lu: float, early_decay_s: float) -> float:
    """Logit z of the probability that a listener calls a reverb too strong (z > 0: above 50 %).

    Notes
    -----
    ``z = 6.7767 + 0.4866 · loudness + 2.5619 · log10(early decay / 1 s)``, De Man [1]_. De Man does
    not state the base of the logarithm. If the base is 10, a reverb is too strong above −13.9 LU
    for a decay of 1 s, and above −15.5 LU for a decay of 2 s.
    """
    return (
        REGRESSION_CONSTANT
        + REGRESSION_PER_LU * relative_lu
        + REGRESSION_PER_DECADE * math.log10(early_decay_s)
    )


def loudest_preferred_lu(early_decay_s: float) -> float:
    """Loudness in LU just below the value for which :func:`too_reverberant_logit` is 0.

    A reverb without decay (0 s) has no limit: the function returns infinity.
    """
    if early_decay_s <= 0:
        return math.inf
    decades = math.log10(early_decay_s)
    return -(REGRESSION_CONSTANT + REGRESSION_PER_DECADE * decades) / REGRESSION_PER_LU - _HAIR_LU


def relative_lu_of_powers(wet_blocks: Powers, dry_blocks: Powers) -> float:
    """Relative reverb loudness from block powers (see :func:`relative_reverb_loudness_lu`)."""
    wet_power, dry_power = _momentary(wet_blocks), _momentary(dry_blocks)
    gate = integrated_from_powers(dry_blocks) + RELATIVE_GATE_LU
    if not np.isfinite(gate) or not wet_power.any():
        return float("-inf")
    quiet = wet_power.max() * 10 ** (QUIET_REVERB_DB / 10)
    heard = (lufs_of_power(dry_power) > max(gate, -70.0)) & (wet_power > quiet)
    if not heard.any():
        return float("-inf")
    return float(np.mean(10 * np.log10(wet_power[heard] / dry_power[heard])))


def _momentary(block_power: Powers) -> Powers:
    """K-weighted power in windows of 400 ms, with a new window every 100 ms."""
    windows = np.lib.stride_tricks.sliding_window_view(block_power, BLOCKS_MOMENTARY)
    return np.asarray(windows.mean(axis=1))
