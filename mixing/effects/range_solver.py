"""Threshold and ratio for a wanted loudness range, found without rendering.

Method
------
The compressor's envelope does not depend on threshold or ratio. So one pass over the audio sorts
the K-weighted power of each 100 ms block by the envelope level at which it occurred: a histogram
``power[block, level]``. Any compressor setting then scales the columns by its gain, and row sums
are the block powers of the compressed audio, as if it had been rendered and metered: some 0.5 ms a
trial instead of 0.5 s. The approximation is that gain and K filter commute; it is good to 0.1 LU.

Search
------
The range is not monotone in the threshold: far below the programme's loudness the relative gate
lets quiet blocks in again and the range grows. So each ratio scans from the gentle side, I + 12 LU
down to I − 20 LU in steps of 2, takes the *first* crossing, and bisects it. Among ratios, the
smallest that gets there with a threshold no lower than I − 15 LU is taken as the gentlest: a low
ratio over much of the signal is heard less than a high one on its peaks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mixing.audio import Audio
from mixing.compiled import compiled
from mixing.meters.k_weighting import k_filter
from mixing.meters.loudness import integrated_from_powers, range_from_powers

Array: TypeAlias = npt.NDArray[np.float64]

RATIOS = (1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
SCAN_FROM_LU, SCAN_TO_LU, SCAN_STEP_LU = 12.0, -20.0, 2.0  # threshold relative to loudness
COMFORTABLE_THRESHOLD_LU = -15.0
BISECTION_STOP_DB = 0.02
# Levels: 16 to an octave of amplitude, read off the top bits of a float32, from 2^-16 to 2.
_LEVELS_PER_OCTAVE, _LOWEST_OCTAVE, _N_LEVELS = 16, -16, 272
_STATE_FLOOR = 1e-30  # filter states below this are set to 0: denormal numbers are slow


@dataclass(frozen=True, slots=True)
class EnvelopeHistogram:
    """K-weighted power of each 100 ms block, sorted by envelope level.

    ``power`` is (n_blocks, n_levels) with empty levels left out; ``level_db`` (n_levels,) is the
    envelope level of each column in dBFS.
    """

    power: Array
    level_db: Array

    def block_powers(self) -> Array:
        """K-weighted block powers of the audio as it is."""
        return np.asarray(self.power.sum(axis=1))

    def range_lu(self, threshold_db: float, ratio: float) -> float:
        """EBU loudness range in LU of the audio under a compressor with this setting."""
        over_db = np.maximum(self.level_db - threshold_db, 0.0)
        gain = 10 ** (curve_slope(ratio) * over_db / 10)
        return range_from_powers(self.power @ gain)


@dataclass(frozen=True, slots=True)
class RangeSolution:
    """A compressor setting, the range in LU it is predicted to give, and whether that suffices."""

    threshold_db: float
    ratio: float
    predicted_lra_lu: float
    reached: bool


def curve_slope(ratio: float) -> float:
    """Gain in dB for each dB above the threshold; below it the gain is 0 dB (hard knee)."""
    return 1 / ratio - 1


def envelope_coefficient(time_ms: float, sample_rate: int) -> float:
    """One-pole coefficient whose step response reaches 63 % after ``time_ms`` (0 ms: at once)."""
    return math.exp(-1000 / (sample_rate * time_ms)) if time_ms > 0 else 0.0


def envelope_histogram(
    audio: Audio, sample_rate: int, attack_ms: float, release_ms: float
) -> EnvelopeHistogram:
    """Sort the power of stereo or mono ``audio`` by envelope level, in one pass."""
    signal = np.ascontiguousarray(audio, dtype=np.float32)
    left, right = signal[0], signal[-1]
    n_blocks = int(signal.shape[1] * 10 // sample_rate)
    edges = np.rint(np.arange(n_blocks + 1) * (sample_rate / 10)).astype(np.int64)
    edges[-1] = min(edges[-1], signal.shape[1])
    power = _sorted_power(
        left,
        right,
        edges,
        k_filter(sample_rate),
        envelope_coefficient(attack_ms, sample_rate),
        envelope_coefficient(release_ms, sample_rate),
    )
    # a single channel was taken for both sides above: it counts once
    power *= signal.shape[0] / 2 / (sample_rate / 10)
    octave, step = np.divmod(np.arange(_N_LEVELS), _LEVELS_PER_OCTAVE)
    amplitude = 2.0 ** (octave + _LOWEST_OCTAVE) * (1 + (step + 0.5) / _LEVELS_PER_OCTAVE)
    used = power.any(axis=0)
    return EnvelopeHistogram(np.ascontiguousarray(power[:, used]), 20 * np.log10(amplitude[used]))


def solve_range(histogram: EnvelopeHistogram, target_lra_lu: float) -> RangeSolution | None:
    """Gentlest setting whose predicted range is at most the target; None: nothing to compress.

    Where no setting gets there, the one that comes nearest, with ``reached`` False.
    """
    loudness = integrated_from_powers(histogram.block_powers())
    if math.isinf(loudness):
        return None
    candidates = [_first_crossing(histogram, ratio, loudness, target_lra_lu) for ratio in RATIOS]
    reaching = [candidate for candidate in candidates if candidate.reached]
    lowest_db = loudness + COMFORTABLE_THRESHOLD_LU
    comfortable = [candidate for candidate in reaching if candidate.threshold_db >= lowest_db]
    if reaching:
        return (comfortable or reaching)[0]
    return min(candidates, key=lambda candidate: round(candidate.predicted_lra_lu, 2))


def _first_crossing(
    histogram: EnvelopeHistogram, ratio: float, loudness: float, target: float
) -> RangeSolution:
    thresholds = np.arange(SCAN_FROM_LU, SCAN_TO_LU - 1e-9, -SCAN_STEP_LU) + loudness
    above = float(thresholds[0]) + SCAN_STEP_LU
    nearest = (math.inf, above)
    for threshold in thresholds.tolist():
        lra = histogram.range_lu(threshold, ratio)
        if lra <= target:
            threshold, lra = _bisected(histogram, ratio, target, above, threshold)
            return RangeSolution(threshold, ratio, lra, True)
        nearest = min(nearest, (lra, threshold))
        above = threshold
    return RangeSolution(nearest[1], ratio, nearest[0], False)


def _bisected(
    histogram: EnvelopeHistogram, ratio: float, target: float, above: float, below: float
) -> tuple[float, float]:
    """Highest threshold between ``above`` (range too wide) and ``below`` that keeps the target."""
    while above - below > BISECTION_STOP_DB:
        middle = (above + below) / 2
        if histogram.range_lu(middle, ratio) <= target:
            below = middle
        else:
            above = middle
    return below, histogram.range_lu(below, ratio)


@compiled()
def _sorted_power(
    left: Audio,
    right: Audio,
    edges: npt.NDArray[np.int64],
    filters: Array,
    attack: float,
    release: float,
) -> Array:
    """Both channels side by side, so that the processor can overlap their recursions."""
    power = np.zeros((edges.size - 1, _N_LEVELS))
    b0, b1, b2, a1, a2 = filters[0]
    _, _, _, c1, c2 = filters[1]  # numerator 1, -2, 1
    ls1 = ls2 = lt1 = lt2 = rs1 = rs2 = rt1 = rt2 = 0.0
    envelope = 0.0
    lowest = (127 + _LOWEST_OCTAVE) << 4
    for block in range(edges.size - 1):
        row = power[block]
        for n in range(edges[block], edges[block + 1]):
            x, v = np.float64(left[n]), np.float64(right[n])
            peak = max(abs(x), abs(v))
            k = attack if peak > envelope else release
            envelope = peak + k * (envelope - peak)
            y = b0 * x + ls1
            ls1 = b1 * x - a1 * y + ls2
            ls2 = b2 * x - a2 * y
            z = y + lt1
            lt1 = -2.0 * y - c1 * z + lt2
            lt2 = y - c2 * z
            w = b0 * v + rs1
            rs1 = b1 * v - a1 * w + rs2
            rs2 = b2 * v - a2 * w
            u = w + rt1
            rt1 = -2.0 * w - c1 * u + rt2
            rt2 = w - c2 * u
            level = (np.float32(envelope).view(np.int32) >> 19) - lowest
            row[min(max(level, 0), _N_LEVELS - 1)] += z * z + u * u
        if abs(lt1) + abs(lt2) + abs(rt1) + abs(rt2) < _STATE_FLOOR:
            ls1 = ls2 = lt1 = lt2 = rs1 = rs2 = rt1 = rt2 = 0.0
        if envelope < _STATE_FLOOR:
            envelope = 0.0
    return power
