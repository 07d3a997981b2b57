"""Pages store the kind of their answers (ratings or a kind of trial); X has a role of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ABX_PAGES = "page_id IN (SELECT id FROM page WHERE type = 'abx')"


def upgrade() -> None:
    """Before this version, the kind of answers depended on the name of the page type."""
    column = sa.Column("answers", sa.String(20), nullable=False, server_default="ratings")
    op.add_column("page", column)
    op.execute("UPDATE page SET answers = type WHERE type IN ('preference', 'abx')")
    op.execute(f"UPDATE slot SET role = 'x' WHERE role = 'reference' AND {_ABX_PAGES}")


def downgrade() -> None:
    """Remove the kind of answers; the name of the page type determines it again."""
    op.execute("UPDATE slot SET role = 'reference' WHERE role = 'x'")
    with op.batch_alter_table("page") as table:
        table.drop_column("answers")
