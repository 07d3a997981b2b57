"""Faults of a recording: a DC offset, which is removed, and faults that are only reported.

Conventions
-----------
A recording is looked at once, piece by piece, without a copy of it. The sentences about faults say
which fault was found and how large the fault is. The caller puts the name of the file before each
sentence about a fault.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixing.audio import PIECE, Audio

MAX_DC_SHARE = 0.05
"""Largest DC offset that is not removed, as a share of a channel's RMS. A larger offset changes
peaks by more than 0.1 dB (at a crest factor of 4), which is the allowed difference between stimuli
of a page. Microphones and mixes have a hundredth of this share."""

ONE_STEP = 2**-15
"""One step of 16 bits: a DC offset below it comes from rounding."""

NEAR_SILENT_PEAK = 10 ** (-60 / 20)
"""A peak of −60 dBFS: a recording of 16 bits then has only six bits left, and any gain also raises
its noise."""

FULL_SCALE = 0.99
"""Level from which samples count as full scale, also for integers of 8 bits."""

CLIPPED_RUN = 3
"""Number of equal neighbouring samples at full scale that cannot be the peak of a waveform; meters
call them an over."""

ONE_SIDED_DB = 60.0
"""A channel that is lower than the other channel by more than this counts as empty."""

ANTIPHASE_SHARE = 0.01
"""If the sum of both channels keeps less than this share of the power, the recording is in
antiphase: in mono it is 20 dB softer."""


@dataclass(slots=True)
class _Found:
    """Sums of a recording (over each channel, and over products of two channels), and its peak."""

    sums: npt.NDArray[np.float64]
    products: npt.NDArray[np.float64]
    n_samples: int
    peak: float = 0.0
    n_clipped: int = 0

    @property
    def mean(self) -> npt.NDArray[np.float64]:
        return self.sums / self.n_samples

    @property
    def covariance(self) -> npt.NDArray[np.float64]:
        return self.products / self.n_samples - np.outer(self.mean, self.mean)


def mended(audio: Audio) -> tuple[str, ...]:
    """Remove DC offset from a recording (n_channels, n_samples), in place, and list its faults.

    Returns
    -------
    tuple
        One sentence for each fault. A recording without faults stays unchanged and gives no
        sentences.
    """
    found = _looked_at(audio)
    notes = []
    rms = np.sqrt(np.maximum(np.diag(found.covariance), 0.0))
    dc = np.where(np.abs(found.mean) > np.maximum(MAX_DC_SHARE * rms, ONE_STEP), found.mean, 0.0)
    if dc.any():
        audio -= dc.astype(np.float32)[:, None]
        notes.append(f"DC of {dc[np.argmax(np.abs(dc))]:+.3g} of full scale removed")
    return (*notes, *_named(found, rms))


def _named(found: _Found, rms: npt.NDArray[np.float64]) -> Iterator[str]:
    """Sentences on faults that cannot be corrected."""
    if not found.peak:
        yield "silent"
        return
    peak = max(found.peak - float(np.abs(found.mean).max()), 1e-10)
    if peak < NEAR_SILENT_PEAK:
        yield f"nearly silent: its peak is {20 * math.log10(peak):.0f} dBFS"
    if found.n_clipped:
        yield f"clipped: {found.n_clipped} samples at full scale, {CLIPPED_RUN} and more in a row"
    if len(rms) == 2:
        yield from _named_of_stereo(found, rms)


def _named_of_stereo(found: _Found, rms: npt.NDArray[np.float64]) -> Iterator[str]:
    loud, soft = int(np.argmax(rms)), int(np.argmin(rms))
    if rms[soft] < rms[loud] * 10 ** (-ONE_SIDED_DB / 20):
        yield f"one-sided: only the {('left', 'right')[loud]} channel holds sound"
        return
    covariance = found.covariance
    if covariance.sum() < ANTIPHASE_SHARE * 2 * np.trace(covariance):
        yield "in antiphase: its channels cancel each other in mono"


def _looked_at(audio: Audio) -> _Found:
    """Sums and peak over all pieces of a recording."""
    n_channels, n_samples = audio.shape
    found = _Found(np.zeros(n_channels), np.zeros((n_channels, n_channels)), n_samples)
    for start in range(0, n_samples, PIECE):
        # Several clipped samples in a row can continue in the next piece.
        piece = audio[:, start : start + PIECE]
        found.sums += piece.sum(axis=1, dtype=np.float64)
        found.products += piece @ piece.T
        peak = float(max(piece.max(), -piece.min()))
        found.peak = max(found.peak, peak)
        if peak >= FULL_SCALE:
            found.n_clipped += _n_clipped(audio[:, max(0, start - 2) : start + PIECE])
    return found


def _n_clipped(piece: Audio) -> int:
    """Number of samples at full scale that follow at least two equal samples."""
    last = piece[:, 2:]
    runs = (last == piece[:, 1:-1]) & (last == piece[:, :-2]) & (np.abs(last) >= FULL_SCALE)
    return int(runs.sum())
