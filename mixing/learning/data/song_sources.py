"""Songs for training, from prepared datasets and from folders of stems.

Targets from a prepared song
----------------------------
Level: its relative loudness. The target of the network ``range`` is the loudness range of the
song's vocal. The loudness range of a separated vocal is not used, because sound that leaks into the
vocal's pauses would falsify it. The target of the network ``reverb`` is a set of parameters of the
delay network: the set that is closest to the estimated reverb of the vocal. A separated vocal gives
no target for the reverb. A vocal with almost no reverb is raw, and its song has no target for
level, range and reverb. :mod:`mixing.learning.data.songs` describes the targets of songs in
folders.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from mixing.audio import AudioError
from mixing.learning.data.dataset import Dataset, open_dataset
from mixing.learning.data.groups import groups_of, keys_of
from mixing.learning.data.song_files import find_song_files, listed
from mixing.learning.data.songs import DRY_BELOW_DB, TaughtSong, find_stems, teach
from mixing.learning.features.features import TOO_LITTLE_VOCAL, Clip
from mixing.parameters import ReverbParameters

SOURCES = {"musdb": "finished stems", "stems": "finished stems", "mix": "separated mixes"}


@dataclass(frozen=True, slots=True)
class LearningSongs:
    """Songs sorted by name.

    ``test`` has the names of the test songs of a dataset. ``problems`` gives the reason for each
    song that was left out.
    """

    songs: tuple[TaughtSong, ...]
    test: frozenset[str]
    problems: dict[str, str]

    def fingerprint(self) -> str:
        """Hash of the training data: names, clips and targets of all songs."""
        digest = hashlib.sha256()
        for song in self.songs:
            facts = (song.song, song.source, song.sample_rate, song.dry, song.together)
            digest.update("\n".join(map(str, facts)).encode())
            for clip in song.clips:
                digest.update(np.ascontiguousarray(clip.log_mel).tobytes())
            for name, target in sorted(song.targets.items()):
                digest.update(name.encode() + np.ascontiguousarray(target).tobytes())
        return digest.hexdigest()


@lru_cache(maxsize=2)
def read_songs(folders: tuple[Path, ...]) -> LearningSongs:
    """All songs of the datasets and folders, read once per process.

    Raises
    ------
    AudioError
        A folder is missing, a dataset cannot be used, or no song is left for training.
    """
    # The number of threads changes the last digits of sums. Even tiny differences change the
    # result of a training.
    with threadpool_limits(1):
        songs, test, problems, keys = _read(folders)
    if not songs:
        raise AudioError(f"None of the songs can be used for training:{listed(problems)}")
    groups = groups_of(keys)
    ordered = tuple(replace(songs[name], group=groups[name]) for name in sorted(songs))
    return LearningSongs(ordered, frozenset(test & songs.keys()), problems)


def _read(
    folders: tuple[Path, ...],
) -> tuple[dict[str, TaughtSong], set[str], dict[str, str], dict[str, tuple[str, ...]]]:
    """Songs by name, names of test songs, errors of unusable songs, and group keys of songs."""
    songs: dict[str, TaughtSong] = {}
    test: set[str] = set()
    problems: dict[str, str] = {}
    keys: dict[str, tuple[str, ...]] = {}
    named: dict[str, tuple[str, ...]]
    for folder in folders:
        if _is_dataset(folder):
            dataset = open_dataset(folder)
            found: Sequence[TaughtSong] = _songs_of(dataset)
            named = {song.song: (f"{folder}:{song.together}",) for song in found}
            test |= set(dataset.songs["song"][dataset.songs["split"] == "test"])
        else:
            found = _songs_in(folder, problems)
            named = {pair.song: keys_of(pair.vocal.parent) for pair in find_stems([folder])}
        for song in found:
            if song.song in songs:
                problems[f"{folder.name}/{song.song}"] = "Another song has the same name."
            elif not song.clips:
                problems[song.song] = TOO_LITTLE_VOCAL
            else:
                songs[song.song] = song
                keys[song.song] = named[song.song]
    return songs, test, problems, keys


def _is_dataset(folder: Path) -> bool:
    """Whether ``mixtrial prepare`` has written a dataset, or a part of it, into a folder."""
    return (folder / "dataset.json").is_file() or any(folder.glob("parts/*.npz"))


def _songs_in(folder: Path, problems: dict[str, str]) -> list[TaughtSong]:
    """Songs of a folder of stems; ``problems`` receives incomplete pairs and unreadable songs."""
    songs = []
    pairs = find_stems([folder])
    others = find_song_files(folder)
    problems |= others.problems
    for other in others.songs:
        if other.source != "stems":
            problems[other.song] = (
                "It is not a pair of stems; mixtrial prepare makes a dataset of it."
            )
    for pair in pairs:
        try:
            songs.append(teach(pair))
        except AudioError as error:
            problems[pair.song] = str(error)
    return songs


def _songs_of(dataset: Dataset) -> list[TaughtSong]:
    """Songs of a prepared dataset; their clips are read into memory, without power spectra."""
    names = dataset.clips["song"].to_numpy()
    songs = []
    for row in dataset.songs.to_dict("records"):
        clips = np.asarray(dataset.log_mel[np.flatnonzero(names == row["song"])], np.float32)
        targets = {
            task: np.array([row[name] for name in columns], dtype=np.float64)
            for task, columns in _columns(row["source"]).items()
        }
        dry = row["source"] != "mix" and bool(row["heard_tail_db"] < DRY_BELOW_DB)
        if dry:
            targets = {}
        taught = {task: target for task, target in targets.items() if np.isfinite(target).all()}
        songs.append(
            TaughtSong(
                song=str(row["song"]),
                source=SOURCES[row["source"]],
                sample_rate=int(row["sample_rate"]),
                clips=tuple(Clip(clip, None) for clip in clips),
                targets=taught,
                dry=dry,
                group=str(row.get("group", "")),
            )
        )
    return songs


def _columns(source: str) -> dict[str, tuple[str, ...]]:
    """Names of the columns of ``songs.csv`` that contain the targets of each network."""
    columns: dict[str, tuple[str, ...]] = {"level": ("relative_loudness_lu",)}
    if source != "mix":
        columns["range"] = ("lra_lu",)
        columns["reverb"] = tuple(field.name for field in fields(ReverbParameters))
    return columns
