"""Going back to a page, and answers that are added to: nothing is lost, and the log says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from db.records.participation import AssignedPage, AssignedSlot, RatingValue, SavedPage, SaveOutcome
from db.store.store import Store, open_store
from participants import join

PAGES = (
    AssignedPage("training", "harbour", (AssignedSlot("cnn"), AssignedSlot("human"))),
    *(
        AssignedPage("rating", song, (AssignedSlot("cnn"), AssignedSlot("human")))
        for song in ("meadow", "lantern", "harbour")
    ),
)


@pytest.fixture
def store() -> Iterator[Store]:
    """An archive in memory, with one study."""
    archive = open_store("sqlite://")
    archive.register_study("lights", "Harbour Lights", "f" * 64, 7)
    yield archive
    archive.close()


@pytest.fixture
def token(store: Store) -> str:
    """Somebody who has completed the practice page and two songs, and opened the third."""
    token = join(store, "lights", PAGES).token
    store.record_consent(token, "v1", True)
    store.record_questionnaire(token, "hobbyist", "headphones")
    store.record_volume(token, 0.5)
    for index in range(3):
        store.page_state(token, index)
        assert save(store, token, index, 10.0 * index, final=True) is SaveOutcome.STORED
    store.page_state(token, 3)
    return token


def save(
    store: Store, token: str, index: int, value: float, final: bool, epoch: int | None = None
) -> SaveOutcome:
    """Save a page's two ratings under its last epoch, or another."""
    state = store.page_state(token, index, opening=False)
    ratings = tuple(RatingValue(slot, "overall", value) for slot in range(2))
    number = state.epoch if epoch is None else epoch
    return store.save_page(SavedPage(token, index, number, state.seq + 1, final, ratings))


def values(store: Store, token: str, index: int) -> list[float]:
    """Ratings of a page."""
    return [each.value for each in store.page_state(token, index, opening=False).ratings]


def test_a_completed_page_opens_again_with_its_ratings(store: Store, token: str) -> None:
    """They can be changed, bit by bit, as on the first visit."""
    assert store.reopen_page(token, 1)
    someone = store.find_participant(token)
    assert (someone.step, someone.page_index) == ("rating", 1)
    state = store.page_state(token, 1)
    assert (state.final, [each.value for each in state.ratings]) == (False, [10.0, 10.0])
    assert save(store, token, 1, 77.0, final=False) is SaveOutcome.STORED
    assert values(store, token, 1) == [77.0, 77.0]


def test_completing_it_again_leads_to_where_one_was(store: Store, token: str) -> None:
    """The pages between stay completed; what was rated on the open page is still there."""
    assert save(store, token, 3, 33.0, final=False) is SaveOutcome.STORED
    assert store.reopen_page(token, 1)
    store.page_state(token, 1)
    assert save(store, token, 1, 60.0, final=True) is SaveOutcome.STORED
    someone = store.find_participant(token)
    assert (someone.step, someone.page_index) == ("rating", 3)
    assert (values(store, token, 1), values(store, token, 3)) == ([60.0, 60.0], [33.0, 33.0])
    assert save(store, token, 3, 90.0, final=True) is SaveOutcome.STORED
    assert store.find_participant(token).step == "thanks"


def test_a_last_word_of_the_page_one_left_is_still_stored(store: Store, token: str) -> None:
    """The browser's last message may arrive after the way back was taken."""
    assert store.reopen_page(token, 2)
    assert save(store, token, 3, 44.0, final=False) is SaveOutcome.STORED
    assert values(store, token, 3) == [44.0, 44.0]


def test_a_late_message_of_the_first_visit_changes_nothing(store: Store, token: str) -> None:
    """Going back supersedes every save that was under way."""
    epoch = store.page_state(token, 1, opening=False).epoch
    assert store.reopen_page(token, 1)
    assert save(store, token, 1, 1.0, final=False, epoch=epoch) is SaveOutcome.SUPERSEDED
    assert values(store, token, 1) == [10.0, 10.0]


def test_going_back_is_an_event_of_the_page(store: Store, token: str) -> None:
    """The log tells when, and from which page; twice in a row is once."""
    assert store.reopen_page(token, 2)
    assert not store.reopen_page(token, 2)
    events = store.events("lights")
    assert list(events["event"]) == ["reopened"]
    assert events[["page_index", "value"]].to_numpy().tolist() == [[2, "3"]]


def test_there_is_nothing_to_go_back_to_elsewhere(store: Store, token: str) -> None:
    """Neither the practice page, nor pages ahead, nor anything after the end."""
    assert not store.reopen_page(token, 0)
    assert not store.reopen_page(token, 3)
    assert not store.reopen_page(token, 9)
    save(store, token, 3, 50.0, final=True)
    assert not store.reopen_page(token, 2)
    assert store.find_participant(token).step == "thanks"


def test_answers_are_added_to_and_taken_away(store: Store, token: str) -> None:
    """Texts stay letter for letter; what else was answered stays."""
    store.record_answers(token, {"wishes.free": "R&B + 50% wet", "wishes.code": "007"})
    store.record_answers(token, {"wishes.code": None, "years": "3"})
    assert store.find_participant(token).answers == {"wishes.free": "R&B + 50% wet", "years": "3"}
    store.record_questionnaire(token, "hobbyist", "headphones", {"years": "4"})
    kept = store.find_participant(token).answers
    assert kept == {"wishes.free": "R&B + 50% wet", "years": "4"}


def test_the_volume_is_locked_once_the_first_page_is_reached(store: Store, token: str) -> None:
    """A second tab on the volume page cannot change it."""
    store.record_volume(token, 0.9)
    assert store.find_participant(token).volume == 0.5
