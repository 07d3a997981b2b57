"""Parallel preparation of a dataset from a folder of songs; it can be interrupted and resumed.

The given executor measures each song separately
(:func:`mixing.learning.data.measuring.measure_song`). The executor uses either processes of this
machine or a Dask cluster. The result of each song is saved in ``OUT/parts/`` as soon as it is
known. The name of the file with a song's result is a hash of the song's files. If a song already
has a file with its result, the song is not measured again. At the end, the results of all songs are
joined into a dataset.

The same songs and the same random seed always give the same files. The executor, and the order in
which songs are finished, have no effect on the files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from mixing.audio import AudioError, written_whole
from mixing.learning.data.dataset import Dataset, open_dataset, write_dataset
from mixing.learning.data.groups import artist_in, groups_of, keys_of
from mixing.learning.data.measuring import MeasuredSong, measure_song
from mixing.learning.data.song_files import SongFiles, find_song_files, listed
from mixing.learning.data.splits import split_songs
from mixing.learning.separation.registry import open_separator

# increase this version number when measure_song changes, so that songs are measured again
MEASURING_VERSION = 4
_ARRAYS = (
    "figures",
    "reverb",
    "average_spectrum",
    "clip_start_s",
    "clip_figures",
    "clip_spectrum",
    "log_mel",
)


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of a preparation: number of finished songs, number of songs, last finished song."""

    done: int
    total: int
    song: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """Result of a preparation; ``skipped`` gives the reason for each song that was left out."""

    dataset: Dataset
    skipped: dict[str, str]
    n_measured: int


def prepare(
    folder: Path,
    out: Path,
    executor: Executor,
    *,
    backend: str = "auto",
    seed: int = 0,
    on_progress: Callable[[Step], None] | None = None,
) -> Prepared:
    """Measure every song under ``folder`` and join the results into a dataset in ``out``.

    Parameters
    ----------
    executor
        Executor that measures the songs. All processes of the executor must find the songs under
        the same paths.
    backend
        Separation model for finished mixes; not needed if all songs have stems.
    seed
        Random seed of the split into training, validation and test songs.

    Raises
    ------
    AudioError
        The folder contains no song, no song can be used, or there are too few songs for a split.
        The separator is not available, or a process died. Measurements that were finished before an
        error are kept for the next run.
    """
    found = find_song_files(folder)
    # The split into training, validation and test songs is checked before hours of work begin.
    _split({song.song: song for song in found.songs}, found.problems, seed)
    settings = f"version {MEASURING_VERSION}"
    if any(not song.backing for song in found.songs):
        separator = open_separator(backend).name
        settings = f"{settings} {separator}"
    parts = {song.song: out / "parts" / f"{song.fingerprint(settings)}.npz" for song in found.songs}
    out.mkdir(parents=True, exist_ok=True)
    (out / "parts").mkdir(exist_ok=True)
    missing = [song for song in found.songs if not _is_part(parts[song.song])]
    n_songs, n_there = len(found.songs), len(found.songs) - len(missing)
    skipped = dict(found.problems)
    if on_progress is not None:
        on_progress(Step(n_there, n_songs, ""))
    for done, (song, result) in enumerate(_measured(missing, executor, backend), start=1):
        if isinstance(result, MeasuredSong):
            _write_part(parts[song], result)
        else:
            skipped[song] = result
        if on_progress is not None:
            on_progress(Step(n_there + done, n_songs, song))
    usable = {song.song: song for song in found.songs if song.song not in skipped}
    contents = {song: _read_part(parts[song]).content for song in usable}
    skipped |= _copies(contents)
    split = _split(usable, skipped, seed)
    groups = _groups(usable)
    facts = {"seed": seed, "skipped": dict(sorted(skipped.items()))}
    write_dataset(out, (_read_part(parts[song]) for song in split), split, facts, groups)
    n_measured = sum(song.song in usable for song in missing)
    return Prepared(open_dataset(out, verify=False), skipped, n_measured)


def _split(usable: dict[str, SongFiles], skipped: dict[str, str], seed: int) -> dict[str, str]:
    """Split of the usable songs; ``AudioError`` with the reasons if there are too few songs."""
    remaining = {name: song.given_split for name, song in usable.items() if name not in skipped}
    if not remaining:
        raise AudioError(f"None of the songs can be used:{listed(skipped)}")
    try:
        return split_songs(remaining, seed, _groups({name: usable[name] for name in remaining}))
    except AudioError as error:
        if not skipped:
            raise
        raise AudioError(f"{error} These songs were skipped:{listed(skipped)}") from error


def _groups(songs: dict[str, SongFiles]) -> dict[str, str]:
    """Group of each song, from its ``song.json`` or from the artist in the name of its folder."""
    return groups_of(
        {
            name: keys_of(song.vocal.parent, artist_in(name) if song.source == "musdb" else "")
            for name, song in songs.items()
        }
    )


def _measured(
    songs: list[SongFiles], executor: Executor, backend: str
) -> Iterator[tuple[str, MeasuredSong | str]]:
    """Name of each song with its measurements or an error; songs are in order of finishing."""
    waiting: dict[Future[MeasuredSong], str] = {}
    try:
        for song in songs:
            waiting[executor.submit(measure_song, song, backend)] = song.song
        for future in as_completed(waiting):
            name = waiting.pop(future)  # pop deletes the future and its result, which frees memory
            try:
                yield name, future.result()
            except AudioError as error:
                yield name, str(error)
            except MemoryError:
                yield name, "It does not fit into memory."
    except BrokenProcessPool as error:
        raise AudioError(
            "A process died while measuring, perhaps for lack of memory. Finished songs are kept; "
            "run mixtrial prepare again, perhaps with fewer workers."
        ) from error
    finally:
        for future in waiting:
            future.cancel()


def _copies(contents: dict[str, str]) -> dict[str, str]:
    """Songs with the vocal of an earlier song; copies in different splits would spoil tests."""
    first: dict[str, str] = {}
    copies = {}
    for song, content in contents.items():
        original = first.setdefault(content, song)
        if original != song:
            copies[song] = f"its vocal is that of {original}"
    return copies


def _write_part(path: Path, measured: MeasuredSong) -> None:
    """Write the measurements of a song completely or not at all."""
    facts = {k: v for k, v in asdict(measured).items() if k not in _ARRAYS}
    arrays = {name: getattr(measured, name) for name in _ARRAYS}
    with written_whole(path) as part, part.open("wb") as file:
        np.savez(file, facts=np.array(json.dumps(facts)), **arrays)


def _read_part(path: Path) -> MeasuredSong:
    """Return the measurements that :func:`_write_part` wrote."""
    with np.load(path, allow_pickle=False) as file:
        facts: dict[str, Any] = json.loads(str(file["facts"]))
        return MeasuredSong(**facts, **{name: file[name] for name in _ARRAYS})


def _is_part(path: Path) -> bool:
    """Return whether the file with a song's result exists and is undamaged."""
    try:
        _read_part(path)
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
        return False
    return True
