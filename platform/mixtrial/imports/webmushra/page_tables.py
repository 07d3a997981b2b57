"""Tables of webMUSHRA's page types, and the conversion of their rows to mixtrial's rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.ratings.table import GRADED_AGAINST
from analysis.scale import SCALE, Scale, with_scale
from analysis.trial_columns import ABX
from mixtrial.imports.results.format import with_answers
from mixtrial.imports.results.order import seconds, with_orders

TEST, SESSION, TRIAL = "session_test_id", "session_uuid", "trial_id"
QUALITY = "basic_audio_quality"
FROM_1_TO_5 = Scale(1, 5)
"""The scale of BS.1116."""

Table = pd.DataFrame


@dataclass(frozen=True, slots=True)
class PageTable:
    """A page type: columns that identify it, columns of numbers, and how rows are converted."""

    columns: tuple[str, ...]
    numbers: tuple[str, ...]
    rows: Callable[[Table], Table]
    assumed: tuple[str, ...] = ()
    rated: str = ""
    """How the names of its columns of ratings begin, where they differ from file to file."""


def _mushra(table: Table) -> Table:
    rows = table.assign(
        system=table["rating_stimulus"], rating=table["rating_score"], attribute=QUALITY,
        time_s=seconds(table["rating_time"]), comment=table["rating_comment"],
    )  # fmt: skip
    return with_scale(with_orders(rows), SCALE)


def _bs1116(table: Table) -> Table:
    sides = [
        table.assign(system=table[f"rating_{side}"], rating=table[f"rating_{side}_score"])
        for side in ("reference", "non_reference")
    ]
    both = pd.concat(sides).sort_index(kind="stable")
    both = both.assign(
        attribute=QUALITY, time_s=seconds(both["rating_time"]),
        **{GRADED_AGAINST: both["rating_reference"]},
    )  # fmt: skip
    rows = with_scale(with_orders(both), FROM_1_TO_5)
    again = rows.groupby(["participant", "song", "system"]).cumcount()
    return rows.assign(replicate=again.astype(str))


def _likert(table: Table) -> Table:
    """One stimulus per row, with one scale or several."""
    rows = with_orders(table.assign(system=table["stimuli"], time_s=seconds(table["rating_time"])))
    names = [name for name in table if str(name).startswith("stimuli_rating")]
    if names == ["stimuli_rating"]:
        return rows.assign(rating=rows["stimuli_rating"], attribute="overall")
    return pd.concat(
        rows.assign(
            rating=rows[name], attribute=f"scale {str(name).removeprefix('stimuli_rating')}"
        )
        for name in names
    ).sort_index(kind="stable")


def _spatial(table: Table) -> Table:
    """Each coordinate of a position in the room as an attribute, in the unit of the room."""
    rows = with_orders(table.assign(system=table["stimulus"]))
    names = [
        str(name) for name in table
        if str(name).startswith("position_") or name in ("height", "depth")
    ]  # fmt: skip
    return pd.concat(
        rows.assign(rating=rows[name], attribute=rows["name"] + " " + name) for name in names
    ).sort_index(kind="stable")


def _paired(table: Table) -> Table:
    """Choice of the reference between two sounds: a trial is right or wrong, as in ABX."""
    said = table["choice_answer"]
    right = said == "correct"
    again = table.groupby(["participant", "song", "choice_non_reference"]).cumcount()
    return table.assign(
        part="", trial_kind=ABX, attribute="identification", replicate=again.astype(str),
        system_a=table["choice_reference"], system_b=table["choice_non_reference"],
        answer=right.map({True: "a", False: "b"}),
        correct=right.map({True: "true", False: "false"}),
        time_s=seconds(table["choice_time"]), comment=table["choice_comment"],
    )  # fmt: skip


_LEFT_AT_100 = "a slider that was never moved stands at 100, like a rating of 100"
PAGE_TABLES = (
    PageTable(("rating_stimulus", "rating_score", "rating_time", "rating_comment"),
              ("rating_score", "rating_time"), _mushra, (_LEFT_AT_100,)),
    PageTable(("rating_reference", "rating_non_reference", "rating_reference_score",
               "rating_non_reference_score", "rating_time", "choice_comment"),
              ("rating_reference_score", "rating_time"), _bs1116,
              ("difference grades are analysed: of each system, less its hidden reference's",)),
    PageTable(("choice_reference", "choice_non_reference", "choice_answer", "choice_time",
               "choice_comment"), ("choice_time",), _paired,
              ("which of two is the reference was asked: trials as in ABX",)),
    PageTable(("stimuli", "rating_time"), ("rating_time",), _likert, rated="stimuli_rating"),
    PageTable(("name", "stimulus"), (), _spatial,
              ("each coordinate is an attribute, in the unit of the room's measurements",),
              "position_"),
)  # fmt: skip

_POINTS = tuple(
    f"position{point}_{axis}"
    for point in ("", "_outerRight", "_innerRight", "_innerLeft", "_outerLeft", "_center",
                  "_height", "_width1", "_width2")
    for axis in "xyz"
)  # fmt: skip
FIXED_COLUMNS = frozenset(
    (TEST, SESSION, TRIAL, "height", "depth", "stimuli_rating", *_POINTS,
     *(f"stimuli_rating{at}" for at in range(1, 100)),
     *(name for each in PAGE_TABLES for name in each.columns))
)  # fmt: skip
"""Names of all columns that are webMUSHRA's own."""


def page_table_of(columns: Sequence[str]) -> PageTable | None:
    """The page type with these columns; None if no known type has them."""
    for each in PAGE_TABLES:
        is_rated = any(column.startswith(each.rated) for column in columns)
        if set(each.columns) <= set(columns) and is_rated:
            return each
    return None


def rows_of_page(
    table: Table, answers: Table, page: PageTable
) -> tuple[Table, tuple[str, ...], list[tuple[int, str]]]:
    """Rows in mixtrial's columns; notes on the rows; rows that were left out, with the reason.

    Parameters
    ----------
    table
        Cells as text in webMUSHRA's columns, including the test, the session and the trial.
    answers
        Answers with one column per question; they have the same index as the rows.
    page
        Page type of the rows.
    """
    own = [str(name) for name in table if name in FIXED_COLUMNS]
    table = table.assign(participant=table[SESSION], song=table[TRIAL], test=table[TEST])
    undecided = table.index[~table.get("choice_answer", pd.Series("correct", table.index)).isin(
        ["correct", "incorrect"])]  # fmt: skip
    refused = [(int(at), "the answer is neither right nor wrong") for at in undecided]
    rows = page.rows(table.drop(index=undecided))
    rows = rows.drop(columns=[name for name in own if name in rows])
    rows, told = with_answers(rows, answers)
    if page.rows is _mushra and (rows["replicate"] != "0").any():
        told += ("trials that come again for a participant are repeats (replicate)",)
    return rows, told, refused
