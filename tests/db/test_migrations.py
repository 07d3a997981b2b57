"""The tables grow from their first version to the present one and lose nothing."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from db.engine import migrate, migration_config, open_engine
from db.models import Base
from db.records.errors import StoreError
from db.store.store import open_store

REVISIONS = [
    script.revision
    for script in reversed(list(ScriptDirectory.from_config(migration_config()).walk_revisions()))
]


def test_the_migrations_lead_to_the_tables_of_the_models(tmp_path: Path) -> None:
    """After the last migration nothing differs from the models."""
    engine = open_engine(f"sqlite:///{tmp_path / 'study.sqlite'}")
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_revision() == REVISIONS[-1]
    engine.dispose()


@pytest.mark.parametrize("start", REVISIONS)
def test_an_archive_of_any_version_opens_and_keeps_its_rows(tmp_path: Path, start: str) -> None:
    """A database of an older version is brought up to date; study, pages and ratings stay.

    Columns added later are filled in: a page without part is of the only type there was, every slot
    is rated.
    """
    url = f"sqlite:///{tmp_path / 'study.sqlite'}"
    engine = open_engine(url)
    migrate(engine, start)
    participant_index, page_index, phase = (
        ("participant_index", "page_index", "phase")
        if start >= "0007"
        else ('"index"', '"index"', "kind")
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO study VALUES (1, 'lights', 'open', '2026-01-01 00:00:00')"
        )
        connection.exec_driver_sql(
            "INSERT INTO study_version VALUES (1, 1, 'Lights', 'f', 7, '2026-01-01 00:00:00')"
        )
        connection.exec_driver_sql(
            f"INSERT INTO participant (id, study_id, version_id, {participant_index}, token, kind,"
            " step, page_index, answers, created_at) VALUES (1, 1, 1, 0, 'abc', 'participant',"
            " 'consent', 0, '{}', '2026-01-01 00:00:00')"
        )
        connection.exec_driver_sql(
            f"INSERT INTO page (id, participant_id, {page_index}, {phase}, song, replicate, epoch,"
            " saved_epoch, saved_seq) VALUES (1, 1, 0, 'rating', 'dawn', 0, 1, 1, 1)"
        )
        connection.exec_driver_sql(
            "INSERT INTO slot (id, page_id, position, system, audio_token)"
            " VALUES (1, 1, 0, 'cnn', 'token')"
        )
        connection.exec_driver_sql(
            "INSERT INTO rating (slot_id, attribute, value, epoch, seq, final, rated_at)"
            " VALUES (1, 'overall', 63.0, 1, 1, 0, '2026-01-01 00:00:00')"
        )
    engine.dispose()
    store = open_store(url)
    found = store.find_participant("abc")
    assert found is not None
    assert (found.study, found.identifier, found.step) == ("lights", "P001", "consent")
    [page] = found.pages
    assert (page.song, page.part, page.page_type) == ("dawn", "", "attributes")
    assert [(slot.system, slot.role) for slot in page.slots] == [("cnn", "rated")]
    [row] = store.ratings("lights").to_dict("records")
    assert (row["system"], row["rating"], row["part"]) == ("cnn", 63.0, "")
    assert (row["scale_minimum"], row["scale_maximum"]) == (0.0, 100.0)
    assert pd.isna(row["scale_step"])
    store.close()


def test_choices_of_an_archive_of_before_are_still_trials(tmp_path: Path) -> None:
    """Pages of the two types that there were say it now, and which of their slots is X."""
    path = tmp_path / "study.sqlite"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine, "0005")
    engine.dispose()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            """
            INSERT INTO study VALUES (1, 'lights', 'open', '2026-01-01 00:00:00');
            INSERT INTO study_version VALUES (1, 1, 'Lights', 'f', 7, '2026-01-01 00:00:00');
            INSERT INTO participant (id, study_id, version_id, "index", token, kind, step,
                page_index, answers, created_at)
                VALUES (1, 1, 1, 0, 'abc', 'participant', 'consent', 0, '{}', '2026-01-01');
            """
        )
        for page, kind in enumerate(("preference", "abx", "mushra")):
            connection.execute(
                'INSERT INTO page (id, participant_id, "index", kind, song, replicate, part, type,'
                " epoch, saved_epoch, saved_seq, closed_at)"
                " VALUES (?, 1, ?, 'rating', 'dawn', 0, ?, ?, 1, 1, 1, '2026-01-01 00:00:00')",
                (page, page, kind, kind),
            )
            for place, role in enumerate(("rated", "rated", "reference")[: 2 + (page > 0)]):
                slot = 3 * page + place
                connection.execute(
                    "INSERT INTO slot (id, page_id, position, system, role, audio_token)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (slot, page, place, "human" if place == 2 else f"s{place}", role, str(slot)),
                )
                if role == "rated":
                    connection.execute(
                        "INSERT INTO rating VALUES (?, 'q', ?, 1, 1, 1, '2026-01-01 00:00:00')",
                        (slot, 100.0 * place),
                    )
        connection.commit()
    store = open_store(f"sqlite:///{path}")
    trials = (
        store.trials("lights")[["part", "trial_kind", "system_x", "answer"]].to_numpy().tolist()
    )
    assert trials == [["preference", "preference", "", "b"], ["abx", "abx", "human", "b"]]
    assert set(store.ratings("lights")["part"]) == {"mushra"}
    roles = store.plans("lights").query("position == 3").set_index("part")["role"].to_dict()
    assert roles == {"abx": "x", "mushra": "reference"}
    store.close()


def test_opening_an_archive_again_changes_nothing(tmp_path: Path) -> None:
    """A second opening finds everything in place, and the study."""
    url = f"sqlite:///{tmp_path / 'study.sqlite'}"
    first = open_store(url)
    first.register_study("lights", "Lights", "f" * 64, 7)
    first.close()
    second = open_store(url)
    assert second.counts("lights").enrolled == 0
    second.close()


def test_an_archive_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """A version nobody here knows is refused in a sentence; nothing of it is changed."""
    path = tmp_path / "study.sqlite"
    open_store(f"sqlite:///{path}").close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
        with pytest.raises(StoreError, match="written by a newer version of mixtrial"):
            open_store(f"sqlite:///{path}")
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [("9999",)]


def test_a_failed_migration_leaves_no_table_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Migrations run in one transaction: what fails half-way is undone whole."""
    from alembic import op

    create_table, made = op.create_table, []

    def fail_at_the_fourth(name: str, *columns: object, **options: object) -> object:
        made.append(name)
        if len(made) == 4:
            raise RuntimeError("power cut")
        return create_table(name, *columns, **options)

    monkeypatch.setattr(op, "create_table", fail_at_the_fourth)
    engine = open_engine(f"sqlite:///{tmp_path / 'study.sqlite'}")
    with pytest.raises(RuntimeError, match="power cut"):
        migrate(engine)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
