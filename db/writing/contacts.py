"""Addresses that participants leave at the end, kept apart from all they said and did.

An address has no participant, no number and no time; only the digest of the personal code it was
left under, so that a withdrawal finds it. Whoever holds the whole database can still hold one
table against the other; no export can.

Every function works inside the caller's transaction.
"""

from __future__ import annotations

import hashlib

import pandas as pd
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.models import ContactRow, ParticipantRow

CONTACT_COLUMNS: tuple[str, ...] = ("address",)


def record_contact(session: Session, row: ParticipantRow, address: str) -> None:
    """Note an address, in place of the one given before; an empty one is taken away.

    Raises
    ------
    ValueError
        The participant has no personal code yet: their session has not ended.
    """
    digest = _digest(row)
    if digest is None:
        raise ValueError("an address can be left at the end of a session only")
    session.execute(delete(ContactRow).where(ContactRow.code_digest == digest))
    if address:
        session.add(ContactRow(code_digest=digest, study_id=row.study_id, address=address))


def has_contact(session: Session, row: ParticipantRow) -> bool:
    """Whether the participant left an address."""
    digest = _digest(row)
    if digest is None:
        return False
    found = session.scalar(select(ContactRow.code_digest).where(ContactRow.code_digest == digest))
    return found is not None


def delete_contact(session: Session, row: ParticipantRow) -> None:
    """Forget the address of a participant, if they left one."""
    session.execute(delete(ContactRow).where(ContactRow.code_digest == _digest(row)))


def contacts_table(session: Session, study_id: int) -> pd.DataFrame:
    """Every address of a study, one a row, in the order of the alphabet."""
    addresses = session.scalars(select(ContactRow.address).where(ContactRow.study_id == study_id))
    return pd.DataFrame({"address": sorted(addresses, key=str.casefold)}, dtype=object)


def _digest(row: ParticipantRow) -> str | None:
    if row.completion_code is None:
        return None
    return hashlib.sha256(f"contact.{row.completion_code}".encode()).hexdigest()
