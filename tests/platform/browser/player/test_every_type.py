"""A study with every page type: built from its songs, walked from link to thanks, and stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from browser_study import Server, Walker, running_browser, running_server
from db.records.participation import Participant
from db.store.store import open_store
from mixing.audio import write_flac
from page_walks import NAMES, WALKS, Answers, wait_until_enough, wait_until_heard
from stimuli.loading.load import load_study
from stimuli.rendering.render import build

pytestmark = pytest.mark.browser

RATE = 44_100
PARTS = {
    "attributes": "songs: [amber], attributes: [level, overall], references: [dry_vocal]",
    "multi_stimulus": "songs: [birch], references: [dry_mix]",
    "mushra": "songs: [amber], systems: [human, baseline], reference: human, must_listen: 0.1",
    "ape": "songs: [birch], attributes: [reverb, overall]",
    "preference": "songs: [amber], pairs: [[human, random]], ties: true",
    "abx": "songs: [birch], pairs: [[human, baseline]]",
    "acr": "songs: [amber], systems: [human]",
    "bs1116": "songs: [birch], systems: [baseline], reference: human",
    "ranking": "songs: [birch]",
    "best": "songs: [amber]",
    "dcr": "songs: [birch], systems: [random], reference: human",
    "ccr": "songs: [amber], systems: [random], reference: human",
    "triangle": "songs: [birch], pairs: [[human, random]]",
    "same_different": "songs: [amber], pairs: [[human, random]], trials: 1",
}
CHOICES = ("preference", "abx", "ranking", "best", "triangle", "same_different")
ATTRIBUTES = {"attributes": ("level", "overall"), "ape": ("reverb", "overall")}


def write_songs(folder: Path) -> list[str]:
    """Two songs of 3.2 s: a tone that swells over a noise; return their lines of the study."""
    time_s = np.arange(int(3.2 * RATE)) / RATE
    vocal = 0.1 * np.sin(2 * np.pi * 330 * time_s) * (1 + np.sin(2 * np.pi * 3 * time_s))
    lines = []
    for number, song in enumerate(("amber", "birch")):
        backing = 0.1 * np.random.default_rng(number).standard_normal((2, len(time_s)))
        parts = {"vocal": np.stack([vocal, vocal]), "backing": backing}
        parts["human"] = parts["vocal"] + parts["backing"]
        for part, sound in parts.items():
            write_flac(folder / f"{song}_{part}.flac", sound.astype(np.float32), RATE)
        files = ", ".join(f"{part}: {song}_{part}.flac" for part in parts)
        lines.append(f"  - {{name: {song}, {files}}}")
    return lines


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A study with a part of every page type, mixed and built by mixtrial itself."""
    folder: Path = tmp_path_factory.mktemp("every")
    lines = ["title: Every page", "seed: 7", "systems: [human, baseline, random]", "songs:"]
    lines += [*write_songs(folder), "pages: {training: false}", "parts:"]
    lines += [f"  - {{type: {name}, {keys}}}" for name, keys in PARTS.items()]
    path = folder / "study.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    build(load_study(path), folder / "build", 1, lambda *_: None)
    with running_server(path) as server:
        yield server


def hear_everything(walker: Walker) -> None:
    """Listen to the reference and to each mix for as long as the part asks."""
    buttons = walker.page.locator(".rating .letter")
    for number in range(buttons.count()):
        buttons.nth(number).click()
        wait_until_enough(walker.page, number)


def do_everything_else(page: Any) -> None:
    """Loop a part, start again, pause, look elsewhere, and change the listening device."""
    for key in ("]", "Escape", "Shift+Space", "Space", "Space"):
        page.keyboard.press(key)
        page.wait_for_timeout(80)
    page.evaluate("dispatchEvent(new Event('blur')); dispatchEvent(new Event('focus'))")
    page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")


@pytest.mark.slow
def test_every_page_type_is_walked_from_link_to_thanks(server: Server) -> None:
    """Content of the archive at the end is what was set on each page, and nothing else."""
    said: dict[str, Answers] = {}
    with running_browser() as browser:
        walker = Walker(browser, server, viewport={"width": 1280, "height": 900})
        page = walker.page
        walker.go_to_first_page()
        pages = server.participant(walker.token).pages
        assert [each.page_type for each in pages] == list(PARTS)
        for each in pages:
            wait_for_part(page, each.part)
            kind = each.page_type
            if kind == "mushra":
                hear_everything(walker)
            said[kind] = WALKS[kind](page, ATTRIBUTES.get(kind, ("overall",)))
            if kind == "attributes":
                do_everything_else(page)
            page.locator(".rating .next[aria-disabled=false]").wait_for()
            walker.next()
        page.get_by_text("Your personal code").wait_for()
        assert walker.troubles == []
        participant = server.participant(walker.token)
        walker.close()
    assert participant.step == "thanks"
    # C was put above A and B, and A above B; B was called the best of all.
    answers = ["b", "a", "a", "b", "b", "b", "a", "b", "different"]
    check_archive(server, participant, said, answers)


FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  if (!at?.matches("button, input, a, summary, [role]")) return "";
  return `${at?.innerText} ${at?.ariaLabel} ${at?.closest?.("label")?.innerText}`;
}"""


def tab_to(page: Any, text: str) -> None:
    """Press Tab until the focus is on something of that text."""
    for _ in range(60):
        if text in page.evaluate(FOCUSED):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {text!r}")


def enter(page: Any, text: str) -> None:
    """Go to a button by Tab and press Enter."""
    tab_to(page, text)
    page.keyboard.press("Enter")


def set_sliders(
    page: Any, n_rated: int, attributes: tuple[str, ...], is_heard_out: bool
) -> Answers:
    """A letter goes to the mix's slider; pages and arrows move it."""
    said = {}
    for step, attribute in enumerate(attributes):
        for slot in range(n_rated):
            page.keyboard.press(NAMES[slot].lower())
            if is_heard_out:
                wait_until_enough(page, slot + 1)  # the open reference comes first
            for key in ["PageUp"] + slot * ["ArrowUp"]:
                page.keyboard.press(key)
            said[slot, attribute] = 60.0 + slot
        if step < len(attributes) - 1:
            enter(page, "Next attribute")
    return said


def set_markers(page: Any, n_rated: int, attributes: tuple[str, ...]) -> Answers:
    """A letter goes to the mix's marker on the axis, Tab to that on the next axis, and back."""
    said = {}
    for slot in range(n_rated):
        page.keyboard.press(NAMES[slot].lower())
        for number, attribute in enumerate(attributes):
            for key in ["PageDown"] + (slot + number) * ["ArrowRight"]:
                page.keyboard.press(key)
            said[slot, attribute] = 40.0 + slot + number
            page.keyboard.press("Tab" if number == 0 else "Shift+Tab")
    return said


def take_first_answer(page: Any, letters: str, first: str) -> None:
    """Listen to each of a pair, go to the answers, and take the first."""
    for letter in letters:
        page.keyboard.press(letter)
        wait_until_heard(page, letter.upper())
    page.locator(".answers:not([disabled])").wait_for()
    tab_to(page, first)
    page.keyboard.press("Space")


def order_by_keys(page: Any, n_rated: int) -> Answers:
    """Listen by letters, put each in order by Enter, and move the last one up by an arrow."""
    for slot in range(n_rated):
        page.keyboard.press(NAMES[slot].lower())
        wait_until_heard(page, NAMES[slot])
    for slot in range(n_rated):
        enter(page, f"Put mix {NAMES[slot]} in order")
    page.keyboard.press("ArrowUp")
    order = [*range(n_rated - 2), n_rated - 1, n_rated - 2]
    steps = n_rated - 1
    return {(slot, "overall"): 100 * (steps - place) / steps for place, slot in enumerate(order)}


def answer_by_keys(page: Any, kind: str, n_rated: int) -> Answers:
    """Answer a page with the keys alone."""
    attributes = ATTRIBUTES.get(kind, ("overall",))
    if kind == "ape":
        return set_markers(page, n_rated, attributes)
    if kind == "preference":
        take_first_answer(page, "ab", "Mix A")
        return {(0, "overall"): 100.0, (1, "overall"): 0.0}
    if kind == "abx":
        take_first_answer(page, "abx", "X is mix A")
        return {(0, "abx"): 100.0, (1, "abx"): 0.0}
    if kind == "bs1116":
        page.keyboard.press("r")
        for letter, key in (("a", "End"), ("b", "PageUp")):
            page.keyboard.press(letter)
            page.keyboard.press(key)
        return {(0, "overall"): 5.0, (1, "overall"): 3.4}
    if kind == "triangle":
        take_first_answer(page, "abc", "Mix A")
        return {(slot, "odd_one"): 100.0 * (slot == 0) for slot in range(3)}
    if kind == "same_different":
        take_first_answer(page, "ab", "Same")
        return {(0, "different"): 0.0, (1, "different"): 0.0}
    if kind == "best":
        take_first_answer(page, NAMES[:n_rated].lower(), "Mix A")
        return {(slot, "overall"): 100.0 * (slot == 0) for slot in range(n_rated)}
    if kind == "ranking":
        return order_by_keys(page, n_rated)
    if kind == "dcr":
        page.keyboard.press("a")  # its turn has not come: the reference is first
        page.keyboard.press("Space")
        wait_until_heard(page, "Reference")
        take_first_answer(page, "a", "Degradation is inaudible")
        return {(0, "overall"): 5.0}
    if kind == "ccr":
        take_first_answer(page, "ab", "Much better")
        return {(0, "overall"): -3.0, (1, "overall"): 3.0}
    if kind == "acr":
        page.keyboard.press("a")
        page.keyboard.press("ArrowUp")
        return {(0, "overall"): 50.0}
    is_heard_out = kind == "mushra"  # that part asks for it
    page.keyboard.press("r")
    if is_heard_out:
        wait_until_enough(page, 0)
    return set_sliders(page, n_rated, attributes, is_heard_out)


