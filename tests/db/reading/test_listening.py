"""Seconds heard and switches, from events whose answer is known by hand."""

from __future__ import annotations

import pytest

from db.reading.listening import LISTENING_COLUMNS
from db.records.participation import AssignedPage, AssignedSlot, Event, SavedPage
from db.store.store import open_store
from participants import join

PAGES = (
    AssignedPage("rating", "meadow", (AssignedSlot("human"), AssignedSlot("cnn"))),
    AssignedPage("rating", "harbour", (AssignedSlot("human"),)),
)
FIRST = [
    (100.0, "switch", 1), (100.0, "play", 1),  # cnn chosen in silence, then played
    (2100.0, "switch", 0),  # 2 s of cnn
    (2600.0, "rate", 0),
    (5100.0, "stop", 0),  # 3 s of human
    (9000.0, "switch", 1), (9500.0, "seek", 1),  # silence
]  # fmt: skip
AGAIN = [(50.0, "play", 0), (1050.0, "play", 0), (1300.0, "blur", None)]  # 1.25 s of human


def test_seconds_and_switches_are_those_of_the_events() -> None:
    """Two openings of a page add up; silence counts nothing; an unopened page has no row."""
    store = open_store("sqlite://")
    store.register_study("lights", "Lights", "f" * 64, 7)
    token = join(store, "lights", PAGES).token
    store.record_consent(token, "v1", True)
    store.record_questionnaire(token, "pro", "headphones")
    store.record_volume(token, 0.5)
    for said in (FIRST, AGAIN):
        state = store.page_state(token, 0)
        events = tuple(Event(t_ms, kind, slot) for t_ms, kind, slot in said)
        store.save_page(SavedPage(token, 0, state.epoch, 1, False, (), events))
    table = store.listening("lights")
    store.close()
    assert tuple(table.columns) == LISTENING_COLUMNS
    shown = ["song", "stimulus_order", "system", "heard_s", "switches_to"]
    assert table[shown].to_numpy().tolist() == [
        ["meadow", 1, "human", pytest.approx(4.25), 1],
        ["meadow", 2, "cnn", pytest.approx(2.0), 2],
    ]
