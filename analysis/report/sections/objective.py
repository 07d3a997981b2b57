"""How much the mixes differ from the reference mix, measured; to be compared with the ratings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import pandas as pd

from analysis.findings.sections import Count, Number

REFERENCE = "reference"
"""Column of the manifest that names the system each mix is compared with."""


@dataclass(frozen=True, kw_only=True)
class Distances:
    """Distance of a mix from the reference mix of its song."""

    bark_distance_db: Number
    stft_distance: Number
    audio_feature_loss: Number
    centroid_difference_octaves: Number
    crest_difference_db: Number
    lra_difference_lu: Number
    width_difference: Number
    imbalance_difference: Number


@dataclass(frozen=True, kw_only=True)
class SystemOverSongs:
    """A system, and the number of songs that it mixed."""

    system: str
    n_songs: Count


@dataclass(frozen=True, kw_only=True)
class SystemDistances(Distances, SystemOverSongs):
    """Means of one system over its songs."""


@dataclass(frozen=True, kw_only=True)
class Stimulus:
    """A song mixed by a system."""

    song: str
    system: str


@dataclass(frozen=True, kw_only=True)
class StimulusDistances(Distances, Stimulus):
    """Distances of one stimulus."""


COMPARISONS = tuple(each.name for each in fields(Distances))
"""Columns of the manifest with a mix's differences and distances from its reference."""


@dataclass(frozen=True, slots=True)
class Objective:
    """Distance of each mix from the reference mix of its song; the reference has no row.

    ``systems`` are means over songs; ``rows`` are the stimuli.
    """

    reference: str
    systems: Sequence[SystemDistances]
    rows: Sequence[StimulusDistances]


def objective_of(manifest: pd.DataFrame | None) -> Objective | None:
    """Distances of the mixes from the reference mix; None if nothing was measured."""
    if manifest is None or not {REFERENCE, *COMPARISONS} <= set(manifest.columns):
        return None
    known = manifest[manifest[REFERENCE].notna() & (manifest["system"] != manifest[REFERENCE])]
    if known.empty:
        return None
    numbers = known[list(COMPARISONS)].apply(pd.to_numeric, errors="coerce")
    rows = [
        StimulusDistances(song=str(song), system=str(system), **_by_name(numbers.loc[index]))
        for index, song, system in zip(known.index, known["song"], known["system"], strict=True)
    ]
    systems = [
        SystemDistances(system=str(system), n_songs=len(part), **_by_name(part.mean()))
        for system, part in numbers.groupby(known["system"], sort=False)
    ]
    return Objective(str(known[REFERENCE].iloc[0]), systems, rows)


def _by_name(values: pd.Series[float]) -> dict[str, float]:
    return {str(name): float(value) for name, value in values.items()}
