"""Objective measures of the mixes that listeners hear; a report compares them with the ratings.

Conventions
-----------
The built files are measured at the page's common loudness, as they are played. Each mix is compared
with the human mix of its song, or with the baseline mix if the study has no human mix. The measures
are stored as ``objective.csv`` in the build folder. If a stimulus has not changed, its stored
measures are used again. A mix that differs from the reference mix is not necessarily worse; for
this reason, measures supplement ratings and never replace them.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pandas as pd

from mixing.audio import AudioError, written_whole
from mixing.ingest.decoding import read_audio
from mixing.meters.objective import MixComparison, MixMeasures, compare_mixes, measure_mix
from stimuli.page_types.base import DRY_NAMES, REFERENCE
from stimuli.rendering.render import OnProgress, Progress
from stimuli.study.manifest import Manifest, Stimulus, read_manifest
from stimuli.study.study import StudyError

OBJECTIVE_NAME = "objective.csv"
REFERENCE_SYSTEMS = (
    REFERENCE,
    "human",
    "baseline",
)  # systems to compare with, in order of preference; without them, the manifest's first system
KEY_COLUMNS = ("song", "system", "reference", "sha256", "reference_sha256")
MEASURES = tuple(MixMeasures.__dataclass_fields__)
COMPARISONS = tuple(MixComparison.__dataclass_fields__)


def objective_measures(folder: str | Path, on_progress: OnProgress | None = None) -> pd.DataFrame:
    """Measures of every stimulus of a build, and their differences from the song's reference mix.

    Parameters
    ----------
    folder
        The build folder.
    on_progress
        Function called after each stimulus that had to be measured.

    Returns
    -------
    pandas.DataFrame
        One stimulus per row, in the manifest's order: ``song``, ``system``, ``reference`` (the
        system compared with), ``sha256`` and ``reference_sha256`` of the two files, then the fields
        of :class:`~mixing.meters.objective.MixMeasures` and of
        :class:`~mixing.meters.objective.MixComparison`. The differences of the reference itself are
        0.

    Raises
    ------
    StudyError
        The folder holds no build, a file of the build is missing or damaged, or the folder cannot
        be written.
    """
    manifest = read_manifest(folder)
    reference = reference_system(manifest)
    known = _kept(manifest.folder / OBJECTIVE_NAME)
    pairs = [
        (s, manifest.stimulus(s.song, reference))
        for s in manifest.stimuli
        if s.system not in DRY_NAMES
    ]
    missing = [pair for pair in pairs if _key(*pair) not in known]
    for number, (stimulus, target) in enumerate(missing, start=1):
        known[_key(stimulus, target)] = _measured(manifest, stimulus, target)
        if on_progress is not None:
            text = f"{stimulus.song}: {stimulus.system} measured"
            on_progress(Progress(number, len(missing), text))
    rows = [dict(zip(KEY_COLUMNS, _key(*pair), strict=True)) | known[_key(*pair)] for pair in pairs]
    table = pd.DataFrame(rows, columns=[*KEY_COLUMNS, *MEASURES, *COMPARISONS])
    if missing:
        _write(manifest.folder / OBJECTIVE_NAME, table)
    return table


def measured_stimuli(manifest: Manifest, on_progress: OnProgress | None = None) -> pd.DataFrame:
    """Stimuli of a build, one per row; with their measures, if all files can be measured."""
    stimuli = pd.DataFrame([asdict(stimulus) for stimulus in manifest.stimuli])
    try:
        measured = objective_measures(manifest.folder, on_progress)
    except StudyError:
        return stimuli
    keys = ["song", "system"]
    new = [name for name in measured if name not in stimuli]
    return stimuli.merge(measured[keys + new], on=keys, how="left")


def reference_system(manifest: Manifest) -> str:
    """Name of the system with which the other systems are compared."""
    songs = {stimulus.song for stimulus in manifest.stimuli}
    for name in REFERENCE_SYSTEMS:
        if {s.song for s in manifest.stimuli if s.system == name} == songs:
            return name
    return manifest.stimuli[0].system


def _measured(manifest: Manifest, stimulus: Stimulus, target: Stimulus) -> dict[str, float]:
    """Measures of a stimulus, and how far each measure is from the measure of ``target``."""
    paths = [manifest.path(one) for one in (stimulus, target)]
    try:
        (mix, rate), (reference, _) = (read_audio(path) for path in paths)
        return asdict(measure_mix(mix, rate)) | asdict(compare_mixes(mix, reference, rate))
    except AudioError as error:
        raise StudyError(
            f"Song {stimulus.song!r}, system {stimulus.system!r}: {error} Build the study again."
        ) from error


def _key(stimulus: Stimulus, target: Stimulus) -> tuple[str, ...]:
    return (stimulus.song, stimulus.system, target.system, stimulus.sha256, target.sha256)


def _kept(path: Path) -> dict[tuple[str, ...], dict[str, float]]:
    """Stored rows of measures; no rows if the file is missing, damaged or from another version."""
    try:
        # The numbers of the CSV file are read as text, so that no digit is lost.
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        numbers = table[[*MEASURES, *COMPARISONS]].astype(float)
        keys = table[list(KEY_COLUMNS)].itertuples(index=False, name=None)
        return dict(zip(keys, numbers.to_dict("records"), strict=True))  # type: ignore[arg-type]
    except (OSError, ValueError, KeyError):
        return {}


def _write(path: Path, table: pd.DataFrame) -> None:
    """Write the table of measures completely or not at all."""
    try:
        with written_whole(path) as part:
            table.to_csv(part, index=False, lineterminator="\n")
    except OSError as error:
        raise StudyError(f"{path} cannot be written: {error.strerror}.") from error
