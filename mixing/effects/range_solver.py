"""Threshold and ratio for a target loudness range and crest factor, found without test renderings.

Method
------
The compressor's envelope does not depend on threshold or ratio. One pass over the audio sorts the
K-weighted power of each 100 ms block by the level of the compressor's envelope. The result is a
histogram ``power[block, level]``. For any compressor setting, each column of the histogram (one
level) is multiplied by the compressor's power gain at this level. The sum of a row of the histogram
is then the power of a block of the compressed audio, as if the audio had been rendered and
measured. Predicting the result of one setting takes about 0.5 ms; compressing the audio and
measuring the result would take 0.5 s. As an approximation, the method applies the gain after the K
filter instead of before it. The changed order of gain and K filter causes an error of at most 0.1
LU. Each cell of the histogram also keeps its highest sample and its mean square. For the crest
factor (:mod:`mixing.meters.dynamics`), the setting's gain is applied to the highest sample and to
the mean square of each cell. The predicted crest factor is approximate only because each level of
the histogram has a certain width.

Search
------
The range is not monotone in the threshold: far below the programme's loudness the relative gate
lets quiet blocks in again and the range grows. For each ratio, the search starts with the highest
threshold, because the highest threshold changes the audio least. The thresholds go from I + 12 LU
down to I − 20 LU in steps of 2 LU, where I is the integrated loudness. The search stops at the
*first* threshold that reaches the target, and refines this threshold by bisection. The gentlest
setting has the smallest ratio that reaches the target with a threshold of at least I − 15 LU,
where I is the integrated loudness. A low ratio that acts on much of the signal is less audible
than a high ratio that acts only on the peaks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mixing.audio import Audio
from mixing.compiled import compiled
from mixing.meters.dynamics import Mask, block_edges, crest_of_blocks, sounding_blocks
from mixing.meters.k_weighting import k_filter
from mixing.meters.loudness import integrated_from_powers, range_from_powers

Array: TypeAlias = npt.NDArray[np.float64]
Cells: TypeAlias = npt.NDArray[np.float32]

RATIOS = (1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
# Range and step of the thresholds that are tried, in LU relative to the integrated loudness.
SCAN_FROM_LU, SCAN_TO_LU, SCAN_STEP_LU = 12.0, -20.0, 2.0
# With a threshold below this value, the crest factor hardly decreases further, and the vocal pumps.
CREST_SCAN_TO_LU = -12.0
COMFORTABLE_THRESHOLD_LU = -15.0
# If the target crest factor cannot be reached, a stronger compression is chosen only if its crest
# factor is closer to the target by at least this value (LU or dB).
NOT_WORTH = 0.25
BISECTION_STOP_DB = 0.02
# A histogram has 16 levels per octave of amplitude, from 2^-16 to 2. The top bits of a float32
# amplitude give its level.
_LEVELS_PER_OCTAVE, _LOWEST_OCTAVE, _N_LEVELS = 16, -16, 272
# filter states below this value are set to 0, because denormal numbers are slow
_STATE_FLOOR = 1e-30


@dataclass(frozen=True, slots=True)
class EnvelopeHistogram:
    """K-weighted power of each 100 ms block, sorted by the level of the compressor's envelope.

    ``power`` has the shape (n_blocks, n_levels); empty levels are left out. ``level_db``
    (n_levels,) is the envelope level of each column in dBFS. ``peak`` and ``mean_square`` have the
    shape (n_sounding, n_levels); they are measured in the active blocks, which ``sounding``
    (n_blocks,) marks.
    """

    power: Array
    level_db: Array
    peak: Cells
    mean_square: Cells
    sounding: Mask

    def block_powers(self) -> Array:
        """Powers of K-weighted blocks of the unprocessed audio."""
        return np.asarray(self.power.sum(axis=1))

    def range_lu(self, threshold_db: float, ratio: float) -> float:
        """EBU loudness range, in LU, of the audio after compression with the given setting."""
        return range_from_powers(self.power @ self._power_gain(threshold_db, ratio))

    def crest_db(self, threshold_db: float, ratio: float) -> float:
        """Crest factor, in dB, of the active blocks after compression with the given setting."""
        gain = self._power_gain(threshold_db, ratio).astype(np.float32)
        peaks = (self.peak * np.sqrt(gain)).max(axis=1, initial=0.0)
        mean_squares = self.mean_square @ gain
        return crest_of_blocks(peaks.astype(np.float64), mean_squares.astype(np.float64))

    def _power_gain(self, threshold_db: float, ratio: float) -> Array:
        over_db = np.maximum(self.level_db - threshold_db, 0.0)
        return np.asarray(10 ** (curve_slope(ratio) * over_db / 10))


@dataclass(frozen=True, slots=True)
class RangeSolution:
    """A compressor setting, with the loudness range (LU) and crest factor (dB) predicted for it.

    ``reached`` says whether the setting reaches the target. The crest factor is None if the target
    has no crest factor.
    """

    threshold_db: float
    ratio: float
    predicted_lra_lu: float
    reached: bool
    predicted_crest_db: float | None = None


def curve_slope(ratio: float) -> float:
    """Gain in dB for each dB of the level above the threshold; below it, the gain is 0 dB."""
    return 1 / ratio - 1


def envelope_coefficient(time_ms: float, sample_rate: int) -> float:
    """One-pole coefficient with a step response of 63 % after ``time_ms`` (0 ms: instantly)."""
    return math.exp(-1000 / (sample_rate * time_ms)) if time_ms > 0 else 0.0


def envelope_histogram(
    audio: Audio, sample_rate: int, attack_ms: float, release_ms: float
) -> EnvelopeHistogram:
    """Sort the power of stereo or mono ``audio`` by the level of the compressor's envelope."""
    signal = np.ascontiguousarray(audio, dtype=np.float32)
    left, right = signal[0], signal[-1]
    edges = block_edges(sample_rate, signal.shape[1])
    power, peak, energy = _sorted_power(
        left,
        right,
        edges,
        k_filter(sample_rate),
        envelope_coefficient(attack_ms, sample_rate),
        envelope_coefficient(release_ms, sample_rate),
    )
    # a single channel was added twice, as left and as right
    power *= signal.shape[0] / 2 / (sample_rate / 10)
    octave, step = np.divmod(np.arange(_N_LEVELS), _LEVELS_PER_OCTAVE)
    amplitude = 2.0 ** (octave + _LOWEST_OCTAVE) * (1 + (step + 0.5) / _LEVELS_PER_OCTAVE)
    used = power.any(axis=0)
    sounding = sounding_blocks(power.sum(axis=1))
    energy /= np.float32(sample_rate / 10)
    return EnvelopeHistogram(
        np.ascontiguousarray(power[:, used]),
        20 * np.log10(amplitude[used]),
        np.ascontiguousarray(peak[sounding][:, used]),
        np.ascontiguousarray(energy[sounding][:, used]),
        sounding,
    )


