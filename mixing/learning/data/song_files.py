"""Songs in a folder: MUSDB18-HQ, pairs of stems, finished mixes, or a mixture of all three.

Forms of a song, folder by folder
---------------------------------------
* ``vocals.*, drums.*, bass.*, other.*``: one song of MUSDB18-HQ, named by its folder; the backing
  is the sum of the last three. If a song is in a folder ``train`` or ``test``, this folder gives
  the song's split.
* ``vocal.*, backing.*`` or ``NAME_vocal.*, NAME_backing.*``: pairs of stems. If a folder has
  ``NAME_full_vocal.*``, the pair of this file replaces the other pairs of the folder. Stems made by
  ``mixtrial separate`` count as a separated mix.
* any other audio file in a folder without stems: a finished mix, which must be separated.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from mixing.audio import AudioError
from mixing.learning.separation.stem_files import AUDIO_SUFFIXES, separated_by

MUSDB_BACKING = ("drums", "bass", "other")


@dataclass(frozen=True, slots=True)
class SongFiles:
    """Place of a song. ``source`` is ``"musdb"``, ``"stems"`` or ``"mix"``.

    For a mix, ``vocal`` is the file of the mix and ``backing`` is empty, unless the mix has been
    separated before. ``given_split`` is ``"train"`` or ``"test"`` if the song has a given split.
    """

    song: str
    source: str
    vocal: Path
    backing: tuple[Path, ...]
    given_split: str | None = None

    def fingerprint(self, settings: str) -> str:
        """Hash of sixteen digits over the settings and the names, sizes and times of the files."""
        digest = hashlib.sha256(f"{self.song}\n{self.source}\n{settings}".encode())
        for path in (self.vocal, *self.backing):
            stat = path.stat()
            digest.update(f"\n{path.name} {stat.st_size} {stat.st_mtime_ns}".encode())
        return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class FoundSongs:
    """Songs sorted by name, and ``problems``: files that only look like songs, with reasons."""

    songs: tuple[SongFiles, ...]
    problems: dict[str, str]


def find_song_files(folder: Path) -> FoundSongs:
    """Every song under ``folder``; folders and files whose names begin with a dot are ignored.

    A song is named after its folder, or after its file if the folder contains several songs. If two
    songs would have the same name, their names are their paths within ``folder``.

    Raises
    ------
    AudioError
        The folder does not exist, or has no song in it.
    """
    check_folder(folder)
    found: list[SongFiles] = []
    problems: dict[str, str] = {}
    for place in [folder, *sorted(path for path in folder.rglob("*") if path.is_dir())]:
        if any(part.startswith(".") for part in place.relative_to(folder).parts):
            continue
        songs, lonely = _songs_in(place)
        found += songs
        for path, missing in lonely.items():
            problems[path.relative_to(folder).as_posix()] = f"It has no {missing} beside it."
    if not found and not problems:
        raise AudioError(f"There is no song in {folder}: no stems and no mixes.")
    return FoundSongs(_uniquely_named(found, folder), problems)


def check_folder(folder: Path) -> None:
    """Raise ``AudioError`` if there is no folder of that name."""
    if folder.is_file():
        raise AudioError(f"{folder} is a file; name the folder of the songs.")
    if not folder.is_dir():
        raise AudioError(f"There is no folder {folder}.")


def listed(problems: dict[str, str]) -> str:
    """One line per song with its fault, sorted by name."""
    return "".join(f"\n  {song}: {problem}" for song, problem in sorted(problems.items()))


def _songs_in(place: Path) -> tuple[list[SongFiles], dict[Path, str]]:
    """Songs directly in a folder, and stems without a partner, with names of the missing files."""
    files = [p for p in sorted(place.iterdir()) if p.suffix.lower() in AUDIO_SUFFIXES]
    audio = {p.stem: p for p in files if p.is_file() and not p.name.startswith(".")}
    if "vocals" in audio and all(name in audio for name in MUSDB_BACKING):
        split = place.parent.name if place.parent.name in ("train", "test") else None
        backing = tuple(audio[name] for name in MUSDB_BACKING)
        return [SongFiles(place.name, "musdb", audio["vocals"], backing, split)], {}
    vocals = _named(audio, "vocal")
    full = [stem for stem in vocals if stem.endswith("_full_vocal")]
    pairs, lonely = [], {}
    for stem in full or vocals:
        backing_path = audio.get(stem.removesuffix("vocal") + "backing")
        if backing_path is None:
            lonely[audio[stem]] = "backing"
            continue
        name = stem.removesuffix("vocal").rstrip("_").removesuffix("_full") or place.name
        source = "stems" if separated_by(place) is None else "mix"
        pairs.append(SongFiles(name, source, audio[stem], (backing_path,)))
    for stem in [] if full else _named(audio, "backing"):
        if stem.removesuffix("backing") + "vocal" not in audio:
            lonely[audio[stem]] = "vocal"
    if pairs or lonely:
        return pairs, lonely
    return [SongFiles(_mix_name(path), "mix", path, ()) for path in audio.values()], {}


def _named(audio: dict[str, Path], kind: str) -> list[str]:
    """Names of the files that contain a stem of one kind."""
    return [stem for stem in audio if stem == kind or stem.endswith(f"_{kind}")]


def _mix_name(path: Path) -> str:
    return path.parent.name if path.stem.lower() in ("mix", "mixture") else path.stem


def _uniquely_named(songs: list[SongFiles], folder: Path) -> tuple[SongFiles, ...]:
    """Songs sorted by name; songs with equal names are named by their paths."""
    names = [song.song for song in songs]
    unique = []
    for song in songs:
        name = song.song
        if names.count(name) > 1:
            name = song.vocal.relative_to(folder).with_suffix("").as_posix()
        unique.append(SongFiles(name, song.source, song.vocal, song.backing, song.given_split))
    return tuple(sorted(unique, key=lambda song: song.song))
