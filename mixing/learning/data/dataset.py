"""A prepared dataset on disk: a memory-mapped array of clips, and tables; all have checksums.

Files
-----
``dataset.json``
    Version of the format, seed of the split, songs that were skipped, and size and SHA-256 of every
    other file. ``dataset.json`` is written last and deleted first, so a folder without
    ``dataset.json`` is incomplete.
``songs.csv``
    One row per song: ``song, split, source, model, sample_rate, duration_s, tempo_bpm,
    relative_loudness_lu, lra_lu, lra_100ms_lu, n_clips``. Further columns of ``songs.csv`` contain
    the estimated reverb of the vocal and the ten parameters of the delay network for this reverb
    (``REVERB_FIGURES``). The last column of ``songs.csv`` is the ``group``; all songs of a group
    are in the same part of a split.
``clips.csv``
    One row per clip, in the order of the arrays: ``song, split, start_s, tempo_bpm,
    relative_loudness_lu, lra_lu, lra_100ms_lu``. The tempo of a clip is the tempo of its song.
``log_mel.npy``, ``clip_spectrum.npy``, ``song_spectrum.npy``
    Arrays in dB: float16 (n_clips, 2, 54, 64), float32 (n_clips, 2, 64) and float32 (n_songs, 2,
    64). In each array, the backing comes first and the vocal second.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixing.audio import AudioError, written_whole
from mixing.learning.data.measuring import (
    FIGURES,
    REVERB_FIGURES,
    Float16,
    Float32,
    MeasuredSong,
)
from mixing.learning.features.features import CLIP_FRAMES, N_MELS

FORMAT_VERSION = 1
_NO_INDEX = "{} is not the index of a dataset; run mixtrial prepare again."
ARRAYS = ("log_mel.npy", "clip_spectrum.npy", "song_spectrum.npy")
TABLES = ("songs.csv", "clips.csv")


class DatasetError(AudioError):
    """A dataset that cannot be used; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """An opened dataset; ``log_mel`` stays on disk, and only the parts that are used are read."""

    songs: pd.DataFrame
    clips: pd.DataFrame
    log_mel: Float16
    clip_spectrum: Float32
    song_spectrum: Float32

    def clips_in(self, split: str) -> npt.NDArray[np.int64]:
        """Indices of the clips in ``train``, ``validation`` or ``test``."""
        return np.flatnonzero(self.clips["split"].to_numpy() == split)


def open_dataset(folder: Path, verify: bool = True) -> Dataset:
    """Dataset of a folder.

    Parameters
    ----------
    verify
        If True, the SHA-256 of every file is checked (about 1 s per GB); otherwise only the sizes
        of the files are checked.

    Raises
    ------
    DatasetError
        The folder contains no dataset, a dataset of another version, or files of another dataset.
    """
    index = _read_index(folder / "dataset.json")
    for name in (*ARRAYS, *TABLES):
        wanted, path = index["files"][name], folder / name
        if not path.is_file() or path.stat().st_size != wanted["bytes"]:
            raise DatasetError(f"{path} is missing or cut short; run mixtrial prepare again.")
        if verify and _sha256(path) != wanted["sha256"]:
            raise DatasetError(
                f"{path} is not the file that was prepared (its SHA-256 differs); run mixtrial "
                "prepare again."
            )
    log_mel, clip_spectrum, song_spectrum = (
        np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in ARRAYS
    )
    # Names in the tables are read as text, even if they look like numbers or missing values.
    texts = dict.fromkeys(("song", "split", "source", "model", "group"), str)
    songs, clips = (
        pd.read_csv(folder / name, dtype=texts, keep_default_na=False, na_values={
            column: [""] for column in ("tempo_bpm", *FIGURES, *REVERB_FIGURES)
        })
        for name in TABLES
    )  # fmt: skip
    return Dataset(songs, clips, log_mel, clip_spectrum, song_spectrum)


