"""Entry point of Alembic, which uses the connection of ``db.engine.migrate``."""

from __future__ import annotations

from alembic import context

from db.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite can change a column only by copying its table
)
with context.begin_transaction():
    context.run_migrations()
