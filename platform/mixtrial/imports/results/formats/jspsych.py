"""jsPsych's data, as JSON or CSV, with one trial per row; trials with a slider are ratings.

In jsPsych each experiment chooses the names of its properties. If the properties are not called
song and system, the option ``--map`` says which properties these are.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import pandas as pd

from analysis.ratings.table import RatingsError
from mixtrial.imports.results.format import Reading, ResultsFormat
from mixtrial.imports.results.order import seconds
from mixtrial.imports.results.records import rows_of_records
from mixtrial.imports.results.results_file import ResultsFile

_EVERY_TRIAL_HAS = {"trial_type", "trial_index", "time_elapsed"}
_RESPONSE = ("response", "slider")
_PARTICIPANT = ("participant", "participant_id", "subject", "subject_id", "run_id")


def _is_mine(file: ResultsFile) -> bool:
    return file.columns >= _EVERY_TRIAL_HAS or bool(_trials(file.json))


def _trials(content: Any) -> list[dict[str, Any]]:
    listed = content if isinstance(content, list) else []
    return [each for each in listed if isinstance(each, dict) and set(each) >= _EVERY_TRIAL_HAS]


def _read(file: ResultsFile) -> Reading:
    trials = _trials(file.json)
    records = [
        {name: "" if value is None else str(value) for name, value in each.items()}
        for each in trials
    ]
    table, assumed = (rows_of_records(records, file.name), ()) if trials else file.table()
    table.columns = pd.Index([_usual_name(str(name), table) for name in table.columns])
    has_slider = table["trial_type"].str.contains("slider", regex=False)
    others = table.index[~has_slider]
    rows = table[has_slider]
    if rows.empty:
        raise RatingsError(f"{file.name} is from jsPsych, but has no trial with a slider.")
    said = next((name for name in _RESPONSE if name in rows), None)
    if said is None:
        raise RatingsError(
            f"{file.name} is from jsPsych, but its trials with a slider have no response."
        )
    rows = rows.assign(rating=rows[said], page_order=rows["trial_index"])
    if "rt" in rows:
        rows = rows.assign(time_s=seconds(rows["rt"]))
    told = [*assumed, "the response of a slider is the rating"]
    who = next((name for name in _PARTICIPANT if name in rows), None)
    rows = rows.assign(participant=rows[who] if who else PurePath(file.name).stem)
    told.append(
        f"{who} names the participant" if who else "a file is a participant, named as it is"
    )
    refused = tuple((int(at), "it is no trial with a slider") for at in others)
    return Reading(rows, tuple(told), refused, len(table), names_made_up=who is None)


def _usual_name(name: str, table: pd.DataFrame) -> str:
    """Column name as jsPsych writes it; upper and lower case letters count as equal."""
    usual = name.lower()
    is_fixed = usual in {*_EVERY_TRIAL_HAS, *_RESPONSE, *_PARTICIPANT, "rt"}
    return usual if is_fixed and usual not in table else name


FORMAT = ResultsFormat("data of jsPsych", _is_mine, _read)
