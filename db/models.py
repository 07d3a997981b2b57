"""The tables of the database, as typed SQLAlchemy models, which only the package ``db`` uses.

Conventions
-----------
Times are stored in UTC without a zone and come back aware. Tokens are random texts with at least
128 bits. ``position``, and numbers with names that end in ``index``, count from 0, as in
:mod:`db.records.participation`. Columns of the database have the same names as in the exported
tables.

The tables are ``study`` and its versions (one per fingerprint), ``participant``, ``consent``,
``page``, ``slot``, ``rating``, ``event``, ``action`` (of a researcher) and ``look`` (of a
researcher at results). The table ``contact`` is separate from all other tables. The tables
``secret``, ``sign_in``, ``session``, ``collected`` and ``unreadable`` belong to the installation,
not to a study.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A datetime with a time zone; all databases store it in UTC without a zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Convert a time to UTC without a time zone, for the database."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Convert a time from the database to a time with a time zone."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Base class that registers all tables of the database."""


class StudyRow(Base):
    """A study, identified by the identifier in its study file."""

    __tablename__ = "study"

    id: Mapped[int] = mapped_column(primary_key=True)
    identifier: Mapped[str] = mapped_column(String(200), unique=True)
    status: Mapped[str] = mapped_column(String(20), default="open")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StudyVersionRow(Base):
    """A version of a study file that at least one participant used: title, seed and fingerprint."""

    __tablename__ = "study_version"
    __table_args__ = (UniqueConstraint("study_id", "fingerprint"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(500))
    fingerprint: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int] = mapped_column(BigInteger)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ParticipantRow(Base):
    """A participant, with the progress of the participant.

    ``plan_index`` is the number that determines the participant's plan. If plans are balanced
    within groups of listeners, ``plan_index`` is a number within ``plan_group``. If a participant
    abandons a plan, another participant can have the same plan number.
    """

    __tablename__ = "participant"
    __table_args__ = (UniqueConstraint("study_id", "participant_index"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    version_id: Mapped[int] = mapped_column(ForeignKey("study_version.id"))
    participant_index: Mapped[int] = mapped_column(Integer)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    step: Mapped[str] = mapped_column(String(20))
    page_index: Mapped[int] = mapped_column(Integer, default=0)
    group: Mapped[str | None] = mapped_column(String(100))
    device: Mapped[str | None] = mapped_column(String(100))
    volume: Mapped[float | None] = mapped_column(Float)
    answers: Mapped[dict[str, str]] = mapped_column(JSON)
    completion_code: Mapped[str | None] = mapped_column(String(20), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    plan_index: Mapped[int | None] = mapped_column(Integer)
    plan_group: Mapped[str | None] = mapped_column(String(100))
    arm: Mapped[str | None] = mapped_column(String(100))


class ConsentRow(Base):
    """An answer (yes or no) to a version of the consent text; rows are added, but never changed."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(
        ForeignKey("participant.id", ondelete="CASCADE"), index=True
    )
    version: Mapped[str] = mapped_column(String(100))
    accepted: Mapped[bool]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PageRow(Base):
    """A page of a participant's plan.

    ``phase`` is ``training`` or ``rating``. ``part`` is the name of a part of the study, and
    ``page_type`` is the page type of this part. ``answers`` is the kind of the page's answers:
    ratings, or a kind of trial. ``epoch`` is the number of the last opening of the page.
    ``saved_epoch`` and ``saved_seq`` identify the newest save of the page. ``n_events`` is the
    number of rows for the page in the table ``event``.
    """

    __tablename__ = "page"
    __table_args__ = (UniqueConstraint("participant_id", "page_index"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participant.id", ondelete="CASCADE"))
    page_index: Mapped[int] = mapped_column(Integer)
    phase: Mapped[str] = mapped_column(String(20))
    song: Mapped[str] = mapped_column(String(200))
    replicate: Mapped[int] = mapped_column(Integer)
    part: Mapped[str] = mapped_column(String(64), default="")
    page_type: Mapped[str] = mapped_column(String(20))
    answers: Mapped[str] = mapped_column(String(20))
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    saved_epoch: Mapped[int] = mapped_column(Integer, default=0)
    saved_seq: Mapped[int] = mapped_column(Integer, default=0)
    n_events: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SlotRow(Base):
    """A stimulus on a page; the browser gets only the stimulus's ``audio_token``."""

    __tablename__ = "slot"
    __table_args__ = (UniqueConstraint("page_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    system: Mapped[str] = mapped_column(String(100))
    stimulus_sha256: Mapped[str | None] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(20), default="rated")
    audio_token: Mapped[str] = mapped_column(String(64), unique=True)


class RatingRow(Base):
    """A rating of a stimulus in the units of its scale; (epoch, seq) identifies the save.

    The row in ``slot`` identifies page and participant, so slot and attribute together identify a
    rating.
    """

    __tablename__ = "rating"

    slot_id: Mapped[int] = mapped_column(
        ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True
    )
    attribute: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[float] = mapped_column(Float)
    epoch: Mapped[int] = mapped_column(Integer)
    seq: Mapped[int] = mapped_column(Integer)
    final: Mapped[bool]
    rated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    scale_minimum: Mapped[float] = mapped_column(Float, default=0.0, server_default="0")
    scale_maximum: Mapped[float] = mapped_column(Float, default=100.0, server_default="100")
    scale_step: Mapped[float | None] = mapped_column(Float)


class EventRow(Base):
    """An action of a participant on a page; the row is written once and never changed."""

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("page_id", "epoch", "seq", "event_index"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"))
    epoch: Mapped[int] = mapped_column(Integer)
    seq: Mapped[int] = mapped_column(Integer)
    event_index: Mapped[int] = mapped_column(Integer)
    t_ms: Mapped[float] = mapped_column(Float)
    kind: Mapped[str] = mapped_column(String(40))
    position: Mapped[int | None] = mapped_column(Integer)
    value: Mapped[str | None] = mapped_column(String(200))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ActionRow(Base):
    """An action of a researcher on a study (such as unblinding); the row is never changed."""

    __tablename__ = "action"
    __table_args__ = (Index("ix_action_study", "study_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LookRow(Base):
    """A researcher's look at results, with the number of listeners and the status of the study."""

    __tablename__ = "look"
    __table_args__ = (Index("ix_look_study", "study_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    n_listeners: Mapped[int] = mapped_column(Integer)
    is_blind: Mapped[bool]
    status: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ContactRow(Base):
    """An address, with the digest of the participant's personal code as its key.

    The row does not name the participant, and contains no time or number that could show the order
    of participants.
    """

    __tablename__ = "contact"

    code_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(254))


class SecretRow(Base):
    """A key of this installation, in hexadecimal; no exported table refers to it."""

    __tablename__ = "secret"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(64))


class SignInRow(Base):
    """An attempt to sign in to the dashboard; ``who`` is the digest of an address."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(String(64), index=True)
    tried_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SessionRow(Base):
    """A session of the dashboard after a sign-in: the digests of a cookie and of an account."""

    __tablename__ = "session"

    cookie_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(String(64))
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CollectedRow(Base):
    """A session as another tool's front end sent it; the row is never changed."""

    __tablename__ = "collected"
    __table_args__ = (UniqueConstraint("test", "session", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    test: Mapped[str] = mapped_column(String(200))
    session: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class UnreadableRow(Base):
    """A sent message that is not a valid session; it is stored for repair and never changed."""

    __tablename__ = "unreadable"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str] = mapped_column(String(500))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
