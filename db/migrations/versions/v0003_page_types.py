"""Pages store their part and page type; stimuli store whether they are rated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Before this version, all pages had the study's attributes, and all stimuli were rated."""
    for table, name, length, before in (
        ("page", "part", 64, ""),
        ("page", "type", 20, "attributes"),
        ("slot", "role", 20, "rated"),
    ):
        column = sa.Column(name, sa.String(length), nullable=False, server_default=before)
        op.add_column(table, column)


def downgrade() -> None:
    """Remove parts, page types and roles."""
    for table, names in (("page", ("part", "type")), ("slot", ("role",))):
        with op.batch_alter_table(table) as changed:
            for name in names:
                changed.drop_column(name)
