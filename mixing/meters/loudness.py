"""Loudness of audio: BS.1770 loudness, EBU loudness range, and Li's (2022) range meter.

Conventions
-----------
Audio is float32 ``(n_channels, n_samples)`` of one or two channels. Left and right are summed with
weight 1, so a single channel counts once. A single channel reads 3.01 LU lower than the same signal
in two equal channels. Songs are always stereo (:func:`mixing.audio.as_stereo`). The difference of
3.01 LU therefore matters only if a single channel is measured on purpose.

Defined answers
---------------
Silence: integrated, momentary and short-term loudness are −inf, loudness range 0, true peak −inf.
Audio shorter than one 400 ms gating block raises :class:`~mixing.audio.AudioError`. Audio shorter
than 3 s has no short-term value, so the short-term maximum is −inf and the loudness range is 0.

Every sample is filtered once, and the energy of each 10 ms step is stored. All measures of loudness
are computed from the stored energies. Gated loudness has steps of 100 ms, as required by BS.1770
(75 % overlap). The momentary and short-term maxima have steps of 10 ms, so that a loud passage of
400 ms is not missed between two windows.

The loudness range uses one window of 3 s per second. libebur128, and all meters based on it
(ffmpeg, players, editors), also use one window per second. The loudness range in reports and
targets is therefore the loudness range that other programs show. Since 2016, Tech 3342 has required
ten windows per second (``windows_per_second=10``).

References
----------
.. [1] ITU-R BS.1770-5, Algorithms to measure audio programme loudness and true-peak audio level.
.. [2] EBU Tech 3341 (EBU mode metering) and EBU Tech 3342 (loudness range), 2023.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixing.audio import Audio, AudioError
from mixing.meters.k_weighting import STEPS_PER_BLOCK, PowerMeter, Powers, k_filter
from mixing.meters.true_peak import true_peak_dbtp

OFFSET_LU = -0.691  # BS.1770: a 997 Hz sine of 0 dBFS in one channel reads -3.01 LUFS
ABSOLUTE_GATE_LUFS = -70.0  # BS.1770
# gate of BS.1770, relative to the loudness of the blocks above the absolute gate
RELATIVE_GATE_LU = -10.0
RANGE_GATE_LU = -20.0  # Tech 3342, likewise
RANGE_PERCENTILES = (0.10, 0.95)  # Tech 3342
# numbers of 100 ms blocks in a window of 400 ms and in a window of 3 s
BLOCKS_MOMENTARY, BLOCKS_SHORT_TERM = 4, 30
BLOCKS_PER_SECOND = 10
# number of windows per second; libebur128 uses the same number, but Tech 3342 requires 10
RANGE_WINDOWS_PER_SECOND = 1


@dataclass(frozen=True, slots=True)
class Loudness:
    """Five measures of a recording, in LUFS, LU and dBTP."""

    integrated_lufs: float
    lra_lu: float
    true_peak_dbtp: float
    momentary_max_lufs: float
    short_term_max_lufs: float


def measure(audio: Audio, sample_rate: int) -> Loudness:
    """All five measures of a recording; each sample is filtered once.

    Raises
    ------
    AudioError
        The audio lasts less than 400 ms or holds NaN or infinity.
    """
    meter = _metered(audio, sample_rate)
    steps, powers = meter.step_energies(), meter.block_powers()
    return Loudness(
        integrated_lufs=integrated_from_powers(powers),
        lra_lu=range_from_powers(powers),
        true_peak_dbtp=true_peak_dbtp(audio),
        momentary_max_lufs=_window_maximum_lufs(steps, sample_rate, BLOCKS_MOMENTARY),
        short_term_max_lufs=_window_maximum_lufs(steps, sample_rate, BLOCKS_SHORT_TERM),
    )


def integrated_loudness(audio: Audio, sample_rate: int) -> float:
    """Gated loudness of the whole audio in LUFS (−inf for silence); raises like :func:`measure`."""
    return integrated_from_powers(block_powers(audio, sample_rate))


def loudness_range(
    audio: Audio, sample_rate: int, windows_per_second: int = RANGE_WINDOWS_PER_SECOND
) -> float:
    """Loudness range in LU (0 for silence or under 3 s); raises like :func:`measure`.

    Parameters
    ----------
    windows_per_second
        Number of windows of 3 s per second: 1, 2, 5 or 10. libebur128 uses one window, and Tech
        3342 requires ten. For one and ten windows, the loudness range can differ by 3 LU for half a
        minute of audio, and by 1 LU for a whole song.

    Notes
    -----
    Tech 3342 warns that the range is not stable for material shorter than a minute.
    """
    return range_from_powers(block_powers(audio, sample_rate), windows_per_second)


def is_silent(audio: Audio, sample_rate: int) -> bool:
    """Whether ``audio`` is nowhere above −70 LUFS in 400 ms; raises like :func:`measure`.

    The first seconds of a song usually give the answer, so the function stops as soon as the answer
    is known.
    """
    meter = PowerMeter(sample_rate, audio.shape[1])
    for start in range(0, audio.shape[1], 10 * sample_rate):
        meter.add(audio[:, start : start + 10 * sample_rate])
        if math.isfinite(integrated_from_powers(meter.block_powers())):
            return False
    return True


def block_powers(audio: Audio, sample_rate: int) -> Powers:
    """K-weighted mean square of each 100 ms block, summed over channels; float64 (n_blocks,).

    The loudness of a block of power ``power`` is ``−0.691 + 10 log10(power)`` LUFS. An incomplete
    last block is left out. Raises as :func:`measure`.
    """
    return _metered(audio, sample_rate).block_powers()


def integrated_from_powers(powers: Powers) -> float:
    """Loudness in LUFS from powers of 100 ms blocks, with gates at −70 LUFS and −10 LU."""
    blocks = _moving_mean(powers, BLOCKS_MOMENTARY)
    loud = blocks[blocks > _power_at(ABSOLUTE_GATE_LUFS)]
    if loud.size == 0:
        return -math.inf
    gate = loud.mean() * 10 ** (RELATIVE_GATE_LU / 10)
    return float(lufs_of_power(loud[loud > gate].mean()))


def range_from_powers(powers: Powers, windows_per_second: int = RANGE_WINDOWS_PER_SECOND) -> float:
    """Loudness range in LU from powers of 100 ms blocks, as in :func:`loudness_range`.

    The function raises ``ValueError`` if the number of windows does not divide ten.
    """
    if windows_per_second < 1 or BLOCKS_PER_SECOND % windows_per_second:
        raise ValueError(f"windows_per_second must be 1, 2, 5 or 10, not {windows_per_second}.")
    step = BLOCKS_PER_SECOND // windows_per_second
    return _gated_range(_moving_mean(powers, BLOCKS_SHORT_TERM, step))


def lra_100ms(audio: Audio, sample_rate: int, gain: npt.NDArray[np.float32] | None = None) -> float:
    """Loudness range in LU by Li's (2022) code, which differs from the EBU's loudness range.

    Parameters
    ----------
    gain
        Gain for each sample, (n_samples,): ``audio`` times this gain is measured without rendering
        it.

    Notes
    -----
    Three errors distinguish this meter from Tech 3342. The meter keeps Li's (2022) errors, so that
    Li's target of 16.36 LU keeps its meaning. The first error is that the window of "3 s" is one
    step of 100 ms without overlap. The second error is that the K filter runs across the channels
    of stereo audio. Left becomes ``c0 * left``, and right becomes ``c0 * right + c1 * left`` (c0,
    c1: the first two samples of the filter's impulse response). Frequencies are therefore not
    weighted. The third error is that channels are averaged and not summed. The gates (−70 LUFS, −20
    LU) and the percentiles (10, 95) are those of the EBU's meter. Mono audio is K-weighted
    correctly, along time. The function raises the errors of :func:`measure`.
    """
    if audio.shape[0] == 1:
        return _gated_range(block_powers(audio if gain is None else audio * gain, sample_rate))
    length = sample_rate // 10
    n_blocks = audio.shape[1] // length
    if n_blocks < BLOCKS_MOMENTARY:
        raise AudioError("Loudness needs at least 0.4 s of audio (one gating block).")
    first, second = _impulse_head(k_filter(sample_rate))
    powers = np.empty(n_blocks)
    for block in range(n_blocks):
        piece = slice(block * length, (block + 1) * length)
        left, right = (np.float64(1) if gain is None else gain[piece]) * audio[:, piece]
        left, right = left.astype(np.float64), right.astype(np.float64)
        powers[block] = ((first * left) ** 2).mean() + ((first * right + second * left) ** 2).mean()
    return _gated_range(_checked(powers / 2))


def lufs_of_power(power: npt.ArrayLike) -> Powers:
    """Loudness in LUFS of a K-weighted power (mean square summed over channels); −inf for 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(OFFSET_LU + 10 * np.log10(np.asarray(power, dtype=np.float64)))


def _metered(audio: Audio, sample_rate: int) -> PowerMeter:
    meter = PowerMeter(sample_rate, audio.shape[1])
    meter.add(audio)
    return meter


def _window_maximum_lufs(steps: Powers, sample_rate: int, n_blocks: int) -> float:
    windows = _moving_mean(steps, n_blocks * STEPS_PER_BLOCK)
    if windows.size == 0:
        return -math.inf
    return float(lufs_of_power(windows.max() * 100 / sample_rate))


def _moving_mean(values: Powers, length: int, step: int = 1) -> Powers:
    """Means of ``length`` values, at every ``step``-th position; empty for too few values."""
    if values.size < length:
        return np.empty(0)
    # no cumulative sum is used here: after loud windows, its rounding errors would hide quiet
    # windows
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
    """First two samples of the impulse response of two biquads in series."""
    (b0, b1, _, a1, _), (_, _, _, c1, _) = filters.tolist()
    head, neck = b0, b1 - a1 * b0
    return head, neck - 2 * head - c1 * head


def _checked(powers: Powers) -> Powers:
    if not np.isfinite(powers).all():
        raise AudioError("The audio holds samples that are not numbers (NaN or infinite).")
    return powers
