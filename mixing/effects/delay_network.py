"""The feedback delay network of the reverb: 64 delay lines, with feedback through a matrix.

Conventions
-----------
Lengths are whole samples, gains are linear unless the name says dB. Every delay line has a
high-shelf filter and a low-shelf filter. At each sample, a Walsh–Hadamard matrix, which preserves
energy, mixes the 64 delay lines. The sound therefore decays only through the gains and shelf
filters of the delay lines. The delay network is linear and time-invariant, so its impulse responses
describe it fully. :func:`network_response` renders these responses.

Contents, in reading order: lengths of the delay lines, decay of the sound, rendering.

References
----------
The structure is that of the IEM plug-in suite's ``FdnReverb`` at its order of 64, written from a
description. Shelves: R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter
coefficients".
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mixing.compiled import compiled
from mixing.parameters import ReverbParameters

Float64: TypeAlias = npt.NDArray[np.float64]
Int64: TypeAlias = npt.NDArray[np.int64]

N_LINES = 64
# Highest frequency of a shelf filter, divided by the sample rate. A shelf filter above half of the
# sample rate is unstable, for example a filter at 20 kHz with a sample rate of 32 kHz.
MAX_SHELF_FREQUENCY = 0.49


@lru_cache(maxsize=1)
def _odd_primes() -> tuple[int, ...]:
    """Return the odd primes up to 9000; the largest room needs the first 1044 of them."""
    sieve = np.ones(9001, dtype=bool)
    sieve[:2] = False
    for number in range(2, 95):
        if sieve[number]:
            sieve[number * number :: number] = False
    return tuple(int(prime) for prime in np.flatnonzero(sieve)[1:])


def delay_indices(room_size: float) -> Int64:
    """For each delay line, the position of its delay in the list of odd primes (3, 5, 7, …).

    Parameters
    ----------
    room_size
        Room size from 1 to 30; as in the plug-in, it is rounded to a whole number.

    Returns
    -------
    numpy.ndarray
        64 rising integers. Small rooms use neighbouring primes as delays. In larger rooms, the
        steps between the primes grow from a tenth of the room size to the room size.
    """
    size = round(room_size)
    first = size // 10
    indices = [max(1, first)]
    for line in range(1, N_LINES):
        step = max(1.0, first + abs(size - first) / N_LINES * line)
        # adding 0.5 before rounding down gives the nearest integer; halves are rounded up
        indices.append(int(np.floor(indices[-1] + step + 0.5)))
    return np.array(indices, dtype=np.int64)


def delay_lengths(room_size: float, sample_rate: int) -> Int64:
    """Length of each line in samples; the delay is a prime number of tenths of a millisecond."""
    return _lengths_of(round(room_size), sample_rate).copy()


@lru_cache
def _lengths_of(room_size: int, sample_rate: int) -> Int64:
    """Lengths of the delay lines for an integer room size; cached, as searches repeat sizes."""
    primes = np.array(_odd_primes(), dtype=np.int64)[delay_indices(room_size)]
    # Integer arithmetic is exact: a time of 0.5 ms at 48 kHz gives 24 samples. Floating-point
    # arithmetic could give 23.999…, which would be rounded down to 23.
    return primes * sample_rate // 10_000


def shelf_coefficients(
    gain: Float64, frequency_hz: float, q: float, sample_rate: int, high: bool
) -> Float64:
    """Biquad coefficients of one shelf filter in each delay line.

    Parameters
    ----------
    gain
        Linear gain of the shelf filter in each delay line, shape (n_lines,).
    frequency_hz, q
        Corner frequency and quality factor of the shelf filter; they are the same in all delay
        lines.
    high
        True for the high-shelf filter, False for the low-shelf filter.

    Returns
    -------
    numpy.ndarray
        Rows ``b0, b1, b2, a1, a2`` (a0 is 1), shape (5, n_lines).
    """
    frequency = min(frequency_hz, MAX_SHELF_FREQUENCY * sample_rate) / sample_rate
    amplitude = np.sqrt(gain)
    cosine = np.cos(2 * np.pi * frequency)
    beta = np.sqrt(amplitude) * np.sin(2 * np.pi * frequency) / q
    # a high-shelf filter is a low-shelf filter mirrored at half of the Nyquist frequency
    sign = -1.0 if high else 1.0
    plus, minus = amplitude + 1, (amplitude - 1) * sign * cosine
    b0 = amplitude * (plus - minus + beta)
    b1 = amplitude * 2 * sign * (amplitude - 1 - plus * sign * cosine)
    b2 = amplitude * (plus - minus - beta)
    a0 = plus + minus + beta
    a1 = -2 * sign * (amplitude - 1 + plus * sign * cosine)
    a2 = plus + minus - beta
    return np.asarray(np.stack([b0, b1, b2, a1, a2]) / a0)


def line_filters(parameters: ReverbParameters, sample_rate: int) -> Float64:
    """Coefficients of the high-shelf, then the low-shelf filter of each delay line, shape (10, 64).

    Shelf gains are stated in dB per second: in a delay line of L seconds, the gain of the shelf
    filter in dB is L times the stated number. Sound therefore loses the same number of dB per
    second on every path through the network.
    """
    seconds = delay_lengths(parameters.room_size, sample_rate) / sample_rate
    high = shelf_coefficients(
        10 ** (parameters.high_shelf_gain_db_per_s * seconds / 20),
        parameters.high_shelf_frequency_hz,
        parameters.high_shelf_q,
        sample_rate,
        high=True,
    )
    low = shelf_coefficients(
        10 ** (parameters.low_shelf_gain_db_per_s * seconds / 20),
        parameters.low_shelf_frequency_hz,
        parameters.low_shelf_q,
        sample_rate,
        high=False,
    )
    return np.concatenate([high, low])


def shelf_gain_db_per_s(
    parameters: ReverbParameters, sample_rate: int, frequency_hz: Float64
) -> Float64:
    """Return the largest gain of the shelf filters in any delay line, in dB per second."""
    filters = line_filters(parameters, sample_rate)
    seconds = delay_lengths(parameters.room_size, sample_rate) / sample_rate
    z = np.exp(-2j * np.pi * np.asarray(frequency_hz)[:, None] / sample_rate)
    gain_db = np.zeros((len(frequency_hz), N_LINES))
    for b0, b1, b2, a1, a2 in (filters[:5], filters[5:]):
        response = (b0 + z * (b1 + z * b2)) / (1 + z * (a1 + z * a2))
        gain_db += 20 * np.log10(np.abs(response))
    return np.asarray((gain_db / seconds).max(axis=1))


def network_response(
    parameters: ReverbParameters,
    decay_time_s: float,
    sample_rate: int,
    n_samples: int,
    inputs: tuple[float, float],
) -> Float64:
    """Response of the delay network to one impulse, without the dry sound.

    Parameters
    ----------
    parameters
        Reverb parameters; only the room size and the shelf parameters are used.
    decay_time_s
        Time in which the gains of the delay lines, without the shelf filters, attenuate the sound
        by 60 dB.
    inputs
        Height of the impulse at the left and at the right input.

    Returns
    -------
    numpy.ndarray
        Left and right output, shape (2, n_samples).
    """
    lengths = delay_lengths(parameters.room_size, sample_rate)
    gains = 10 ** (-3 * lengths / sample_rate / decay_time_s)
    work = np.zeros((14, N_LINES))
    work[:10] = line_filters(parameters, sample_rate)
    return _render(lengths, gains / np.sqrt(N_LINES), work, np.array(inputs), n_samples)


@compiled()
def _render(
    lengths: Int64, gains: Float64, work: Float64, inputs: Float64, n_samples: int
) -> Float64:
    """Run the network in blocks; a block is at most as long as the shortest delay line.

    Within a block, no delay line reads a value that the same block writes. Whole rows can therefore
    be filtered and mixed at once, with vector instructions.
    """
    n_lines = lengths.size
    block = lengths.min()
    lines = np.zeros((n_lines, lengths.max()))
    heads = np.zeros(n_lines, np.int64)
    by_time = np.zeros((block, n_lines))
    by_line = np.zeros((n_lines, block))
    out = np.zeros((2, n_samples))
    for start in range(0, n_samples, block):
        _read_lines(lines, heads, lengths, by_time)
        if start == 0:
            by_time[0, 0] += inputs[0]
            by_time[0, 1] += inputs[1]
        _filter_lines(by_time, work.reshape(-1))
        for k in range(min(block, n_samples - start)):
            out[0, start + k] = by_time[k, 0]
            out[1, start + k] = by_time[k, 1]
        for i in range(n_lines):
            for k in range(block):
                by_line[i, k] = by_time[k, i] * gains[i]
        _mix_lines(by_line)
        _write_lines(lines, heads, lengths, by_line)
    return out


@compiled()
def _read_lines(lines: Float64, heads: Int64, lengths: Int64, by_time: Float64) -> None:
    """Copy the next block of every circular delay line into ``by_time`` (block, n_lines)."""
    block, n_lines = by_time.shape
    for i in range(n_lines):
        head = heads[i]
        first = min(block, lengths[i] - head)
        for k in range(first):
            by_time[k, i] = lines[i, head + k]
        for k in range(first, block):
            by_time[k, i] = lines[i, k - first]


@compiled()
def _filter_lines(by_time: Float64, work: Float64) -> None:
    """Apply both shelf filters to all delay lines, in transposed direct form II.

    ``work`` is one flat array of 14 rows (ten coefficients, four states). Because all rows are in
    one array, the compiler can prove that they do not overlap.
    """
    n = by_time.shape[1]
    for k in range(by_time.shape[0]):
        row = by_time[k]
        for i in range(n):
            x = row[i]
            y = work[i] * x + work[i + 10 * n]
            work[i + 10 * n] = work[i + n] * x - work[i + 3 * n] * y + work[i + 11 * n]
            work[i + 11 * n] = work[i + 2 * n] * x - work[i + 4 * n] * y
            z = work[i + 5 * n] * y + work[i + 12 * n]
            work[i + 12 * n] = work[i + 6 * n] * y - work[i + 8 * n] * z + work[i + 13 * n]
            work[i + 13 * n] = work[i + 7 * n] * y - work[i + 9 * n] * z
            row[i] = z


@compiled()
def _mix_lines(by_line: Float64) -> None:
    """Walsh–Hadamard transform over the delay lines, in place, in natural order, not normalised."""
    n_lines, block = by_line.shape
    half = 1
    while half < n_lines:
        for first in range(0, n_lines, 2 * half):
            for i in range(first, first + half):
                upper, lower = by_line[i], by_line[i + half]
                for k in range(block):
                    a, b = upper[k], lower[k]
                    upper[k] = a + b
                    lower[k] = a - b
        half *= 2


@compiled()
def _write_lines(lines: Float64, heads: Int64, lengths: Int64, by_line: Float64) -> None:
    """Write the mixed block back to the place that it was read from, and advance the positions."""
    n_lines, block = by_line.shape
    for i in range(n_lines):
        head = heads[i]
        first = min(block, lengths[i] - head)
        for k in range(first):
            lines[i, head + k] = by_line[i, k]
        for k in range(first, block):
            lines[i, k - first] = by_line[i, k]
        heads[i] = (head + block) % lengths[i]
