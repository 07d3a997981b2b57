"""The first tables: studies, participants, their plans, ratings and events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables, each after the tables to which it refers."""
    _create_study()
    _create_participant()
    _create_plan()
    _create_answers()


def downgrade() -> None:
    """Drop all tables, each before the tables to which it refers."""
    for table in (
        "action",
        "event",
        "rating",
        "slot",
        "page",
        "consent",
        "participant",
        "study_version",
        "study",
    ):
        op.drop_table(table)


def _create_study() -> None:
    op.create_table(
        "study",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("identifier", sa.String(200), nullable=False, unique=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "study_version",
        sa.Column("id", sa.Integer, primary_key=True),
        _reference("study"),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("registered_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("study_id", "fingerprint"),
    )
    op.create_table(
        "action",
        sa.Column("id", sa.Integer, primary_key=True),
        _reference("study"),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("detail", sa.String(500), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_action_study", "action", ["study_id", "at"])


def _create_participant() -> None:
    op.create_table(
        "participant",
        sa.Column("id", sa.Integer, primary_key=True),
        _reference("study"),
        sa.Column("version_id", sa.Integer, sa.ForeignKey("study_version.id"), nullable=False),
        sa.Column("index", sa.Integer, nullable=False),
        sa.Column("token", sa.String(64), nullable=False, unique=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("page_index", sa.Integer, nullable=False),
        sa.Column("group", sa.String(100)),
        sa.Column("device", sa.String(100)),
        sa.Column("volume", sa.Float),
        sa.Column("answers", sa.JSON, nullable=False),
        sa.Column("completion_code", sa.String(20), unique=True),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("finished_at", sa.DateTime),
        sa.UniqueConstraint("study_id", "index"),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer, primary_key=True),
        _reference("participant"),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("accepted", sa.Boolean, nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_consent_participant_id", "consent", ["participant_id"])


def _create_plan() -> None:
    op.create_table(
        "page",
        sa.Column("id", sa.Integer, primary_key=True),
        _reference("participant"),
        sa.Column("index", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("song", sa.String(200), nullable=False),
        sa.Column("replicate", sa.Integer, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("saved_epoch", sa.Integer, nullable=False),
        sa.Column("saved_seq", sa.Integer, nullable=False),
        sa.Column("opened_at", sa.DateTime),
        sa.Column("closed_at", sa.DateTime),
        sa.UniqueConstraint("participant_id", "index"),
    )
    op.create_table(
        "slot",
        sa.Column("id", sa.Integer, primary_key=True),
        _reference("page"),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("system", sa.String(100), nullable=False),
        sa.Column("stimulus_sha256", sa.String(64)),
        sa.Column("audio_token", sa.String(64), nullable=False, unique=True),
        sa.UniqueConstraint("page_id", "position"),
    )


def _create_answers() -> None:
    op.create_table(
        "rating",
        sa.Column(
            "slot_id", sa.Integer, sa.ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("attribute", sa.String(100), primary_key=True),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("final", sa.Boolean, nullable=False),
        sa.Column("rated_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer, primary_key=True),
        _reference("page"),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("index", sa.Integer, nullable=False),
        sa.Column("t_ms", sa.Float, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer),
        sa.Column("value", sa.String(200)),
        sa.Column("received_at", sa.DateTime, nullable=False),
        sa.UniqueConstraint("page_id", "epoch", "seq", "index"),
    )


def _reference(table: str) -> sa.Column[int]:
    """A column that refers to a row; if this row is deleted, the referring rows are deleted too."""
    return sa.Column(
        f"{table}_id", sa.Integer, sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False
    )
