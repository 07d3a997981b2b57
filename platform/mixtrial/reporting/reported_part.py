"""Which part of a study a report is about: its ratings, its words, its reference and anchors.

A report analyses the ratings of one part: the one that was asked for, else the first whose answers
are values of a scale. Choices between mixes (preference, ABX) come beside it, from all parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.ratings.table import RatingsError
from mixtrial.reporting.options import Choices
from stimuli.page_types.base import LOW_ANCHOR, MID_ANCHOR
from stimuli.study.study import Study

TRIAL_TYPES = ("preference", "abx")


@dataclass(frozen=True, slots=True)
class ReportedPart:
    """The part whose ratings are analysed; without a name, the study has only one.

    ``systems``, ``attributes`` and ``scale_labels`` are empty where the study's own hold;
    ``scale_intervals`` says whether those words name intervals (None: not known); ``marks`` are
    {reference, mid_anchor, low_anchor}, those that there are.
    """

    name: str = ""
    type: str = ""
    names: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    scale_labels: tuple[str, ...] = ()
    scale_intervals: bool | None = None
    marks: tuple[tuple[str, str], ...] = ()


def parts_facts(study: Study) -> list[dict[str, Any]]:
    """Parts of a study as JSON, in their order; none where the file declares none."""
    found = []
    for part in study.page_parts if study.parts else ():
        made = {"mid_anchor": MID_ANCHOR, "low_anchor": LOW_ANCHOR}
        marks = {key: name for key, name in made.items() if name in part.rated}
        if part.type == "mushra":
            marks["reference"] = part.references[0]
        found.append(
            {
                "name": part.name,
                "type": part.type,
                "method": part.options.method,
                "systems": list(part.rated),
                "attributes": list(part.attributes),
                "scale_labels": list(part.options.labels(study.scale_labels, study.language)),
                "scale_intervals": bool(part.options.browser_options().get("intervals")),
                "marks": marks,
            }
        )
    return found


def reported_part(parts: Sequence[Mapping[str, Any]], wanted: str | None) -> ReportedPart:
    """Part of that name, else the first with a scale; nameless where the study has no parts.

    Raises
    ------
    RatingsError
        There is no such part, or its answers are no values of a scale.
    """
    names = [part["name"] for part in parts]
    if wanted is not None and wanted not in names:
        there = f"there are {', '.join(names)}" if names else "the study has no parts"
        raise RatingsError(f"The study has no part {wanted!r}; {there}.")
    scaled = [part for part in parts if part["type"] not in TRIAL_TYPES]
    chosen = [part for part in scaled if wanted in (None, part["name"])]
    if wanted is not None and not chosen:
        raise RatingsError(
            f"The part {wanted!r} has choices between mixes, which stand in every report; name a "
            "part that has ratings."
        )
    if not chosen:
        return ReportedPart(names=tuple(names))
    part = chosen[0]
    return ReportedPart(
        name=part["name"],
        type=part["type"],
        names=tuple(names),
        systems=tuple(part["systems"]),
        attributes=tuple(part["attributes"]),
        scale_labels=tuple(part["scale_labels"]),
        scale_intervals=part.get("scale_intervals"),
        marks=tuple(part["marks"].items()),
    )


def of_part(table: pd.DataFrame, part: ReportedPart) -> pd.DataFrame:
    """Rows of that part; all of them where the table tells of no parts."""
    if not part.name or "part" not in table:
        return table
    return table[table["part"] == part.name].reset_index(drop=True)


def part_of_table(table: pd.DataFrame, wanted: str | None) -> ReportedPart:
    """Part of a table that has a column of that name: the one asked for, else the first.

    Raises
    ------
    RatingsError
        There is no such part.
    """
    names = list(dict.fromkeys(table["part"].astype(str))) if "part" in table else []
    named = [name for name in names if name]
    # The page type is not in the table: a name says it, when it is one.
    parts = [
        {"name": name, "type": "", "systems": (), "attributes": (), "scale_labels": (), "marks": {}}
        for name in named
    ]
    return reported_part(parts, wanted)


def with_marks(done: Choices, part: ReportedPart, there: set[str]) -> Choices:
    """Choices with the part's own reference and anchors where nothing else was said.

    Parameters
    ----------
    done
        Filled in from the plan.
    part
        The part that is reported.
    there
        Systems that were rated.
    """
    marks = {key: name for key, name in part.marks if name in there}
    return replace(
        done,
        reference=done.reference or marks.get("reference"),
        mid_anchor=done.mid_anchor or marks.get("mid_anchor"),
        low_anchor=done.low_anchor or marks.get("low_anchor"),
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """What of a study is analysed: nothing of training, nobody who does not belong.

    ``ratings`` are those of one part, ``trials`` and ``comments`` of all; ``planned`` says which
    songs each participant was to rate; ``first_rating_at`` is when the first of all ratings came,
    left-out ones included; ``why_empty`` why there are no ratings, where there are none.
    """

    part: ReportedPart
    ratings: pd.DataFrame
    trials: pd.DataFrame
    comments: pd.DataFrame
    people: pd.DataFrame
    planned: pd.DataFrame
    flow: Mapping[str, Any]
    first_rating_at: str | None = None
    why_empty: str = ""
