"""Alignment of a finished mix with its stems, and a test whether both are the same song.

Conventions
-----------
Audio is float32 ``(n_channels, n_samples)`` at one sample rate. Recording and reference are each
summed to one channel and then differentiated, which raises high frequencies by 6 dB per octave
(pre-emphasis). Without pre-emphasis, the similarity would depend mainly on the bass, which is
similar in all songs. Similarity is the largest magnitude of the normalised cross-correlation, from
0 to 1. For two copies of the same waveform, the similarity is 1, even if their level, delay or
polarity differs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft

from mixing.audio import Audio

# audio is correlated in pieces of this length, so that a long song does not need more memory
_CHUNK_S = 3.0


@dataclass(frozen=True, slots=True)
class Alignment:
    """Delay of a recording relative to its reference (positive if later), and their similarity."""

    delay_samples: int
    similarity: float


def find_alignment(
    recording: Audio, reference: Audio, sample_rate: int, max_delay_s: float = 1.0
) -> Alignment:
    """Delay in samples at which ``recording`` is most similar to ``reference``; and the similarity.

    Silence is not similar to any sound: both delay and similarity are 0.

    Notes
    -----
    The correlation sum over all samples n of reference[n] · recording[n + delay] is taken chunk
    by chunk in the frequency domain, for delays within ± ``max_delay_s``, and divided by the two
    norms.
    """
    x, y = _emphasised(reference), _emphasised(recording)
    norm = float(np.linalg.norm(x) * np.linalg.norm(y))
    if norm == 0:
        return Alignment(0, 0.0)
    reach = round(max_delay_s * sample_rate)
    correlation = _correlation(x, y, reach, round(_CHUNK_S * sample_rate))
    best = int(np.argmax(np.abs(correlation)))
    return Alignment(best - reach, float(abs(correlation[best])) / norm)


def shifted(audio: Audio, delay_samples: int, n_samples: int) -> Audio:
    """``audio`` shifted to be ``delay_samples`` earlier, and cut or padded to ``n_samples``."""
    out = np.zeros((audio.shape[0], n_samples), dtype=np.float32)
    start = max(delay_samples, 0)
    target = max(-delay_samples, 0)
    length = max(min(audio.shape[1] - start, n_samples - target), 0)
    out[:, target : target + length] = audio[:, start : start + length]
    return out


def _emphasised(audio: Audio) -> npt.NDArray[np.float32]:
    return np.diff(audio.sum(axis=0, dtype=np.float32), prepend=np.float32(0))


def _correlation(
    x: npt.NDArray[np.float32], y: npt.NDArray[np.float32], reach: int, chunk: int
) -> npt.NDArray[np.float64]:
    """Sum over n of x[n] y[n + d], for each d from -reach to reach."""
    size = fft.next_fast_len(chunk + 2 * reach, real=True)
    padded = np.zeros(max(x.size, y.size) + chunk + 2 * reach, dtype=np.float32)
    padded[reach : reach + y.size] = y
    total = np.zeros(size // 2 + 1, dtype=np.complex128)
    for start in range(0, x.size, chunk):
        spectrum = fft.rfft(x[start : start + chunk].astype(np.float64), size)
        around = fft.rfft(padded[start : start + chunk + 2 * reach].astype(np.float64), size)
        total += np.conj(spectrum) * around
    return np.asarray(fft.irfft(total, size)[: 2 * reach + 1])
