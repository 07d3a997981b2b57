"""A page can be saved by retries, late messages, reloads and two tabs without loss or doubling."""

from __future__ import annotations

import contextlib
import random
import re
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.records.errors import UnknownParticipantError
from db.records.participation import (
    AssignedPage,
    AssignedSlot,
    Event,
    RatingValue,
    SavedPage,
    SaveOutcome,
)
from db.store.store import Store, open_store
from db.writing import saving
from participants import join, put_on_page

SLOTS = tuple(AssignedSlot(system) for system in ("baseline", "cnn", "human", "random"))
PAGES = (AssignedPage("training", "harbour", SLOTS), AssignedPage("rating", "meadow", SLOTS))


def new_store(url: str) -> tuple[Store, str]:
    """An archive with one participant on page 0, and their token."""
    store = open_store(url)
    store.register_study("lights", "Harbour Lights", "f" * 64, 7)
    return store, somebody(store)


def somebody(store: Store) -> str:
    """Token of one more participant, who is on page 0."""
    token = join(store, "lights", PAGES).token
    store.record_consent(token, "v1", True)
    store.record_questionnaire(token, "hobbyist", "headphones")
    store.record_volume(token, 0.5)
    return token


@pytest.fixture
def opened() -> Iterator[tuple[Store, str]]:
    """An archive in memory with one participant on page 0."""
    store, token = new_store("sqlite://")
    yield store, token
    store.close()


def ratings_of(store: Store, token: str, page: int = 0) -> dict[tuple[int, str], float]:
    """The stored ratings of a page, by slot and attribute."""
    state = store.page_state(token, page, opening=False)
    return {(rating.slot, rating.attribute): rating.value for rating in state.ratings}


def save(
    store: Store, token: str, epoch: int, seq: int, value: float, final: bool = False, page: int = 0
) -> SaveOutcome:
    """Save one rating of slot 0."""
    ratings = (RatingValue(0, "overall", value),)
    return store.save_page(SavedPage(token, page, epoch, seq, final, ratings))


def test_a_page_opens_empty_in_its_first_epoch(opened: tuple[Store, str]) -> None:
    """The first opening issues epoch 1, with nothing rated."""
    store, token = opened
    state = store.page_state(token, 0)
    assert (state.epoch, state.seq, state.final, state.ratings) == (1, 0, False, ())


def test_looking_without_opening_issues_no_epoch(opened: tuple[Store, str]) -> None:
    """``opening=False`` leaves the epoch as it is."""
    store, token = opened
    store.page_state(token, 0)
    assert store.page_state(token, 0, opening=False).epoch == 1
    assert store.page_state(token, 0).epoch == 2


def test_a_page_read_with_its_participant_opens_as_any_other(opened: tuple[Store, str]) -> None:
    """The next epoch, and what was saved: nothing, two ratings, a page that is closed."""
    store, token = opened
    for seq, is_final in ((0, False), (3, False), (5, True)):
        if seq:
            ratings = tuple(RatingValue(slot, "overall", 10.0 * seq) for slot in range(2))
            epoch = store.page_state(token, 0, opening=False).epoch
            store.save_page(SavedPage(token, 0, epoch, seq, is_final, ratings))
        before = store.page_state(token, 0, opening=False)
        someone = store.find_participant(token)
        assert someone is not None
        state = store.open_page(token, someone.pages[0])
        assert state == replace(before, epoch=before.epoch + 1)
        assert (state.seq, state.final, len(state.ratings)) == (seq, is_final, 2 if seq else 0)
        assert store.page_state(token, 0, opening=False).epoch == state.epoch
    with pytest.raises(UnknownParticipantError, match="no such page"):
        store.open_page("x" * 32, state.page)


def test_a_repeated_save_changes_nothing(opened: tuple[Store, str]) -> None:
    """The same message twice leaves one rating and one row for each event."""
    store, token = opened
    epoch = store.page_state(token, 0).epoch
    saved = SavedPage(
        token,
        0,
        epoch,
        1,
        False,
        (RatingValue(0, "overall", 63.0), RatingValue(3, "eq", 12.5)),
        (Event(10.0, "play", 0), Event(20.0, "switch", 2), Event(30.0, "loop", None, "1.5-4.0")),
    )
    assert [store.save_page(saved), store.save_page(saved)] == [SaveOutcome.STORED] * 2
    assert ratings_of(store, token) == {(0, "overall"): 63.0, (3, "eq"): 12.5}
    events = store.events("lights")
    assert events[["event", "stimulus_order", "value"]].fillna(0).to_numpy().tolist() == [
        ["play", 1, ""],
        ["switch", 3, ""],
        ["loop", 0, "1.5-4.0"],
    ]


