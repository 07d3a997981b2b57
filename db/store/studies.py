"""Studies in the database: their versions, their status, and actions of researchers."""

from __future__ import annotations

from sqlalchemy import select

from db.models import ActionRow, LookRow, SecretRow, StudyRow, StudyVersionRow
from db.records.errors import StoreError
from db.records.study import Action, Look, StudyVersion
from db.store.transactions import Transactions, study_of
from db.writing import registration

STATUSES = ("open", "paused", "closed")


class Studies(Transactions):
    """Reading and writing of the studies in a database."""

    def register_study(self, identifier: str, title: str, fingerprint: str, seed: int) -> None:
        """Store a study and the version of its study file; calling it again changes nothing."""
        with self._reading() as session:
            if registration.is_registered(session, identifier, fingerprint):
                return
        with self._writing() as session:
            registration.register_study(session, identifier, title, fingerprint, seed)

    def holds_study(self, identifier: str) -> bool:
        """Whether a study with this identifier was ever registered in this database."""
        with self._reading() as session:
            asked = select(StudyRow.id).where(StudyRow.identifier == identifier)
            return session.scalar(asked) is not None

    def study_versions(self, study: str) -> tuple[StudyVersion, ...]:
        """All versions of a study file that were used, oldest first."""
        with self._reading() as session:
            rows = session.scalars(
                select(StudyVersionRow)
                .where(StudyVersionRow.study_id == study_of(session, study).id)
                .order_by(StudyVersionRow.id)
            )
            return tuple(StudyVersion(row.fingerprint, row.registered_at) for row in rows)

    def study_status(self, study: str) -> str:
        """Status of a study: ``open``, ``paused`` or ``closed`` for new participants."""
        with self._reading() as session:
            return study_of(session, study).status

    def set_study_status(self, study: str, status: str) -> None:
        """Open, pause or close a study, and log this action."""
        if status not in STATUSES:
            raise StoreError(
                f"The status of a study must be one of {', '.join(STATUSES)}, not {status!r}."
            )
        with self._writing() as session:
            row = study_of(session, study)
            row.status = status
            session.add(_action(row.id, "status", status))

    def blinding_key(self) -> bytes:
        """256 random bits that determine the letters of hidden systems; created once per database.

        All processes use the same random bits, also after a restart or a restore. No export
        contains the random bits.
        """
        with self._reading() as session:
            value = session.scalar(select(SecretRow.value).where(SecretRow.name == "blinding"))
        if value is None:
            raise StoreError("The database has lost its key for blind names; restore a backup.")
        return bytes.fromhex(value)

    def log_action(self, study: str, kind: str, detail: str = "") -> None:
        """Log an action of a researcher, such as ``unblind``."""
        with self._writing() as session:
            session.add(_action(study_of(session, study).id, kind, detail[:500]))

    def actions(self, study: str) -> tuple[Action, ...]:
        """Actions of researchers, oldest first."""
        with self._reading() as session:
            rows = session.scalars(
                select(ActionRow)
                .where(ActionRow.study_id == study_of(session, study).id)
                .order_by(ActionRow.at, ActionRow.id)
            )
            return tuple(Action(row.kind, row.detail, row.at) for row in rows)

    def note_look(self, study: str, kind: str, n_listeners: int, is_blind: bool) -> None:
        """Log that a researcher saw means, figures, answers or a report.

        If the same content is seen again with the same number of listeners, no new entry is logged.
        """
        with self._reading() as session:
            row = study_of(session, study)
            asked = (LookRow.study_id == row.id) & (LookRow.kind == kind)
            last = session.scalar(select(LookRow).where(asked).order_by(LookRow.id.desc()).limit(1))
            seen = last and (last.n_listeners, last.is_blind, last.status)
            if seen == (n_listeners, is_blind, row.status):
                return
        with self._writing() as session:
            row = study_of(session, study)
            session.add(
                LookRow(
                    study_id=row.id,
                    kind=kind,
                    n_listeners=n_listeners,
                    is_blind=is_blind,
                    status=row.status,
                    at=registration.now(),
                )
            )

    def looks(self, study: str) -> tuple[Look, ...]:
        """Each time that a researcher looked at results, oldest first."""
        with self._reading() as session:
            rows = session.scalars(
                select(LookRow)
                .where(LookRow.study_id == study_of(session, study).id)
                .order_by(LookRow.at, LookRow.id)
            )
            return tuple(
                Look(row.kind, row.n_listeners, row.is_blind, row.status, row.at) for row in rows
            )


def _action(study_id: int, kind: str, detail: str) -> ActionRow:
    return ActionRow(study_id=study_id, kind=kind, detail=detail, at=registration.now())
