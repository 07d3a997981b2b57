"""Participants: their answers by listener group; their numbers from invitation to analysis.

Answers of participants are in JSON; each question is an :class:`AskedQuestion`. Answers to
questions with fixed choices are counted. For numbers, the median and the range are given. Answers
in free text are never counted. The report prints free text separately, in the participants' own
words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

from analysis.findings.sections import Count, Number, absent
from analysis.ratings.descriptives import tukey_hinges

LEFT_OUT = "(left out)"
"""Mark in an archive for words that were left out of it."""

_AGAIN = re.compile(r"\.\d+\.")


QuestionKind = Literal["choice", "multiple", "number", "text"]


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question that participants answered about themselves.

    ``key`` is the key under which the answers to the question are stored. ``choices`` has the names
    of the fixed answers to a question and their labels, in order; other answers come after them.
    The answer to a ``multiple`` question consists of names separated by spaces. If a repeated
    question has a number inside its key, as in ``effort.3.tired``, the number is ignored, so that
    all answers to ``effort.tired`` are combined.
    """

    key: str
    label: str
    kind: QuestionKind
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """Number of participants who gave an answer, in total and in each group."""

    answer: str
    label: str
    n: Count
    by_group: Sequence[Count]


@dataclass(frozen=True, slots=True)
class NumbersOfGroup:
    """Answers of one group in numbers; None: of all participants."""

    group: str | None
    n: Count
    median: float | None = absent()
    q1: float | None = absent()
    q3: float | None = absent()
    min: float | None = absent()
    max: float | None = absent()


@dataclass(frozen=True, slots=True)
class QuestionAnswers:
    """Answers to one question: ``rows`` for fixed choices, ``numbers`` for numbers."""

    key: str
    label: str
    kind: QuestionKind
    n_answered: Count
    numbers: Sequence[NumbersOfGroup] | None = absent()
    rows: Sequence[AnswerCount] | None = absent()
    n_not_answered: Count | None = absent()


@dataclass(frozen=True, slots=True)
class GroupSize:
    """Size of a listener group, and its share of the participants."""

    group: str
    n_participants: Count
    n_ratings: Count
    share: Number


@dataclass(frozen=True, slots=True)
class DeviceCount:
    """Number of participants who listened with one kind of device."""

    device: str
    n: Count


