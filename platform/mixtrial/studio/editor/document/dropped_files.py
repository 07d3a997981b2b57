"""Files dropped on a study: their recordings and systems, and their keys in the study file.

Conventions
-----------
A cell is a recording and its system, or one of ``OWN_FILES``. Paths are relative to the study's
folder, as in the study file. Files that a pattern matches are not listed one by one. If a
recording gets its own file, the study file lists only this file for the recording.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mixing.systems.registry import system_names
from mixtrial.studio.editor.document.changes import Order, with_value
from mixtrial.studio.editor.document.spans import values_of
from stimuli.first_study.folder_audio import (
    BACKING_NAMES,
    REFERENCE_NAMES,
    VOCAL_NAMES,
    FolderSong,
    audio_among,
)
from stimuli.page_types.base import MADE_NAMES
from stimuli.study.found_files import name_of, with_found_files
from stimuli.study_keys.faults import PlacedError

STEMS = ("vocal", "backing")
OWN_FILES = (*STEMS, "reference", "human")
"""Keys of a song that name a file of their own, beside those of its systems."""

_WORDS = {"vocal": VOCAL_NAMES, "backing": BACKING_NAMES, "reference": REFERENCE_NAMES}
_MADE_OTHERWISE = ("amount", "command", "level", "reference", "system", "weights")
"""Keys of a system that is not a file."""


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """An uploaded file, and its cell of the grid."""

    path: str
    song: str
    system: str


def offered_columns(values: Any, present: Sequence[str]) -> list[str]:
    """Columns that the grid offers for files: those that exist, and those for systems' inputs."""
    told = values.get("systems") if isinstance(values, Mapping) else None
    entries = told if isinstance(told, list) else []
    names = [str(each.get("name")) if isinstance(each, Mapping) else str(each) for each in entries]
    otherwise = [
        name
        for name, each in zip(names, entries, strict=True)
        if name in system_names()
        or (isinstance(each, Mapping) and any(key in each for key in _MADE_OTHERWISE))
    ]
    takes = [name for name in names if name not in (*otherwise, *MADE_NAMES)]
    own = [*(STEMS if otherwise else ()), *(("reference",) if takes or not names else ())]
    return [*dict.fromkeys((*own, *takes, *present))]


def cells_of(
    paths: Sequence[str], songs: Sequence[str], systems: Sequence[str]
) -> list[DroppedFile]:
    """Recordings and systems that the files' names indicate, known or new in the study.

    Parameters
    ----------
    paths
        Paths below the folder of uploads: ``castanets/mp3.wav`` or ``castanets_mp3.wav``.
    songs, systems
        Names of recordings and systems that the study has.

    Returns
    -------
    list of DroppedFile
        The result has an entry only for paths whose file names are clear; the paths themselves are
        unchanged.
    """
    known = {path: _by_known(path, songs, systems) for path in paths}
    if not all(known.values()):
        audio = audio_among([Path(path) for path in paths], is_song_first=True)
        for song in audio.songs if audio is not None else ():
            known |= {
                path.as_posix(): DroppedFile(path.as_posix(), *cell)
                for path, cell in _cells_of_song(song)
            }
    return [each for each in map(known.get, paths) if each is not None]


def _cells_of_song(song: FolderSong) -> Iterator[tuple[Path, tuple[str, str]]]:
    for system, path in song.files.items():
        yield path, (song.name, system)
    if song.reference:
        yield song.reference, (song.name, "reference")
    for system, path in zip(STEMS, song.stems or (), strict=False):
        yield path, (song.name, system)


def _by_known(path: str, songs: Sequence[str], systems: Sequence[str]) -> DroppedFile | None:
    """Cell of a file whose name has two words, one of which is a known recording or system."""
    place = PurePosixPath(path)
    pairs = [(place.parent.name, place.stem)] if place.parent.name else []
    pairs += [tuple(place.stem.split(sign, 1)) for sign in "_- " if sign in place.stem]  # type: ignore[misc]
    for first, second in [*pairs, *(pair[::-1] for pair in pairs)]:
        song, system = _known(first, songs), _system_word(second, systems)
        if first and second and (song or system in systems or system in OWN_FILES):
            return DroppedFile(path, song or first, system or second)
    return None


def _known(word: str, names: Sequence[str]) -> str:
    """Name of the recording or system that a word means; empty if no name fits."""
    alike = (name for name in names if name_of(name).lower() == name_of(word).lower())
    return next(alike, "")


def _system_word(word: str, systems: Sequence[str]) -> str:
    own = (key for key, words in _WORDS.items() if word.lower() in words)
    return _known(word, systems) or next(own, word)


def with_dropped(text: str, folder: Path, dropped: Sequence[DroppedFile], order: Order) -> str:
    """Text of a study file with each file in its cell; recordings and systems are added.

    Raises
    ------
    EditError
        The text is not YAML.
    """
    values = values_of(text)
    keys: Mapping[str, Any] = values if isinstance(values, Mapping) else {}
    songs = _listed_songs(keys, folder)
    for one in dropped:
        song = _song_of(songs, one.song)
        if one.system in OWN_FILES:
            song[one.system] = one.path
        else:
            files = song.get("files")
            song["files"] = {
                **(files if isinstance(files, Mapping) else {}),
                _named(one.system): one.path,
            }
    text = with_value(text, ("songs",), songs, order)
    systems = keys.get("systems")
    if isinstance(systems, list):
        names = [str(each.get("name")) if isinstance(each, Mapping) else each for each in systems]
        new = [_named(one.system) for one in dropped if one.system not in OWN_FILES]
        for name in dict.fromkeys(new):
            if name not in names:
                text = with_value(text, ("systems", len(names)), name, order)
                names.append(name)
    return text


def _listed_songs(keys: Mapping[str, Any], folder: Path) -> list[Any]:
    """Songs that the study file lists; if there are none, the songs that its patterns match."""
    listed = keys.get("songs")
    if isinstance(listed, list):
        return [dict(each) if isinstance(each, Mapping) else each for each in listed]
    try:
        found = with_found_files(keys, folder).get("songs")
    except PlacedError:
        return []
    own = (each for each in (found or ()) if isinstance(each, Mapping))
    return [{key: song[key] for key in ("name", "title") if key in song} for song in own]


def _song_of(songs: list[Any], wanted: str) -> dict[str, Any]:
    """The entry of a recording in the study file; a missing entry is added."""
    for song in songs:
        if isinstance(song, dict) and wanted in (song.get("name"), name_of(str(song.get("name")))):
            return song
    new: dict[str, Any] = {"name": name_of(wanted)}
    if name_of(wanted) != wanted:
        new["title"] = wanted
    songs.append(new)
    return new


def _named(system: str) -> str:
    """Name of a system in the study, different from the names of systems that the build makes."""
    plain = name_of(system)
    return f"{plain}_file" if plain in system_names() else plain
