"""Posted sessions as the tables of webMUSHRA's ``write.php``, one per page type.

Each table has ``session_uuid``, which ``write.php`` writes only into ``mushra.csv``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.ratings.dialects.long_table import ROW_NUMBERS
from mixtrial.imports.results.format import Reading
from mixtrial.imports.webmushra.page_tables import (
    FIXED_COLUMNS,
    SESSION,
    TEST,
    TRIAL,
    page_table_of,
    rows_of_page,
)
from mixtrial.imports.webmushra.posted_session import PostedSession

_TIMED = {"rating_time": "time"}
_COLUMNS: dict[str, tuple[str, dict[str, str]]] = {
    "mushra": ("mushra", {"rating_stimulus": "stimulus", "rating_score": "score", **_TIMED,
                          "rating_comment": "comment"}),
    "paired_comparison": ("paired_comparison", {
        "choice_reference": "reference", "choice_non_reference": "nonReference",
        "choice_answer": "answer", "choice_time": "time", "choice_comment": "comment"}),
    "bs1116": ("bs1116", {
        "rating_reference": "reference", "rating_non_reference": "nonReference",
        "rating_reference_score": "referenceScore",
        "rating_non_reference_score": "nonReferenceScore", **_TIMED, "choice_comment": "comment"}),
    "likert_multi_stimulus": ("lms", {"stimuli_rating": "stimulusRating", "stimuli": "stimulus",
                                      **_TIMED}),
    "likert_single_stimulus": ("lss", {"stimuli": "stimulus", **_TIMED}),
    "localization": ("spatial_localization", {}),
    "asw": ("spatial_asw", {}),
    "hwd": ("spatial_hwd", {"height": "height", "depth": "depth"}),
    "lev": ("spatial_lev", {}),
}  # fmt: skip
"""Of each page type the name of its table, and its columns with the keys that they come from."""

_POINTS = {
    "localization": ("",),
    "asw": ("_outerRight", "_innerRight", "_innerLeft", "_outerLeft"),
    "hwd": ("_outerRight", "_innerRight", "_innerLeft", "_outerLeft"),
    "lev": ("_center", "_height", "_width1", "_width2"),
}
"""Ends of the names of a page type's vectors, each of three coordinates."""

Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class SessionTable:
    """All answers on pages of one type.

    Attributes
    ----------
    name
        Name of the file in which webMUSHRA would store the answers.
    cells, answers
        The columns of the file itself and the columns of the questionnaire, as text; both have the
        same index.
    """

    name: str
    cells: pd.DataFrame
    answers: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """Columns in the order of webMUSHRA, with the session before the trial."""
        own = self.cells.drop(columns=[TEST])
        return pd.concat([self.cells[[TEST]], self.answers, own], axis=1)

    @property
    def holds_places(self) -> bool:
        """Whether the answers are places in a room, which have no scale."""
        return self.name.startswith("spatial_")

    @property
    def is_likert(self) -> bool:
        """Whether the answers are values of responses that the configuration lists."""
        return self.name.startswith(("lms", "lss"))

    def reading(self) -> Reading:
        """The answers in mixtrial's columns, the same rows as from a webMUSHRA results file."""
        page = page_table_of([str(name) for name in self.cells])
        if page is None:  # pragma: no cover - a page type here is one there
            raise KeyError(self.name)
        rows, told, refused = rows_of_page(self.cells, self.answers, page)
        return Reading(rows, (*page.assumed, *told), tuple(refused), len(self.cells))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Answers of a session that could not be put into a table, with the reason."""

    session: str
    what: str


def tables_of(
    sessions: Iterable[PostedSession],
) -> tuple[tuple[SessionTable, ...], tuple[LeftOut, ...]]:
    """One table per page type, in the order of appearance, and answers that are in no table."""
    rows: dict[str, list[tuple[Cells, Cells]]] = {}
    left: list[LeftOut] = []
    for session in sessions:
        found = rows_of(session)
        left += found.left
        for name, cells in found.cells.items():
            rows.setdefault(name, []).extend((each, found.answers) for each in cells)
    return tuple(_table(name, each) for name, each in rows.items()), tuple(left)


@dataclass(frozen=True, slots=True)
class SessionRows:
    """Content of one session, before it is put into tables.

    Attributes
    ----------
    cells
        Rows of the session, by the name of the table to which they belong; each row is a mapping
        from columns to cells.
    answers
        Answers of the session's questionnaire, by column; all rows have the same answers.
    left
        Content of the session for which there is no table.
    """

    cells: Mapping[str, Sequence[Cells]]
    answers: Cells
    left: tuple[LeftOut, ...]


def rows_of(session: PostedSession) -> SessionRows:
    """The rows of one session, by table."""
    cells: dict[str, list[Cells]] = {}
    left: list[LeftOut] = []
    answers = _answers(session.said.get("participant"))
    if answers is None:
        left.append(LeftOut(session.session, "answers to questions that have no names"))
    common = {TEST: session.test, SESSION: session.session}
    for at, trial in enumerate(session.trials, 1):
        found = _of_trial(trial)
        if isinstance(found, str):
            left.append(LeftOut(session.session, f"trial {at}, {found}"))
            continue
        name, responses, n_odd = found
        if n_odd:
            left.append(LeftOut(session.session, f"trial {at}, {n_odd} responses: no objects"))
        if responses:
            cells.setdefault(name, []).extend({**common, **each} for each in responses)
    return SessionRows(cells, answers or {}, tuple(left))


def _table(name: str, rows: list[tuple[Cells, Cells]]) -> SessionTable:
    # Row numbers count the rows of the written table as a spreadsheet does: the header is row 1.
    index = pd.Index(range(2, len(rows) + 2), name=ROW_NUMBERS)
    cells, answers = (
        pd.DataFrame(list(part), index=index).fillna("").astype(str)
        for part in zip(*rows, strict=True)
    )
    return SessionTable(name, cells, answers)


def _of_trial(trial: Any) -> tuple[str, list[Cells], int] | str:
    """Table, rows and number of invalid responses of a trial; or why the trial has no rows."""
    if not isinstance(trial, Mapping) or not isinstance(trial.get("responses"), list):
        return "no trial: it has no list of responses"
    kind = trial.get("type")
    if not isinstance(kind, str) or kind not in _COLUMNS:
        return f"pages of the type {_text(kind) or 'none'} have no table"
    responses = [each for each in trial["responses"] if isinstance(each, Mapping)]
    name, columns = _COLUMNS[kind]
    scales = max((len(_scales(each)) for each in responses), default=1)
    if kind == "likert_single_stimulus" and scales > 1:
        name = f"{name}_{scales}_scales"
    rows = [
        {TRIAL: _text(trial.get("id")), **_cells(kind, columns, each, scales)}
        for each in responses
    ]  # fmt: skip
    return name, rows, len(trial["responses"]) - len(responses)


def _cells(kind: str, columns: Mapping[str, str], said: Mapping[str, Any], scales: int) -> Cells:
    cells: Cells = {}
    if kind == "likert_single_stimulus":
        rated = _scales(said)
        rated += [None] * (scales - len(rated))
        names = [f"stimuli_rating{at}" for at in range(1, scales + 1)]
        cells |= dict(zip(names if scales > 1 else ["stimuli_rating"], map(_text, rated),
                          strict=True))  # fmt: skip
    if kind in _POINTS:
        cells |= {"name": _text(said.get("name")), "stimulus": _text(said.get("stimulus"))}
        for end in _POINTS[kind]:
            vector = said.get(f"position{end}")
            places = list(vector) if isinstance(vector, list | tuple) else []
            for axis, place in zip("xyz", [*places, None, None, None], strict=False):
                cells[f"position{end}_{axis}"] = _text(place)
    return cells | {column: _text(said.get(key)) for column, key in columns.items()}


def _scales(said: Mapping[str, Any]) -> list[Any]:
    """Ratings of a stimulus: a list, or one text if the session was written by hand."""
    rated = said.get("stimulusRating")
    return list(rated) if isinstance(rated, list) else [rated]


def _answers(participant: Any) -> Cells | None:
    """Answers by unique names of their questions; None if the answers are unclear."""
    if participant is None:
        return {}
    said = participant if isinstance(participant, Mapping) else {}
    names, answers = said.get("name", []), said.get("response", [])
    are_lists = isinstance(names, list) and isinstance(answers, list)
    if not isinstance(participant, Mapping) or not are_lists or len(names) != len(answers):
        return None
    seen: Counter[str] = Counter()
    found: Cells = {}
    for at, (name, answer) in enumerate(zip(names, answers, strict=True), 1):
        asked = _text(name).strip() or f"question_{at}"
        asked = f"answer_{asked}" if asked.lower() in FIXED_COLUMNS else asked
        seen[asked] += 1
        found[asked if seen[asked] == 1 else f"{asked}_{seen[asked]}"] = _text(answer)
    return found


def _text(value: Any) -> str:
    """A value as a cell: empty for null, JSON for lists and objects."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # Text files cannot hold an unpaired surrogate or a null character.
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8").strip()