@dataclass(frozen=True, slots=True)
class Collected:
    """Days of the first rating and of the last rating (UTC)."""

    first_day: str
    last_day: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Numbers of participants; ``n_unfinished`` and ``collected`` are None if unknown."""

    groups: Sequence[GroupSize]
    devices: Sequence[DeviceCount]
    n_participants: Count
    n_simulated: Count
    n_unfinished: Count | None
    collected: Collected | None
    n_groups: Count
    n_excluded: Count
    questions: Sequence[QuestionAnswers]


@dataclass(frozen=True, slots=True)
class ComersByStage:
    """Number of participants at each stage of progress; None if unknown.

    ``stopped`` lists the steps at which participants stopped who did not finish.
    """

    enrolled: int | None = None
    consented: int | None = None
    finished: int | None = None
    invited: int | None = None
    stopped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoppedAt:
    """Number of participants at a step of the test."""

    step: str
    n: Count


@dataclass(frozen=True, slots=True)
class Flow:
    """Number of participants at each step, from the invitation to the analysis.

    ``rated`` counts participants who have ratings in the table; ``excluded`` counts those whom the
    screening left out.
    """

    invited: Count | None
    enrolled: Count | None
    consented: Count | None
    finished: Count | None
    rated: Count
    excluded: Count
    analysed: Count
    stopped: Sequence[StoppedAt]


def sample_of(
    ratings: pd.DataFrame,
    groups: Sequence[str],
    n_excluded: int = 0,
    questions: Sequence[QuestionAnswers] = (),
) -> Sample:
    """Participants and ratings by group (how many); devices; simulated participants."""
    rated = ratings.dropna(subset=["rating"])
    people = rated.drop_duplicates("participant")
    rows = []
    for group in groups:
        part = rated[rated["group"] == group]
        count = int(part["participant"].nunique())
        rows.append(GroupSize(group, count, len(part), count / max(1, len(people))))
    return Sample(
        groups=rows,
        devices=_devices(people),
        n_participants=len(people),
        n_simulated=_count_simulated(people),
        n_unfinished=_count_unfinished(people),
        collected=_collected(rated),
        n_groups=len(groups),
        n_excluded=n_excluded,
        questions=questions,
    )


def _devices(people: pd.DataFrame) -> list[DeviceCount]:
    if "device" not in people:
        return []
    counts = people["device"].astype(str).str.strip().replace("", "not given").value_counts()
    return [DeviceCount(str(name), int(counts[name])) for name in sorted(counts.index)]


def _collected(rated: pd.DataFrame) -> Collected | None:
    """Days of the first rating and of the last rating (UTC); None if no times were stored."""
    times = rated["rated_at"].astype(str) if "rated_at" in rated else pd.Series(dtype=str)
    days = sorted(time[:10] for time in times if time[:4].isdigit())
    return Collected(days[0], days[-1]) if days else None


def _count_simulated(people: pd.DataFrame) -> int:
    if "participant_kind" not in people:
        return 0
    return int((people["participant_kind"].astype(str) == "simulated").sum())


def _count_unfinished(people: pd.DataFrame) -> int | None:
    if "finished" not in people:
        return None
    finished = people["finished"].astype(str).str.lower().isin(["true", "1", "yes"])
    return int((~finished).sum())


def answers_of(people: pd.DataFrame | None) -> pd.DataFrame:
    """Answers of the participants, one per row: participant, group, key, answer (text)."""
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
    """Key of an answer without the page number of a repeated question."""
    return _AGAIN.sub(".", key)


def _parsed(text: object) -> dict[str, object]:
    try:
        found = json.loads(str(text)) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def asked_of(
    people: pd.DataFrame | None, questions: Sequence[AskedQuestion], groups: Sequence[str]
) -> list[QuestionAnswers]:
    """Answers to each question by listener group; a question that nobody answered is left out.

    Parameters
    ----------
    people
        Participants whose ratings are analysed: participant, group, device, answers.
    questions
        The questions that participants were asked, in the order of display.
    groups
        Listener groups in the order of display.
    """
    answers = answers_of(people)
    n_people = 0 if people is None else int(people["participant"].nunique())
    found = []
    for question in questions:
        own = answers[answers["key"] == question.key]
        if not own.empty:
            found.append(_answered(own, question, groups, n_people))
    return found


def _answered(
    own: pd.DataFrame, question: AskedQuestion, groups: Sequence[str], n_people: int
) -> QuestionAnswers:
    n_answered = int(own["participant"].nunique())
    found = QuestionAnswers(question.key, question.label, question.kind, n_answered)
    numbers = pd.to_numeric(own["answer"], errors="coerce")
    if question.kind == "number" and numbers.notna().any():
        known = own.assign(value=numbers).dropna(subset=["value"])
        return replace(found, numbers=_numbers(known, groups))
    if question.kind == "text":
        return found
    if question.kind == "multiple":
        own = own.assign(answer=own["answer"].str.split()).explode("answer")
    rows = _counts(own, question, groups)
    return replace(found, kind="choice", rows=rows, n_not_answered=n_people - n_answered)


def _counts(own: pd.DataFrame, question: AskedQuestion, groups: Sequence[str]) -> list[AnswerCount]:
    given = dict.fromkeys([*question.choices, *sorted(set(own["answer"]))])
    rows = []
    for answer in given:
        part = own[own["answer"] == answer]
        by_group = [int((part["group"] == group).sum()) for group in groups]
        label = question.choices.get(answer, answer)
        rows.append(AnswerCount(answer, label, len(part), by_group))
    return rows


def _numbers(own: pd.DataFrame, groups: Sequence[str]) -> list[NumbersOfGroup]:
    rows = []
    for group in (None, *(groups if len(groups) > 1 else ())):
        part = own if group is None else own[own["group"] == group]
        values = part["value"].to_numpy(dtype=float)
        if len(values):
            middle = (float(pd.Series(values).median()), *tukey_hinges(values))
            ends = (float(values.min()), float(values.max()))
            rows.append(NumbersOfGroup(group, len(values), *middle, *ends))
        else:
            rows.append(NumbersOfGroup(group, 0))
    return rows


def free_answers(
    people: pd.DataFrame | None, questions: Sequence[AskedQuestion]
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Free text as (question, [(listener group, words)]); questions keep their order."""
    answers = answers_of(people)
    found = []
    for question in questions:
        if question.kind == "text":
            own = answers[(answers["key"] == question.key) & (answers["answer"] != LEFT_OUT)]
            words = list(zip(own["group"], own["answer"], strict=True))
            found.append((question.label, words))
    return [(label, words) for label, words in found if words]


def flow_of(came: ComersByStage | None, n_rated: int, n_excluded: int) -> Flow | None:
    """Number of participants at each step from invitation to analysis; None for a plain table."""
    if came is None:
        return None
    return Flow(
        invited=came.invited,
        enrolled=came.enrolled,
        consented=came.consented,
        finished=came.finished,
        rated=n_rated,
        excluded=n_excluded,
        analysed=n_rated - n_excluded,
        stopped=[StoppedAt(step, n) for step, n in came.stopped.items()],
    )
