"""Who took part: answers by listener group, and the way from invitation to analysis.

What participants answered comes in as the JSON text of their answers, and what was asked as
:class:`AskedQuestion`. Closed questions become counts, numbers become median and range; free text
is never counted as if it were either, and stands in the report apart, in the writers' own words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from analysis.ratings.descriptives import tukey_hinges

LEFT_OUT = "(left out)"
"""Stands in an archive for words that were left out of it."""

_AGAIN = re.compile(r"\.\d+\.")
STAGES = ("invited", "enrolled", "consented", "finished")
"""The way of a participant, as far as the study counts it."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question that participants answered about themselves.

    ``key`` is that of their answers; ``choices`` are the names of a closed question with what
    readers see for them, in their order; answers that are not among them follow. The answer to a
    ``multiple`` question has names with a space between them. A number inside the key, as
    ``effort.3.tired`` has it where a question is asked again and again, does not count: all answers
    to ``effort.tired`` are taken together.
    """

    key: str
    label: str
    kind: Literal["choice", "multiple", "number", "text"]
    choices: Mapping[str, str] = field(default_factory=dict)


def answers_of(people: pd.DataFrame | None) -> pd.DataFrame:
    """Answers of the participants, one a row: participant, group, key, answer (text)."""
    columns = ["participant", "group", "key", "answer"]
    if people is None or people.empty:
        return pd.DataFrame(columns=columns)
    rows = []
    for _, person in people.iterrows():
        own = {"device": person.get("device") or ""} | _parsed(person.get("answers"))
        rows += [
            (str(person["participant"]), str(person.get("group") or ""), plain_key(key), text)
            for key, answer in own.items()
            if (text := str(answer).strip())
        ]
    return pd.DataFrame(rows, columns=columns)


def plain_key(key: str) -> str:
    """Key of an answer without the number of the page after which it was asked again."""
    return _AGAIN.sub(".", key)


def _parsed(text: object) -> dict[str, Any]:
    try:
        found = json.loads(str(text)) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def asked_of(
    people: pd.DataFrame | None, questions: Sequence[AskedQuestion], groups: Sequence[str]
) -> list[dict[str, Any]]:
    """Answers to each question by listener group, as JSON.

    Parameters
    ----------
    people
        Those whose ratings are analysed: participant, group, device, answers.
    questions
        What was asked, in the order of display.
    groups
        Listener groups in the order of display.

    Returns
    -------
    list
        {key, label, kind, n_answered} and, by kind, ``rows`` [{answer, label, n, by_group}]
        (``by_group`` as the groups stand) or ``numbers`` [{group, n, median, q1, q3, min, max}],
        the first with group None for all. Questions that nobody answered are left out.
    """
    answers = answers_of(people)
    found = []
    for question in questions:
        own = answers[answers["key"] == question.key]
        if own.empty:
            continue
        entry: dict[str, Any] = {"key": question.key, "label": question.label}
        entry |= {"kind": question.kind, "n_answered": int(own["participant"].nunique())}
        numbers = pd.to_numeric(own["answer"], errors="coerce")
        if question.kind == "number" and numbers.notna().any():
            entry["numbers"] = _numbers(own.assign(value=numbers).dropna(subset=["value"]), groups)
        elif question.kind != "text":
            if question.kind == "multiple":
                own = own.assign(answer=own["answer"].str.split()).explode("answer")
            n_people = 0 if people is None else int(people["participant"].nunique())
            entry |= {"kind": "choice", "rows": _counts(own, question, groups)}
            entry["n_not_answered"] = n_people - entry["n_answered"]
        found.append(entry)
    return found


def _counts(
    own: pd.DataFrame, question: AskedQuestion, groups: Sequence[str]
) -> list[dict[str, Any]]:
    given = dict.fromkeys([*question.choices, *sorted(set(own["answer"]))])
    rows = []
    for answer in given:
        part = own[own["answer"] == answer]
        by_group = [int((part["group"] == group).sum()) for group in groups]
        row: dict[str, Any] = {"answer": answer, "label": question.choices.get(answer, answer)}
        rows.append(row | {"n": len(part), "by_group": by_group})
    return rows


def _numbers(own: pd.DataFrame, groups: Sequence[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for group in (None, *(groups if len(groups) > 1 else ())):
        part = own if group is None else own[own["group"] == group]
        values = part["value"].to_numpy(dtype=float)
        row: dict[str, Any] = {"group": group, "n": len(values)}
        if len(values):
            q1, q3 = tukey_hinges(values)
            row |= {"median": float(pd.Series(values).median()), "q1": q1, "q3": q3}
            row |= {"min": float(values.min()), "max": float(values.max())}
        rows.append(row)
    return rows


def free_answers(
    people: pd.DataFrame | None, questions: Sequence[AskedQuestion]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Free text as (question, [(listener group, words)]), in the order of the questions."""
    answers = answers_of(people)
    found = []
    for question in questions:
        if question.kind == "text":
            own = answers[(answers["key"] == question.key) & (answers["answer"] != LEFT_OUT)]
            words = list(zip(own["group"], own["answer"], strict=True))
            found.append((question.label, words))
    return [(label, words) for label, words in found if words]


def flow_of(flow: Mapping[str, Any] | None, n_rated: int, n_excluded: int) -> dict[str, Any] | None:
    """The way from invitation to analysis, as JSON; None for a table, where nothing is known.

    Returns
    -------
    dict
        ``invited`` (None: not known), ``enrolled``, ``consented``, ``finished``, ``rated`` (whose
        ratings are in the table), ``excluded`` (by the screening), ``analysed``; and ``stopped``
        [{step, n}], where those who did not finish stand, as far as the study tells.
    """
    if not flow:
        return None
    found: dict[str, Any] = {stage: flow.get(stage) for stage in STAGES}
    found |= {"rated": n_rated, "excluded": n_excluded, "analysed": n_rated - n_excluded}
    stopped = flow.get("stopped") or {}
    return found | {"stopped": [{"step": step, "n": int(n)} for step, n in stopped.items()]}
