"""The XML of Netflix's listening-test app, which ODAQ's results use: one session per file."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.ratings.table import GRADED_AGAINST, RatingsError
from analysis.scale import SCALE, Scale, with_scale
from analysis.trial_columns import PREFERENCE
from mixtrial.imports.reading.guarded_xml import XmlElement, read_guarded_xml
from mixtrial.imports.results.file_names import system_of
from mixtrial.imports.results.format import Reading, ResultsFormat, with_answers_of_one
from mixtrial.imports.results.order import with_orders
from mixtrial.imports.results.records import rows_of_records
from mixtrial.imports.results.results_file import ResultsFile

_BY_DIFFERENCE = "BS-1116"
_SCALES = {
    "MUSHRA": SCALE,
    "MUSHRA_Strict": SCALE,
    "MUSHRA_Demo": SCALE,
    _BY_DIFFERENCE: Scale(1, 5),
}
_CHOICES = ("AB_Forced_Choice", "AudioVideo_AB_Forced_Choice")


def _is_mine(file: ResultsFile) -> bool:
    return file.root_name in (*_SCALES, *_CHOICES)


def _read(file: ResultsFile) -> Reading:
    root = read_guarded_xml(file.name, file.content)
    info, trials = root.one("info"), root.one("trials")
    if info is None or trials is None:
        raise RatingsError(f"{file.name} has no info or no trials, so it is not a saved session.")
    who = " ".join(info.attributes.get(key, "") for key in ("subjectName", "startTime")).strip()
    refused: list[tuple[int, str]] = []
    if root.name in _CHOICES:
        chosen = [trial for trial in trials.all("trial") if _is_chosen(trial)]
        refused = [
            (trial.line, f"no one side was chosen in {trial.attributes.get('trialName', '')}")
            for trial in trials.all("trial")
            if trial not in chosen
        ]
        rows = rows_of_records(_choices(chosen, who), file.name)
    else:
        graded = rows_of_records(_grades(trials, who), file.name)
        rows = with_scale(with_orders(graded), _SCALES[root.name])
        if root.name == _BY_DIFFERENCE:
            rows = _with_hidden_references(rows)
    assumed = ["a session is a participant", "systems are named by their files, without the trial"]
    if info.attributes.get("testStatus") != "complete":
        assumed.append("the session was not finished")
    survey = root.one("surveyResults")
    n_read = len(rows) + len(refused)
    rows, told = with_answers_of_one(rows, survey.attributes if survey is not None else {})
    return Reading(rows, (*assumed, *told), tuple(refused), n_read)


def _grades(trials: XmlElement, who: str) -> Iterator[dict[str, str]]:
    for trial in trials.all("trial"):
        name = trial.attributes.get("trialName", "")
        for file in trial.all("testFile"):
            yield {
                "participant": who,
                "song": name,
                "system": system_of(file.attributes.get("fileName", ""), name),
                "attribute": "basic_audio_quality",
                "rating": _score(file.attributes.get("score", "")),
                "time_s": trial.attributes.get("trialSeconds", ""),
                "plays": file.attributes.get("plays", ""),
                "comment": file.attributes.get("comment", ""),
            }


def _with_hidden_references(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with their page's hidden reference: the only file whose name contains "reference"."""
    is_one = rows["system"].str.contains("reference", case=False)
    only = rows[is_one].drop_duplicates("page_order", keep=False)
    named = dict(zip(only["page_order"], only["system"], strict=True))
    return rows.assign(**{GRADED_AGAINST: [named.get(page, "") for page in rows["page_order"]]})


def _score(text: str) -> str:
    """A score as it was given: Netflix's app stores 3.6 as a 32-bit float, 3.599999904632568."""
    try:
        return f"{round(float(text), 4):g}"
    except ValueError:
        return text


def _scores(trial: XmlElement) -> list[str]:
    return [_score(side.attributes.get("score", "")) for side in trial.all("testFile")]


def _is_chosen(trial: XmlElement) -> bool:
    return sorted(_scores(trial)) == ["0", "1"]


def _choices(trials: list[XmlElement], who: str) -> Iterator[dict[str, str]]:
    """Trials in which one of two systems was chosen."""
    for trial in trials:
        name = trial.attributes.get("trialName", "")
        a, b = (
            system_of(side.attributes.get("fileName", ""), name) for side in trial.all("testFile")
        )
        yield {
            "participant": who, "part": "", "trial_kind": PREFERENCE, "song": name,
            "attribute": "overall", "system_a": a, "system_b": b,
            "answer": "a" if _scores(trial)[0] == "1" else "b",
            "time_s": trial.attributes.get("trialSeconds", ""),
        }  # fmt: skip


FORMAT = ResultsFormat("a session of Netflix' listening-test app", _is_mine, _read)
