"""Loudness of audio: BS.1770 loudness, EBU loudness range, and Li's (2022) range meter.

Conventions
-----------
Audio is float32 ``(n_channels, n_samples)`` of one or two channels. The powers of left and right
are added with weight 1; a single channel is counted once. The loudness of a single channel is 3.01
LU lower than the loudness of the same signal in two equal channels. Songs are always stereo
(:func:`mixing.audio.as_stereo`). The difference of 3.01 LU therefore matters only if somebody
measures a single channel.

Defined answers
---------------
Silence: integrated, momentary and short-term loudness are −inf, loudness range 0, true peak −inf.
Audio shorter than one 400 ms gating block raises :class:`~mixing.audio.AudioError`. Audio shorter
than 3 s has no short-term loudness, so its short-term maximum is −inf and its loudness range is 0.

Every sample is filtered only once, and the energy of each step of 10 ms is stored. All measures of
loudness are computed from the stored energies. Gated loudness uses a new block every 100 ms, as
BS.1770 requires (75 % overlap). The momentary and short-term maxima use a new window every 10 ms,
so that they do not miss a short loud passage.

The loudness range uses one window of 3 s per second. libebur128, and all meters based on it
(ffmpeg, players, editors), also use one window per second. The loudness range in reports and
targets therefore agrees with the loudness range in other programs. Since 2016, EBU Tech 3342 has
required ten windows per second (``windows_per_second=10``).

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
    """Five measures of a recording, with the units LUFS, LU and dBTP."""

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
        The audio lasts less than 400 ms, or contains NaN or infinity.
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
    """Gated loudness of audio in LUFS, −inf for silence. Raises the errors of :func:`measure`."""
    return integrated_from_powers(block_powers(audio, sample_rate))


def loudness_range(
    audio: Audio, sample_rate: int, windows_per_second: int = RANGE_WINDOWS_PER_SECOND
) -> float:
    """Loudness range in LU; 0 for silence and for audio shorter than 3 s.

    Raises the errors of :func:`measure`.

    Parameters
    ----------
    windows_per_second
        Number of windows of 3 s per second: 1, 2, 5 or 10. libebur128 uses one window, and Tech
        3342 requires ten. The loudness ranges with one and with ten windows per second can differ
        by 3 LU for half a minute of audio, and by 1 LU for a whole song.

    Notes
    -----
    Tech 3342 warns that the range is not stable for material shorter than a minute.
    """
    return range_from_powers(block_powers(audio, sample_rate), windows_per_second)


def is_silent(audio: Audio, sample_rate: int) -> bool:
    """Whether every 400 ms block of ``audio`` has a loudness of at most −70 LUFS.

    Raises the errors of :func:`measure`. The function stops as soon as it
    finds a louder block, usually in the first seconds of a song.
    """
    meter = PowerMeter(sample_rate, audio.shape[1])
    for start in range(0, audio.shape[1], 10 * sample_rate):
        meter.add(audio[:, start : start + 10 * sample_rate])
        if math.isfinite(integrated_from_powers(meter.block_powers())):
            return False
    return True


def block_powers(audio: Audio, sample_rate: int) -> Powers:
    """K-weighted mean square of each 100 ms block, summed over channels; float64 (n_blocks,).

    A block with the power ``power`` has a loudness of ``−0.691 + 10 log10(power)`` LUFS. An
    incomplete last block is left out. Raises as :func:`measure`.
    """
    return _metered(audio, sample_rate).block_powers()


def integrated_from_powers(powers: Powers) -> float:
    """Loudness in LUFS from the powers of 100 ms blocks, with gates at −70 LUFS and −10 LU."""
    blocks = _moving_mean(powers, BLOCKS_MOMENTARY)
    loud = blocks[blocks > _power_at(ABSOLUTE_GATE_LUFS)]
    if loud.size == 0:
        return -math.inf
    gate = loud.mean() * 10 ** (RELATIVE_GATE_LU / 10)
    return float(lufs_of_power(loud[loud > gate].mean()))


def range_from_powers(powers: Powers, windows_per_second: int = RANGE_WINDOWS_PER_SECOND) -> float:
    """Loudness range in LU from the powers of 100 ms blocks, as in :func:`loudness_range`.

    The function raises ``ValueError`` if 10 is not a multiple of the number of windows.
    """
    if windows_per_second < 1 or BLOCKS_PER_SECOND % windows_per_second:
        raise ValueError(f"windows_per_second must be 1, 2, 5 or 10, not {windows_per_second}.")
    step = BLOCKS_PER_SECOND // windows_per_second
    return _gated_range(_moving_mean(powers, BLOCKS_SHORT_TERM, step))


def lra_100ms(audio: Audio, sample_rate: int, gain: npt.NDArray[np.float32] | None = None) -> float:
    """Loudness range in LU as computed by Li's (2022) code, which differs from EBU Tech 3342.

    Parameters
    ----------
    gain
        Gain for each sample, shape (n_samples,). The meter measures ``audio`` multiplied by this
        gain; the caller need not multiply.

    Notes
    -----
    Three errors distinguish this meter from Tech 3342. The meter keeps the errors of Li (2022),
    because Li's target of 16.36 LU was measured with these errors. The first error is that the
    window, which should be 3 s, is one step of 100 ms without overlap. The second error is that the
    K filter runs from channel to channel instead of along time, if the audio is stereo. The left
    channel becomes ``c0 * left``, and the right channel becomes ``c0 * right + c1 * left`` (c0, c1:
    the first two samples of the filter's impulse response). Frequencies are therefore not weighted.
    The third error is that channels are averaged instead of summed. The gates (−70 LUFS, −20 LU)
    and the percentiles (10, 95) are the same as in EBU Tech 3342. In mono audio, the K filter
    correctly runs along time. The function raises the errors of :func:`measure`.
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
    """Means over ``length`` values, at every ``step``-th position; empty if there are too few."""
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
