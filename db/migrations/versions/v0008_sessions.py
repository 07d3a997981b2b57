"""The dashboard's sign-ins and sessions are stored in the database, for all servers together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Before this version, each process counted sign-ins; a cookie could not be made invalid."""
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("tried_at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_sign_in_who", "sign_in", ["who"])
    op.create_table(
        "session",
        sa.Column("cookie_digest", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("ends_at", sa.DateTime, nullable=False),
    )


def downgrade() -> None:
    """Remove the tables of sign-ins and sessions, so that everybody must sign in again."""
    op.drop_table("session")
    op.drop_table("sign_in")