def test_a_keyboard_alone_completes_a_study_of_every_page_type(server: Server) -> None:
    """From the link to the thanks with Tab, Enter, space, letters and arrows; no pointer."""
    said: dict[str, Answers] = {}
    with running_browser() as browser:
        walker = Walker(browser, server, viewport={"width": 1280, "height": 900})
        page = walker.page
        page.goto(f"{server.url}/")
        page.get_by_role("button", name="I agree").wait_for()
        enter(page, "I agree and take part")
        page.get_by_text("What describes you best?").wait_for()
        for first in ("Professional", "Headphones"):
            tab_to(page, first)
            page.keyboard.press("Space")
        page.get_by_role("button", name="Continue").and_(page.locator(":enabled")).wait_for()
        enter(page, "Continue")
        page.locator(".play:not([disabled])").wait_for()
        enter(page, "Play")
        page.locator(".volume .next[aria-disabled=false]").wait_for()
        enter(page, "This is comfortable")
        walker.wait_for_page()
        for each in server.participant(walker.token).pages:
            wait_for_part(page, each.part)
            said[each.page_type] = answer_by_keys(page, each.page_type, len(each.rated_slots))
            if each.page_type == "attributes":
                do_everything_else(page)
            page.locator(".rating .next[aria-disabled=false]").wait_for()
            enter(page, "Save and")
        page.get_by_text("Your personal code").wait_for()
        assert walker.troubles == []
        participant = server.participant(walker.token)
        walker.close()
    # A was put above C and B, and C above B; A was called the best of all.
    answers = ["a", "a", "a", "a", "b", "a", "a", "a", "same"]
    check_archive(server, participant, said, answers)


def stored_answers(server: Server, participant: Participant) -> dict[str, Answers]:
    """Ratings of each page as the archive has them."""
    store = open_store(server.database_url)
    try:
        states = [
            store.page_state(participant.token, each.index, opening=False)
            for each in participant.pages
        ]
    finally:
        store.close()
    return {
        state.page.page_type: {(each.slot, each.attribute): each.value for each in state.ratings}
        for state in states
    }


def wait_for_part(page: Any, part: str) -> None:
    """Until the page of a part is there and can be heard."""
    page.locator(f"[data-part={part}] .letter:enabled").first.wait_for()


def check_archive(
    server: Server, participant: Participant, said: dict[str, Answers], answers: list[str]
) -> None:
    """Ratings and trials are those that were set, under the systems that were heard."""
    store = open_store(server.database_url)
    try:
        ratings = store.ratings(participant.study)
        ratings = ratings[ratings["participant"] == participant.identifier]
        trials = store.trials(participant.study)
        events = store.events(participant.study)
    finally:
        store.close()
    assert stored_answers(server, participant) == said
    systems = {
        (each.part, slot.system, attribute): value
        for each in participant.pages
        for (position, attribute), value in said[each.page_type].items()
        for slot in each.slots
        if slot.position == position and slot.role == "rated"
        if each.page_type not in CHOICES
    }
    found = {(row.part, row.system, row.attribute): row.rating for row in ratings.itertuples()}
    assert found == systems
    trials = trials[trials["participant"] == participant.identifier]
    kinds = ["preference", "abx", *3 * ["ranking"], *2 * ["best"], "triangle", "same_different"]
    assert list(trials["trial_kind"]) == kinds
    assert list(trials["answer"]) == answers
    mine = events[events["participant"] == participant.identifier]
    for _, times in mine.groupby("page_index", sort=False)["t_ms"]:
        assert list(times) == sorted(times)
    assert set(events["event"]) >= {
        "open", "ready", "sample_rate", "base_latency", "output_latency", "play", "switch",
        "rate", "attribute", "heard", "submit", "loop", "restart", "stop", "blur", "focus",
        "device_change",
    }  # fmt: skip
