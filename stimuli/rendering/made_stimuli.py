"""Stimuli that no mixing system makes: finished files, dry stems, and the anchors of a reference.

Conventions
-----------
Dry stems and anchors are called as in :data:`stimuli.page_types.base.MADE_NAMES`. Files and stems
are as they come, without effects; like mixes they are brought to the loudness of their page
afterwards, by gain alone.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from scipy.signal import resample_poly

from mixing.audio import (
    MAX_SAMPLE_RATE,
    MIN_SAMPLE_RATE,
    Audio,
    AudioError,
    Song,
    as_stereo,
    audio_length,
    read_audio,
)
from stimuli.page_types.base import CUTOFF_HZ, DRY_NAMES
from stimuli.rendering.anchors import STOP_DB, anchor_filter

MIN_FILE_S = 1.0
"""Sentences of a voice are short; a loudness is measured over 0.4 s at least (BS.1770-4)."""

USUAL_SAMPLE_RATE = 48_000
"""Rate in Hz of files whose own rate browsers do not play."""

MAX_DIFFERENCE_S = 0.05
"""A file may be longer or shorter than its song by so much: encoders fill up their last frame."""


def is_dry(name: str) -> bool:
    """Whether a stimulus is a stem, or the sum of both, without effects."""
    return name in DRY_NAMES


def dry_audio(name: str, song: Song) -> Audio:
    """Vocal, backing, or both added as they are; stereo, as long as the song."""
    if name == "dry_vocal":
        return as_stereo(song.vocal)
    if name == "dry_backing":
        return as_stereo(song.backing)
    return as_stereo(song.vocal) + as_stereo(song.backing)


def dry_report(name: str) -> str:
    """What the manifest says of a dry stem (JSON)."""
    return json.dumps({"system": name})


def length_of_files(measure: Path) -> tuple[int, int]:
    """Number of samples and rate that a song's finished files get, by the file that they follow.

    Rates that browsers play are kept, all others become 48 kHz.

    Raises
    ------
    AudioError
        The file cannot be read, or is shorter than a loudness can be measured of.
    """
    n_samples, own_rate = audio_length(measure)
    if n_samples < MIN_FILE_S * own_rate:
        raise AudioError(
            f"{measure} lasts {n_samples / own_rate:.2f} s; {MIN_FILE_S:g} s are needed"
        )
    is_kept = MIN_SAMPLE_RATE <= own_rate <= MAX_SAMPLE_RATE
    sample_rate = own_rate if is_kept else USUAL_SAMPLE_RATE
    return math.ceil(n_samples * sample_rate / own_rate), sample_rate


def finished_audio(path: Path, n_samples: int, sample_rate: int) -> tuple[Audio, tuple[str, ...]]:
    """Stereo sound of a finished file at the rate and length of its song, and what was done to it.

    Another rate is converted; up to ``MAX_DIFFERENCE_S`` too much is cut off at the end, as much
    too little is filled with silence.

    Raises
    ------
    AudioError
        The file cannot be read, is silent, or its length differs by more.
    """
    audio, own_rate = read_audio(path)
    notes = []
    if own_rate != sample_rate:
        common = math.gcd(own_rate, sample_rate)
        audio = resample_poly(audio, sample_rate // common, own_rate // common, axis=1)
        notes.append(f"resampled from {own_rate} to {sample_rate} Hz")
    excess, allowed = audio.shape[1] - n_samples, round(MAX_DIFFERENCE_S * sample_rate)
    if abs(excess) > allowed:
        raise AudioError(
            f"{path} has {audio.shape[1]} samples at {sample_rate} Hz, the song {n_samples}; they "
            f"may differ by {allowed} ({1000 * MAX_DIFFERENCE_S:g} ms)"
        )
    if excess > 0:
        notes.append(f"{excess} samples cut off at the end")
    elif excess < 0:
        audio = np.pad(audio, ((0, 0), (0, -excess)))
        notes.append(f"{-excess} samples of silence added at the end")
    audio = np.ascontiguousarray(as_stereo(audio[:, :n_samples]), dtype=np.float32)
    if not audio.any():
        raise AudioError(f"{path} is silent")
    return audio, tuple(notes)


def file_report(name: str, notes: tuple[str, ...]) -> str:
    """What the manifest says of a finished file (JSON)."""
    return json.dumps({"system": name, "source": "file", "notes": list(notes)})


def anchor_report(name: str, made_from: str, sample_rate: int) -> str:
    """What the manifest says of an anchor (JSON): its reference and its filter."""
    facts: dict[str, Any] = {
        "system": name,
        "made_from": made_from,
        "cutoff_hz": CUTOFF_HZ[name],
        "stop_db": STOP_DB,
        "n_taps": len(anchor_filter(CUTOFF_HZ[name], sample_rate)),
    }
    return json.dumps(facts)