def solve_range(
    histogram: EnvelopeHistogram, target_lra_lu: float, target_crest_db: float | None = None
) -> RangeSolution | None:
    """Gentlest setting whose predicted loudness range and crest factor are within the target.

    If no setting reaches the target, the closest setting is returned, with ``reached`` False. None
    means that no compression is needed.
    """
    loudness = integrated_from_powers(histogram.block_powers())
    if math.isinf(loudness):
        return None
    aim = _Aim(histogram, target_lra_lu, target_crest_db)
    candidates = [_first_crossing(aim, ratio, loudness) for ratio in RATIOS]
    reaching = [candidate for candidate in candidates if candidate.reached]
    lowest_db = loudness + COMFORTABLE_THRESHOLD_LU
    comfortable = [candidate for candidate in reaching if candidate.threshold_db >= lowest_db]
    if reaching:
        return (comfortable or reaching)[0]
    step = 0.01 if target_crest_db is None else NOT_WORTH
    return min(
        candidates, key=lambda found: round(aim.excess(found.threshold_db, found.ratio) / step)
    )


@dataclass(frozen=True, slots=True)
class _Aim:
    """Target range in LU and target crest factor in dB for a setting."""

    histogram: EnvelopeHistogram
    lra_lu: float
    crest_db: float | None

    def excess(self, threshold_db: float, ratio: float) -> float:
        """Excess of loudness range or of crest factor over the target, whichever is larger."""
        over = self.histogram.range_lu(threshold_db, ratio) - self.lra_lu
        if self.crest_db is None:
            return over
        return max(over, self.histogram.crest_db(threshold_db, ratio) - self.crest_db)

    def solution(self, threshold_db: float, ratio: float, reached: bool) -> RangeSolution:
        """A setting with its predicted result."""
        crest = self.histogram.crest_db(threshold_db, ratio) if self.crest_db is not None else None
        range_lu = self.histogram.range_lu(threshold_db, ratio)
        return RangeSolution(threshold_db, ratio, range_lu, reached, crest)


