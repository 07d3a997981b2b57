"""Participants' addresses get a table that is separate from their other data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; before this version, there were no addresses."""
    op.create_table(
        "contact",
        sa.Column("code_digest", sa.String(64), primary_key=True),
        sa.Column(
            "study_id", sa.Integer, sa.ForeignKey("study.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("address", sa.String(254), nullable=False),
    )


def downgrade() -> None:
    """Forget the addresses."""
    op.drop_table("contact")
