"""Each page stores the number of its events, so that this number can be limited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Count the existing events of each page."""
    op.add_column("page", sa.Column("n_events", sa.Integer, nullable=False, server_default="0"))
    op.execute(
        "UPDATE page SET n_events = (SELECT count(*) FROM event WHERE event.page_id = page.id)"
    )


def downgrade() -> None:
    """Forget the counts."""
    op.drop_column("page", "n_events")
