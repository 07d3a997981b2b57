"""Songs in a folder: MUSDB18-HQ, pairs of stems, finished mixes, or all three together.

Forms of a song, folder by folder
---------------------------------------
* ``vocals.*, drums.*, bass.*, other.*``: one song of MUSDB18-HQ, named by its folder; the backing
  is the sum of the last three. A folder ``train`` or ``test`` determines the split of the songs in
  it.
* ``vocal.*, backing.*`` or ``NAME_vocal.*, NAME_backing.*``: pairs of stems. If a folder contains
  ``NAME_full_vocal.*``, only the pair with this file is used. Stems made by ``mixtrial separate``
  are treated as a separated mix.
* any other audio file, in a folder without stems: a finished mix, which must be separated.
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
    separated before. ``given_split`` is ``"train"`` or ``"test"`` if the folder of the song
    determines its split.
    """

    song: str
    source: str
    vocal: Path
    backing: tuple[Path, ...]
    given_split: str | None = None

    def fingerprint(self, settings: str) -> str:
        """Hash of 16 digits over the settings, and over the names, sizes and times of the files."""
        digest = hashlib.sha256(f"{self.song}\n{self.source}\n{settings}".encode())
        for path in (self.vocal, *self.backing):
            stat = path.stat()
            digest.update(f"\n{path.name} {stat.st_size} {stat.st_mtime_ns}".encode())
        return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class FoundSongs:
    """Songs sorted by name; ``problems`` has files that only look like songs, with the reasons."""

    songs: tuple[SongFiles, ...]
    problems: dict[str, str]


def find_song_files(folder: Path) -> FoundSongs:
    """Every song under ``folder``; folders and files whose names begin with a dot are ignored.

    A song has the name of its folder, or of its file if the folder contains several songs. If two
    songs would have the same name, each is named by its path within ``folder``.

    Raises
    ------
    AudioError
        The folder does not exist, or contains no song.
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
    """Raise ``AudioError`` if a folder with this name does not exist."""
    if folder.is_file():
        raise AudioError(f"{folder} is a file; name the folder of the songs.")
    if not folder.is_dir():
        raise AudioError(f"There is no folder {folder}.")


def listed(problems: dict[str, str]) -> str:
    """One line per song with its fault, sorted by name."""
    return "".join(f"\n  {song}: {problem}" for song, problem in sorted(problems.items()))


def _songs_in(place: Path) -> tuple[list[SongFiles], dict[Path, str]]:
    """Songs directly in a folder, and incomplete pairs of stems with the missing files' names."""
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
    """Songs sorted by name; songs with the same name are named by their paths."""
    names = [song.song for song in songs]
    unique = []
    for song in songs:
        name = song.song
        if names.count(name) > 1:
            name = song.vocal.relative_to(folder).with_suffix("").as_posix()
        unique.append(SongFiles(name, song.source, song.vocal, song.backing, song.given_split))
    return tuple(sorted(unique, key=lambda song: song.song))
