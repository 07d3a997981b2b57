"""How results.json is read: rows that carry numbers, the pairs of the primary analysis.

Figures and report read the findings through these functions, so that both show the same rows.
The schema is docs/results.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.defaults import DEFAULT_MARGIN, DEFAULT_MODEL
from analysis.scale import Scale

Section = Mapping[str, Any]
Row = Mapping[str, Any]


def is_computed(section: object) -> bool:
    """Tell whether a section is there and carries numbers."""
    if section is None:
        return False
    return not (isinstance(section, Mapping) and section.get("status") == "not estimable")


def rows_of(section: object) -> list[Row]:
    """Rows of a list section that carry numbers; an absent or inestimable section has none."""
    if not isinstance(section, list):
        return []
    return [row for row in section if is_computed(row)]


def scale_of(section: Section) -> Scale:
    """Scale on which an attribute was rated."""
    return Scale(**section.get("scale", {}))


def margin_of(section: Section) -> float:
    """Equivalence margin of an attribute, in points of its scale."""
    return float(section.get("margin") or scale_of(section).points(DEFAULT_MARGIN))


def primary_model(section: Section) -> str:
    """Name of the attribute's primary model, which is the key of its section."""
    return str(section.get("primary_model", DEFAULT_MODEL))


def model_of(section: Section, name: str | None = None) -> Section:
    """The attribute's primary model, or the one named; empty when absent or not estimable."""
    model = section.get(name or primary_model(section))
    return model if is_computed(model) and isinstance(model, Mapping) else {}


def primary_pairs(section: Section) -> tuple[str, list[dict[str, Any]]]:
    """Pairwise differences of the primary analysis, and where they come from.

    The primary model where it could be fitted, else the paired t tests on listener means with the
    verdicts of the equivalence tests.

    Returns
    -------
    tuple
        (the model's name, ``"paired_t"`` or ``""``, rows with ``a, b, estimate, ci_low, ci_high,
        ci90_low, ci90_high, p_holm, verdict``; what is not known is None).
    """
    tost = {(row["a"], row["b"]): row for row in rows_of(section.get("tost"))}
    candidates = (
        (primary_model(section), rows_of(model_of(section).get("pairs"))),
        ("paired_t", rows_of(section.get("paired_t"))),
    )
    for source, rows in candidates:
        usable = [row for row in rows if row.get("estimate") is not None]
        if usable:
            return source, [_with_equivalence(row, tost) for row in usable]
    return "", []


def _with_equivalence(row: Row, tost: Mapping[tuple[str, str], Row]) -> dict[str, Any]:
    other = tost.get((row["a"], row["b"]), {})
    names = ("ci_low", "ci_high", "ci90_low", "ci90_high", "p_holm", "verdict")
    return {**row, **{name: row.get(name, other.get(name)) for name in names}}


def primary_means(section: Section, group: str | None = None) -> tuple[str, list[Row]]:
    """Mean of each system: the model's, else the participants'; and where they come from."""
    candidates = (
        ("emmeans", rows_of(model_of(section).get("emmeans"))),
        ("descriptives", rows_of(section.get("descriptives"))),
    )
    for source, rows in candidates:
        chosen = [row for row in rows if row.get("group") == group and row.get("mean") is not None]
        if chosen:
            return source, chosen
    return "", []


MOST_PAIRS = 66
"""Of more pairs (those of 12 systems) tables and figures show one system's."""


def system_shown(section: Section, n_pairs: int) -> str | None:
    """System whose pairs have rows in tables and figures; None: there are few, and all have.

    With many pairs it is the one with the highest mean among those compared.
    """
    compared = {name for row in primary_pairs(section)[1] for name in (row["a"], row["b"])}
    means = [row for row in primary_means(section)[1] if row["system"] in compared]
    if n_pairs <= MOST_PAIRS or not means:
        return None
    return str(max(means, key=lambda row: row["mean"])["system"])
