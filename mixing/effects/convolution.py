"""Memory-saving convolution of long audio with long impulse responses, block by block.

Conventions
-----------
Overlap-save in float32: blocks of a power of two are transformed, multiplied and transformed back,
and of each block only the samples that hold no wrap-around are kept. A few blocks are transformed
together, so that the library computes several blocks in one instruction. The error of the
convolution is about 5e-7 of the peak (−126 dB).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import fft

from mixing.audio import Audio

# the arrays have the type complex64; scipy's type annotations know only complex128
Spectra: TypeAlias = npt.NDArray[Any]

# In measurements, blocks of about 2.4 times the length of the response were the fastest for
# responses of 1 to 3 s. A block shorter than twice the length of the response wastes most of each
# transform. A long block of samples does not fit into the processor's cache.
BLOCK_IN_RESPONSES = 2.4
SAMPLES_AT_ONCE = 2**20  # four blocks of 2**18 samples are transformed together


def convolved_pieces(audio: Audio, responses: Audio) -> Iterator[tuple[int, Audio]]:
    """Sum of all inputs, each convolved with its response; the sum is returned in pieces.

    Parameters
    ----------
    audio
        Shape (n_inputs, n_samples). Once a piece is returned, its input can be overwritten: the
        function keeps a copy of the part that it still needs.
    responses
        Shape (n_outputs, n_inputs, n_taps): ``[o, i]`` is the response of output o to an impulse at
        input i.

    Yields
    ------
        Each piece, float32 (n_outputs, n), with the sample at which it begins; together they are
        as long as ``audio``, the tail after the last sample is cut off.
    """
    n_taps, n_samples = responses.shape[2], audio.shape[1]
    size = block_size(n_taps, n_samples)
    hop = size - n_taps + 1
    spectra: Spectra = np.asarray(fft.rfft(responses.astype(np.float32, copy=False), size, axis=-1))
    at_once = max(1, SAMPLES_AT_ONCE // size)
    history = np.zeros((audio.shape[0], n_taps - 1), dtype=np.float32)
    for first in range(0, n_samples, at_once * hop):
        count = min(at_once, -(-(n_samples - first) // hop))
        new = audio[:, first : first + count * hop]
        rest = np.zeros((audio.shape[0], count * hop - new.shape[1]), dtype=np.float32)
        stretch = np.concatenate([history, new, rest], axis=1)
        history = stretch[:, count * hop :]
        blocks = np.lib.stride_tricks.sliding_window_view(stretch, size, axis=1)[:, ::hop]
        part: Spectra = np.asarray(fft.rfft(blocks, axis=-1))
        kept: Any = fft.irfft(_product(spectra, part), size, axis=-1)[:, :, n_taps - 1 :]
        whole: Audio = kept.reshape(responses.shape[0], -1)
        yield first, whole[:, : new.shape[1]]


def block_size(n_taps: int, n_samples: int) -> int:
    """Return the length of one transform: a power of two, or less if one block is enough."""
    by_response = int(2 ** np.ceil(np.log2(max(BLOCK_IN_RESPONSES * n_taps, 2**15))))
    whole = int(fft.next_fast_len(n_samples + n_taps - 1, real=True))
    return min(by_response, whole)


def _product(spectra: Spectra, part: Spectra) -> Spectra:
    """Response times spectrum, summed over the inputs, shape (n_outputs, n_blocks, n_bins)."""
    product = spectra[:, 0, None] * part[None, 0]
    for channel in range(1, part.shape[0]):
        product += spectra[:, channel, None] * part[None, channel]
    return np.asarray(product)
