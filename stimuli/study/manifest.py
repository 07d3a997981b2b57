"""The manifest: files of a build with their measured levels.

Conventions
-----------
``manifest.csv`` (UTF-8, comma, LF) has one row per stimulus, in the order of the study; its columns
are the fields of :class:`Stimulus`. The manifest is written last, so that all files listed in a
manifest exist. File names are relative to the manifest's folder.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path, PurePosixPath
from typing import Any

from mixing.audio import written_whole
from mixing.parameters import MixReport
from stimuli.study.study import Study, StudyError

MANIFEST_NAME = "manifest.csv"

SOUNDS_LIKE = "sounds_like"
"""Key of ``parameters``, there only where something is to be said."""


@dataclass(frozen=True, slots=True)
class Stimulus:
    """One song mixed by one system, as played.

    ``integrated_lufs``, ``true_peak_dbtp`` and ``lra_lu`` are measured on the finished file, that
    is, after the gain. ``mix_integrated_lufs`` and ``mix_true_peak_dbtp`` are measured on the same
    excerpt before ``gain_db`` was applied to reach ``page_target_lufs``. For an anchor,
    ``mix_integrated_lufs`` is the loudness of the anchor's reference, because anchor and reference
    get the same gain. ``parameters`` is the JSON object that ``mixtrial mix`` prints; ``seed`` is
    the seed of the system's random draws. ``key`` is the hash (SHA-256) of everything from which
    the mix was made. ``copies`` lists the names of further files of the same mix, separated by
    spaces. Each further file has its own dither, so that no participant gets the same bytes twice.
    """

    song: str
    system: str
    file: str
    sha256: str
    integrated_lufs: float
    true_peak_dbtp: float
    lra_lu: float
    duration_s: float
    sample_rate: int
    gain_db: float
    page_target_lufs: float
    mix_integrated_lufs: float
    mix_true_peak_dbtp: float
    profile: str
    seed: int
    key: str
    parameters: str
    copies: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        """Return the stimulus's file and its copies."""
        return (self.file, *self.copies.split())

    @property
    def report(self) -> dict[str, Any]:
        """Content of ``parameters``: everything that the system did."""
        content: dict[str, Any] = json.loads(self.parameters)
        return content

    @property
    def sounds_like(self) -> tuple[str, ...]:
        """Return the other systems whose mixes on this page sound the same as this stimulus."""
        return tuple(self.report.get(SOUNDS_LIKE, ()))

    def that_sounds_like(self, systems: Sequence[str]) -> Stimulus:
        """Return a copy of the stimulus whose ``parameters`` name the given systems."""
        if list(systems) == list(self.sounds_like):
            return self
        report = {key: value for key, value in self.report.items() if key != SOUNDS_LIKE}
        if systems:
            report[SOUNDS_LIKE] = list(systems)
        return replace(self, parameters=json.dumps(report, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class Manifest:
    """All stimuli of a build, and the folder of their files."""

    folder: Path
    stimuli: tuple[Stimulus, ...]

    def stimulus(self, song: str, system: str) -> Stimulus:
        """Return the stimulus of a song and system; raise ``StudyError`` if it was not built."""
        for stimulus in self.stimuli:
            if (stimulus.song, stimulus.system) == (song, system):
                return stimulus
        raise StudyError(
            f"The build in {self.folder} has no mix of song {song!r} by system {system!r}; "
            "build the study again."
        )

    def path(self, stimulus: Stimulus, hearing: int = 0) -> Path:
        """Return the path of a stimulus's file; for a further ``hearing``, the path of a copy."""
        paths = self.paths(stimulus)
        return paths[hearing % len(paths)]

    def paths(self, stimulus: Stimulus) -> tuple[Path, ...]:
        """Return the paths of a stimulus's file and of its copies."""
        return tuple(self.folder / file for file in stimulus.files)

    def check_covers(self, study: Study) -> None:
        """Raise ``StudyError`` if a file that ``study`` needs was not built or is missing."""
        for song in study.songs:
            for system in (*study.systems_of(song), *study.made_names(song.name)):
                paths = self.paths(self.stimulus(song.name, system))
                for path in paths:
                    if not path.is_file():
                        raise StudyError(f"The stimulus {path} is missing; build the study again.")
                if len(paths) < (n_files := study.n_files(song.name, system)):
                    raise StudyError(
                        f"The stimulus of song {song.name!r} and system {system!r} needs {n_files} "
                        f"files, one per page on which it is played, but has {len(paths)}; build "
                        "the study again."
                    )


def report_json(report: MixReport, indent: int | None = None) -> str:
    """JSON text of a mix's report; a number that JSON does not have (−inf LUFS) becomes null."""
    return json.dumps(_finite(report.as_json()), indent=indent, ensure_ascii=False)


def read_manifest(folder: str | Path) -> Manifest:
    """Manifest of a build.

    Parameters
    ----------
    folder
        The folder that ``mixtrial build`` wrote, or the file ``manifest.csv`` in this folder.

    Raises
    ------
    StudyError
        The manifest does not exist, or it is damaged: a column is missing, a value has the wrong
        type, a stimulus occurs twice, or a file is outside the folder.
    """
    folder = Path(folder)
    if folder.name == MANIFEST_NAME:
        folder = folder.parent
    path = folder / MANIFEST_NAME
    if not path.is_file():
        raise StudyError(f"There is no build in {folder}; run mixtrial build STUDY.yaml first.")
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StudyError(f"{path} cannot be read; build the study again.") from error
    stimuli = tuple(_stimulus(row, path, line) for line, row in enumerate(rows, start=2))
    if not stimuli:
        raise StudyError(f"{path} lists no stimulus; build the study again.")
    if len({(stimulus.song, stimulus.system) for stimulus in stimuli}) < len(stimuli):
        raise StudyError(f"{path} lists a stimulus twice; build the study again.")
    return Manifest(folder, stimuli)


def write_manifest(folder: Path, stimuli: Iterable[Stimulus]) -> Manifest:
    """Write ``manifest.csv`` into ``folder``, completely or not at all, and return its content."""
    manifest = Manifest(folder, tuple(stimuli))
    with (
        written_whole(folder / MANIFEST_NAME) as part,
        part.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.DictWriter(file, [f.name for f in fields(Stimulus)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(stimulus) for stimulus in manifest.stimuli)
    return manifest


_KINDS: dict[str, type[str] | type[int] | type[float]] = {"str": str, "int": int, "float": float}


def _stimulus(row: dict[str, str | None], path: Path, line: int) -> Stimulus:
    """Convert one row to a stimulus and check it."""
    values: dict[str, Any] = {}
    for field in fields(Stimulus):
        text = row.get(field.name, "" if field.name == "copies" else None)
        if text is None:
            raise StudyError(
                f"{path}, line {line}: {field.name!r} is missing. The manifest is damaged or of "
                "another version; build the study again."
            )
        try:
            values[field.name] = _KINDS[str(field.type)](text)
        except ValueError:
            raise StudyError(
                f"{path}, line {line}: {field.name} is {text!r}, not a number; build the study "
                "again."
            ) from None
    stimulus = Stimulus(**values)
    for name in stimulus.files:
        file = PurePosixPath(name)
        if file.is_absolute() or ".." in file.parts or "\\" in name:
            raise StudyError(f"{path}, line {line}: The file {name!r} is outside the build.")
    return stimulus


def _finite(value: Any) -> Any:
    """Return JSON content with None for numbers that are not finite."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def built_for(study: Study, manifest: Manifest | None) -> Manifest | None:
    """Manifest without the stimuli that no longer belong to the study."""
    if manifest is None:
        return None
    known = {
        song.name: {*study.systems_of(song), *study.made_names(song.name)} for song in study.songs
    }
    kept = [s for s in manifest.stimuli if s.system in known.get(s.song, ())]
    return Manifest(manifest.folder, tuple(kept))


def manifest_of(study: Study, folder: Path) -> Manifest | None:
    """Build of a study, without stimuli that the study no longer has; None without a build."""
    built = (folder / MANIFEST_NAME).is_file()
    return built_for(study, read_manifest(folder)) if built else None
