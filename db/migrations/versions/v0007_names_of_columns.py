"""Columns get the names of the exported tables; no name is a reserved word of SQL."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAMES = (
    ("participant", "index", "participant_index"),
    ("page", "index", "page_index"),
    ("page", "kind", "phase"),
    ("page", "type", "page_type"),
    ("event", "index", "event_index"),
)
"""Table, old name and new name of each column."""


def upgrade() -> None:
    """Rename the columns in place: replacing a table would delete the rows that refer to it."""
    for table, before, after in NAMES:
        op.execute(f'ALTER TABLE {table} RENAME COLUMN "{before}" TO {after}')


def downgrade() -> None:
    """Restore the earlier names of the columns."""
    for table, before, after in NAMES:
        op.execute(f'ALTER TABLE {table} RENAME COLUMN {after} TO "{before}"')