def test_saves_made_together_are_stored_all_or_none(opened: tuple[Store, str]) -> None:
    """Nobody else sees any before the block ends; after an error nothing is stored."""
    store, token = opened
    other = somebody(store)
    epochs = {each: store.page_state(each, 0).epoch for each in (token, other)}
    with store.together():
        for seq, each in ((1, token), (1, other), (2, token)):
            assert save(store, each, epochs[each], seq, 10.0 * seq) is SaveOutcome.STORED
    assert ratings_of(store, token) == {(0, "overall"): 20.0}
    assert ratings_of(store, other) == {(0, "overall"): 10.0}

    def fail_at_the_second() -> None:
        with store.together():
            assert save(store, token, epochs[token], 3, 90.0, final=True) is SaveOutcome.STORED
            raise KeyError("a fault of the program")

    with pytest.raises(KeyError, match="a fault"):
        fail_at_the_second()
    assert ratings_of(store, token) == {(0, "overall"): 20.0}
    assert save(store, token, epochs[token], 3, 30.0) is SaveOutcome.STORED


def test_a_late_message_of_the_same_opening_is_left_aside(opened: tuple[Store, str]) -> None:
    """A lower seq arriving after a higher one is stale, and says so."""
    store, token = opened
    epoch = store.page_state(token, 0).epoch
    assert save(store, token, epoch, 5, 70.0) is SaveOutcome.STORED
    assert save(store, token, epoch, 4, 20.0) is SaveOutcome.STALE
    assert ratings_of(store, token) == {(0, "overall"): 70.0}


def test_a_message_sent_before_a_reload_still_counts_until_the_new_opening_saves(
    opened: tuple[Store, str],
) -> None:
    """A beacon of epoch 1 that comes after epoch 2 was issued is stored, later ones are not."""
    store, token = opened
    first = store.page_state(token, 0).epoch
    second = store.page_state(token, 0).epoch
    assert save(store, token, first, 9, 40.0) is SaveOutcome.STORED
    assert save(store, token, second, 1, 50.0) is SaveOutcome.STORED
    assert save(store, token, first, 10, 60.0) is SaveOutcome.SUPERSEDED
    assert ratings_of(store, token) == {(0, "overall"): 50.0}


def test_ratings_that_a_message_leaves_out_stay(opened: tuple[Store, str]) -> None:
    """Saving one slot does not erase another."""
    store, token = opened
    epoch = store.page_state(token, 0).epoch
    store.save_page(SavedPage(token, 0, epoch, 1, False, (RatingValue(1, "eq", 10.0),)))
    store.save_page(SavedPage(token, 0, epoch, 2, False, (RatingValue(2, "eq", 90.0),)))
    assert ratings_of(store, token) == {(1, "eq"): 10.0, (2, "eq"): 90.0}


def test_the_final_save_closes_the_page_and_moves_on(opened: tuple[Store, str]) -> None:
    """After the last page the participant stands at thanks, with an end time."""
    store, token = opened
    for page, step_after in ((0, ("rating", 1)), (1, ("thanks", 1))):
        epoch = store.page_state(token, page).epoch
        assert save(store, token, epoch, 1, 55.0, final=True, page=page) is SaveOutcome.STORED
        found = store.find_participant(token)
        assert found is not None
        assert (found.step, found.page_index) == step_after
        assert found.pages[page].is_closed
    assert store.counts("lights").finished == 1


def test_a_final_save_whose_answer_was_lost_can_be_sent_again(opened: tuple[Store, str]) -> None:
    """The retry is acknowledged whatever number it carries; the participant moves on once."""
    store, token = opened
    epoch = store.page_state(token, 0).epoch
    assert save(store, token, epoch, 1, 55.0, final=True) is SaveOutcome.STORED
    assert save(store, token, epoch, 1, 55.0, final=True) is SaveOutcome.STORED
    assert save(store, token, epoch, 2, 55.0, final=True) is SaveOutcome.STORED
    found = store.find_participant(token)
    assert found is not None
    assert found.page_index == 1


def test_a_closed_page_takes_nothing_new(opened: tuple[Store, str]) -> None:
    """Late beacons, other values and other openings are refused after the final save."""
    store, token = opened
    epoch = store.page_state(token, 0).epoch
    save(store, token, epoch, 1, 55.0, final=True)
    later = store.page_state(token, 0)
    assert later.final
    assert save(store, token, epoch, 2, 99.0) is SaveOutcome.CLOSED
    assert save(store, token, epoch, 2, 99.0, final=True) is SaveOutcome.CLOSED
    assert save(store, token, later.epoch, 1, 99.0, final=True) is SaveOutcome.CLOSED
    assert ratings_of(store, token) == {(0, "overall"): 55.0}


