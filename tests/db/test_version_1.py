"""A database that version 1 left is brought up to date, and says what it said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import text

from db.engine import migrate, open_engine
from db.store.store import Store, open_store
from mixtrial.exports.csv_text import as_csv
from postgresql_server import needs_postgresql, postgresql_server
from tests.db.version_1 import (
    NEW_COLUMNS,
    STUDY,
    archive_of_version_1,
    database_of_version_1,
    table_of_version_1,
)

TABLES = (
    "study", "study_version", "participant", "consent", "page", "slot", "rating", "event",
    "action", "contact", "secret",
)  # fmt: skip
"""Tables of version 1, each after those that it refers to."""


def as_exported(table: pd.DataFrame) -> pd.DataFrame:
    """Every cell of a table as its CSV has it."""
    lines = StringIO(as_csv(table))
    return pd.read_csv(lines, dtype=str, keep_default_na=False)


def assert_says_what_it_said(store: Store, folder: Path) -> None:
    """Compare every table with the one that version 1 packed into its archive."""
    archive = archive_of_version_1(folder)
    for name, now in (
        ("ratings", store.ratings(STUDY)),
        ("trials", store.trials(STUDY)),
        ("comments", store.comments(STUDY)),
        ("listening", store.listening(STUDY)),
        ("pages", store.pages(STUDY)),
    ):
        before = table_of_version_1(archive, name)
        before = before.replace({"finished": {"True": "true", "False": "false"}})
        if name == "trials":
            before = before.replace({"correct": {"1": "true", "0": "false"}})
        assert len(before) >= 5, name
        found = as_exported(now)
        added = [column for column in NEW_COLUMNS if column not in before]
        pd.testing.assert_frame_equal(found.drop(columns=added, errors="ignore"), before)
    people = as_exported(store.participants(STUDY)).drop(columns=["answers", "arm"])
    before = table_of_version_1(archive, "participants")[list(people)]
    pd.testing.assert_frame_equal(
        people, before.replace({"consented": {"True": "true", "False": "false"}})
    )


def test_a_database_of_version_1_says_in_sqlite_what_it_said(tmp_path: Path) -> None:
    """Ratings, choices, comments, listening, pages and participants, cell by cell."""
    path = database_of_version_1(tmp_path)
    store = open_store(f"sqlite:///{path}")
    assert_says_what_it_said(store, tmp_path)
    store.close()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """An empty database of a server of its own."""
    with postgresql_server() as running:
        yield running.new_database()


@needs_postgresql
def test_a_database_of_version_1_says_in_postgresql_what_it_said(
    tmp_path: Path, postgresql_url: str
) -> None:
    """The same rows, put into the tables as version 1 made them there."""
    engine = open_engine(postgresql_url)
    migrate(engine, "0005")
    path = database_of_version_1(tmp_path)
    with closing(sqlite3.connect(path)) as before, engine.begin() as now:
        before.row_factory = sqlite3.Row
        now.execute(text("DELETE FROM secret"))
        flags = {"consent": "accepted", "rating": "final"}
        for table in TABLES:
            rows = [dict(row) for row in before.execute(f"SELECT * FROM {table}")]
            for row in rows:
                if table in flags:
                    row[flags[table]] = bool(row[flags[table]])
            columns = ", ".join(f'"{name}"' for name in rows[0])
            places = ", ".join(f":{name}" for name in rows[0])
            now.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({places})"), rows)
    engine.dispose()
    store = open_store(postgresql_url)
    assert_says_what_it_said(store, tmp_path)
    store.close()


def test_columns_of_a_database_of_version_1_get_their_new_names(tmp_path: Path) -> None:
    """Plain SQL reads the former page, phase and page type without quotation marks."""
    path = database_of_version_1(tmp_path)
    with closing(sqlite3.connect(path)) as database:
        before = database.execute('SELECT "index", kind, type FROM page ORDER BY id').fetchall()
    open_store(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as database:
        query = "SELECT page_index, phase, page_type FROM page ORDER BY id"
        assert database.execute(query).fetchall() == before
