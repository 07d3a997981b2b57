"""Facts shown at once about an audio file: its waveform, length, loudness, and faults."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import streamlit as st

from mixing.audio import AudioError
from mixing.ingest.intake import taken_in
from mixing.meters.loudness import measure
from mixtrial.studio.editor.document.dropped_files import OWN_FILES
from stimuli.study.found_files import with_found_files
from stimuli.study_keys.faults import PlacedError

N_BARS = 48

Stamp: TypeAlias = tuple[int, int]
"""Time (ns) and size (bytes) of a file."""

Rows: TypeAlias = Mapping[str, Mapping[str, Path]]
"""Files of each item, by the system or key that they belong to."""


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """Of a file: peaks (0 to 1, in ``N_BARS`` segments), length, LUFS and notes; or its fault."""

    peaks: tuple[float, ...] = ()
    duration_s: float = 0.0
    loudness_lufs: float = float("-inf")
    notes: tuple[str, ...] = ()
    fault: str = ""


@st.cache_data(max_entries=4000, show_spinner=False)
def facts_of(path: str, stamp: Stamp) -> SoundFacts:  # noqa: ARG001
    """Facts of a file, cached while the file is unchanged (``stamp``)."""
    try:
        taken = taken_in(Path(path))
        found = measure(taken.audio, taken.sample_rate)
    except AudioError as error:
        return SoundFacts(fault=str(error))
    mono = np.abs(taken.audio).max(axis=0)
    pieces = np.array_split(mono, N_BARS)
    top = float(mono.max()) or 1.0
    peaks = tuple(float(piece.max()) / top if piece.size else 0.0 for piece in pieces)
    loudness = found.integrated_lufs if math.isfinite(found.integrated_lufs) else float("-inf")
    return SoundFacts(peaks, mono.size / taken.sample_rate, loudness, taken.notes)


def stamp_of(path: Path) -> Stamp | None:
    """Time and size of a file; None if the file does not exist."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def files_of(folder: Path, values: Any) -> Rows:
    """For each item, its files by system or key, including files found by patterns."""
    try:
        keys: Mapping[str, Any] = with_found_files(values, folder)
    except PlacedError:  # if a pattern matches no file, only the files listed by name are shown
        keys = values
    songs = keys.get("songs")
    entries = (
        [each for each in songs if isinstance(each, Mapping)] if isinstance(songs, list) else []
    )
    rows: dict[str, dict[str, Path]] = {}
    for number, song in enumerate(entries):
        files = song.get("files")
        named = dict(files) if isinstance(files, Mapping) else {}
        named |= {key: song[key] for key in OWN_FILES if isinstance(song.get(key), str)}
        cells = {str(name): folder / str(path) for name, path in named.items()}
        rows[str(song.get("name", f"entry {number + 1}"))] = cells
    return rows