def _first_crossing(aim: _Aim, ratio: float, loudness: float) -> RangeSolution:
    lowest_lu, worth = SCAN_TO_LU, 0.0
    if aim.crest_db is not None:
        lowest_lu, worth = CREST_SCAN_TO_LU, NOT_WORTH
    thresholds = np.arange(SCAN_FROM_LU, lowest_lu - 1e-9, -SCAN_STEP_LU) + loudness
    above = float(thresholds[0]) + SCAN_STEP_LU
    nearest = (math.inf, above)
    for threshold in thresholds.tolist():
        excess = aim.excess(threshold, ratio)
        if excess <= 0:
            return aim.solution(_bisected(aim, ratio, above, threshold), ratio, True)
        if excess <= nearest[0] - worth:
            nearest = (excess, threshold)
        above = threshold
    return aim.solution(nearest[1], ratio, False)


def _bisected(aim: _Aim, ratio: float, above: float, below: float) -> float:
    """Highest threshold that reaches the target; ``below`` reaches it, and ``above`` does not."""
    while above - below > BISECTION_STOP_DB:
        middle = (above + below) / 2
        if aim.excess(middle, ratio) <= 0:
            below = middle
        else:
            above = middle
    return below


@compiled("reordered")
def _sorted_power(
    left: Audio,
    right: Audio,
    edges: npt.NDArray[np.int64],
    filters: Array,
    attack: float,
    release: float,
) -> tuple[Array, Cells, Cells]:
    """Filter both channels together, so that their recursions run in parallel."""
    power = np.zeros((edges.size - 1, _N_LEVELS))
    peaks = np.zeros((edges.size - 1, _N_LEVELS), dtype=np.float32)
    energies = np.zeros((edges.size - 1, _N_LEVELS), dtype=np.float32)
    b0, b1, b2, a1, a2 = filters[0]
    _, _, _, c1, c2 = filters[1]  # numerator 1, -2, 1
    ls1 = ls2 = lt1 = lt2 = rs1 = rs2 = rt1 = rt2 = 0.0
    envelope = 0.0
    lowest = (127 + _LOWEST_OCTAVE) << 4
    for block in range(edges.size - 1):
        row, row_peaks, row_energies = power[block], peaks[block], energies[block]
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
            cell = min(max(level, 0), _N_LEVELS - 1)
            row[cell] += z * z + u * u
            row_peaks[cell] = max(row_peaks[cell], np.float32(peak))
            row_energies[cell] += np.float32((x * x + v * v) / 2)
        if abs(lt1) + abs(lt2) + abs(rt1) + abs(rt2) < _STATE_FLOOR:
            ls1 = ls2 = lt1 = lt2 = rs1 = rs2 = rt1 = rt2 = 0.0
        if envelope < _STATE_FLOOR:
            envelope = 0.0
    return power, peaks, energies
