"""What ``mixtrial plan`` says in words besides its advice: planned size, time, cautions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mixtrial.reporting.built_stimuli import manifest_of
from mixtrial.server.settings import default_stimuli_folder
from stimuli.design.session_length import session_length
from stimuli.standards.study_checks import LONGEST_SESSION_MIN
from stimuli.study.study import Study

DEFAULTS = "defaults, from one codec test"
"""Where the variances come from when no pilot is named."""


def planned_size(row: Mapping[str, Any] | None, difference: float, margin: float) -> list[str]:
    """What the listeners that are planned can find."""
    if row is None:
        return []
    if row["power"] is None:
        return [f"{row['n_participants']} participants are too few for these songs."]
    n, finds, equals = row["n_participants"], row["power"], row["power_equivalence"]
    told = (
        f"Planned are {n} participants. Chance to find a difference of {difference:g} points: "
        f"{100 * finds:.0f} %; to show equivalence within ±{margin:g} points: "
        f"{100 * equals:.0f} %; smallest difference found with 80 %: "
        f"{row['detectable_difference']:.1f} points."
    )
    return [told]


def duration(study: Study, path: Path) -> list[str]:
    """How long a session takes, and whether that tires."""
    length = session_length(study, manifest_of(study, default_stimuli_folder(path)))
    pages = f"Each participant sees {length.n_pages} pages and gives {length.n_ratings} ratings"
    if length.duration_s is None:
        return [f"{pages}; how long that takes is unknown, because the songs cannot be read."]
    minutes = length.duration_s / 60
    long = f": longer than {LONGEST_SESSION_MIN:g} minutes, which tires" * (
        minutes > LONGEST_SESSION_MIN
    )
    return [f"{pages}, in about {minutes:.0f} minutes{long}."]


def cautions(n_tests: int, are_declared: bool, own: int | None, source: str) -> list[str]:
    """What the figures do not tell by themselves."""
    told = []
    if source == DEFAULTS:
        told.append(
            "The variances are those of one codec test with reference and anchors, whose song × "
            "system term is likely high: run a pilot, and plan from its results.json (--results)."
        )
    if are_declared and n_tests == 1:
        told.append("A difference counts as found at .05: the plan declares one contrast.")
    if n_tests > 1:
        whose = "contrasts that the plan declares" if are_declared else "pairs of systems"
        told.append(
            f"A difference counts as found at .05 / {n_tests}, the strictest step of Holm's "
            f"adjustment over the {n_tests} {whose}"
            + (
                "."
                if are_declared
                else "; declared contrasts (analysis: contrasts) would be fewer."
            )
        )
    told.append(
        "Differences between listener groups need far more: in simulations, 8 points in one of "
        "three groups of ten were found in 20 % of the studies. Recruit groups of equal size."
    )
    if own is not None:
        told.append(
            f"Each participant rates {own} of the songs; for such designs the figures are "
            "approximate."
        )
    return told
