"""Stimuli that no mixing system makes: finished files, dry stems, and anchors.

Conventions
-----------
Dry stems and anchors have the names in :data:`stimuli.page_types.base.MADE_NAMES`. Finished files
and stems are unchanged, without effects. Later, finished files and stems get only a gain that
matches them to the loudness of their page, as mixes do.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mixing.audio import Audio, AudioError, Song, as_stereo
from mixing.ingest.decoding import audio_length
from mixing.ingest.intake import kept_rate, samples_at, taken_in
from stimuli.page_types.base import CUTOFF_HZ, DRY_NAMES
from stimuli.rendering.anchors import STOP_DB, anchor_filter

MIN_FILE_S = 1.0
"""Sentences of a voice are short; a loudness is measured over 0.4 s at least (BS.1770-4)."""


def is_dry(name: str) -> bool:
    """Whether a stimulus is a stem without effects, or the sum of both stems."""
    return name in DRY_NAMES


def dry_audio(name: str, song: Song) -> Audio:
    """Vocal, backing, or their sum: stereo, as long as the song."""
    if name == "dry_vocal":
        return as_stereo(song.vocal)
    if name == "dry_backing":
        return as_stereo(song.backing)
    return as_stereo(song.vocal) + as_stereo(song.backing)


def dry_report(name: str, notes: tuple[str, ...]) -> str:
    """Manifest entry of a dry stem (JSON): the stem's name, and the changes of the stems."""
    return json.dumps({"system": name, **({"notes": list(notes)} if notes else {})})


def length_of_files(measure: Path) -> tuple[int, int]:
    """Number of samples and rate of a song's finished files, both taken from one of the files.

    The sample rate is kept if browsers can play it; otherwise it is converted to 48 kHz.

    Raises
    ------
    AudioError
        The file cannot be read, or is too short for a measurement of its loudness.
    """
    n_samples, own_rate = audio_length(measure)
    if n_samples < MIN_FILE_S * own_rate:
        raise AudioError(
            f"{measure} lasts {n_samples / own_rate:.2f} s; at least {MIN_FILE_S:g} s are needed."
        )
    sample_rate = kept_rate(own_rate)
    return samples_at(n_samples, own_rate, sample_rate), sample_rate


def finished_audio(path: Path, n_samples: int, sample_rate: int) -> tuple[Audio, tuple[str, ...]]:
    """Finished file as stereo sound, with its song's sample rate and length; notes on the file.

    Raises
    ------
    AudioError
        The file cannot be used (see :func:`mixing.ingest.intake.taken_in`), or the file is silent.
    """
    taken = taken_in(path, sample_rate, n_samples)
    if not taken.audio.any():
        raise AudioError(f"{path} is silent.")
    return taken.audio, taken.notes


def file_report(name: str, notes: tuple[str, ...]) -> str:
    """Manifest entry of a finished file (JSON)."""
    return json.dumps({"system": name, "source": "file", "notes": list(notes)})


def command_report(name: str, line: str, notes: tuple[str, ...]) -> str:
    """Manifest entry of a file that a command made (JSON)."""
    facts = {"system": name, "source": "command", "command": line, "notes": list(notes)}
    return json.dumps(facts)


def anchor_report(name: str, made_from: str, sample_rate: int) -> str:
    """Manifest entry of an anchor (JSON): the anchor's reference and its filter."""
    facts: dict[str, Any] = {
        "system": name,
        "made_from": made_from,
        "cutoff_hz": CUTOFF_HZ[name],
        "stop_db": STOP_DB,
        "n_taps": len(anchor_filter(CUTOFF_HZ[name], sample_rate)),
    }
    return json.dumps(facts)
