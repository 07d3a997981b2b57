"""Whether a song is like a network's training songs; if not, the network's constant is used.

A network is reliable only for songs whose length and spectrum are like those of its training songs.
If a vocal has only a few notes, the network mistakes the spectrum of the notes for the spectrum of
the singer. The network also cannot judge a spectrum that is unlike the spectra of all training
songs.
"""

from __future__ import annotations

from mixing.audio import Audio, sample_peak
from mixing.learning.features.features import N_MELS, Float32
from mixing.learning.features.summaries import SPECTRA
from mixing.learning.weight_files import Tensors

FEWEST_CLIPS = 3
"""Smallest number of clips of 10 s, one every 5 s. Five new voices were tested. For three of them,
which sang vowels or scales for one clip, the predicted equaliser had 1.1 to 1.3 times the error of
no equaliser."""
FARTHEST_DB = 14.0
"""Largest distance of the vocal's average spectrum from that of the training songs, as root mean
square over 64 mel bands. All but one of 22 vocals were within 10.2 dB. With four changed bands,
they were within 13.2 dB."""
SOFTEST_DBFS = -60.0  # a clip whose peak is below this level contains only noise


def unlike(n_clips: int, summary: Float32, tensors: Tensors) -> str | None:
    """Text on how a song differs from the network's training songs; None if it does not.

    Parameters
    ----------
    n_clips
        Clips in which the vocal sings.
    summary
        Summary of all clips of the song, shape (N_SUMMARY,).
    tensors
        Weights of the network; ``offset`` is the mean summary of its training songs.
    """
    if n_clips < FEWEST_CLIPS:
        return f"the vocal sings in {n_clips} of the {FEWEST_CLIPS} clips of 10 s that are needed"
    if "offset" not in tensors:
        return None
    vocal = slice(SPECTRA.start + 2 * N_MELS, SPECTRA.start + 3 * N_MELS)
    apart_db = 10 * float(((summary[vocal] - tensors["offset"][vocal]) ** 2).mean() ** 0.5)
    if apart_db > FARTHEST_DB:
        return f"the vocal's spectrum is {apart_db:.0f} dB from those that were learnt from"
    return None


def too_soft(vocal: Audio) -> str | None:
    """Text on a vocal whose peak is below −60 dBFS; None for a louder vocal."""
    if sample_peak(vocal) < 10 ** (SOFTEST_DBFS / 20):
        return f"the vocal's peak is under {SOFTEST_DBFS:.0f} dBFS"
    return None
