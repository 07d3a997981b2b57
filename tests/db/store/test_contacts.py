"""Addresses are kept apart: no participant, no time, no table of results, gone on withdrawal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.records.participation import AssignedPage, AssignedSlot
from db.store.store import Store, open_store
from participants import join

STUDY = "lights"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An archive with one study."""
    opened = open_store(f"sqlite:///{tmp_path / 'study.sqlite'}")
    opened.register_study(STUDY, "Lights", "f" * 64, 7)
    yield opened
    opened.close()


def finished(store: Store) -> tuple[str, str]:
    """Token and personal code of somebody at the end of their session."""
    pages = [AssignedPage("rating", "song", (AssignedSlot("cnn", None),))]
    token = join(store, STUDY, pages).token
    return token, store.finish(token)


def test_an_address_is_noted_changed_and_taken_away(store: Store) -> None:
    """One address per participant; the last one counts, and an empty one removes it."""
    token, _ = finished(store)
    assert not store.has_contact(token)
    store.record_contact(token, "ada@example.org")
    store.record_contact(token, "ada@example.com")
    assert store.contacts(STUDY)["address"].to_list() == ["ada@example.com"]
    assert store.has_contact(token)
    store.record_contact(token, "")
    assert not store.has_contact(token)
    assert store.contacts(STUDY).empty


def test_addresses_come_in_the_alphabet_s_order_not_in_the_participants(store: Store) -> None:
    """Neither the table nor its rows tell who came first."""
    for name in ("zoe", "Ada", "mia"):
        store.record_contact(finished(store)[0], f"{name}@example.org")
    addresses = store.contacts(STUDY)
    assert list(addresses.columns) == ["address"]
    assert [text.partition("@")[0] for text in addresses["address"]] == ["Ada", "mia", "zoe"]


def test_no_other_table_knows_an_address(store: Store) -> None:
    """Neither ratings, participants, events, pages and plans nor the log hold it."""
    token, _ = finished(store)
    store.record_contact(token, "ada@example.org")
    tables = (store.ratings, store.participants, store.events, store.pages, store.plans)
    assert not [table for table in tables if "ada@" in table(STUDY).to_csv()]
    assert "ada@" not in str(store.actions(STUDY))
    assert "ada@" not in str(store.find_participant(token))


def test_the_row_holds_no_key_of_a_participant(store: Store, tmp_path: Path) -> None:
    """Digest, study and address, and nothing else; the code itself is not there."""
    token, code = finished(store)
    store.record_contact(token, "ada@example.org")
    with sqlite3.connect(tmp_path / "study.sqlite") as connection:
        (row,) = connection.execute("SELECT * FROM contact")
    connection.close()
    assert len(row) == 3
    assert row[1:] == (1, "ada@example.org")
    assert token not in row[0]
    assert code not in row[0]


@pytest.mark.parametrize("by", ["token", "code"])
def test_a_withdrawal_takes_the_address_with_it(store: Store, by: str) -> None:
    """By the link's token or by the personal code; another's address stays."""
    token, code = finished(store)
    other, _ = finished(store)
    store.record_contact(token, "ada@example.org")
    store.record_contact(other, "mia@example.org")
    assert store.withdraw({"token": token, "code": code}[by])
    assert store.contacts(STUDY)["address"].to_list() == ["mia@example.org"]


def test_nobody_leaves_an_address_before_the_end(store: Store) -> None:
    """Without a personal code a withdrawal could not find it."""
    pages = [AssignedPage("rating", "song", (AssignedSlot("cnn", None),))]
    token = join(store, STUDY, pages).token
    with pytest.raises(ValueError, match="only be left at the end of a session"):
        store.record_contact(token, "ada@example.org")
    assert not store.has_contact(token)
