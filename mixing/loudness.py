"""How loud audio is: ITU-R BS.1770 loudness, EBU loudness range, and the seed's own range meter.

Conventions
-----------
Audio is float32 ``(n_channels, n_samples)`` of one or two channels. They are summed with weight 1
(left, right), so one channel counts as one: mono reads 3.01 LU below the same signal in two equal
channels. Songs are stereo inside the house (:func:`mixing.audio.as_stereo`), so this matters only
to callers who measure a single channel on purpose.

Defined answers
---------------
Silence: integrated, momentary and short-term loudness are −inf, loudness range 0, true peak −inf.
Shorter than one 400 ms gating block: :class:`~mixing.audio.AudioError`. Shorter than 3 s: there is
no short-term value, so the short-term maximum is −inf and the loudness range 0.

One pass filters every sample once and stores the energy of each 10 ms; all measures are sums of
those. Gated loudness steps by 100 ms, as BS.1770 asks (75 % overlap); the momentary and short-term
maxima step by 10 ms, so that no loud 400 ms slips between two windows.

The loudness range takes one 3 s window a second, the cadence of libebur128 and of all meters built
on it (ffmpeg, players, editors): the range that is reported and aimed at is the one that others
read. Tech 3342 has asked for ten a second since 2016; ``windows_per_second=10`` gives that reading.

References
----------
.. [1] ITU-R BS.1770-5, Algorithms to measure audio programme loudness and true-peak audio level.
.. [2] EBU Tech 3341 (EBU mode metering) and EBU Tech 3342 (loudness range), 2023.
.. [3] B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement", 2018:
   the analogue parameters of the K filter, for any sample rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit

from mixing.audio import Audio, AudioError
from mixing.true_peak import true_peak_dbtp

Powers: TypeAlias = npt.NDArray[np.float64]

OFFSET_LU = -0.691  # BS.1770: a 997 Hz sine of 0 dBFS in one channel reads -3.01 LUFS
ABSOLUTE_GATE_LUFS = -70.0  # BS.1770
RELATIVE_GATE_LU = -10.0  # BS.1770, below the loudness of the blocks above the absolute gate
RANGE_GATE_LU = -20.0  # Tech 3342, likewise
RANGE_PERCENTILES = (0.10, 0.95)  # Tech 3342
STEPS_PER_BLOCK = 10  # steps of 10 ms in a block of 100 ms
BLOCKS_MOMENTARY, BLOCKS_SHORT_TERM = 4, 30  # 400 ms and 3 s, in blocks of 100 ms
BLOCKS_PER_SECOND = 10
RANGE_WINDOWS_PER_SECOND = 1  # libebur128's cadence; Tech 3342 asks for 10
_STATE_FLOOR = 1e-30  # filter states below this are set to 0: denormal numbers are slow


@dataclass(frozen=True, slots=True)
class Loudness:
    """Five measures of one piece of audio, in LUFS, LU and dBTP."""

    integrated_lufs: float
    lra_lu: float
    true_peak_dbtp: float
    momentary_max_lufs: float
    short_term_max_lufs: float


def measure(audio: Audio, sample_rate: int) -> Loudness:
    """All five measures, each sample filtered once.

    Raises
    ------
    AudioError
        The audio lasts less than 400 ms or holds NaN or infinity.
    """
    steps = _step_energies(audio, sample_rate)
    powers = _powers_of_blocks(steps, sample_rate)
    return Loudness(
        integrated_lufs=integrated_from_powers(powers),
        lra_lu=range_from_powers(powers),
        true_peak_dbtp=true_peak_dbtp(audio),
        momentary_max_lufs=_window_maximum_lufs(steps, sample_rate, BLOCKS_MOMENTARY),
        short_term_max_lufs=_window_maximum_lufs(steps, sample_rate, BLOCKS_SHORT_TERM),
    )


def integrated_loudness(audio: Audio, sample_rate: int) -> float:
    """Gated loudness of the whole, in LUFS (−inf for silence); raises as :func:`measure`."""
    return integrated_from_powers(block_powers(audio, sample_rate))


def loudness_range(
    audio: Audio, sample_rate: int, windows_per_second: int = RANGE_WINDOWS_PER_SECOND
) -> float:
    """Loudness range in LU (0 for silence or under 3 s); raises as :func:`measure`.

    Parameters
    ----------
    windows_per_second
        1, 2, 5 or 10 windows of 3 s a second. One is what libebur128 reads, ten what Tech 3342
        asks for; for half a minute of audio the two may differ by 3 LU, for a whole song by 1.

    Notes
    -----
    Tech 3342 warns that the range is not stable for material shorter than a minute.
    """
    return range_from_powers(block_powers(audio, sample_rate), windows_per_second)


def block_powers(audio: Audio, sample_rate: int) -> Powers:
    """K-weighted mean square of each 100 ms block, summed over channels; float64 (n_blocks,).

    Loudness of a block is ``−0.691 + 10 log10(power)`` LUFS. An incomplete last block is dropped.
    Raises as :func:`measure`.
    """
    return _powers_of_blocks(_step_energies(audio, sample_rate), sample_rate)


def integrated_from_powers(powers: Powers) -> float:
    """Loudness in LUFS of 100 ms block powers: gates at −70 LUFS and −10 LU."""
    blocks = _moving_mean(powers, BLOCKS_MOMENTARY)
    loud = blocks[blocks > _power_at(ABSOLUTE_GATE_LUFS)]
    if loud.size == 0:
        return -math.inf
    gate = loud.mean() * 10 ** (RELATIVE_GATE_LU / 10)
    return float(lufs_of_power(loud[loud > gate].mean()))


def range_from_powers(powers: Powers, windows_per_second: int = RANGE_WINDOWS_PER_SECOND) -> float:
    """Loudness range in LU of 100 ms block powers, by windows of 3 s: see :func:`loudness_range`.

    Raises ``ValueError`` for a number of windows that does not divide ten.
    """
    if windows_per_second < 1 or BLOCKS_PER_SECOND % windows_per_second:
        raise ValueError(f"windows_per_second must be 1, 2, 5 or 10, not {windows_per_second}")
    step = BLOCKS_PER_SECOND // windows_per_second
    return _gated_range(_moving_mean(powers, BLOCKS_SHORT_TERM, step))


def lra_100ms(audio: Audio, sample_rate: int) -> float:
    """Loudness range in LU as the seed's own code measured it: not EBU, but its 16.36 means this.

    Notes
    -----
    Three slips set it apart from Tech 3342, all kept here so that the seed's target keeps its
    meaning: its "3 s" window is one 100 ms hop without overlap; for stereo the K filter runs
    across the channel axis, so that left becomes ``c0 * left`` and right ``c0 * right + c1 *
    left`` (c0, c1: the filter's first two impulse-response samples) and nothing is weighted by
    frequency; and channels are averaged, not summed. Gates (−70 LUFS, −20 LU) and percentiles (10,
    95) are the EBU's. Mono is K-weighted properly, along time. Raises as :func:`measure`.
    """
    if audio.shape[0] == 1:
        return _gated_range(block_powers(audio, sample_rate))
    length = sample_rate // 10
    n_blocks = audio.shape[1] // length
    _check_length(audio, sample_rate)
    first, second = _impulse_head(k_filter(sample_rate))
    left, right = audio[:, : n_blocks * length].astype(np.float64).reshape(2, n_blocks, length)
    powers = ((first * left) ** 2).mean(axis=1) + ((first * right + second * left) ** 2).mean(
        axis=1
    )
    return _gated_range(_checked(powers / 2))


def lufs_of_power(power: npt.ArrayLike) -> Powers:
    """Loudness in LUFS of a K-weighted power (mean square summed over channels); −inf at 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(OFFSET_LU + 10 * np.log10(np.asarray(power, dtype=np.float64)))


def k_filter(sample_rate: int) -> Powers:
    """Two biquads of the K weighting, ``(2, 5)``: rows b0, b1, b2, a1, a2 (a0 = 1).

    The analogue prototypes of BS.1770 [3]_ warped to ``sample_rate`` (bilinear transform); at
    48 kHz they are the coefficients printed in BS.1770.
    """
    k = math.tan(math.pi * 1681.974450955533 / sample_rate)
    q = 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf = [
        (high + band * k / q + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - band * k / q + k * k) / a0,
        2 * (k * k - 1) / a0,
        (1 - k / q + k * k) / a0,
    ]
    k = math.tan(math.pi * 38.13547087602444 / sample_rate)
    q = 0.5003270373238773
    a0 = 1 + k / q + k * k
    return np.array([shelf, [1.0, -2.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]])


def _step_energies(audio: Audio, sample_rate: int) -> Powers:
    """Sum of K-weighted squares in each 10 ms, over channels; checked for length and NaN."""
    _check_length(audio, sample_rate)
    signal = np.ascontiguousarray(audio, dtype=np.float32)
    n_steps = int(signal.shape[1] * 100 // sample_rate)
    # float64 edges: at rates that are no multiple of 100 Hz a step is not a whole number of samples
    edges = np.rint(np.arange(n_steps + 1) * (sample_rate / 100)).astype(np.int64)
    edges[-1] = min(edges[-1], signal.shape[1])
    energies = _filtered_energies(signal[0], signal[-1], edges, k_filter(sample_rate))
    # a single channel was taken for both sides: it counts once
    return _checked(energies * (signal.shape[0] / 2))


@njit(cache=True)
def _filtered_energies(
    left: Audio, right: Audio, edges: npt.NDArray[np.int64], filters: Powers
) -> Powers:
    """Both channels side by side, so that the processor can overlap their recursions."""
    energies = np.zeros(edges.size - 1)
    b0, b1, b2, a1, a2 = filters[0]
    _, _, _, c1, c2 = filters[1]  # numerator 1, -2, 1
    ls1 = ls2 = lt1 = lt2 = rs1 = rs2 = rt1 = rt2 = 0.0
    for step in range(edges.size - 1):
        left_total = right_total = 0.0
        for n in range(edges[step], edges[step + 1]):
            x, v = np.float64(left[n]), np.float64(right[n])
            y, w = b0 * x + ls1, b0 * v + rs1
            ls1, rs1 = b1 * x - a1 * y + ls2, b1 * v - a1 * w + rs2
            ls2, rs2 = b2 * x - a2 * y, b2 * v - a2 * w
            z, u = y + lt1, w + rt1
            lt1, rt1 = -2.0 * y - c1 * z + lt2, -2.0 * w - c1 * u + rt2
            lt2, rt2 = y - c2 * z, w - c2 * u
            left_total += z * z
            right_total += u * u
        energies[step] = left_total + right_total
        if abs(lt1) + abs(lt2) + abs(rt1) + abs(rt2) < _STATE_FLOOR:
            ls1 = ls2 = lt1 = lt2 = rs1 = rs2 = rt1 = rt2 = 0.0
    return energies


def _powers_of_blocks(steps: Powers, sample_rate: int) -> Powers:
    n_blocks = steps.size // STEPS_PER_BLOCK
    energies = steps[: n_blocks * STEPS_PER_BLOCK].reshape(n_blocks, STEPS_PER_BLOCK)
    return np.asarray(energies.sum(axis=1) / (sample_rate / 10))


def _window_maximum_lufs(steps: Powers, sample_rate: int, n_blocks: int) -> float:
    windows = _moving_mean(steps, n_blocks * STEPS_PER_BLOCK)
    if windows.size == 0:
        return -math.inf
    return float(lufs_of_power(windows.max() * 100 / sample_rate))


def _moving_mean(values: Powers, length: int, step: int = 1) -> Powers:
    """Mean of every ``step``-th run of ``length`` values; empty when there are fewer."""
    if values.size < length:
        return np.empty(0)
    # a window view, not a cumulative sum: quiet windows after loud ones would drown in rounding
    windows = np.lib.stride_tricks.sliding_window_view(values, length)[::step]
    return np.asarray(windows.mean(axis=1))


def _gated_range(windows: Powers) -> float:
    loud = windows[windows > _power_at(ABSOLUTE_GATE_LUFS)]
    if loud.size == 0:
        return 0.0
    kept = np.sort(loud[loud > loud.mean() * 10 ** (RANGE_GATE_LU / 10)])
    low, high = (kept[int(share * (kept.size - 1) + 0.5)] for share in RANGE_PERCENTILES)
    return float(10 * np.log10(high / low))


def _power_at(loudness_lufs: float) -> float:
    return float(10 ** ((loudness_lufs - OFFSET_LU) / 10))


def _impulse_head(filters: Powers) -> tuple[float, float]:
    """First two samples of the impulse response of the two biquads in series."""
    (b0, b1, _, a1, _), (_, _, _, c1, _) = filters.tolist()
    head, neck = b0, b1 - a1 * b0
    return head, neck - 2 * head - c1 * head


def _check_length(audio: Audio, sample_rate: int) -> None:
    if audio.shape[1] < 0.4 * sample_rate:
        raise AudioError("loudness needs at least 0.4 s of audio (one gating block)")


def _checked(powers: Powers) -> Powers:
    if not np.isfinite(powers).all():
        raise AudioError("the audio holds samples that are not numbers (NaN or infinite)")
    return powers
