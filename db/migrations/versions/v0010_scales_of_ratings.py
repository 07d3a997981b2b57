"""Each rating stores its scale. Before this version, all ratings were from 0 to 100."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ENDS = {"scale_minimum": "0", "scale_maximum": "100"}


def upgrade() -> None:
    """Add the scale to the existing ratings."""
    for name, value in ENDS.items():
        op.add_column("rating", sa.Column(name, sa.Float, nullable=False, server_default=value))
    op.add_column("rating", sa.Column("scale_step", sa.Float))


def downgrade() -> None:
    """Forget the scales."""
    for name in ("scale_step", *ENDS):
        op.drop_column("rating", name)
