"""Participants of the tests: let in with pages of their own, and put where a test begins."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from db.models import ParticipantRow
from db.records.participation import AssignedPage, Participant
from db.records.steps import Step
from db.store.store import Store


def join(store: Store, study: str, pages: Sequence[AssignedPage]) -> Participant:
    """Somebody who comes in with these pages, whatever their number."""
    return store.enrol(study, lambda _number: pages)


def put_on_page(store: Store, token: str, page_index: int, step: Step = Step.RATING) -> None:
    """Put a participant on a page, without all that leads there."""
    statement = update(ParticipantRow).where(ParticipantRow.token == token)
    with store._engine.begin() as connection:
        connection.execute(statement.values(step=step, page_index=page_index))


def make_real(store: Store) -> None:
    """Count everybody who was simulated as somebody who came in person."""
    with store._engine.begin() as connection:
        connection.execute(update(ParticipantRow).values(kind="participant"))
