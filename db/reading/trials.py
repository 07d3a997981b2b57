"""Choices as a table: one answered trial per row, from pages on which stimuli are compared.

Conventions
-----------
A choice is kept as ratings of the slots of its page: the chosen one 100, the others 0, a tie of two
50 each. If the third stimulus of a page is X, it has the system of the first or the second
stimulus, and is not rated. If three stimuli are rated, two of them can have the same system, and
the third has another system. For the answer "different", both values are 100. For the answer "the
same", both values are 0. If several systems of a page are ranked, or the best system is chosen, the
page gives a row for each pair of stimuli. Pairs whose two values are equal have no row. The answer
of a pair is the stimulus with the higher value. The kind of a trial is the name that its page type
gives to the answers. The table has the columns :data:`TRIAL_COLUMNS`. Names, times and empty values
are written as in :mod:`db.reading.ratings`. An incomplete page has no row in the table of trials.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, groupby
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import PageRow, ParticipantRow, RatingRow, SlotRow
from db.reading.activity import Activity
from db.reading.columns import iso_time
from db.reading.ratings import page_orders
from db.records.participation import RATED, RATINGS, participant_identifier

TRIAL_COLUMNS: tuple[str, ...] = (
    "participant",
    "group",
    "part",
    "trial_kind",
    "song",
    "attribute",
    "system_a",
    "system_b",
    "system_x",
    "answer",
    "correct",
    "replicate",
    "page_index",
    "page_order",
    "time_s",
    "plays",
    "opened_at",
    "finished",
    "participant_kind",
    "phase",
)

THIRD = "system_c"
"""Column of the third stimulus, in tables in which at least one trial has three stimuli."""


SAME, DIFFERENT = "same", "different"
_OF_BOTH = {0.0: SAME, 100.0: DIFFERENT}
"""Answers about two stimuli together, by the value of both stimuli; 50 is a tie."""


def trials_table(session: Session, study_id: int) -> pd.DataFrame:
    """All answered trials of a study, one per row, including training.

    ``correct`` is yes or no if the question has a right answer, and empty otherwise. ``plays`` is
    the number of starts of all stimuli on the trial's page. ``replicate`` numbers the trials with
    the same pair of systems and the same song, from 0.
    """
    activity, orders = Activity(session, study_id), page_orders(session, study_id)
    rows: list[tuple[Any, ...]] = []
    thirds: list[str] = []
    for participant, page, slots, attribute, systems, values in _rows(session, study_id):
        x = next((system for system, role in slots if role == "x"), "")
        answer = _answer(values)
        rows.append(
            (
                participant_identifier(participant.participant_index),
                participant.group or "",
                page.part,
                page.answers,
                page.song,
                attribute,
                systems[0],
                systems[1],
                x,
                answer,
                _is_right(systems[: len(values)], x, answer),
                page.replicate,
                page.page_index,
                orders.get(page.id, 0),
                activity.time_s(page.id),
                sum(activity.plays(page.id, position) for position in range(len(slots))),
                iso_time(page.opened_at),
                participant.finished_at is not None,
                participant.kind,
                page.phase,
            )
        )
        thirds.append(systems[2] if len(values) > 2 else "")
    table = pd.DataFrame(rows, columns=list(TRIAL_COLUMNS)).astype({"correct": "boolean"})
    if any(thirds):
        table.insert(TRIAL_COLUMNS.index("system_b") + 1, THIRD, thirds)
    return table


def _answer(values: Sequence[float]) -> str:
    """Letter of the chosen stimulus; for equal values, an answer that concerns both stimuli."""
    if len(values) == 2 and values[0] == values[1]:
        return _OF_BOTH.get(values[0], "tie")
    return "abc"[values.index(max(values))]


def _is_right(systems: Sequence[str], x: str, answer: str) -> bool | None:
    """Whether an answer (about X, the odd stimulus or sameness) is right; None if undefined."""
    if answer in _OF_BOTH.values():
        return (answer == DIFFERENT) == (systems[0] != systems[1])
    if not x and len(systems) < 3:
        return None
    chosen = systems["abc".index(answer)]
    return chosen == x if x else systems.count(chosen) == 1


def _rows(session: Session, study_id: int) -> Iterator[tuple[Any, ...]]:
    """Participant, page, stimuli, attribute, systems and values; one row per trial."""
    for participant, page, slots, attribute, values in _answered(session, study_id):
        systems = [system for system, _ in slots[: len(values)]]
        is_one_trial = len(values) == 2 or len(set(systems)) < len(systems)
        if is_one_trial:
            yield participant, page, slots, attribute, systems, values
            continue
        for pair in combinations(range(len(values)), 2):
            if values[pair[0]] != values[pair[1]]:
                two = ([each[index] for index in pair] for each in (systems, values))
                yield participant, page, slots, attribute, *two


def _answered(session: Session, study_id: int) -> Iterator[tuple[Any, ...]]:
    """Participant, page, stimuli (system, role), attribute and values; one row per page."""
    slots: dict[int, list[tuple[str, str]]] = {}
    for page_id, *slot in session.execute(
        select(SlotRow.page_id, SlotRow.system, SlotRow.role)
        .join(PageRow, PageRow.id == SlotRow.page_id)
        .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
        .where(ParticipantRow.study_id == study_id, PageRow.answers != RATINGS)
        .order_by(SlotRow.page_id, SlotRow.position)
    ):
        slots.setdefault(page_id, []).append((slot[0], slot[1]))
    rows = session.execute(
        select(ParticipantRow, PageRow, RatingRow.attribute, RatingRow.value)
        .join(SlotRow, SlotRow.id == RatingRow.slot_id)
        .join(PageRow, PageRow.id == SlotRow.page_id)
        .join(ParticipantRow, ParticipantRow.id == PageRow.participant_id)
        .where(
            ParticipantRow.study_id == study_id,
            PageRow.answers != RATINGS,
            PageRow.closed_at.is_not(None),
            SlotRow.role == RATED,
        )
        .order_by(
            ParticipantRow.participant_index,
            PageRow.page_index,
            RatingRow.attribute,
            SlotRow.position,
        )
    )
    for (participant, page, attribute), rated in groupby(rows, lambda row: tuple(row[:3])):
        values = [value for *_, value in rated]
        if len(values) == sum(role == RATED for _, role in slots[page.id]):
            yield participant, page, slots[page.id], attribute, values
