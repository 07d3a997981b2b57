"""Separation of mixes into folders of stems; it is repeated only if mix or model has changed.

``OUT/<song>/`` contains ``vocal.flac``, ``backing.flac`` and ``separation.json``. The audio files
have 24 bits and the mix's sample rate. ``separation.json`` states the mix (its SHA-256), the model
and the gain. The two audio files **add up to the mix**, with an error of at most one step of 24
bits. If the vocal or the rest of the mix would exceed full scale, both files get the same lower
gain, ``gain_db``. With a lower gain, the sum of the two files is the mix multiplied by this gain.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from mixing.audio import Audio, AudioError, Song, write_flac, written_whole
from mixing.ingest.decoding import read_audio
from mixing.learning.separation.base import Separator, separated

AUDIO_SUFFIXES = {".flac", ".ogg", ".wav", ".mp3", ".aif", ".aiff"}
STEM_NAMES = ("vocal", "backing")
# if a song's file has one of these names, the song is named after its folder
_NAMELESS = {"mix", "mixture"}
_STEP = 2.0**-23  # of 24 bits


@dataclass(frozen=True, slots=True)
class Separation:
    """Result for a mix; ``problem`` is an error message, or None if the stems were made."""

    mix: Path
    song: str
    made: bool
    gain_db: float = 0.0
    problem: str | None = None


def find_mixes(paths: list[Path]) -> dict[str, Path]:
    """Mixes, by the name of their song; a folder stands for all audio files in the folder.

    Raises
    ------
    AudioError
        A path does not exist, a folder contains no audio, or two mixes would have the same name.
    """
    mixes: dict[str, Path] = {}
    for path in paths:
        if path.is_dir():
            files = sorted(path.iterdir())
            files = [p for p in files if p.suffix.lower() in AUDIO_SUFFIXES and p.name[0] != "."]
            if not files:
                raise AudioError(f"There is no audio file in {path}.")
        elif path.is_file():
            files = [path]
        else:
            raise AudioError(f"There is no audio file {path}.")
        for file in files:
            song = file.stem if file.stem.lower() not in _NAMELESS else file.resolve().parent.name
            other = mixes.setdefault(song, file)
            if other.resolve() != file.resolve():
                raise AudioError(
                    f"{other} and {file} would both become the song {song!r}; rename one."
                )
    return mixes


def separate_file(mix: Path, song: str, out: Path, separator: Separator) -> Separation:
    """Stems of a mix in ``out/song``; existing stems are not made again.

    An error that is caused by the mix or the folder is returned in ``problem``.
    """
    folder = out / song
    try:
        facts = {"mix_sha256": _sha256(mix), "model": separator.name}
        known = _facts_in(folder)
        if known is not None and {**known, **facts} == known:
            return Separation(mix, song, made=False, gain_db=float(known["gain_db"]))
        if known is None and folder.exists():
            raise AudioError(f"{folder} was not made by mixtrial separate; name another folder.")
        audio, rate = read_audio(mix)
        gain_db = _write_stems(folder, separated(audio, rate, separator), facts)
    except (AudioError, OSError) as error:
        return Separation(mix, song, made=False, problem=str(error))
    return Separation(mix, song, made=True, gain_db=gain_db)


def separate_files(
    mixes: dict[str, Path],
    out: Path,
    separator: Separator,
    on_progress: Callable[[int, str], None] | None = None,
    executor: Executor | None = None,
) -> list[Separation]:
    """Stems of all mixes, made one after the other or by an executor.

    ``on_progress`` is called with the number of finished mixes, and with the name of the next song.
    """
    work = partial(separate_file, out=out, separator=separator)
    coming = iter((executor.map if executor else map)(work, mixes.values(), mixes))
    results = []
    for done, song in enumerate(mixes):
        if on_progress is not None:
            on_progress(done, song)
        results.append(next(coming))
    return results


def _write_stems(folder: Path, song: Song, facts: dict[str, str]) -> float:
    """Write both stems and ``separation.json``; return the gain in dB of both stems."""
    vocal, backing, gain = _stems_that_add_up(song)
    gain_db = float(20 * np.log10(gain))
    with written_whole(folder) as part:
        part.mkdir(parents=True)
        write_flac(part / "vocal.flac", vocal, song.sample_rate)
        write_flac(part / "backing.flac", backing, song.sample_rate)
        text = json.dumps({**facts, "gain_db": gain_db}, indent=2)
        (part / "separation.json").write_text(text + "\n", encoding="utf-8")
        # the existing folder holds stems of another model or mix, and may be deleted: earlier
        # checks show that this program made the folder
        if folder.exists():
            shutil.rmtree(folder)
    return gain_db


def _stems_that_add_up(song: Song) -> tuple[Audio, Audio, float]:
    """Vocal and backing rounded to 24 bits, with the gain that keeps both below full scale.

    The backing is the mix minus the rounded vocal, so rounding errors do not add up.
    """
    peak = max(float(np.abs(song.vocal).max()), float(np.abs(song.backing).max()))
    gain = min(1.0, (1 - 4 * _STEP) / max(peak, 1e-9))
    mix = (song.vocal.astype(np.float64) + song.backing) * gain
    vocal = np.rint(song.vocal * gain / _STEP) * _STEP
    return vocal.astype(np.float32), (mix - vocal).astype(np.float32), gain


def separated_by(folder: Path) -> str | None:
    """Name of the model that made the stems in a folder; None if no model made them."""
    facts = _facts_in(folder)
    return None if facts is None else facts.get("model", "")


def _facts_in(folder: Path) -> dict[str, str] | None:
    """Content of ``separation.json``; None if the file or a stem is missing."""
    try:
        facts = json.loads((folder / "separation.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(facts, dict) or "gain_db" not in facts:
        return None
    whole = all((folder / f"{name}.flac").is_file() for name in STEM_NAMES)
    return facts if whole else {**facts, "model": ""}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
