"""How a participant answers each page type: what is set, and what should be stored of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from browser_study import HELD_BACK, N_TRIES, rate_slider

READY = ".headphones .play:not([aria-disabled=true])"
ANSWERABLE = ".headphones .choice:not([aria-disabled=true])"
NAMES = "ABCDEFGHIJKL"
Answers = dict[tuple[int, str], float]
"""Values 0-100 by slot and attribute."""


def button_of(page: Any, name: str) -> Any:
    """The button of a stimulus: a letter, or a reference's name."""
    return page.locator(f".letter:has(.name:text-is('{name}'))").first


def listen(page: Any, name: str) -> None:
    """Press the button of a stimulus."""
    button_of(page, name).click()


def wait_while_it_plays(page: Any, wanted: Any) -> None:
    """Wait for what comes of listening; play is pressed anew where the sound was held back."""
    for _ in range(N_TRIES):
        wanted.or_(page.locator(HELD_BACK)).first.wait_for()
        if not page.locator(HELD_BACK).count():
            return
        page.locator(".play").click()
    wanted.wait_for()


def rate_sliders(page: Any, attributes: tuple[str, ...] = ("overall",)) -> Answers:
    """Set every slider of every step, which is an attribute each."""
    wanted = {}
    for step, attribute in enumerate(attributes):
        for slot in range(page.locator(".board .stimulus").count()):
            value = 7 + 19 * slot + 3 * step
            rate_slider(page, button_of(page, NAMES[slot]), slot, value)
            wanted[slot, attribute] = float(value)
        if step < len(attributes) - 1:
            page.locator(".next").click()
    return wanted


def hear_headphone_trial(page: Any) -> None:
    """Play the three sounds of the headphone check to their end, anew where they are held back."""
    page.locator(READY).wait_for()
    for _ in range(N_TRIES):
        page.locator(READY).click()
        page.locator(f"{ANSWERABLE}, {READY}").first.wait_for()
        if page.locator(ANSWERABLE).count():
            break
    page.locator(ANSWERABLE).first.wait_for()


def choose_labels(page: Any, attributes: tuple[str, ...] = ("overall",)) -> Answers:
    """Choose another of five labels for each mix."""
    wanted = {}
    for step, attribute in enumerate(attributes):
        for slot in range(page.locator(".board .stimulus").count()):
            listen(page, NAMES[slot])
            choice = (slot + step + 3) % 5
            page.locator(".points").nth(slot).locator("input").nth(choice).check(force=True)
            wanted[slot, attribute] = 25.0 * choice
        if step < len(attributes) - 1:
            page.locator(".next").click()
    return wanted


def place_markers(page: Any, attributes: tuple[str, ...] = ("overall",)) -> Answers:
    """Drag each marker to a place on each axis, by mouse."""
    wanted = {}
    for number, attribute in enumerate(attributes):
        axis = page.locator(".axis").nth(number)
        for slot in range(axis.locator(".marker").count()):
            value = 10 + 23 * slot + number
            drag_marker(page, axis, slot, value)
            wanted[slot, attribute] = float(value)
    return wanted


def drag_marker(page: Any, axis: Any, slot: int, value: float) -> None:
    """Drag a marker to a value of its axis."""
    marker = axis.locator(".marker").nth(slot)
    marker.scroll_into_view_if_needed()
    box, field = marker.bounding_box(), axis.locator(".axis-field").bounding_box()
    page.mouse.move(box["x"] + 22, box["y"] + 22)
    page.mouse.down()
    page.mouse.move(field["x"] + 22 + (field["width"] - 44) * value / 100, box["y"], steps=5)
    page.mouse.up()


def wait_until_heard(page: Any, name: str) -> None:
    """Until enough of a stimulus of a pair has sounded: the page asks for it no more."""
    asked = re.compile(rf"Still to listen to:.*\b{name}\b")
    wait_while_it_plays(page, page.locator(".hint").filter(has_not_text=asked))


def wait_until_enough(page: Any, slot: int) -> None:
    """Until as much of a stimulus has sounded as its part asks for."""
    button = page.locator(".rating .letter").nth(slot)
    wait_while_it_plays(page, button.and_(page.locator("[style*='--share: 1']")))


def hear_all(page: Any) -> None:
    """Listen to half a second of each mix of a pair, and of X."""
    for card in range(page.locator(".card-of-pair").count()):
        button = page.locator(".card-of-pair .letter").nth(card)
        button.click()
        wait_until_heard(page, button.locator(".name").inner_text())
    page.locator(".answers:not([disabled])").wait_for()


def choose_b(page: Any, attributes: tuple[str, ...] = ("overall",)) -> Answers:
    """Prefer B."""
    hear_all(page)
    page.get_by_role("radio", name="Mix B").check()
    return {(0, attributes[0]): 0.0, (1, attributes[0]): 100.0}


