"""Choices between mixes as a table: one completed trial a row, worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from db.reading.ratings import RATING_COLUMNS
from db.reading.trials import TRIAL_COLUMNS
from db.records.participation import (
    AssignedPage,
    AssignedSlot,
    Event,
    PageToSave,
    RatingValue,
    SavedPage,
    SaveOutcome,
)
from db.store.store import Store, open_store
from participants import join, put_on_page

PAIR = (AssignedSlot("cnn"), AssignedSlot("human"))
X = AssignedSlot("human", role="x")
PAIRS = {"part": "pairs", "page_type": "two", "answers": "preference"}
FOUND = {"part": "found", "page_type": "three", "answers": "abx"}
PAGES = (
    AssignedPage("training", "harbour", PAIR, **PAIRS),
    AssignedPage("rating", "harbour", PAIR, **PAIRS),
    AssignedPage("rating", "meadow", PAIR[::-1], **PAIRS),
    AssignedPage("rating", "harbour", PAIR, replicate=1, **PAIRS),
    AssignedPage("training", "harbour", (*PAIR, X), **FOUND),
    AssignedPage("rating", "harbour", (*PAIR, X), **FOUND),
    AssignedPage("rating", "harbour", (*PAIR, X), 1, **FOUND),
    AssignedPage("rating", "harbour", PAIR, part="scale", page_type="one"),
)
SAID = {  # values of the first two slots
    0: (100.0, 0.0), 1: (0.0, 100.0), 2: (100.0, 0.0), 3: (50.0, 50.0), 4: (0.0, 100.0),
    5: (100.0, 0.0), 6: (0.0, 100.0), 7: (30.0, 40.0),
}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An archive with one participant who did everything."""
    opened = open_store(f"sqlite:///{tmp_path / 'study.sqlite'}")
    opened.register_study("pairs", "Pairs", "f" * 64, 7)
    token = join(opened, "pairs", PAGES).token
    opened.record_questionnaire(token, "hobbyist", "headphones")
    for index in range(len(PAGES)):
        put_on_page(opened, token, index)
        assert answer(opened, token, index) is SaveOutcome.STORED
    yield opened
    opened.close()


def answer(store: Store, token: str, index: int, *, final: bool = True) -> SaveOutcome:
    """Save a page as it was answered, with four starts of its stimuli."""
    name = "abx" if PAGES[index].part == "found" else "overall"
    epoch = store.page_state(token, index).epoch
    ratings = tuple(RatingValue(slot, name, value) for slot, value in enumerate(SAID[index]))
    events = (
        Event(1000.0, "play", 0), Event(2000.0, "switch", 1), Event(4500.0, "switch", 0),
        Event(6000.0, "submit"),
    )  # fmt: skip
    return store.save_page(SavedPage(token, index, epoch, 1, final, ratings, events))


def test_each_completed_trial_is_a_row(store: Store) -> None:
    """Answers, sides and right answers as they follow from the values by hand."""
    table = store.trials("pairs")
    assert tuple(table.columns) == TRIAL_COLUMNS
    columns = [
        "part", "trial_kind", "song", "attribute", "system_a", "system_b", "system_x", "answer",
        "correct", "replicate", "page_order", "phase",
    ]  # fmt: skip
    rows = table[columns].astype(object).where(table[columns].notna(), None).to_numpy().tolist()
    a, b = "cnn", "human"
    assert rows == [
        ["pairs", "preference", "harbour", "overall", a, b, "", "a", None, 0, 0, "training"],
        ["pairs", "preference", "harbour", "overall", a, b, "", "b", None, 0, 1, "rating"],
        ["pairs", "preference", "meadow", "overall", b, a, "", "a", None, 0, 2, "rating"],
        ["pairs", "preference", "harbour", "overall", a, b, "", "tie", None, 1, 3, "rating"],
        ["found", "abx", "harbour", "abx", a, b, b, "b", 1, 0, 0, "training"],
        ["found", "abx", "harbour", "abx", a, b, b, "a", 0, 0, 4, "rating"],
        ["found", "abx", "harbour", "abx", a, b, b, "b", 1, 1, 5, "rating"],
    ]
    assert set(table["plays"]) == {3}
    assert set(table["time_s"]) == {5.0}
    assert set(table["group"]) == {"hobbyist"}
    assert table["finished"].all()


def test_choices_are_no_ratings_and_ratings_name_their_part(store: Store) -> None:
    """Only the page with a scale is in the table of ratings; pages are counted across parts."""
    table = store.ratings("pairs")
    assert tuple(table.columns) == RATING_COLUMNS
    assert "part" in RATING_COLUMNS
    rows = table[["part", "system", "rating", "page_order"]].to_numpy().tolist()
    assert rows == [["scale", "cnn", 30.0, 6], ["scale", "human", 40.0, 6]]


def test_a_trial_that_was_not_completed_has_no_row(tmp_path: Path) -> None:
    """A choice that was only autosaved is not an answer."""
    store = open_store(f"sqlite:///{tmp_path / 'study.sqlite'}")
    store.register_study("pairs", "Pairs", "f" * 64, 7)
    token = join(store, "pairs", PAGES).token
    put_on_page(store, token, 5)
    assert answer(store, token, 5, final=False) is SaveOutcome.STORED
    assert store.trials("pairs").empty
    assert pd.api.types.is_bool_dtype(store.trials("pairs")["correct"])
    store.close()


def test_pages_and_slots_come_back_with_part_type_and_role(store: Store, tmp_path: Path) -> None:
    """Everything that was planned is what is read, by the participant and by the page."""
    other = open_store(f"sqlite:///{tmp_path / 'other.sqlite'}")
    other.register_study("pairs", "Pairs", "f" * 64, 7)
    added = join(other, "pairs", PAGES)
    for page, planned in zip(added.pages, PAGES, strict=True):
        assert (page.part, page.page_type) == (planned.part, planned.page_type)
        assert [slot.role for slot in page.slots] == [slot.role for slot in planned.slots]
        assert len(page.rated_slots) == 2
        assert other.page_state(added.token, page.index, opening=False).page == page
    other.close()


def test_a_check_that_refuses_leaves_nothing_behind(tmp_path: Path) -> None:
    """It is told whose page it is, and of what; what it raises comes through."""
    store = open_store(f"sqlite:///{tmp_path / 'study.sqlite'}")
    store.register_study("pairs", "Pairs", "f" * 64, 7)
    token = join(store, "pairs", PAGES).token
    put_on_page(store, token, 5)
    epoch = store.page_state(token, 5).epoch
    saved = SavedPage(token, 5, epoch, 1, True, (RatingValue(0, "abx", 100.0),))
    told = []

    def refuse(page: PageToSave) -> None:
        told.append(page)
        raise ValueError("not so")

    with pytest.raises(ValueError, match="not so"):
        store.save_page(saved, refuse)
    (page,) = told
    assert (page.participant, page.is_simulated, page.index) == ("P001", False, 5)
    assert (page.part, page.n_rated) == ("found", 2)
    assert page.opened_at is not None
    state = store.page_state(token, 5, opening=False)
    assert (state.ratings, state.final) == ((), False)
    assert store.save_page(saved, lambda _: {}) is SaveOutcome.STORED
    store.close()
