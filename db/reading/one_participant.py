"""All data about a participant in the database, table by table.

Foreign keys show which tables refer to a participant, so new tables are also found. The secret
texts in links and in addresses of sounds are left out.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.orm import Session

from db.models import Base, ParticipantRow

SECRETS = ("token", "audio_token")


def everything_of(session: Session, row: ParticipantRow) -> dict[str, list[dict[str, Any]]]:
    """Rows of this participant, grouped by table; tables without such rows are left out."""
    tables = {table.name: table for table in Base.metadata.sorted_tables}
    theirs = {"participant": tables["participant"].c.id == row.id}
    for name, table in tables.items():  # each table is listed after the tables that it refers to
        for key in table.foreign_keys:
            if (parent := key.column.table.name) in theirs:
                theirs[name] = key.parent.in_(select(key.column).where(theirs[parent]))
    return {name: _rows(session, tables[name], which) for name, which in theirs.items()}


def _rows(session: Session, table: Table, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    columns = [column for column in table.columns if column.name not in SECRETS]
    found = session.execute(select(*columns).where(which).order_by(*table.primary_key))
    return [dict(row) for row in found.mappings()]
