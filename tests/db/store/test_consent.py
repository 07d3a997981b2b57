"""Answers to the consent text: each that leads on is kept once, however often it is pressed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import ConsentRow
from db.records.participation import AssignedPage, AssignedSlot
from db.store.store import Store, open_store
from participants import join

PAGES = (AssignedPage("rating", "meadow", (AssignedSlot("human"), AssignedSlot("cnn"))),)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An archive in a file, with one study."""
    archive = open_store(f"sqlite:///{tmp_path / 'study.sqlite'}")
    archive.register_study("lights", "Harbour Lights", "f" * 64, 7)
    yield archive
    archive.close()


def consents(store: Store) -> list[bool]:
    """Every answer that is kept, in their order."""
    with store._engine.connect() as connection:
        return list(connection.scalars(select(ConsentRow.accepted).order_by(ConsentRow.id)))


def test_eight_tabs_that_agree_at_once_store_one_consent(store: Store) -> None:
    """Threads that start together: the first one's answer is the one that is kept."""
    token = join(store, "lights", PAGES).token
    start = threading.Barrier(8)

    def agree() -> None:
        start.wait()
        store.record_consent(token, "v1", accepted=True)

    tabs = [threading.Thread(target=agree) for _ in range(8)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert consents(store) == [True]
    found = store.find_participant(token)
    assert found is not None
    assert found.step == "questionnaire"


def test_no_and_then_yes_are_both_kept(store: Store) -> None:
    """Who comes back after a refusal has said both; a refusal after that leads nowhere."""
    token = join(store, "lights", PAGES).token
    for accepted in (False, False, True, False, True):
        store.record_consent(token, "v1", accepted)
    assert consents(store) == [False, True]
