"""Trials from other sources, one per row: what kind they are, and whether answers were right."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.ratings.dialects.decimal_signs import quoted
from analysis.ratings.table import RatingsError
from analysis.trial_columns import (
    ABX,
    DIFFERENT,
    PREFERENCE,
    SAME,
    SAME_DIFFERENT,
    THIRD,
    TRIANGLE,
    ones_and_zeros,
)
from mixtrial.imports.results.columns import missing_columns
from mixtrial.imports.results.options import ReadingOptions

Told = tuple[pd.DataFrame, tuple[str, ...]]
"""Rows, and what was assumed of them."""

_RIGHT = {"right": "true", "correct": "true", "wrong": "false", "incorrect": "false"}
"""Words of other tools for yes and no in a column of right answers."""


def completed(rows: pd.DataFrame, options: ReadingOptions, name: str) -> Told:
    """Trials, one per row; values that follow from other columns are added.

    Parameters
    ----------
    rows
        Rows with ``system_a``, ``system_b``, and ``answer`` or ``correct``.
    options
        Options that describe the results file.
    name
        Name of the file.

    Raises
    ------
    RatingsError
        The table does not give the kind of the trials, or does not give whether an answer was
        right.
    """
    if "trial_kind" not in rows:
        if options.trials is None:
            raise RatingsError(
                f"{name} lacks the column trial_kind; state the kind of its trials: --trials "
                f"{PREFERENCE}, {ABX}, {TRIANGLE} or {SAME_DIFFERENT}."
            )
        rows = rows.assign(trial_kind=options.trials)
    elif options.trials is not None and set(rows["trial_kind"]) != {options.trials}:
        raise RatingsError(f"{name} has a column trial_kind; leave --trials out.")
    if missing := [each for each in ("participant", "song") if each not in rows]:
        raise RatingsError(missing_columns(rows, missing, name))
    is_of_another = options.trials is not None
    told: tuple[str, ...] = ()
    if "answer" in rows and is_of_another:
        rows, told = _with_places(rows, name)
    if "correct" in rows and (is_of_another or "answer" not in rows):
        rows = rows.assign(correct=_right_or_wrong(rows["correct"], name))
    if "answer" not in rows:
        return _with_answers(rows, name)
    return rows if "correct" in rows else _with_correct(rows, name), told


def _with_places(rows: pd.DataFrame, name: str) -> Told:
    """Trials whose answers are places, as in mixtrial's tables, instead of names of systems.

    Raises
    ------
    RatingsError
        An answer can mean a place, but it is also the name of a system at another place.
    """
    said = rows["answer"].str.strip().str.lower()
    heard = {each: rows[f"system_{each}"].str.strip().str.lower()
             for each in "abc" if f"system_{each}" in rows}  # fmt: skip
    names = {system for cells in heard.values() for system in cells}
    for place, cells in heard.items():
        odd = rows.index[(said == place) & (place in names) & (cells != place)]
        if len(odd):
            raise RatingsError(
                f"{name}, row {odd[0]}: The answer {place} is both a place and the name of a "
                "system that was in another place; rename the system in the file."
            )
    placed = said.copy()
    for place, cells in reversed(heard.items()):
        placed = placed.mask((said == cells) & ~said.isin([*heard, SAME, DIFFERENT]), place)
    told = ("its answers name systems",) if (placed != said).any() else ()
    return rows.assign(answer=placed), told


def _right_or_wrong(cells: pd.Series, name: str) -> pd.Series:
    """``true`` or ``false`` for each row: whether the answer was right."""
    said = cells.str.strip().str.lower().replace(_RIGHT)
    ones = ones_and_zeros(said)
    odd = cells[~ones.isin([0.0, 1.0])]
    if len(odd):
        row, cell = next(iter(odd.items()))
        raise RatingsError(
            f"{name}, row {row}: {quoted(cell)} does not say whether the answer was right; write "
            "yes or no, true or false, 1 or 0."
        )
    return ones.map({1.0: "true", 0.0: "false"})


def _with_answers(rows: pd.DataFrame, name: str) -> Told:
    """Trials whose answers follow from ``correct``; if an answer is not needed, it stays empty."""
    kinds = set(rows["trial_kind"])
    if not kinds <= {ABX, TRIANGLE, SAME_DIFFERENT}:
        raise RatingsError(missing_columns(rows, ["answer"], name))
    is_one = rows["system_a"].str.strip() == rows["system_b"].str.strip()
    said = [
        "" if kind != SAME_DIFFERENT else SAME if one == (right == "true") else DIFFERENT
        for kind, one, right in zip(rows["trial_kind"], is_one, rows["correct"], strict=True)
    ]
    rows = rows.assign(answer=said)
    if TRIANGLE in kinds and THIRD not in rows:
        rows = rows.assign(**{THIRD: ""})
    if kinds == {SAME_DIFFERENT}:
        return rows, ("answers follow from whether they were right",)
    return rows, ("it does not say what was answered, only whether it was right",)


def _with_correct(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Trials with ``correct`` derived from answers: which sound is X, or which is the odd one."""
    kinds = set(rows["trial_kind"])
    needed = {ABX: "system_x", TRIANGLE: THIRD}
    for kind in kinds & set(needed):
        if needed[kind] not in rows:
            what = "what X was" if kind == ABX else "the third system"
            raise RatingsError(
                f"{name} does not say whether an answer was right. Name the column of right "
                f"answers (--map correct=COLUMN) or the column of {what} "
                f"(--map {needed[kind]}=COLUMN)."
            )
    records = ({str(key): str(value) for key, value in cells.items()}
               for cells in rows.to_dict("records"))  # fmt: skip
    right = [_is_right(cells) for cells in records]
    return rows.assign(correct=right) if kinds & set(needed) else rows


def _is_right(cells: Mapping[str, str]) -> str:
    """``true`` or ``false`` for each answer; empty if an answer cannot be right or wrong."""
    heard = {each: str(cells.get(f"system_{each}", "")).strip() for each in "abc"}
    chosen = heard.get(cells["answer"])
    if cells["trial_kind"] == ABX and chosen is not None:
        return "true" if chosen == cells["system_x"].strip() else "false"
    if cells["trial_kind"] == TRIANGLE and chosen is not None:
        return "true" if list(heard.values()).count(chosen) == 1 else "false"
    return ""
