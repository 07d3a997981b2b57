"""Format of audio in the program, and writing of audio files.

Conventions
-----------
Audio is float32 of shape ``(n_channels, n_samples)``, nominally within −1…1; sample rates are in
Hz. Songs are always stereo. A mono file becomes two equal channels, so that it is heard in both
ears. Audio files are read by :mod:`mixing.ingest`. :func:`written_whole` writes each file under a
temporary name, and renames it when it is complete. All files that the packages mixing and stimuli
write are written by :func:`written_whole`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Audio: TypeAlias = npt.NDArray[np.float32]

MIN_DURATION_S = 3.0
PIECE = 1 << 16
"""Number of samples that are processed at once, so that a long song needs no second copy."""

_LARGEST = np.float32(1 - 2**-24)  # the largest float32 value below 1.0 (full scale)
MIN_SAMPLE_RATE, MAX_SAMPLE_RATE = 32_000, 96_000


class _LoadedWhenUsed:
    """Placeholder for a library, which is loaded when one of its attributes is first used.

    Survey, dashboard, exports and reports handle sound files without opening them. With the
    placeholder, programs that do not open sound files start faster. Programs that do not open sound
    files also work where the libraries cannot be loaded.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)


soundfile: Any = _LoadedWhenUsed("soundfile")
"""libsndfile, which reads and writes most audio formats."""

pedalboard_io: Any = _LoadedWhenUsed("pedalboard.io")
"""Readers of further formats; they scale integers as in all earlier versions."""


class AudioError(ValueError):
    """Audio that cannot be used; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Song:
    """A vocal and its aligned backing: two arrays (2, n_samples) of equal length and sample rate.

    ``disposable`` allows the mixing system to overwrite both arrays. The backing of a disposable
    song is not stored with the mix, because it can be computed as the mix minus the vocal. With
    ``disposable``, a song of ten minutes at 96 kHz needs 1.4 GB of memory instead of 2.8 GB.
    ``notes`` state how the files of the song were converted.
    """

    vocal: Audio
    backing: Audio
    sample_rate: int
    disposable: bool = False
    notes: tuple[str, ...] = ()


def as_stereo(audio: Audio) -> Audio:
    """Two channels from ``audio``: mono is duplicated, stereo is returned unchanged."""
    if audio.shape[0] == 1:
        return np.repeat(audio, 2, axis=0)
    return audio


def check_song(song: Song) -> None:
    """Raise ``AudioError`` if a song is too short or silent, or has an unsupported sample rate."""
    if not MIN_SAMPLE_RATE <= song.sample_rate <= MAX_SAMPLE_RATE:
        raise AudioError(f"A sample rate of {song.sample_rate} Hz is outside 32000 to 96000 Hz.")
    duration_s = song.vocal.shape[1] / song.sample_rate
    if duration_s < MIN_DURATION_S:
        raise AudioError(f"The song lasts {duration_s:.2f} s; at least 3 s are needed.")
    if not (song.vocal.any() or song.backing.any()):
        raise AudioError("Vocal and backing are both silent.")


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Temporary path beside ``path``; a file or folder appears at ``path`` only when complete.

    The temporary file is renamed when it is complete. The temporary file is deleted if writing
    fails.
    """
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield part
        part.replace(path)
    finally:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)


def is_leftover(path: Path) -> bool:
    """Whether a file is unfinished because the process that wrote it was killed."""
    return re.fullmatch(r"\..+\.\d+\.part(\.\w+)?", path.name) is not None


def write_flac(path: Path, audio: Audio, sample_rate: int, bit_depth: int = 24) -> None:
    """Write ``audio`` (n_channels, n_samples) as a FLAC file, either completely or not at all.

    Raises
    ------
    AudioError
        A sample is outside −1…1 (FLAC would clip the sample silently), or the folder is not
        writable.
    """
    if sample_peak(audio) > 1.0:
        raise AudioError(f"{path.name} would clip: its sample peak is above full scale.")
    form = (sample_rate, audio.shape[0], f"PCM_{bit_depth}")
    try:
        with (
            written_whole(path) as part,
            soundfile.SoundFile(part, "w", *form, format="FLAC") as file,
        ):
            for start in range(0, audio.shape[1], PIECE):
                file.write(_as_integers(audio[:, start : start + PIECE]))
    except (ValueError, RuntimeError, OSError) as error:
        raise AudioError(f"{path} cannot be written: is the folder there and writable?") from error


def sample_peak(audio: Audio) -> float:
    """Largest magnitude of all samples, found without a copy; 0 if none, NaN if any is NaN."""
    peak = np.float32(0)
    for start in range(0, audio.shape[1], PIECE):
        piece = audio[:, start : start + PIECE]
        peak = np.maximum(peak, np.maximum(piece.max(), -piece.min()))
    return float(peak)


def _as_integers(audio: Audio) -> npt.NDArray[np.int32]:
    """The samples as interleaved 32-bit integers; the encoder keeps the upper 16 or 24 bits."""
    frames = np.empty(audio.T.shape, dtype=np.int32)
    for channel, sound in enumerate(audio):
        scaled = np.minimum(sound, _LARGEST)
        scaled *= np.float32(2**31)
        frames[:, channel] = scaled
    return frames
