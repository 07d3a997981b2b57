"""The state machine: every step with every happening, and the archive that moves by it."""

from __future__ import annotations

from itertools import product

import pytest

from db.records.participation import AssignedPage, AssignedSlot, SavedPage
from db.records.steps import LEFT, ON_PAGE, UNDER_WAY, Happening, Phase, Step
from db.store.store import open_store
from mixtrial.reporting.participants import PLACES
from mixtrial.visits.screens import SCREENS
from participants import join

PAGE = "the page that is to come"
ARROWS = {
    ("consent", "agreed"): "questionnaire",
    ("consent", "declined"): "refused",
    ("consent", "ended"): "thanks",
    ("consent", "withdrew"): "withdrawn",
    ("questionnaire", "answered"): "volume",
    ("questionnaire", "ended"): "thanks",
    ("questionnaire", "withdrew"): "withdrawn",
    ("volume", "volume set"): PAGE,
    ("volume", "ended"): "thanks",
    ("volume", "withdrew"): "withdrawn",
    ("training", "completed"): PAGE,
    ("training", "went back"): "rating",
    ("training", "ended"): "thanks",
    ("training", "withdrew"): "withdrawn",
    ("rating", "completed"): PAGE,
    ("rating", "went back"): "rating",
    ("rating", "ended"): "thanks",
    ("rating", "withdrew"): "withdrawn",
    ("thanks", "ended"): "thanks",
    ("thanks", "withdrew"): "withdrawn",
    ("refused", "agreed"): "questionnaire",
    ("refused", "declined"): "refused",
    ("refused", "withdrew"): "withdrawn",
    ("withdrawn", "withdrew"): "withdrawn",
}
"""All that leads anywhere, written down from what participants are told; the rest leads nowhere."""


@pytest.mark.parametrize(("step", "happening"), [*product(Step, Happening)])
@pytest.mark.parametrize("page", ["training", "rating", None])
def test_each_happening_leads_to_its_step_and_others_nowhere(
    step: Step, happening: Happening, page: Phase | None
) -> None:
    """Every step with every happening, before a page of each kind and behind the last."""
    expected = ARROWS.get((step.value, happening.value), step.value)
    if expected is PAGE:
        expected = page or "thanks"
    assert step.after(happening, page) == expected


def test_what_holds_on_each_step_is_written_in_one_table() -> None:
    """Sound from the volume page on, pages until the thanks; who left takes no part."""
    columns = [
        "has_sound", "is_on_page", "has_reached_pages", "is_finished", "has_left", "is_under_way",
    ]  # fmt: skip
    found = {step.value: [getattr(step, column) for column in columns] for step in Step}
    assert found == {
        "consent": [False, False, False, False, False, True],
        "questionnaire": [False, False, False, False, False, True],
        "volume": [True, False, False, False, False, True],
        "training": [True, True, True, False, False, True],
        "rating": [True, True, True, False, False, True],
        "thanks": [False, False, True, True, False, False],
        "refused": [False, False, False, False, True, False],
        "withdrawn": [False, False, False, False, True, False],
    }
    assert set(LEFT) == {"refused", "withdrawn"}
    assert set(ON_PAGE) == {"training", "rating"}
    assert set(UNDER_WAY) == {"consent", "questionnaire", "volume", "training", "rating"}


def test_every_step_can_be_drawn_and_told_of_in_a_report() -> None:
    """A step that is added is not forgotten where people see it."""
    assert set(SCREENS) == set(PLACES) == set(Step)


def test_the_archive_moves_as_the_table_says() -> None:
    """Each call of the archive leads where its happening does, from a step where it belongs."""
    store = open_store("sqlite://")
    store.register_study("lights", "Lights", "f" * 64, 7)
    slots = (AssignedSlot("cnn"), AssignedSlot("human"))
    kinds: tuple[Phase, ...] = ("training", "rating", "rating")
    token = join(store, "lights", [AssignedPage(kind, "harbour", slots) for kind in kinds]).token

    def complete(index: int) -> None:
        state = store.page_state(token, index)
        store.save_page(SavedPage(token, index, state.epoch, state.seq + 1, True, ()))

    moves = [
        (Happening.DECLINED, None, lambda: store.record_consent(token, "v", accepted=False)),
        (Happening.AGREED, None, lambda: store.record_consent(token, "v", accepted=True)),
        (Happening.DECLINED, None, lambda: store.record_consent(token, "v", accepted=False)),
        (Happening.VOLUME_SET, "training", lambda: store.record_volume(token, 0.5)),
        (Happening.ANSWERED, None, lambda: store.record_questionnaire(token, "hobbyist", "")),
        (Happening.VOLUME_SET, "training", lambda: store.record_volume(token, 0.5)),
        (Happening.VOLUME_SET, "training", lambda: store.record_volume(token, 0.9)),
        (Happening.COMPLETED, "rating", lambda: complete(0)),
        (Happening.COMPLETED, "rating", lambda: complete(1)),
        (Happening.WENT_BACK, None, lambda: store.reopen_page(token, 1)),
        (Happening.COMPLETED, "rating", lambda: complete(1)),
        (Happening.COMPLETED, None, lambda: complete(2)),
        (Happening.WENT_BACK, None, lambda: store.reopen_page(token, 1)),
        (Happening.ENDED, None, lambda: store.finish(token)),
    ]
    stood = []
    for happening, page, act in moves:
        before = store.find_participant(token).step
        act()
        stood.append(store.find_participant(token).step)
        assert stood[-1] is before.after(happening, page)
    assert len(set(stood)) == 6
    store.withdraw(token)
    assert store.counts("lights").by_step == {stood[-1].after(Happening.WITHDREW): 1}
    store.close()
