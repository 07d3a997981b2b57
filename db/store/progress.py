"""Participants' answers about themselves, their progress, and their withdrawal.

:mod:`db.records.steps` defines the steps of a participant and their order.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.models import ConsentRow, PageRow, ParticipantRow
from db.reading import participants
from db.reading.one_participant import everything_of
from db.records.participation import Participant, participant_identifier
from db.records.steps import Happening, Phase, Step
from db.store.contacts import contact_of, delete_contact
from db.store.transactions import Transactions, participant_of, study_of
from db.writing.registration import new_token, now

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 10


class Progress(Transactions):
    """The data about participants in the database, except ratings and plans."""

    def find_participant(self, token: str) -> Participant | None:
        """The participant with a token, with the participant's plan; None for an unknown token."""
        with self._looking() as connection:
            return participants.find_participant(connection, token)

    def find_by_answer(self, study: str, name: str, answer: str) -> Participant | None:
        """The first real participant of a study with a given answer, for example an identifier."""
        with self._reading() as session:
            token = participants.token_of_answer(session, study, name, answer)
            return None if token is None else participants.find_participant(session, token)

    def record_consent(self, token: str, version: str, accepted: bool) -> None:
        """Store the answer to the consent text; then move to the questionnaire or to ``refused``.

        An answer that changes nothing (such as the second click of a double click) is not stored
        again.
        """
        with self._writing() as session:
            row = _held(session, token, "step")
            if not _move(row, Happening.AGREED if accepted else Happening.DECLINED):
                return
            session.add(
                ConsentRow(
                    participant_id=row.id, version=version, accepted=accepted, recorded_at=now()
                )
            )

    def record_questionnaire(
        self, token: str, group: str, device: str, answers: Mapping[str, str] | None = None
    ) -> None:
        """Store listener group, device and further answers; then move to the volume setting."""
        with self._writing() as session:
            row = _held(session, token, "step", "answers")
            row.group, row.device, row.answers = group, device, {**row.answers, **(answers or {})}
            _move(row, Happening.ANSWERED)

    def record_answers(self, token: str, answers: Mapping[str, str | None]) -> None:
        """Add answers to the earlier answers of a participant; None removes an answer.

        If two browser tabs add answers at the same time, no answer is lost.
        """
        with self._writing() as session:
            row = _held(session, token, "answers")
            together = {**row.answers, **answers}
            row.answers = {name: answer for name, answer in together.items() if answer is not None}

    def record_volume(self, token: str, volume: float) -> None:
        """Store the first volume (0–1) and move to the first page; later volumes are ignored."""
        with self._writing() as session:
            row = _held(session, token, "step")
            if row.step != Step.VOLUME:
                return
            row.volume = volume
            first: Phase | None = session.scalar(
                select(PageRow.phase).where(
                    PageRow.participant_id == row.id, PageRow.page_index == 0
                )
            )
            _move(row, Happening.VOLUME_SET, first)

    def finish(self, token: str) -> str:
        """End a session; return the participant's completion code, which never changes."""
        with self._writing() as session:
            row = participant_of(session, token)
            if row.completion_code is None:
                code = (secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
                row.completion_code = "".join(code)
            _move(row, Happening.ENDED)
            return row.completion_code

    def everything_of(
        self, token_or_code: str, study: str
    ) -> tuple[str, dict[str, list[dict[str, Any]]]] | None:
        """Public name of the participant with a token or code, and all rows about the participant.

        The rows are grouped by table; the table ``contact`` has the participant's address. The
        result is None if the study does not have this participant. The secret texts in links and in
        addresses of sounds are left out.
        """
        with self._reading() as session:
            row = participants.row_by_token_or_code(session, token_or_code)
            if row is None or study_of(session, study).id != row.study_id:
                return None
            rows = everything_of(session, row) | {"contact": contact_of(session, row)}
            return participant_identifier(row.participant_index), rows

    def withdraw(self, token_or_code: str, study: str | None = None) -> str | None:
        """Delete all data of the participant with this token or completion code.

        The function returns the participant's public name. The participant's number is not used
        again, and the participant's link no longer works. The function returns None if the token or
        code is unknown. If a ``study`` is given, participants of other studies are treated as
        unknown.
        """
        with self._writing() as session:
            row = participants.row_by_token_or_code(session, token_or_code)
            if row is None or (study is not None and study_of(session, study).id != row.study_id):
                return None
            delete_contact(session, row)
            _erase(session, row)
            _move(row, Happening.WITHDREW)
            identifier = participant_identifier(row.participant_index)
        self._forget_deleted()
        return identifier


def _held(session: Session, token: str, *columns: str) -> ParticipantRow:
    """The row of the participant with a token, read again and locked until the transaction ends.

    A second browser tab must wait for the lock.
    """
    row = participant_of(session, token)
    session.refresh(row, columns, with_for_update=True)
    return row


def _move(row: ParticipantRow, happening: Happening, page: Phase | None = None) -> bool:
    """Move a participant to the step after an event; return whether the step has changed.

    If the event ends the session, the time is stored.
    """
    before, step = row.step, Step(row.step).after(happening, page)
    row.step = step
    if step.is_finished and row.finished_at is None:
        row.finished_at = now()
    return step != before


def _erase(session: Session, row: ParticipantRow) -> None:
    """Delete all rows of a participant, and empty the participant's own row.

    Stimuli, ratings and events of pages are deleted with the pages (``ON DELETE CASCADE``).
    """
    session.execute(delete(PageRow).where(PageRow.participant_id == row.id))
    session.execute(delete(ConsentRow).where(ConsentRow.participant_id == row.id))
    row.page_index, row.token = 0, new_token()
    row.group = row.device = row.volume = row.completion_code = row.finished_at = None
    row.answers = {}