def write_dataset(
    folder: Path,
    songs: Iterable[MeasuredSong],
    split: dict[str, str],
    facts: dict[str, Any],
    groups: dict[str, str] | None = None,
) -> None:
    """Write a dataset; ``songs`` are read one at a time, in the given order.

    ``groups`` names the group of each song (:mod:`mixing.learning.data.groups`). A song without a
    group name is a group of its own.

    The same songs and metadata always give exactly the same files.
    """
    index_path = folder / "dataset.json"
    index_path.unlink(missing_ok=True)
    with ExitStack() as writing:
        parts = {
            name: writing.enter_context(written_whole(folder / name)) for name in (*ARRAYS, *TABLES)
        }
        n_songs, n_clips = _write_parts(parts, songs, split, groups or {})
        files = {
            name: {"bytes": part.stat().st_size, "sha256": _sha256(part)}
            for name, part in parts.items()
        }
    counts = {"n_songs": n_songs, "n_clips": n_clips}
    index = {"format_version": FORMAT_VERSION, **counts, **facts, "files": files}
    with written_whole(index_path) as part:
        part.write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")


def _write_parts(
    parts: dict[str, Path],
    songs: Iterable[MeasuredSong],
    split: dict[str, str],
    groups: dict[str, str],
) -> tuple[int, int]:
    """Write arrays and tables; return the number of songs and of clips."""
    song_rows, clip_tables, clip_spectra, song_spectra = [], [], [], []
    n_clips = 0
    with parts["log_mel.npy"].open("wb") as file:
        # The header has a fixed size and is overwritten when the number of clips is known.
        _write_header(file, 0)
        for song in songs:
            file.write(np.ascontiguousarray(song.log_mel).tobytes())
            n_clips += len(song.log_mel)
            group = groups.get(song.song, song.song)
            song_rows.append(_song_row(song, split[song.song]) | {"group": group})
            clip_tables.append(_clip_table(song, split[song.song]))
            clip_spectra.append(song.clip_spectrum)
            song_spectra.append(song.average_spectrum)
        file.seek(0)
        _write_header(file, n_clips)
    for name, array in (
        ("clip_spectrum.npy", np.concatenate(clip_spectra)),
        ("song_spectrum.npy", np.stack(song_spectra)),
    ):
        with parts[name].open("wb") as file:
            np.save(file, array, allow_pickle=False)
    pd.DataFrame(song_rows).to_csv(parts["songs.csv"], index=False, float_format="%.6g")
    pd.concat(clip_tables).to_csv(parts["clips.csv"], index=False, float_format="%.6g")
    return len(song_rows), n_clips


def _write_header(file: Any, n_clips: int) -> None:
    """Header of ``log_mel.npy``; it has 128 bytes for any number of clips."""
    header = {
        "descr": np.dtype("<f2").str,
        "fortran_order": False,
        "shape": (n_clips, 2, CLIP_FRAMES, N_MELS),
    }
    np.lib.format.write_array_header_1_0(file, header)


def _song_row(song: MeasuredSong, split: str) -> dict[str, Any]:
    return {
        "song": song.song,
        "split": split,
        "source": song.source,
        "model": song.model,
        "sample_rate": song.sample_rate,
        "duration_s": song.duration_s,
        "tempo_bpm": song.tempo_bpm,
        **dict(zip(FIGURES, song.figures.tolist(), strict=True)),
        "n_clips": len(song.log_mel),
        **dict(zip(REVERB_FIGURES, song.reverb.tolist(), strict=True)),
    }


def _clip_table(song: MeasuredSong, split: str) -> pd.DataFrame:
    table = pd.DataFrame(song.clip_figures, columns=list(FIGURES))
    table.insert(0, "song", song.song)
    table.insert(1, "split", split)
    table.insert(2, "start_s", song.clip_start_s)
    table.insert(3, "tempo_bpm", song.tempo_bpm)
    return table


def _read_index(path: Path) -> dict[str, Any]:
    """Content of ``dataset.json``, after its version and its form have been checked."""
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        version = index["format_version"]
        whole = version != FORMAT_VERSION or all(
            {"bytes", "sha256"} <= index["files"][name].keys() for name in (*ARRAYS, *TABLES)
        )
    except OSError as error:
        raise DatasetError(
            f"There is no finished dataset in {path.parent}; run mixtrial prepare again."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(_NO_INDEX.format(path)) from error
    if not whole:
        raise DatasetError(_NO_INDEX.format(path))
    if version != FORMAT_VERSION:
        raise DatasetError(
            f"The dataset in {path.parent} has format {version}; this version reads "
            f"{FORMAT_VERSION}: run mixtrial prepare again."
        )
    return dict(index)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
