"""Sentences that ``mixtrial plan`` prints in addition to its advice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis.counts import counted
from analysis.defaults import PrimaryModel
from analysis.methods.planned import PlannedModel
from analysis.planning.claims import ClaimToShow
from analysis.planning.grid import Size
from analysis.report.sections.plan import PlannedSize
from analysis.statistics.multiplicity import FOR_PAIRS, NAMES
from mixtrial.planning.question import DEFAULTS
from mixtrial.server.settings import default_stimuli_folder
from stimuli.design.session_length import session_length
from stimuli.standards.limits import LONGEST_SESSION_MIN
from stimuli.study.manifest import manifest_of
from stimuli.study.study import Study


def planned_size(size: PlannedSize | None, difference: float, margin: float) -> list[str]:
    """Sentence about differences that can be detected with the planned number of listeners."""
    if size is None:
        return []
    if size.power is None or size.power_equivalence is None or size.detectable_difference is None:
        return [f"{size.n_participants} participants are too few for these songs."]
    told = (
        f"Planned are {size.n_participants} participants. Chance to find a difference of "
        f"{difference:g} points: {100 * size.power:.0f} %; to show equivalence within "
        f"±{margin:g} points: {100 * size.power_equivalence:.0f} %; smallest difference found "
        f"with 80 %: {size.detectable_difference:.1f} points."
    )
    return [told]


def duration(study: Study, path: Path) -> list[str]:
    """Sentence about the length of a session, and whether the session is tiring."""
    length = session_length(study, manifest_of(study, default_stimuli_folder(path)))
    answers = f"{length.n_ratings} {length.answers}"
    pages = f"Each participant sees {length.n_pages} pages and gives {answers}"
    if length.duration_s is None:
        return [f"{pages}; how long that takes is unknown, because the songs cannot be read."]
    minutes = length.duration_s / 60
    long = f": longer than {LONGEST_SESSION_MIN:g} minutes, which tires" * (
        minutes > LONGEST_SESSION_MIN
    )
    return [f"{pages}, in about {counted(round(minutes), 'minute')}{long}."]


def one_sided_chances(
    size: Size | None, model: PlannedModel, claims: Sequence[ClaimToShow]
) -> list[str]:
    """Sentences about the power of one-sided claims with the planned number of listeners."""
    if size is None or not size.can_be_analysed():
        return []
    return [
        f"Chance of {size.n} participants for {claim.in_words}: "
        f"{100 * claim.power(model, size.precision(model)):.0f} %."
        for claim in claims
    ]


def _of_model(model: PrimaryModel, knows_spreads: bool) -> list[str]:
    """Sentence about planning with a model other than the default model."""
    if model == "lmm_unequal":
        known = (
            "the two systems that spread most in the pilot"
            if knows_spreads
            else "systems of one spread (results.json of a pilot tells each one's)"
        )
        return [f"Planned by lmm_unequal: each difference has the error of its own; for {known}."]
    if model == "ordinal":
        told = (
            "Planned by ordinal: the figures are those of latent ratings in bands around one level "
            "(--level), which vary as is told."
        )
        return [told]
    return []


def cautions(
    n_tests: int,
    are_declared: bool,
    own: int | None,
    source: str,
    model: PrimaryModel,
    knows_spreads: bool,
    may_look: bool,
) -> list[str]:
    """Sentences about the meaning of the numbers that ``mixtrial plan`` prints."""
    told = _of_model(model, knows_spreads)
    if may_look:
        told.append(
            "The chances are those of a study without looks: what the declared looks spend before "
            "the end is not counted, and takes more participants."
        )
    if source == DEFAULTS:
        told.append(
            "The variances are those of one codec test with reference and anchors, whose song × "
            "system term is likely high: run a pilot, and plan from its results.json (--results)."
        )
    if are_declared and n_tests == 1:
        told.append(
            "A difference counts as found, and two systems as equivalent, at .05: the plan "
            "declares one contrast."
        )
    if n_tests > 1:
        whose = "contrasts that the plan declares" if are_declared else "pairs of systems"
        told.append(
            f"A difference counts as found, and two systems as equivalent, at .05 / {n_tests}, the "
            f"strictest step of "
            f"{NAMES[FOR_PAIRS]}'s adjustment over the {n_tests} {whose}"
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
