"""The K weighting of BS.1770, and the K-weighted energy of audio in steps of 10 ms.

Conventions
-----------
Audio is float32 ``(n_channels, n_samples)`` of one or two channels, summed with weight 1. A
:class:`PowerMeter` takes audio in pieces, so the whole audio need not be in memory. The sizes of
the pieces do not change the result.

References
----------
.. [1] ITU-R BS.1770-5, Annex 1.
.. [2] B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement", 2018:
   the analogue parameters of the K filter, for any sample rate.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mixing.audio import Audio, AudioError
from mixing.compiled import compiled

Powers: TypeAlias = npt.NDArray[np.float64]

STEPS_PER_SECOND = 100
STEPS_PER_BLOCK = 10  # number of steps of 10 ms in a block of 100 ms
PIECE = 1 << 16  # number of samples per piece: a piece fits into the processor's cache
# filter states below this value are set to 0, because denormal numbers are slow
_STATE_FLOOR = 1e-30


class PowerMeter:
    """K-weighted energy of audio that arrives in pieces.

    Parameters
    ----------
    sample_rate
        In Hz.
    n_samples
        Length of the whole audio in samples.

    Raises
    ------
    AudioError
        The whole audio is shorter than 400 ms, the length of a gating block.
    """

    def __init__(self, sample_rate: int, n_samples: int) -> None:
        if n_samples < 0.4 * sample_rate:
            raise AudioError("Loudness needs at least 0.4 s of audio (one gating block).")
        self._sample_rate = sample_rate
        n_steps = int(n_samples * STEPS_PER_SECOND // sample_rate)
        # The edges are float64, because a step of 10 ms is not always a whole number of samples.
        edges = np.rint(np.arange(n_steps + 1) * (sample_rate / STEPS_PER_SECOND))
        self.edges = np.minimum(edges, n_samples).astype(np.int64)
        self._filters = k_filter(sample_rate)
        self._state = np.zeros(8)
        self._energies = np.zeros((3, n_steps))
        self._share = 1.0
        self._position = 0

    def add(self, audio: Audio) -> None:
        """Process the next piece of audio."""
        signal = np.asarray(audio, dtype=np.float32)
        # a single channel is added as left and as right; halving the sum counts its power once
        self._share = signal.shape[0] / 2
        left, right = signal[0], signal[-1]
        _add_energies(
            left, right, self._position, self.edges, self._filters, self._state, self._energies
        )
        self._position += signal.shape[1]

    def step_energies(self) -> Powers:
        """Sum of squares in each 10 ms step. Raises ``AudioError`` if a sample was not a number."""
        return _numbers(self._share * (self._energies[0] + self._energies[1]))

    def block_powers(self) -> Powers:
        """Mean square of each 100 ms block; an incomplete last block is left out."""
        return powers_of_blocks(self.step_energies(), self._sample_rate)


def powers_of_blocks(steps: Powers, sample_rate: int) -> Powers:
    """Mean square of each complete 100 ms block, from the energies of the 10 ms steps."""
    n_blocks = steps.size // STEPS_PER_BLOCK
    energies = steps[: n_blocks * STEPS_PER_BLOCK].reshape(n_blocks, STEPS_PER_BLOCK)
    return np.asarray(energies.sum(axis=1) / (sample_rate / 10))


def pair_powers(first: Audio, second: Audio, sample_rate: int) -> tuple[Powers, Powers, Powers]:
    """For each 100 ms block: K-weighted powers of two stereo recordings, and of their product.

    With gains ``g`` and ``h``, the sum of both recordings has the power ``g² A + h² B + 2 g h C``
    in each block. The loudness for any gains can therefore be computed without processing the
    audio again.

    Returns
    -------
        Mean square A of the first, mean square B of the second, and mean product C, each summed
        over both channels; float64 ``(n_blocks,)``.

    Raises
    ------
    AudioError
        The recordings last less than 400 ms, or contain NaN or infinity.
    """
    meter = PowerMeter(sample_rate, first.shape[1])
    energies, filters = np.zeros((3, meter.edges.size - 1)), k_filter(sample_rate)
    for one, other in zip(first, second, strict=True):
        _add_energies(one, other, 0, meter.edges, filters, np.zeros(8), energies)
    a, b, c = (powers_of_blocks(each, sample_rate) for each in _numbers(energies))
    return a, b, c


def _numbers(energies: Powers) -> Powers:
    if not np.isfinite(energies).all():
        raise AudioError("The audio holds samples that are not numbers (NaN or infinite).")
    return energies


def k_filter(sample_rate: int) -> Powers:
    """The K weighting as two biquads, ``(2, 5)``: each row has b0, b1, b2, a1, a2 (a0 = 1).

    The analogue prototypes of BS.1770 [2]_ are converted to ``sample_rate`` by the bilinear
    transform. At 48 kHz, the result equals the coefficients printed in BS.1770.
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


@compiled("reordered")
def _add_energies(
    first: Audio,
    second: Audio,
    position: int,
    edges: npt.NDArray[np.int64],
    filters: Powers,
    state: Powers,
    energies: Powers,
) -> None:
    """Filter two channels together, so that their recursions run in parallel.

    The three rows of ``energies`` are the squares of the first channel, the squares of the second
    channel, and the products of both.
    """
    b0, b1, b2, a1, a2 = filters[0]
    _, _, _, c1, c2 = filters[1]  # numerator 1, -2, 1
    fs1, fs2, ft1, ft2, ss1, ss2, st1, st2 = state
    step = np.searchsorted(edges, position, side="right") - 1
    start = 0
    while start < first.size and step < edges.size - 1:
        stop = min(edges[step + 1] - position, first.size)
        squares = other_squares = products = 0.0
        for n in range(start, stop):
            x, v = np.float64(first[n]), np.float64(second[n])
            y, w = b0 * x + fs1, b0 * v + ss1
            fs1, ss1 = b1 * x - a1 * y + fs2, b1 * v - a1 * w + ss2
            fs2, ss2 = b2 * x - a2 * y, b2 * v - a2 * w
            z, u = y + ft1, w + st1
            ft1, st1 = -2.0 * y - c1 * z + ft2, -2.0 * w - c1 * u + st2
            ft2, st2 = y - c2 * z, w - c2 * u
            squares += z * z
            other_squares += u * u
            products += z * u
        energies[0, step] += squares
        energies[1, step] += other_squares
        energies[2, step] += products
        if abs(ft1) + abs(ft2) + abs(st1) + abs(st2) < _STATE_FLOOR:
            fs1 = fs2 = ft1 = ft2 = ss1 = ss2 = st1 = st2 = 0.0
        start = stop
        step += 1
    state[:] = np.array([fs1, fs2, ft1, ft2, ss1, ss2, st1, st2])
