"""Plans get their own numbers, so that the next participant can get an abandoned plan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the numbers of plans; before this version, a plan had its participant's number."""
    op.add_column("participant", sa.Column("plan_index", sa.Integer))
    op.add_column("participant", sa.Column("plan_group", sa.String(100)))
    op.execute('UPDATE participant SET plan_index = "index"')


def downgrade() -> None:
    """Remove the numbers of the plans."""
    with op.batch_alter_table("participant") as table:
        table.drop_column("plan_index")
        table.drop_column("plan_group")
