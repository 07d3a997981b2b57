"""Main result of an attribute: the pairs and the means of its primary analysis.

Figures and the report read the findings through this module, so that both show the same rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

from analysis.defaults import MODEL_NAMES
from analysis.defaults import PrimaryModel as ModelName
from analysis.findings.attribute import AnyModel, Attribute
from analysis.findings.described import SystemDescription
from analysis.findings.models import MarginalMean
from analysis.findings.pairs import Verdict
from analysis.findings.sections import NotEstimable, estimated, rows_of

AttributeFindings = Attribute | NotEstimable


def fitted_model(section: AttributeFindings, name: ModelName | None = None) -> AnyModel | None:
    """The attribute's primary model, or the named model; None if missing or not estimable."""
    part = section if isinstance(section, NotEstimable) else section.model(name)
    return None if isinstance(part, NotEstimable) else part


def models_by_rank(section: Attribute) -> list[ModelName]:
    """Names of all models that can be the primary model; the one in use is first."""
    return sorted(MODEL_NAMES, key=lambda name: name != section.primary_model)


@dataclass(frozen=True, slots=True)
class PrimaryPair:
    """Difference a - b in the primary analysis, in points; parts that are unknown: NaN or None."""

    a: str
    b: str
    estimate: float
    se: float
    df: float
    p: float
    p_holm: float
    ci_low: float
    ci_high: float
    ci90_low: float = math.nan
    ci90_high: float = math.nan
    tost_p: float = math.nan
    verdict: Verdict | None = None


def primary_pairs(section: AttributeFindings) -> tuple[str, list[PrimaryPair]]:
    """Pairwise differences of the primary analysis, and the name of the analysis.

    If the primary model could be fitted, it gives the differences. If the primary model could not
    be fitted, the differences are those of the paired t tests on listener means. Without a primary
    model, the verdicts are taken from the equivalence tests. A pair is left out if no chain of
    shared listeners links its two systems.

    Returns
    -------
    tuple
        The result is a tuple: name of the model, ``"paired_t"`` or ``""``; then the rows.
    """
    if isinstance(section, NotEstimable):
        return "", []
    candidates = (
        (section.primary_model, _of_model(fitted_model(section))),
        ("paired_t", _of_listener_means(section)),
    )
    for source, rows in candidates:
        usable = [
            row for row in rows if not math.isnan(row.estimate) and _is_connected(row, section)
        ]
        if usable:
            return source, usable
    return "", []


def _of_model(model: AnyModel | None) -> list[PrimaryPair]:
    return [
        PrimaryPair(
            row.a, row.b, row.estimate, row.se, row.df, row.p, row.p_holm, row.ci_low, row.ci_high,
            row.ci90_low, row.ci90_high, row.tost_p, row.verdict,
        )
        for row in rows_of(model.pairs if model else None)
    ]  # fmt: skip


def _of_listener_means(section: Attribute) -> list[PrimaryPair]:
    tost = {(row.a, row.b): row for row in rows_of(section.tost)}
    found = []
    for row in rows_of(section.paired_t):
        known = (row.estimate, row.se, row.df, row.p, row.p_holm, row.ci_low, row.ci_high)
        other = tost.get((row.a, row.b))
        more = other and (other.ci90_low, other.ci90_high, other.p, other.verdict)
        found.append(PrimaryPair(row.a, row.b, *known, *(more or ())))
    return found


def _is_connected(row: PrimaryPair, section: Attribute) -> bool:
    """Whether shared listeners link the two systems of a pair, directly or through others."""
    sets = sets_of(section)
    return not sets or any({row.a, row.b} <= set(some) for some in sets)


def sets_of(section: Attribute) -> Sequence[Sequence[str]]:
    """Sets of systems without a shared listener between sets; empty if all systems are linked."""
    graph = estimated(section.overlap)
    return graph.sets if graph and len(graph.sets) > 1 else ()


def primary_means(
    section: AttributeFindings, group: str | None = None
) -> tuple[str, Sequence[MarginalMean | SystemDescription]]:
    """Mean of each system from the model, otherwise from the participants; the source used."""
    if isinstance(section, NotEstimable):
        return "", []
    model = fitted_model(section)
    of_model = [row for row in rows_of(model.emmeans if model else None) if row.group == group]
    if known := [row for row in of_model if not math.isnan(row.mean)]:
        return "emmeans", known
    described = [row for row in rows_of(section.descriptives) if row.group == group]
    known_too = [row for row in described if not math.isnan(row.mean)]
    return ("descriptives", known_too) if known_too else ("", [])


MOST_PAIRS = 66
"""With more pairs than those of 12 systems, tables and figures show the pairs of one system."""


def system_shown(section: AttributeFindings, n_pairs: int) -> str | None:
    """The system whose pairs tables and figures show; None if they show all pairs.

    If there are many pairs, only those with the highest-rated compared system are shown.
    """
    compared = {name for row in primary_pairs(section)[1] for name in (row.a, row.b)}
    means = [row for row in primary_means(section)[1] if row.system in compared]
    if n_pairs <= MOST_PAIRS or not means:
        return None
    return max(means, key=lambda row: row.mean).system


@dataclass(frozen=True, slots=True)
class PairPlaces:
    """Index of a pair in each list of an attribute's section; None if the list lacks the pair."""

    a: str
    b: str
    model: int | None
    paired_t: int | None
    wilcoxon: int | None
    sign_flip: int | None
    tost: int | None
    effect_sizes: int | None
    pooled_mann_whitney: int | None


def pair_places(section: AttributeFindings, systems: Sequence[str]) -> list[PairPlaces]:
    """Indices of all pairs in the lists of the findings.

    Parameters
    ----------
    section
        One attribute.
    systems
        The two systems of a pair are in alphabetical order, as in the findings.
        Labels can be used in place of the systems' names.
    """
    pairs = list(combinations(systems, 2))
    if isinstance(section, NotEstimable):
        return [PairPlaces(a, b, *[None] * 7) for a, b in pairs]
    model = fitted_model(section)
    lists = (
        model.pairs if model else None, section.paired_t, section.wilcoxon, section.sign_flip,
        section.tost, section.effect_sizes, section.pooled_mann_whitney,
    )  # fmt: skip
    places = [_places(rows) for rows in lists]
    return [PairPlaces(a, b, *(of.get((a, b)) for of in places)) for a, b in pairs]


class _OfPair(Protocol):
    """A row about two systems, taken from a list of pairs."""

    @property
    def a(self) -> str: ...
    @property
    def b(self) -> str: ...


def _places(
    rows: Sequence[_OfPair | NotEstimable] | NotEstimable | None,
) -> dict[tuple[str, str], int]:
    """Index of each pair that has numbers, in a section that is a list."""
    return {
        (row.a, row.b): at
        for at, row in enumerate(estimated(rows) or ())
        if not isinstance(row, NotEstimable)
    }