def test_a_final_save_of_an_earlier_page_sends_nobody_back() -> None:
    """Who stands on the third page stays there when the first is closed late."""
    store = open_store("sqlite://")
    store.register_study("lights", "Harbour Lights", "f" * 64, 7)
    token = join(store, "lights", (*PAGES, PAGES[1])).token
    epoch = store.page_state(token, 0).epoch
    put_on_page(store, token, 2)
    assert save(store, token, epoch, 1, 55.0, final=True) is SaveOutcome.STORED
    found = store.find_participant(token)
    assert found is not None
    assert (found.step, found.page_index) == ("rating", 2)
    store.close()


def test_what_does_not_fit_is_refused_whole(opened: tuple[Store, str]) -> None:
    """Unknown token, page, slot, an epoch never issued, a page not reached: nothing is stored."""
    store, token = opened
    epoch = store.page_state(token, 0).epoch
    good = RatingValue(0, "overall", 1.0)
    refused = {
        SaveOutcome.UNKNOWN: SavedPage("x" * 32, 0, epoch, 1, False, (good,)),
        SaveOutcome.MISMATCH: SavedPage(
            token, 0, epoch, 1, False, (good, RatingValue(4, "overall", 1.0))
        ),
        SaveOutcome.NOT_OPEN: SavedPage(token, 1, epoch, 1, False, (good,)),
    }
    assert {outcome: store.save_page(saved) for outcome, saved in refused.items()} == {
        outcome: outcome for outcome in refused
    }
    assert store.save_page(SavedPage(token, 9, 1, 1, False, ())) is SaveOutcome.UNKNOWN
    assert save(store, token, epoch + 1, 1, 50.0) is SaveOutcome.MISMATCH
    assert store.ratings("lights").empty


def test_a_rating_keeps_its_time_until_its_value_changes(opened: tuple[Store, str]) -> None:
    """Saving a page whole again does not make an old rating look new."""
    store, token = opened
    epoch = store.page_state(token, 0).epoch
    times = []
    for seq, value in ((1, 50.0), (2, 50.0), (3, 51.0)):
        threading.Event().wait(0.003)  # times are kept to the millisecond
        save(store, token, epoch, seq, value)
        times.append(store.ratings("lights")["rated_at"].iloc[0])
    assert times[0] == times[1] < times[2]


def test_whatever_the_order_of_arrival_the_newest_state_wins() -> None:
    """Eight saves of one opening, arriving in any order, end with the value of the last."""
    store, _ = new_store("sqlite://")

    @given(order=st.permutations(list(range(1, 9))))
    def arrive(order: list[int]) -> None:
        token = somebody(store)
        epoch = store.page_state(token, 0).epoch
        for seq in order:
            save(store, token, epoch, seq, float(seq))
        assert ratings_of(store, token) == {(0, "overall"): 8.0}

    arrive()
    store.close()


