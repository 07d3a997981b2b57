"""pymushra's results: its CSV, and its JSON database.

The columns of pymushra's CSV are in no fixed order; each row is one rating. The database of
pymushra holds one table per test and one record per trial. The ratings of a trial are in the
responses of its record. The spelling "questionaire" belongs to pymushra's format.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.ratings.dialects.long_table import ROW_NUMBERS
from analysis.ratings.table import RatingsError
from analysis.scale import SCALE, with_scale
from analysis.trial_columns import ABX
from mixtrial.imports.results.format import Reading, ResultsFormat, with_answers
from mixtrial.imports.results.order import seconds, with_orders
from mixtrial.imports.results.results_file import ResultsFile

_ASKED = "questionaire_"
UUID = f"{_ASKED}uuid"
_NEEDED = {"wm_id", "wm_type", UUID}


def _is_mine(file: ResultsFile) -> bool:
    return {name.lower() for name in _NEEDED} <= file.columns or bool(_records(file.json))


def _records(content: Any) -> list[tuple[str, dict[str, Any]]]:
    """Trials of a database, each with its test; none if the content is no database of pymushra."""
    if not isinstance(content, dict):
        return []
    return [
        (str(test), record)
        for test, table in content.items()
        if isinstance(table, dict)
        for record in table.values()
        if isinstance(record, dict) and {"questionaire", "responses", "type"} <= set(record)
    ]


def _read(file: ResultsFile) -> Reading:
    records = _records(file.json)
    table, assumed = (_table_of(records), ()) if records else file.table()
    table.columns = pd.Index([_own_name(str(name)) for name in table.columns])
    if missing := sorted(_NEEDED - set(table)):
        raise RatingsError(f"{file.name} is from pymushra, but has no {' and no '.join(missing)}.")
    if "responses_time" in table:
        table["responses_time"] = file.times(table["responses_time"])
    n_read = len(table)
    asked = [name for name in table if str(name).startswith(_ASKED) and name != UUID]
    answers = table[asked].rename(columns=lambda name: str(name).removeprefix(_ASKED))
    table = table.drop(columns=asked)
    kinds = list(dict.fromkeys(table["wm_type"]))
    parts, refused = [], []
    for kind in kinds:
        own = table[table["wm_type"] == kind]
        column = next((each for each in _ROWS if each in own and (own[each] != "").any()), None)
        if column == "responses_answer":
            decided = own["responses_answer"].isin(["correct", "incorrect"])
            refused += [(int(at), "the answer is neither right nor wrong")
                        for at in own.index[~decided]]  # fmt: skip
            own = own[decided]
        if column is not None:
            missing = [name for name in _BESIDES[column] if name not in own]
            if missing:
                raise RatingsError(
                    f"{file.name} lacks the column {missing[0]}, which its page type {kind} needs."
                )
            parts.append(_ROWS[column](_with_names(own)))
        else:
            refused += [(int(at), f"its page type {kind} holds no ratings") for at in own.index]
    shapes = {"system_a" in part for part in parts}
    if len(shapes) != 1:
        raise RatingsError(
            f"{file.name} holds "
            + ("ratings and choices" if shapes else "no ratings")
            + f" (page types {', '.join(kinds)}); export one page type at a time."
        )
    rows = pd.concat(parts).sort_index(kind="stable")
    rows = rows.drop(columns=[name for name in rows if str(name).startswith(("wm_", "responses_"))])
    rows, renamed = with_answers(rows, answers)
    told = ("participants are pymushra's own, which are not the browser's", *renamed)
    return Reading(rows, (*assumed, *told), tuple(refused), n_read)


def _own_name(name: str) -> str:
    """Column name as pymushra writes it; upper and lower case letters count as equal."""
    fixed = ("wm_id", "wm_type", "wm_date", "wm_testId", "wm_config", UUID)
    return next((each for each in fixed if each.lower() == name.lower()), name)


def _table_of(records: list[tuple[str, dict[str, Any]]]) -> pd.DataFrame:
    lines = [line for test, record in records for line in _lines(test, record)]
    index = pd.RangeIndex(1, len(lines) + 1, name=ROW_NUMBERS)
    return pd.DataFrame(lines, index=index).fillna("").astype(str)


def _lines(test: str, record: dict[str, Any]) -> Iterator[dict[str, str]]:
    """One row per response, as in the CSV."""
    asked = record["questionaire"] if isinstance(record["questionaire"], dict) else {}
    common = {f"questionaire_{name}": _said(value) for name, value in asked.items()}
    common |= {"wm_testId": test, "wm_type": _said(record["type"])}
    common |= {f"wm_{name}": _said(record.get(name)) for name in ("id", "date")}
    responses = record["responses"] if isinstance(record["responses"], list) else []
    for response in responses:
        if isinstance(response, dict):
            yield common | {f"responses_{name}": _said(value) for name, value in response.items()}


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def _with_names(table: pd.DataFrame) -> pd.DataFrame:
    for name in ("responses_time", "responses_comment"):
        if name not in table:
            table = table.assign(**{name: ""})
    return table.assign(
        participant=table[UUID], song=table["wm_id"], test=table.get("wm_testId", ""),
        time_s=seconds(table["responses_time"]), comment=table["responses_comment"],
        saved_at=table.get("wm_date", ""),
    ).drop(columns=UUID)  # fmt: skip


def _graded(table: pd.DataFrame) -> pd.DataFrame:
    rows = table.assign(
        system=table["responses_stimulus"], rating=table["responses_score"],
        attribute="basic_audio_quality",
    )  # fmt: skip
    return with_scale(with_orders(rows), SCALE)


def _likert(table: pd.DataFrame) -> pd.DataFrame:
    rows = table.assign(
        system=table["responses_stimulus"], rating=table["responses_stimulusRating"],
        attribute="overall",
    )  # fmt: skip
    return with_orders(rows.assign(rating=rows["rating"].str.strip("[]' \"")))


def _paired(table: pd.DataFrame) -> pd.DataFrame:
    right = table["responses_answer"] == "correct"
    return table.assign(
        part="", trial_kind=ABX, attribute="identification",
        system_a=table["responses_reference"], system_b=table["responses_nonReference"],
        answer=right.map({True: "a", False: "b"}),
        correct=right.map({True: "true", False: "false"}),
    )  # fmt: skip


_ROWS = {
    "responses_score": _graded,
    "responses_stimulusRating": _likert,
    "responses_answer": _paired,
}
"""Function that makes rows of a page type, by the column that holds its answers."""

_BESIDES = {
    "responses_score": ("responses_stimulus",),
    "responses_stimulusRating": ("responses_stimulus",),
    "responses_answer": ("responses_reference", "responses_nonReference"),
}
"""Columns that each of these needs beside it."""

FORMAT = ResultsFormat("results of pymushra", _is_mine, _read)