def grade_impairments(page: Any, attributes: tuple[str, ...] = ("overall",)) -> Answers:
    """Grade A 3.4, and B 5 as the reference; one grade below the top for both does not do."""
    wanted = {}
    for attribute in attributes:
        for slot, value in ((0, 3.4), (1, 4.2)):
            rate_slider(page, button_of(page, NAMES[slot]), slot, value)
        page.locator(".hint").filter(has_text="take for the reference 5").wait_for()
        assert page.locator(".next").get_attribute("aria-disabled") == "true"
        page.locator(".slider").nth(1).fill("5")
        wanted |= {(0, attribute): 3.4, (1, attribute): 5.0}
    return wanted


def call_x_a(page: Any, _attributes: tuple[str, ...] = ()) -> Answers:
    """Say that X is A."""
    hear_all(page)
    page.get_by_role("radio", name="X is mix A").check()
    return {(0, "abx"): 100.0, (1, "abx"): 0.0}


def call_b_odd(page: Any, _attributes: tuple[str, ...] = ()) -> Answers:
    """Say that B differs from A and C."""
    hear_all(page)
    page.get_by_role("radio", name="Mix B").check()
    return {(slot, "odd_one"): 100.0 * (slot == 1) for slot in range(3)}


def call_them_different(page: Any, _attributes: tuple[str, ...] = ()) -> Answers:
    """Say that A and B differ."""
    hear_all(page)
    page.get_by_role("radio", name="Different", exact=True).check()
    return {(0, "different"): 100.0, (1, "different"): 100.0}


def pick_b(page: Any, attributes: tuple[str, ...] = ("overall",)) -> Answers:
    """Call B the best of all."""
    hear_all(page)
    page.get_by_role("radio", name="Mix B").check()
    n_mixes = page.locator(".card-of-pair").count()
    return {(slot, attributes[0]): 100.0 * (slot == 1) for slot in range(n_mixes)}


def hear_and_put_in_order(page: Any) -> int:
    """Listen to half a second of each mix, and put it in order as the last so far; their number."""
    n_mixes = page.locator(".order-row").count()
    for slot in range(n_mixes):
        listen(page, NAMES[slot])
        wait_until_heard(page, NAMES[slot])
    for slot in range(n_mixes):
        page.get_by_role("button", name=f"Put mix {NAMES[slot]} in order").click()
    return n_mixes


def drag_to_top(page: Any, name: str) -> None:
    """Drag a mix of an order above the first, by mouse."""
    row = page.locator(f".order-row:has(.name:text-is('{name}'))")
    row.scroll_into_view_if_needed()
    first = page.locator("ol.order .order-row").first.bounding_box()
    box = row.locator(".order-grip").bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(first["x"] + 10, first["y"] - 4, steps=6)
    page.mouse.up()


def put_in_order(page: Any, attributes: tuple[str, ...] = ("overall",)) -> Answers:
    """Press each mix into the order, then drag the last of them to the top."""
    n_mixes = hear_and_put_in_order(page)
    drag_to_top(page, NAMES[n_mixes - 1])
    order = [n_mixes - 1, *range(n_mixes - 1)]
    steps = max(1, n_mixes - 1)
    return {(slot, attributes[0]): 100 * (n_mixes - 1 - place) / steps
            for place, slot in enumerate(order)}  # fmt: skip


def call_it_annoying(page: Any, attributes: tuple[str, ...] = ("overall",)) -> Answers:
    """Hear the reference, then the mix, and call its degradation annoying: grade 2 of 5."""
    listen(page, "Reference")
    wait_until_heard(page, "Reference")
    hear_all(page)
    page.get_by_role("radio", name="Degradation is annoying", exact=True).check()
    return {(0, attributes[0]): 2.0}


def call_b_worse(page: Any, attributes: tuple[str, ...] = ("overall",)) -> Answers:
    """Hear the first, then the second, and call the second worse: grade −2."""
    hear_all(page)
    page.get_by_role("radio", name="Worse", exact=True).check()
    return {(0, attributes[0]): 2.0, (1, attributes[0]): -2.0}


WALKS: dict[str, Callable[..., Answers]] = {
    "attributes": rate_sliders,
    "multi_stimulus": rate_sliders,
    "mushra": rate_sliders,
    "ape": place_markers,
    "preference": choose_b,
    "abx": call_x_a,
    "acr": choose_labels,
    "bs1116": grade_impairments,
    "ranking": put_in_order,
    "best": pick_b,
    "dcr": call_it_annoying,
    "ccr": call_b_worse,
    "triangle": call_b_odd,
    "same_different": call_them_different,
}
