"""Qualtrics' CSV: three header rows (names, questions, import ids), one participant per row.

For a question inside a loop, the columns are called ``<loop>_<question>_<choice>``. In a column
name of Qualtrics, the loop is the song, the question is the attribute, and the choice is the
system. If the texts of the second header row differ only after the last " - ", the words after it
are the names of the systems.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from analysis.ratings.dialects.cells import NoTableError, cells_of
from analysis.ratings.dialects.text_encodings import NoTextError
from mixtrial.imports.results.format import Reading, ResultsFormat, with_answers
from mixtrial.imports.results.results_file import ResultsFile

_ABOUT_THE_ANSWER = frozenset(
    ("StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished",
     "RecordedDate", "ResponseId", "RecipientLastName", "RecipientFirstName", "RecipientEmail",
     "ExternalReference", "LocationLatitude", "LocationLongitude", "DistributionChannel",
     "UserLanguage")
)  # fmt: skip
"""Columns that every export has; who somebody is and where is not taken over."""
_IN_A_LOOP = re.compile(r"(?P<song>\d+)_(?P<attribute>.+)_(?P<system>[^_]+)")
_NO_ANSWER = re.compile(
    r".+_(First Click|Last Click|Page Submit|Click Count)|(?!\d+_DO_).+_DO(_.+)?|\d+_.+_TEXT"
)
"""Columns of timers, of the order in which choices stood, and of what was typed beside a choice."""
_PREVIEWS = ("1", "survey preview", "survey test", "2")


def _is_mine(file: ResultsFile) -> bool:
    if not {"responseid"} <= file.columns:
        return False
    try:
        rows = cells_of(file.content).rows
    except (NoTextError, NoTableError):  # pragma: no cover - `columns` has read them
        return False
    return len(rows) > 1 and any(cell.startswith('{"ImportId"') for cell in rows[1])


def _read(file: ResultsFile) -> Reading:
    table, assumed = file.table()
    table.columns = pd.Index([_usual_name(str(name)) for name in table.columns])
    questions, table = table.iloc[0], table.iloc[2:]
    status = table["Status"].str.lower() if "Status" in table else pd.Series("", table.index)
    previews = table.index[status.isin(_PREVIEWS)]
    refused = tuple((int(at), "it is a preview of the survey") for at in previews)
    kept = table.drop(index=previews)
    rows = pd.DataFrame({"participant": kept["ResponseId"]})
    if "Finished" in kept:
        rows = rows.assign(finished=kept["Finished"].str.lower().isin(["true", "1"]).astype(str))
    no_answers = [str(name) for name in kept if _NO_ANSWER.fullmatch(str(name))]
    asked = kept.drop(columns=[*no_answers, *(name for name in kept if name in _ABOUT_THE_ANSWER)])
    answers = _answers(asked, questions)
    taken = ("song", "system", "attribute", "rating") if answers else ()
    rows, renamed = with_answers(rows, asked, taken)
    told = [*assumed, *renamed]
    if no_answers:
        told.append("columns of times, of the order of choices and of typed text were left out: "
                    + ", ".join(no_answers))  # fmt: skip
    if answers:
        told.append("columns such as " + next(iter(answers)) + " are <loop>_<question>_<choice>: "
                    "song, attribute and system")  # fmt: skip
    return Reading(rows, tuple(told), refused, len(table), answers)


def _usual_name(name: str) -> str:
    """Column name as Qualtrics writes it; upper and lower case letters count as equal."""
    return next((each for each in _ABOUT_THE_ANSWER if each.lower() == name.lower()), name)


def _answers(rows: pd.DataFrame, questions: pd.Series) -> dict[str, dict[str, str]]:
    found = {str(name): _IN_A_LOOP.fullmatch(str(name)) for name in rows}
    answers = {name: match.groupdict() for name, match in found.items() if match}
    words = _words_of_choices(answers, questions)
    return {name: each | {"system": words.get(each["system"], each["system"])}
            for name, each in answers.items()}  # fmt: skip


def _words_of_choices(
    answers: Mapping[str, Mapping[str, str]], questions: pd.Series
) -> dict[str, str]:
    """Words of each choice; empty if questions have different words, or two choices the same."""
    said: dict[str, set[str]] = {}
    for name, each in answers.items():
        _, sign, choice = str(questions[name]).rpartition(" - ")
        said.setdefault(each["system"], set()).add(choice.strip() if sign else "")
    words = {choice: next(iter(each)) for choice, each in said.items() if len(each) == 1}
    is_clear = len(words) == len(said) == len(set(words.values())) and "" not in words.values()
    return words if is_clear else {}


FORMAT = ResultsFormat("an export of Qualtrics", _is_mine, _read)