def test_saves_from_many_threads_lose_and_double_nothing(tmp_path: Path) -> None:
    """Four threads send 40 numbered saves, each twice: the last value and 40 events remain."""
    store, token = new_store(f"sqlite:///{tmp_path / 'study.sqlite'}")
    epoch = store.page_state(token, 0).epoch
    messages = [
        SavedPage(
            token,
            0,
            epoch,
            seq,
            False,
            tuple(RatingValue(slot, "overall", float(seq)) for slot in range(4)),
            (Event(float(seq), "rate", 0),),
        )
        for seq in range(1, 41)
    ] * 2
    random.Random(5).shuffle(messages)
    outcomes: list[SaveOutcome] = []
    threads = [
        threading.Thread(
            target=lambda part: outcomes.extend(map(store.save_page, part)),
            args=(messages[number::4],),
        )
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 80
    assert set(outcomes) <= {SaveOutcome.STORED, SaveOutcome.STALE}
    assert ratings_of(store, token) == {(slot, "overall"): 40.0 for slot in range(4)}
    events = store.events("lights")
    assert not events.duplicated(["epoch", "seq", "event_index"]).any()
    store.close()


def test_two_final_saves_at_once_move_on_by_one_page(tmp_path: Path) -> None:
    """Two tabs that submit together: one page is passed, not two."""
    store, token = new_store(f"sqlite:///{tmp_path / 'study.sqlite'}")
    first, second = store.page_state(token, 0).epoch, store.page_state(token, 0).epoch
    threads = [
        threading.Thread(target=save, args=(store, token, epoch, 1, value, True))
        for epoch, value in ((first, 10.0), (second, 90.0))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = store.find_participant(token)
    assert found is not None
    assert (found.step, found.page_index) == ("rating", 1)
    assert ratings_of(store, token)[0, "overall"] in (10.0, 90.0)
    store.close()


UNCOUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "--")
"""What a transaction has besides its statements; the two dashes begin what SQLite does itself."""


def test_the_most_frequent_requests_take_few_statements(opened: tuple[Store, str]) -> None:
    """The cost of a page must not creep up: a save on the way, a final one, the next page."""
    store, token = opened
    asked: list[str] = []
    connection = store._engine.raw_connection()  # the one of an archive in memory
    assert connection.driver_connection is not None
    connection.driver_connection.set_trace_callback(asked.append)

    def count(done: object) -> int:
        assert done is not None
        counted = [text for text in asked if not text.startswith(UNCOUNTED)]
        # The values are in the text, so that each of many rows inserted together has its own.
        heads = [text.partition("(")[0] for text in counted]
        n_more = sum(
            head == before and head.startswith("INSERT") for before, head in pairwise(heads)
        )
        n_asked = len(counted) - n_more
        asked.clear()
        return n_asked

    epoch = store.page_state(token, 0).epoch
    events = tuple(Event(10.0 * number, "switch", 1) for number in range(60))
    ratings = tuple(RatingValue(slot, "overall", 40.0) for slot in range(4))
    asked.clear()
    # where it belongs, the claim, all ratings, all events; at the end the next page and the move
    assert count(store.save_page(SavedPage(token, 0, epoch, 1, False, ratings, events))) == 4
    assert count(store.save_page(SavedPage(token, 0, epoch, 2, True, ratings, events))) == 6
    assert count(store.find_participant(token)) == 2
    assert count(store.page_state(token, 1)) == 3
    page = store.page_state(token, 1, opening=False).page
    asked.clear()
    assert count(store.open_page(token, page)) == 1  # two, once something was saved of it


def busy(token: str, epoch: int, seq: int, page: int, n_events: int) -> SavedPage:
    """A save of one rating and many events."""
    events = tuple(Event(float(number), "play", 0) for number in range(n_events))
    return SavedPage(token, page, epoch, seq, False, (RatingValue(0, "overall", seq),), events)


def test_a_page_and_a_participant_take_so_many_events_and_ratings_all_the_same(
    opened: tuple[Store, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything that is beyond is left out; a repeat takes no room and brings nothing new."""
    monkeypatch.setattr(saving, "MAX_PAGE_EVENTS", 25)
    monkeypatch.setattr(saving, "MAX_PARTICIPANT_EVENTS", 40)
    store, token = opened
    first, second = store.page_state(token, 0).epoch, store.page_state(token, 1).epoch
    sent = ((1, 10, 10), (1, 10, 10), (1, 12, 10), (2, 10, 20), (3, 10, 25))
    for seq, n_events, n_stored in sent:
        assert store.save_page(busy(token, first, seq, 0, n_events)) is SaveOutcome.STORED
        assert len(store.events("lights")) == n_stored
    assert ratings_of(store, token) == {(0, "overall"): 3.0}
    for seq, n_stored in ((1, 35), (2, 40), (3, 40)):
        assert store.save_page(busy(token, second, seq, 1, 10)) is SaveOutcome.STORED
        assert len(store.events("lights")) == n_stored
    assert ratings_of(store, token, 1) == {(0, "overall"): 3.0}


def test_no_number_that_was_saved_ends_the_saving_of_a_page(opened: tuple[Store, str]) -> None:
    """A version before took any: the next opening begins anew, and is newer all the same."""
    store, token = opened
    first = store.page_state(token, 0).epoch
    assert save(store, token, first, 10**9, 20.0) is SaveOutcome.STORED
    state = store.page_state(token, 0)
    assert state.seq == 0
    assert save(store, token, state.epoch, 1, 70.0) is SaveOutcome.STORED
    assert ratings_of(store, token) == {(0, "overall"): 70.0}
    assert store.page_state(token, 0).seq == 1


def test_a_moment_is_stored_as_every_other(tmp_path: Path) -> None:
    """The opening of a page lies in the file in the form of the models' type, without a zone."""
    store, token = new_store(f"sqlite:///{tmp_path / 'moments.db'}")
    store.page_state(token, 0)
    store.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "moments.db")) as connection:
        (text,) = connection.execute("SELECT opened_at FROM page WHERE page_index = 0").fetchone()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", text)
