"""Addresses of participants, stored separately from all their other data.

The row of an address contains no participant, no number and no time. The row contains only the
study, the address and the digest of the participant's personal code. When a participant withdraws,
the digest of the code is used to find the address. A person with the whole database could still
find the owner of an address, but exports do not show the owner.
"""

from __future__ import annotations

import hashlib

import pandas as pd
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.models import ContactRow, ParticipantRow
from db.store.transactions import Transactions, participant_of, study_of


class Contacts(Transactions):
    """The e-mail addresses of an installation."""

    def record_contact(self, token: str, address: str) -> None:
        """Store an e-mail address in place of an earlier one; an empty text deletes the address.

        Raises
        ------
        ValueError
            The session has not ended, so the participant has no personal code yet.
        """
        with self._writing() as session:
            row = participant_of(session, token)
            digest = _digest(row)
            if digest is None:
                raise ValueError("An address can only be left at the end of a session.")
            session.execute(delete(ContactRow).where(ContactRow.code_digest == digest))
            if address:
                session.add(ContactRow(code_digest=digest, study_id=row.study_id, address=address))

    def has_contact(self, token: str) -> bool:
        """Whether a participant left an address."""
        with self._reading() as session:
            digest = _digest(participant_of(session, token))
            of_them = select(ContactRow.code_digest).where(ContactRow.code_digest == digest)
            return digest is not None and session.scalar(of_them) is not None

    def contacts(self, study: str) -> pd.DataFrame:
        """All addresses in alphabetical order, one per row, in the column ``address``."""
        with self._reading() as session:
            study_id = study_of(session, study).id
            addresses = session.scalars(
                select(ContactRow.address).where(ContactRow.study_id == study_id)
            )
            return pd.DataFrame({"address": sorted(addresses, key=str.casefold)}, dtype=object)


def contact_of(session: Session, row: ParticipantRow) -> list[dict[str, str]]:
    """The address of a participant; None if there is none."""
    theirs = select(ContactRow.address).where(ContactRow.code_digest == _digest(row))
    return [{"address": address} for address in session.scalars(theirs)]


def delete_contact(session: Session, row: ParticipantRow) -> None:
    """Delete the address of a participant, if there is one."""
    session.execute(delete(ContactRow).where(ContactRow.code_digest == _digest(row)))


def _digest(row: ParticipantRow) -> str | None:
    if row.completion_code is None:
        return None
    return hashlib.sha256(f"contact.{row.completion_code}".encode()).hexdigest()
