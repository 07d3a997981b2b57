"""A row is stored each time that somebody looks at means or reports during a study."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; it is not known how often results were looked at before."""
    op.create_table(
        "look",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "study_id", sa.Integer, sa.ForeignKey("study.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("n_listeners", sa.Integer, nullable=False),
        sa.Column("is_blind", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_look_study", "look", ["study_id", "at"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("look")
