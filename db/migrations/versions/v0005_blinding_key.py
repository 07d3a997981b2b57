"""The letters that stand for hidden systems depend on a key that is created once and stored."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Before this version, the letters that stand for hidden systems depended on the password."""
    table = op.create_table(
        "secret",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.String(64), nullable=False),
    )
    op.bulk_insert(table, [{"name": "blinding", "value": secrets.token_hex(32)}])


def downgrade() -> None:
    """Forget the key."""
    op.drop_table("secret")
