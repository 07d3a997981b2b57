"""The archive's tables say exactly what happened, one rating per row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from db.reading.columns import iso_time
from db.reading.ratings import PARTICIPANT_COLUMNS, RATING_COLUMNS
from db.records.participation import AssignedPage, AssignedSlot, Event, RatingValue, SavedPage
from db.records.study import PageCount
from db.store.store import Store, open_store
from participants import join

PAGES = (
    AssignedPage("training", "harbour", (AssignedSlot("cnn"),)),
    AssignedPage(
        "rating", "meadow", (AssignedSlot("human", "b" * 64), AssignedSlot("cnn", "c" * 64))
    ),
    AssignedPage("rating", "meadow", (AssignedSlot("cnn", "c" * 64),), replicate=1),
)


@pytest.fixture
def store() -> Iterator[Store]:
    """An archive with one participant who has rated the training page and the first song."""
    archive = open_store("sqlite://")
    archive.register_study("lights", "Harbour Lights", "f" * 64, 7)
    token = join(archive, "lights", PAGES).token
    archive.record_consent(token, "v1", True)
    archive.record_questionnaire(token, "hobbyist", "headphones")
    archive.record_volume(token, 0.5)
    save(archive, token, 0, {(0, "overall"): 30.0})
    save(archive, token, 1, {(1, "overall"): 61.0, (0, "overall"): 88.0, (0, "eq"): 70.0})
    yield archive
    archive.close()


def save(store: Store, token: str, page: int, values: dict[tuple[int, str], float]) -> None:
    """Open a page twice, listen for 3.5 s and 1.6 s, and rate in the second."""
    first, second = store.page_state(token, page).epoch, store.page_state(token, page).epoch
    heard = (Event(60_500.0, "play", 0), Event(64_000.0, "switch", 0))
    store.save_page(SavedPage(token, page, first, 1, False, (), heard))
    ratings = tuple(RatingValue(*key, value) for key, value in values.items())
    more = (Event(900.0, "play", 0), Event(2500.0, "submit"))
    store.save_page(SavedPage(token, page, second, 1, True, ratings, more))


def test_ratings_have_the_documented_columns_in_their_order(store: Store) -> None:
    """The first six are what every reader needs; the order never changes."""
    assert RATING_COLUMNS[:6] == ("participant", "group", "song", "system", "attribute", "rating")
    assert tuple(store.ratings("lights").columns) == RATING_COLUMNS


def test_one_rating_is_one_row_in_the_documented_order(store: Store) -> None:
    """Rows go by participant, page, stimulus and attribute; values, times and counts are exact."""
    table = store.ratings("lights")
    shown = ["participant", "group", "song", "system", "attribute", "rating", "page_order"]
    shown += ["stimulus_order", "replicate", "time_s", "plays", "switches", "stimulus_sha256"]
    same = ("P001", "hobbyist")
    assert table[shown].to_numpy().tolist() == [
        [*same, "harbour", "cnn", "overall", 30.0, 0, 1, 0, 5.1, 3, 1, ""],
        [*same, "meadow", "human", "eq", 70.0, 1, 1, 0, 5.1, 3, 1, "b" * 64],
        [*same, "meadow", "human", "overall", 88.0, 1, 1, 0, 5.1, 3, 1, "b" * 64],
        [*same, "meadow", "cnn", "overall", 61.0, 1, 2, 0, 5.1, 0, 1, "c" * 64],
    ]
    assert set(table["study_fingerprint"]) == {"f" * 64}
    assert set(table["finished"]) == {False}
    assert set(table["device"]) == {"headphones"}


def test_no_token_leaves_the_archive(store: Store) -> None:
    """Neither the participant's nor an audio token is in any table."""
    added = join(store, "lights", PAGES)
    secrets = [added.token, *(slot.audio_token for page in added.pages for slot in page.slots)]
    tables = (store.ratings, store.participants, store.pages, store.events)
    text = "".join(table("lights").to_csv() for table in tables)
    assert not [secret for secret in secrets if secret in text]


def test_a_study_without_ratings_gives_an_empty_table(store: Store) -> None:
    """The columns are there all the same."""
    store.register_study("quiet", "Quiet", "0" * 64, 1)
    assert tuple(store.ratings("quiet").columns) == RATING_COLUMNS
    assert tuple(store.participants("quiet").columns) == PARTICIPANT_COLUMNS
    assert store.events("quiet").empty
    assert store.counts("quiet").pages == ()


def test_counts_tell_how_far_each_page_has_come(store: Store) -> None:
    """Two participants planned, one of whom has closed two pages of three."""
    join(store, "lights", PAGES)
    counts = store.counts("lights")
    assert (counts.enrolled, counts.consented, counts.finished, counts.n_ratings) == (2, 1, 0, 3)
    assert counts.by_step == {"rating": 1, "consent": 1}
    assert counts.by_group == {"hobbyist": 1}
    assert counts.pages == (
        PageCount(0, "training", 1, 1),
        PageCount(1, "rating", 1, 1),
        PageCount(2, "rating", 0, 0),
    )


def test_times_are_written_in_utc_with_milliseconds() -> None:
    """ISO 8601 with a Z, and nothing for a time that has not come."""
    assert iso_time(datetime(2026, 3, 4, 9, 15, 30, 120_900, UTC)) == "2026-03-04T09:15:30.120Z"
    assert iso_time(None) == ""
