"""Tables of a study that the dashboard keeps equal those of a fresh read."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from threading import Event, Thread

import pandas as pd
import pytest
from sqlalchemy import select

from db.models import ParticipantRow
from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.dashboard import router
from mixtrial.dashboard.kept_tables import KeptTables, kept_tables
from mixtrial.server.installation import Installation
from mixtrial.simulation.in_process import simulate_participants
from participants import make_real

NAMES = ("participants", "ratings", "pages", "plans")


class Reader:
    """Reads a table, and notes of whom."""

    def __init__(self, installation: Installation, name: str) -> None:
        self._read, self.asked = getattr(installation.store, name), list[list[int] | None]()

    def __call__(self, study: str, participants: Collection[int] | None = None) -> pd.DataFrame:
        """Read."""
        self.asked.append(None if participants is None else list(participants))
        table: pd.DataFrame = self._read(study, participants)
        return table


def test_kept_tables_follow_the_database_and_read_no_more_than_changed(tmp_path: Path) -> None:
    """Somebody takes part, answers a question, withdraws; nothing happens; all change."""
    build_stimuli(tmp_path, n_songs=1)
    installation = open_installation(write_study(tmp_path, n_songs=1))
    store, study = installation.store, installation.study.identifier
    list(simulate_participants(installation, 6, seed=1))
    kept, readers = KeptTables(), {name: Reader(installation, name) for name in NAMES}

    def look() -> None:
        kept.look(installation)
        for name, reader in readers.items():
            found = kept.table(name, reader, study)
            pd.testing.assert_frame_equal(found, getattr(store, name)(study), check_exact=True)

    look()
    list(simulate_participants(installation, 1, seed=2))
    look()
    store.record_answers(first_token(installation), {"feedback": "too loud"})
    look()
    store.withdraw(first_token(installation), study)
    look()
    look()
    make_real(store)
    look()
    for reader in readers.values():
        assert reader.asked == [None, [6], [0], [0], None]
    store.close()


def first_token(installation: Installation) -> str:
    """The link of the first who came."""
    with installation.store._engine.connect() as connection:
        found = connection.execute(
            select(ParticipantRow.token).order_by(ParticipantRow.participant_index)
        )
        return str(found.scalars().first())


def test_what_was_worked_out_holds_until_somebody_goes_on(tmp_path: Path) -> None:
    """The same is asked for twice, then again after one more took part."""
    build_stimuli(tmp_path, n_songs=1)
    installation = open_installation(write_study(tmp_path, n_songs=1))
    kept, made = KeptTables(), list[int]()

    def ask() -> None:
        kept.look(installation)
        kept.worked_out("sum", lambda: made.append(1))

    ask()
    ask()
    assert len(made) == 1
    first = kept.worked_out_lately("n", lambda: len(made))
    list(simulate_participants(installation, 1, seed=1))
    kept.look(installation)
    assert kept.worked_out_lately("n", lambda: 9) == first == 1  # of the look before
    ask()
    assert len(made) == 2
    assert kept.worked_out("n", lambda: len(made)) == 2
    assert kept.worked_out_lately("n", lambda: 9) == 2
    installation.store.close()


def test_what_another_is_working_out_is_waited_for() -> None:
    """Two who ask for the same at once have it worked out once; who asks for else does not wait."""
    kept, begun, may_end, made = KeptTables(), Event(), Event(), list[int]()

    def slowly() -> int:
        begun.set()
        may_end.wait(60)
        made.append(1)
        return 7

    found = list[int]()
    asking = [
        Thread(target=lambda: found.append(kept.worked_out("means", slowly))) for _ in range(2)
    ]
    for each in asking:
        each.start()
    begun.wait(60)
    assert kept.worked_out("flags", lambda: 3) == 3
    may_end.set()
    for each in asking:
        each.join(60)
    assert (found, made) == ([7, 7], [1])


def test_who_is_signed_in_has_the_tables_read_before_the_first_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the cookie that asks for the page; for a stranger nothing is read."""
    build_stimuli(tmp_path, n_songs=2)
    installation = open_installation(write_study(tmp_path, n_songs=2))
    list(simulate_participants(installation, 2, seed=1))
    monkeypatch.setattr(router, "current_installation", lambda: installation)
    monkeypatch.setattr(router, "has_session", lambda _door, cookie: cookie == "mine")
    tables = kept_tables(installation)
    router.read_ahead("another's")
    assert tables.progress == {}
    router.read_ahead("mine")

    def refused(*_: object) -> pd.DataFrame:
        raise AssertionError("read again")

    study = installation.study.identifier
    rated = tables.table("ratings", refused, study)
    pd.testing.assert_frame_equal(rated, installation.store.ratings(study))
    assert len(tables.table("plans", refused, study))
    assert len(tables.table("pages", refused, study)) == len(installation.store.pages(study))
    installation.store.close()
