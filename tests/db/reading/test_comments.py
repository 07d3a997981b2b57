"""Comments come out of the archive as they were last said, whole, and of the right stimulus."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from db.reading.comments import COMMENT_COLUMNS
from db.records.participation import AssignedPage, AssignedSlot, Event, SavedPage
from db.store.store import Store, open_store
from participants import join

PAGES = (
    AssignedPage("training", "harbour", (AssignedSlot("cnn"),)),
    AssignedPage("rating", "meadow", (AssignedSlot("human"), AssignedSlot("cnn"))),
)
MARKUP = '<script>alert(1)</script> =1+1 & "more"'


@pytest.fixture
def store() -> Iterator[Store]:
    """An archive with one participant who has come to the first song."""
    archive = open_store("sqlite://")
    archive.register_study("lights", "Harbour Lights", "f" * 64, 7)
    token = join(archive, "lights", PAGES).token
    archive.record_consent(token, "v1", True)
    archive.record_questionnaire(token, "hobbyist", "headphones")
    archive.record_volume(token, 0.5)
    say(archive, token, 0, [("comment", 0, "practice")], final=True)
    yield archive
    archive.close()


def say(
    store: Store, token: str, page: int, said: list[tuple[str, int | None, str]], final: bool
) -> None:
    """Open the page and send these comments in one save."""
    state = store.page_state(token, page)
    events = tuple(Event(float(place), *one) for place, one in enumerate(said))
    store.save_page(SavedPage(token, page, state.epoch, 1, final, (), events))


def token_of(store: Store) -> str:
    """Token of one more participant, who stands where the first one stands."""
    token = join(store, "lights", PAGES).token
    store.record_consent(token, "v1", True)
    store.record_questionnaire(token, "pro", "headphones")
    store.record_volume(token, 0.5)
    say(store, token, 0, [], final=True)
    return token


def test_the_last_words_hold_and_long_ones_come_together(store: Store) -> None:
    """A second comment replaces the first; pieces are joined; the page has a comment of its own."""
    token = token_of(store)
    first = [("comment", 1, "too dry"), ("comment", None, "nice song"), ("comment", 0, MARKUP)]
    say(store, token, 1, first, final=False)
    long = ["a" * 200, "b" * 200, "c"]
    again = [("comment", 1, long[0]), *(("comment_more", 1, piece) for piece in long[1:])]
    say(store, token, 1, again, final=True)
    table = store.comments("lights").query("participant == 'P002'")
    assert tuple(table.columns) == COMMENT_COLUMNS
    shown = ["song", "stimulus_order", "system", "comment"]
    assert table[shown].astype(object).where(table[shown].notna(), None).to_numpy().tolist() == [
        ["meadow", 1, "human", MARKUP],
        ["meadow", 2, "cnn", "".join(long)],
        ["meadow", None, "", "nice song"],
    ]
    assert set(table["group"]) == {"pro"}
    assert set(table["phase"]) == {"rating"}


def test_an_empty_comment_takes_the_earlier_one_back(store: Store) -> None:
    """Comments that were taken back or are only blank are in no table."""
    token = token_of(store)
    say(store, token, 1, [("comment", 0, "harsh"), ("comment", 1, "  ")], final=False)
    say(store, token, 1, [("comment", 0, "")], final=True)
    assert store.comments("lights")["comment"].tolist() == ["practice"]


def test_a_study_without_comments_has_an_empty_table(store: Store) -> None:
    """The columns are there all the same."""
    store.register_study("quiet", "Quiet", "0" * 64, 1)
    table = store.comments("quiet")
    assert table.empty
    assert tuple(table.columns) == COMMENT_COLUMNS
