"""Participants are assigned to the arms of a study, if there are arms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Before this version, no participant was in an arm."""
    op.add_column("participant", sa.Column("arm", sa.String(100)))


def downgrade() -> None:
    """Forget them."""
    with op.batch_alter_table("participant") as table:
        table.drop_column("arm")
