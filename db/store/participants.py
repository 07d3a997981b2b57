"""What participants say of themselves, where they stand, and how they leave without a trace."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from db.records import STEPS, Participant, Step, StoreError, participant_identifier
from db.store.transactions import Transactions, participant_of, study_of
from db.writing import contacts, progress


class Participants(Transactions):
    """The archive's knowledge of its participants, ratings and plans aside."""

    def find_participant(self, token: str) -> Participant | None:
        """The participant behind a token, with the whole plan; None when nobody has it."""
        with self._reading() as session:
            return progress.find_participant(session, token)

    def find_by_answer(self, study: str, name: str, answer: str) -> Participant | None:
        """The first real participant of a study who gave an answer, such as an identifier."""
        with self._reading() as session:
            token = progress.token_of_answer(session, study, name, answer)
            return None if token is None else progress.find_participant(session, token)

    def record_consent(self, token: str, version: str, accepted: bool) -> None:
        """Add an answer to the consent text; go on to the questionnaire, or to ``refused``."""
        with self._writing() as session:
            progress.record_consent(session, participant_of(session, token), version, accepted)

    def record_questionnaire(
        self, token: str, group: str, device: str, answers: Mapping[str, str] | None = None
    ) -> None:
        """Note listener group, listening device and further answers; go on to the volume."""
        with self._writing() as session:
            row = participant_of(session, token)
            progress.record_questionnaire(row, group, device, answers or {})

    def record_answers(self, token: str, answers: Mapping[str, str | None]) -> None:
        """Add answers to those a participant has given; None takes one away."""
        with self._writing() as session:
            progress.record_answers(session, participant_of(session, token), answers)

    def record_volume(self, token: str, volume: float) -> None:
        """Note the chosen volume, 0–1; go on to the first page. Later ones change nothing."""
        with self._writing() as session:
            progress.record_volume(session, participant_of(session, token), volume)

    def move_to(self, token: str, step: Step, page_index: int = 0) -> None:
        """Set where a participant stands; moving to ``thanks`` stamps the end."""
        if step not in STEPS:
            raise StoreError(f"there is no step {step!r}")
        with self._writing() as session:
            progress.move_to(session, participant_of(session, token), step, page_index)

    def finish(self, token: str) -> str:
        """End a participant's session; the completion code, the same each time."""
        with self._writing() as session:
            return progress.finish(session, participant_of(session, token))

    def withdraw(self, token_or_code: str, study: str | None = None) -> str | None:
        """Delete all data of the participant with this token or completion code.

        Their public name, whose number stays taken; None when nobody has the token or code. Where
        a ``study`` is named, participants of others are unknown.
        """
        with self._writing() as session:
            row = progress.row_by_token_or_code(session, token_or_code)
            if row is None or (study is not None and study_of(session, study).id != row.study_id):
                return None
            contacts.delete_contact(session, row)
            progress.withdraw(session, row)
            identifier = participant_identifier(row.index)
        self._forget_deleted()
        return identifier

    # Addresses

    def record_contact(self, token: str, address: str) -> None:
        """Note the e-mail address a participant leaves at the end; an empty one is taken away."""
        with self._writing() as session:
            contacts.record_contact(session, participant_of(session, token), address)

    def has_contact(self, token: str) -> bool:
        """Whether a participant left an address."""
        with self._reading() as session:
            return contacts.has_contact(session, participant_of(session, token))

    def contacts(self, study: str) -> pd.DataFrame:
        """Every address left, one a row, in the columns ``CONTACT_COLUMNS``."""
        with self._reading() as session:
            return contacts.contacts_table(session, study_of(session, study).id)
