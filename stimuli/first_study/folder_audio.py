"""Content of a folder of audio: stems to mix, or finished files of songs by systems.

Conventions
-----------
Names are as on the disk. A *reading* is one interpretation of the names of the files. For example,
each folder is a song and each file is a system, or the other way round. A file name can also
contain both the song and the system. Readings are preferred in this order: a reading with a
reference, then a complete reading, then a reading with more songs than systems. If several readings
are equal in these respects, the reading whose songs are numbered (``sentence_1``, ``sentence_2``)
is preferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mixing.ingest.decoding import AUDIO_SUFFIXES
from stimuli.page_types.base import MADE_NAMES
from stimuli.study.found_files import SONG, SYSTEM, in_order

REFERENCE_NAMES = ("reference", "ref", "original", "orig", "uncompressed")
VOCAL_NAMES = ("vocal", "vocals", "vox", "lead_vocal")
BACKING_NAMES = ("backing", "accompaniment", "instrumental", "karaoke", "no_vocals")
NOT_SYSTEMS = (*MADE_NAMES, "anchor35", "anchor70")
"""Files that other tools make beside the systems; the build makes its own."""


@dataclass(frozen=True, slots=True)
class FolderSong:
    """One song: its stems, its finished file for each system, and its reference, if any."""

    name: str
    stems: tuple[Path, Path] | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    reference: Path | None = None


@dataclass(frozen=True, slots=True)
class FolderAudio:
    """Songs of a folder, and the systems for which each song has a file.

    ``pattern`` and ``reference`` are the patterns of file names that match the files (see
    :mod:`stimuli.study.found_files`). ``pattern`` and ``reference`` are empty if no pattern matches
    the files. ``left_out`` are systems for which at least one song has no file.
    """

    songs: tuple[FolderSong, ...]
    systems: tuple[str, ...] = ()
    pattern: str = ""
    reference: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def has_reference(self) -> bool:
        """Whether each song has a reference."""
        return all(song.reference is not None for song in self.songs)

    @property
    def has_stems(self) -> bool:
        """Whether each song has stems to mix."""
        return all(song.stems is not None for song in self.songs)


def folder_audio(folder: Path, *, is_song_first: bool = False) -> FolderAudio | None:
    """Content of a folder; None without audio, or if the names of its files cannot be interpreted.

    ``is_song_first`` means that the user was told to put the song first in the file names. If
    several readings are equally complete, ``is_song_first`` selects the reading with the song
    first.
    """
    paths = [path.relative_to(folder) for path in sorted(_audio_below(folder))]
    return audio_among(paths, is_song_first=is_song_first)


def audio_among(paths: Sequence[Path], *, is_song_first: bool = False) -> FolderAudio | None:
    """Content of a folder as in :func:`folder_audio`, from the names of its files."""
    return (_with_stems(paths) or _finished(paths, is_song_first)) if paths else None


def _audio_below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(piece.startswith(".") for piece in path.relative_to(folder).parts)
        is_built = (folder / path.relative_to(folder).parts[0] / "manifest.csv").exists()
        if path.suffix.lower() in AUDIO_SUFFIXES and not hidden and not is_built and path.is_file():
            yield path


def _with_stems(paths: Sequence[Path]) -> FolderAudio | None:
    """Songs with a vocal and a backing, recognised by words in the names of their files."""
    stems: dict[tuple[str, str], dict[str, Path]] = {}
    for path in paths:
        role, at = _role(path)
        if role:
            stems.setdefault(at, {})[role] = path
    whole = {at: found for at, found in stems.items() if len(found) == 2}
    songs = []
    for (place, name), found in sorted(whole.items(), key=lambda entry: in_order(str(entry[0]))):
        used = set(found.values())
        beside = [p for p in paths if str(p.parent) == place and p not in used] if not name else []
        files, reference = _told_apart({path.stem: path for path in beside})
        pair = (found["vocal"], found["backing"])
        songs.append(FolderSong(name or Path(place).name or "song", pair, files, reference))
    return _agreed(songs) if songs else None


def _role(path: Path) -> tuple[str, tuple[str, str]]:
    """Whether a file is vocal or backing, and its song (the folder and the rest of the name)."""
    for role, names in (("vocal", VOCAL_NAMES), ("backing", BACKING_NAMES)):
        words = "|".join(names)
        found = re.fullmatch(rf"(?:(.*?)[ _-]+)?(?:{words})", path.stem, re.IGNORECASE)
        if found:
            return role, (str(path.parent), found[1] or "")
        if re.fullmatch(words, path.parent.name, re.IGNORECASE):
            return role, (str(path.parent.parent), path.stem)
    return "", ("", "")


@dataclass(frozen=True, slots=True)
class _Reading:
    """One interpretation of the file names: the file of each song and system, and its pattern."""

    cells: Mapping[tuple[str, str], Path]
    pattern: str

    @property
    def is_song_first(self) -> bool:
        """Whether the name of the song comes before the name of the system."""
        return self.pattern.index(SONG) < self.pattern.index(SYSTEM)

    def songs(self) -> list[FolderSong]:
        """Songs in the order of their names."""
        by_song: dict[str, dict[str, Path]] = {}
        for (song, system), path in self.cells.items():
            by_song.setdefault(song, {})[system] = path
        return [
            FolderSong(song, None, *_told_apart(by_song[song]))
            for song in sorted(by_song, key=in_order)
        ]


def _finished(paths: Sequence[Path], is_song_first: bool) -> FolderAudio | None:
    """Finished files, sorted by the best interpretation of their names."""
    alike = _most_alike(paths)
    read = [(reading, _agreed(reading.songs())) for reading in _readings(alike)]
    usable = [
        (reading, audio)
        for reading, audio in read
        if len(audio.systems) > 1 or (audio.systems and audio.has_reference)
    ]
    if not usable:
        return _one_song(alike)
    reading, audio = max(
        usable, key=lambda each: _worth(each[1], is_song_first and each[0].is_song_first)
    )
    references = {path.stem for song in audio.songs if (path := song.reference)}
    words = {name for _, name in reading.cells if name.lower() in REFERENCE_NAMES}
    reference = ""
    if audio.has_reference and len(words) == 1 and references:
        reference = reading.pattern.replace(SYSTEM, words.pop())
    return FolderAudio(audio.songs, audio.systems, reading.pattern, reference, audio.left_out)


def _worth(audio: FolderAudio, is_as_told: bool) -> tuple[bool, bool, bool, bool, bool]:
    n_songs, n_systems = len(audio.songs), len(audio.systems)
    are_counted = _are_counted([song.name for song in audio.songs])
    is_complete = not audio.left_out
    return (audio.has_reference, is_complete, is_as_told, n_songs >= n_systems, are_counted)


def _are_counted(names: Sequence[str]) -> bool:
    """Whether names differ only in their numbers, such as ``sentence_1`` and ``sentence_2``."""
    return len({re.sub(r"\d+", "0", name) for name in names}) == 1 < len(names)


def _most_alike(paths: Sequence[Path]) -> list[Path]:
    """Files at the folder depth that most files have; all other files are ignored as leftovers."""
    depths = [len(path.parts) for path in paths]
    usual = max(set(depths), key=lambda depth: (depths.count(depth), depth), default=0)
    return [path for path in paths if len(path.parts) == usual]


def _readings(paths: Sequence[Path]) -> Iterator[_Reading]:
    """Possible interpretations of file names; in one folder, only complete interpretations."""
    if len({path.parent for path in paths}) > 1:
        if len({path.parent.parent for path in paths}) == 1:
            base = _below(paths[0].parent.parent)
            by_folder = {(path.parent.name, path.stem): path for path in paths}
            yield _Reading(by_folder, f"{base}{SONG}/{SYSTEM}.*")
            turned = {(file, folder): path for (folder, file), path in by_folder.items()}
            yield _Reading(turned, f"{base}{SYSTEM}/{SONG}.*")
        return
    for sign in ("_", "-", " "):
        parted = {tuple(path.stem.split(sign, 1)): path for path in paths}
        if len(parted) < len(paths) or any(len(names) < 2 for names in parted):
            continue
        base = _below(paths[0].parent)
        cells = {(first, second): path for (first, second), path in parted.items()}
        if len({a for a, _ in cells}) * len({b for _, b in cells}) != len(cells):
            continue
        yield _Reading(cells, f"{base}{SONG}{sign}{SYSTEM}.*")
        turned = {(b, a): path for (a, b), path in cells.items()}
        yield _Reading(turned, f"{base}{SYSTEM}{sign}{SONG}.*")


def _below(folder: Path) -> str:
    return "" if folder == Path() else f"{folder.as_posix()}/"


def _one_song(paths: Sequence[Path]) -> FolderAudio | None:
    """All files of one folder as versions of one song; None for files in several folders."""
    if len({path.parent for path in paths}) != 1:
        return None
    files, reference = _told_apart({path.stem: path for path in paths})
    is_enough = len(files) > 1 or (files and reference is not None)
    return _agreed([FolderSong("recording", None, files, reference)]) if is_enough else None


def _told_apart(files: Mapping[str, Path]) -> tuple[dict[str, Path], Path | None]:
    """Files of systems, and the reference among the files."""
    references = [path for name, path in files.items() if name.lower() in REFERENCE_NAMES]
    others = {
        name: path
        for name, path in sorted(files.items(), key=lambda entry: in_order(entry[0]))
        if path not in references and name.lower() not in NOT_SYSTEMS
    }
    return others, references[0] if references else None


def _agreed(songs: Sequence[FolderSong]) -> FolderAudio:
    """Songs with the systems that every song has, and the systems that some songs do not have."""
    all_names = list(dict.fromkeys(name for song in songs for name in song.files))
    shared = [name for name in all_names if all(name in song.files for song in songs)]
    lacking = [name for name in all_names if name not in shared]
    return FolderAudio(tuple(songs), tuple(shared), left_out=tuple(lacking))
