"""Decoding of AAC (in M4A or as a stream) by PyAV. PyAV is optional because it is a large package.

Conventions
-----------
The edit list of an M4A file defines which samples are sound; the decoder removes the encoder's
delay at the start, and samples after the stated end are the padding of the last frame. A bare AAC
stream (ADTS) has no edit list, and does not state where its sound ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from mixing.audio import Audio, AudioError

AAC_SUFFIXES = (".m4a", ".mp4", ".aac")

BARE = (
    "a bare AAC stream does not say how much silence its encoder put first (1024 samples and "
    "more): it is kept; an M4A file says it"
)


def decoded_aac(path: Path) -> tuple[Audio, int, tuple[str, ...]]:
    """Sound (n_channels, n_samples) of a file, its sample rate, and a note if a delay is unknown.

    Raises
    ------
    AudioError
        PyAV is not installed, or finds no sound in the file.
    """
    try:
        import av
    except ImportError:
        raise AudioError(
            f"{path} holds AAC, which needs PyAV: pip install 'mixtrial[m4a]', or export the file "
            "as WAV or FLAC."
        ) from None
    try:
        with av.open(str(path)) as container:
            stream = container.streams.audio[0]
            pieces = list(_pieces(container, stream, av.AudioResampler(format="fltp")))
            rate = int(stream.codec_context.sample_rate)
            is_bare = container.format.name == "aac"
            stated = None if is_bare else _stated_samples(stream, rate)
    except (av.error.FFmpegError, IndexError) as error:
        raise AudioError(f"{path} cannot be read as audio; export it as WAV or FLAC.") from error
    audio = np.concatenate(pieces, axis=1) if pieces else np.zeros((1, 0), np.float32)
    return audio[:, :stated], rate, (BARE,) if is_bare else ()


def _pieces(container: Any, stream: Any, resampler: Any) -> Iterator[Audio]:
    """Decoded frames as one float32 array per channel."""
    for frame in container.decode(stream):
        yield from (each.to_ndarray() for each in resampler.resample(frame))
    yield from (each.to_ndarray() for each in resampler.resample(None))


def _stated_samples(stream: Any, rate: int) -> int | None:
    """Number of audio samples that the container states; None if it states no number."""
    if stream.duration is None:
        return None
    duration_s: Fraction = stream.duration * stream.time_base
    return round(duration_s * rate)
