"""Reading of an input file: conversion to stereo with the required sample rate and length.

Conventions
-----------
Notes tell what was done to a file and what is wrong with it; they travel into the manifest of a
build. A file that cannot be corrected is refused, and the error message gives advice.

``scipy.signal`` is imported only when a file is resampled; ``import scipy`` alone does not load it.
Importing ``scipy.signal`` at the start would take half of the start time of ``mixtrial check``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy

from mixing.audio import (
    MAX_SAMPLE_RATE,
    MIN_SAMPLE_RATE,
    Audio,
    AudioError,
    Song,
    as_stereo,
    check_song,
)
from mixing.ingest.decoding import MAX_DIFFERENCE_S, decode
from mixing.ingest.faults import mended

LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000
"""Sample rates in Hz that are accepted: from that of telephones to the highest of converters."""

USUAL_SAMPLE_RATE = 48_000
"""Sample rate in Hz to which files are converted if browsers do not play their own sample rate."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Sound of a file in stereo, with the changes that were made and the faults that were found."""

    audio: Audio
    sample_rate: int
    notes: tuple[str, ...]


def kept_rate(own_rate: int) -> int:
    """Sample rate of a song made from a file; rates that browsers can play are kept."""
    is_kept = MIN_SAMPLE_RATE <= own_rate <= MAX_SAMPLE_RATE
    return own_rate if is_kept else USUAL_SAMPLE_RATE


def samples_at(n_samples: int, own_rate: int, sample_rate: int) -> int:
    """Number of samples of a sound after conversion to another sample rate."""
    return math.ceil(n_samples * sample_rate / own_rate)


def taken_in(
    path: Path,
    sample_rate: int | None = None,
    n_samples: int | None = None,
    needed_by: str = "the others",
) -> Intake:
    """Stereo sound of a file, with a given sample rate and length.

    Parameters
    ----------
    path
        The file.
    sample_rate
        Sample rate in Hz after conversion; None keeps the file's rate if browsers can play it.
    n_samples
        Target length. If the lengths of file and target differ by at most ``MAX_DIFFERENCE_S``, a
        longer file is cut at the end, and a shorter file is filled with silence. With None, the
        file's length is kept.
    needed_by
        Name of the sound that determines the target length; an error message about a different
        length states this name.

    Raises
    ------
    AudioError
        The same errors as :func:`mixing.ingest.decoding.read_audio`. ``AudioError`` is also raised
        if the rate is outside 8 to 192 kHz, or if the length differs by more than
        ``MAX_DIFFERENCE_S``.
    """
    decoded = decode(path)
    audio, own_rate = decoded.audio, decoded.sample_rate
    if not LOWEST_RATE <= own_rate <= HIGHEST_RATE:
        raise AudioError(
            f"{path} has a sample rate of {own_rate} Hz; {LOWEST_RATE} to {HIGHEST_RATE} Hz are "
            "accepted, so export it at 48000 Hz."
        )
    notes = [*decoded.notes, *mended(audio)]
    rate = sample_rate or kept_rate(own_rate)
    if own_rate != rate:
        common = math.gcd(own_rate, rate)
        audio = scipy.signal.resample_poly(audio, rate // common, own_rate // common, axis=1)
        notes.append(f"resampled from {own_rate} to {rate} Hz")
    if n_samples is not None and audio.shape[1] != n_samples:
        audio, note = _of_length(audio, n_samples, rate, path, needed_by)
        notes.append(note)
    return Intake(np.ascontiguousarray(as_stereo(audio), dtype=np.float32), rate, tuple(notes))


def _of_length(
    audio: Audio, n_samples: int, rate: int, path: Path, needed_by: str
) -> tuple[Audio, str]:
    """Sound that was cut or filled to a length, and a sentence about the change."""
    excess, allowed = audio.shape[1] - n_samples, round(MAX_DIFFERENCE_S * rate)
    if abs(excess) > allowed:
        raise AudioError(
            f"{path} has {audio.shape[1]} samples at {rate} Hz, {needed_by} {n_samples}; the "
            f"lengths may differ by at most {allowed} samples ({1000 * MAX_DIFFERENCE_S:g} ms), so "
            "trim or pad the file."
        )
    if excess > 0:
        return audio[:, :n_samples], f"{excess} samples cut off at the end"
    filled = np.pad(audio, ((0, 0), (0, -excess)))
    return filled, f"{-excess} samples of silence added at the end"


INPUTS = ("vocal", "backing", "finished mix")
"""Names of the inputs of a mix, with which notes on these inputs begin."""


def told_of(name: str, notes: tuple[str, ...]) -> tuple[str, ...]:
    """Notes on one of the :data:`INPUTS` of a mix; each note begins with the name of the input."""
    return tuple(f"{name}: {note}" for note in notes)


def is_of_input(note: str) -> bool:
    """Whether a note in the report of a mix concerns one of the mix's inputs."""
    return note.partition(": ")[0] in INPUTS


def read_song(vocal_path: Path, backing_path: Path) -> Song:
    """Vocal and backing of a song, both with the sample rate and the length of the vocal.

    Raises
    ------
    AudioError
        The same errors as :func:`taken_in`. ``AudioError`` is also raised if the song lasts less
        than 3 s, or if both files are silent.
    """
    vocal = taken_in(vocal_path)
    backing = taken_in(backing_path, vocal.sample_rate, vocal.audio.shape[1], str(vocal_path))
    notes = (*told_of("vocal", vocal.notes), *told_of("backing", backing.notes))
    song = Song(vocal.audio, backing.audio, vocal.sample_rate, notes=notes)
    check_song(song)
    return song
