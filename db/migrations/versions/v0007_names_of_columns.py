"""Columns get the names that the exported tables give them; none is a word of SQL any more."""

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
"""Table, name until now, name from now on."""


def upgrade() -> None:
    """Rename in place: a new table in its stead would take the rows that refer to it along."""
    for table, before, after in NAMES:
        op.execute(f'ALTER TABLE {table} RENAME COLUMN "{before}" TO {after}')


def downgrade() -> None:
    """Back to the former names."""
    for table, before, after in NAMES:
        op.execute(f'ALTER TABLE {table} RENAME COLUMN {after} TO "{before}"')
