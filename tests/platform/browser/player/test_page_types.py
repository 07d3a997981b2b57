"""Each page type in a browser, without a server: what is sent is what was set, and only that."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import pytest

from browser_harness import DURATION_S, LABELS, REDRAW, SAMPLE_RATE, Harness, page_data
from browser_study import rate_slider, running_browser
from docs_examples import example_of
from mixtrial.server.language import locale_of
from non_text_contrast import faint_parts
from page_audit import OF_COLOURS, serious_findings
from page_walks import (
    NAMES,
    Answers,
    button_of,
    call_b_odd,
    call_b_worse,
    call_it_annoying,
    call_them_different,
    call_x_a,
    choose_b,
    choose_labels,
    drag_marker,
    grade_impairments,
    hear_all,
    listen,
    pick_b,
    place_markers,
    put_in_order,
    rate_sliders,
    wait_until_heard,
)
from stimuli.page_types.registry import page_types
from stimuli.study_keys.default_texts import LANGUAGES
from stimuli.study_keys.rated_scale import Range, RatingScale, scale_of
from stimuli.study_keys.recommendations import (
    scale_words,
)

pytestmark = pytest.mark.browser

DEGRADATION = scale_of((Range(minimum=1, maximum=5, step=1),), scale_words("degradation", "en"))
COMPARISON = scale_of((Range(minimum=-3, maximum=3, step=1),), scale_words("comparison", "en"))
STICKING_OUT = """boards => boards.flatMap((board) => {
  const { left, right } = board.getBoundingClientRect();
  return [...board.querySelectorAll("*")].filter((each) => {
    const box = each.getBoundingClientRect();
    return box.width > 1 && (box.left < left - 1 || box.right > right + 1);
  }).map((each) => each.className);
})"""
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}
ABOVE_PX = 212
"""Of a laptop's 800 px: the survey's header and heading, with a lead in the longest language."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def desktop(browser: Any) -> Iterator[Any]:
    """A context with a large window."""
    context = browser.new_context(viewport=WIDE)
    yield context
    context.close()


@pytest.fixture(scope="module")
def phone(browser: Any) -> Iterator[Any]:
    """A context with a small window, in dark colours."""
    context = browser.new_context(viewport=NARROW, color_scheme="dark")
    yield context
    context.close()


@pytest.fixture
def harness(browser: Any, desktop: Any) -> Iterator[Harness]:
    """A desktop's page, which must not have raised anything."""
    harness = Harness(browser, shared=desktop)
    yield harness
    harness.close()
    assert harness.troubles == []


GRADES = scale_of((page_types()["bs1116"]().usual_range,), scale_words("impairment", "en"))
CASES: dict[str, tuple[dict[str, Any], Callable[..., Answers]]] = {
    "attributes": (
        page_data("attributes", attributes=("overall", "level", "reverb")),
        rate_sliders,
    ),
    "attributes with labels": (page_data("attributes", options={"scale": "labels"}), choose_labels),
    "multi_stimulus": (
        page_data("multi_stimulus", references=("dry_mix", "dry_vocal")),
        rate_sliders,
    ),
    "mushra": (page_data("mushra", 5, references=("reference",)), rate_sliders),
    "ape": (page_data("ape", attributes=("overall", "reverb")), place_markers),
    "preference": (page_data("preference", 2, options={"ties": True}), choose_b),
    "abx": (page_data("abx", 2, references=("x",)), call_x_a),
    "acr": (page_data("acr", 1), choose_labels),
    "bs1116": (page_data("bs1116", 2, references=("reference",), scale=GRADES), grade_impairments),
    "ranking": (page_data("ranking"), put_in_order),
    "best": (page_data("best", 3), pick_b),
    "dcr": (page_data("dcr", 1, references=("reference",), scale=DEGRADATION), call_it_annoying),
    "ccr": (page_data("ccr", 2, scale=COMPARISON), call_b_worse),
    "triangle": (page_data("triangle", 3), call_b_odd),
    "same_different": (page_data("same_different", 2), call_them_different),
    "acr with slider": (page_data("acr", 1, options={"scale": "slider"}), rate_sliders),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_sent_is_what_was_set(browser: Any, phone: Any, case: str) -> None:
    """Every control's value arrives under its slot and attribute; references are never rated.

    On a phone in dark colours, where axe-core is asked once the page is answered. On a desktop,
    all page types are walked in test_every_type.py.
    """
    harness = Harness(browser, shared=phone)
    data, walk = CASES[case]
    page = harness.open(data)
    for reference in data["reference_urls"]:
        if reference["kind"] != "x":
            listen(page, data["texts"][reference["kind"]])
            assert page.locator(".board .slider:enabled").count() == 0
    wanted = walk(page, tuple(each["name"] for each in data["attributes"]))
    assert what_hinders(page, f"{case} on a phone", OF_COLOURS) == []
    harness.submit()
    assert harness.bodies[-1]["final"] is True
    assert harness.ratings() == wanted
    assert page.evaluate("window.advances[0]") == {"page": 1}
    harness.close()
    assert harness.troubles == []


DRAWN_ALIKE = {
    "multi_stimulus": "mushra",
    "preference": "abx",
    "bs1116": "mushra",
    "best": "abx",
    "dcr": "ccr",
    "triangle": "abx",
    "same_different": "abx",
    "acr with slider": "mushra",
}
"""Page types that are drawn of the same parts as another is, which `make test` looks at."""


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=[pytest.mark.slow] * (case in DRAWN_ALIKE)) for case in CASES],
)
def test_a_page_type_hinders_nobody_reflows_and_keeps_its_scales(
    browser: Any, desktop: Any, case: str
) -> None:
    """Untouched on a desktop in light colours, then at 320 px, then from right to left.

    Answered, on a phone in dark colours, each is looked at above.
    """
    harness = Harness(browser, shared=desktop)
    data, _ = CASES[case]
    page = harness.open(data)
    assert what_hinders(page, case) == []
    check_reflow_with_wide_spacing(page)
    check_scales_from_right_to_left(page, case, data)
    check_focus_is_never_covered(page)
    page.set_viewport_size(WIDE)
    harness.close()
    assert harness.troubles == []


def what_hinders(page: Any, name: str, rules: Sequence[str] = ()) -> list[str]:
    """Serious findings of axe-core, faint parts, targets below 44 px, and overflow."""
    findings = [*serious_findings(page, rules), *small_targets(page), *faint_parts(page)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        findings.append("wider than the window")
    boards = page.locator(".board-frame, .pair-board, .order-board")
    findings += [f"sticks out: {each}" for each in boards.evaluate_all(STICKING_OUT)]
    if folder := os.environ.get("MIXTRIAL_PICTURES"):
        page.screenshot(path=f"{folder}/page-{name.replace(' ', '-')}.png", full_page=True)
    return [f"{name}: {finding}" for finding in findings]


SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important } p { margin-bottom: 2em !important }"""


def check_reflow_with_wide_spacing(page: Any) -> None:
    """WCAG 1.4.10 and 1.4.12: nothing is cut off or scrolled sideways (as at 400 % zoom)."""
    page.set_viewport_size({"width": 320, "height": 640})
    page.evaluate(
        """css => { const style = document.createElement('style'); style.textContent = css;
          style.id = "spaced"; host.shadowRoot.append(style); }""",
        SPACED,
    )
    page.wait_for_function("innerWidth === 320")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    cut = page.evaluate(
        """() => [...host.shadowRoot.querySelectorAll('button, label, h2, p, summary')]
          .filter(each => each.checkVisibility() && each.scrollWidth > each.clientWidth + 1
            && getComputedStyle(each).overflowX !== 'visible')
          .map(each => each.outerHTML.slice(0, 80))"""
    )
    assert cut == []
    page.evaluate("host.shadowRoot.querySelector('#spaced').remove()")


COVERED = """() => {
  const kinds = "button, input, textarea, summary, [tabindex]";
  const controls = [...host.shadowRoot.querySelectorAll(kinds)]
    .filter((each) => each.checkVisibility() && !each.matches(":disabled") && each.tabIndex >= 0);
  const isSeen = (each) => {
    each.focus();
    if (!each.matches(":focus")) return false;
    const box = each.getBoundingClientRect();
    return [0.1, 0.5, 0.9].some((down) => {
      const place = [box.x + box.width / 2, box.y + down * box.height];
      const bar = host.shadowRoot.elementFromPoint(...place)?.closest(".sound, .scale, .foot");
      return place[1] > 0 && place[1] < innerHeight && (!bar || bar.contains(each));
    });
  };
  const walks = [controls, controls.toReversed()];
  const hidden = walks.flatMap((walk) => walk.filter((each) => !isSeen(each)));
  return [controls.length, hidden.map((each) => each.outerHTML.slice(0, 80))];
}"""


def check_focus_is_never_covered(page: Any) -> None:
    """WCAG 2.4.11: what gets the focus, walking down and up, is not behind a bar that stays."""
    for width, height in ((390, 640), (1280, 800 - ABOVE_PX)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function("size => innerWidth === size[0]", arg=[width, height])
        n_controls, hidden = page.evaluate(COVERED)
        assert n_controls > 4
        assert hidden == []
        if width > height:
            page.evaluate("scrollTo(0, 0)")
            button = page.locator(".next").bounding_box()
            assert button["y"] + button["height"] <= 800 - ABOVE_PX, "Save is in view"


def check_scales_from_right_to_left(page: Any, case: str, data: dict[str, Any]) -> None:
    """Laid out for a script from right to left, nothing overflows; low values stay on the left."""
    page.set_viewport_size(NARROW)
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.wait_for_function("width => innerWidth === width", arg=NARROW["width"])
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    listen(page, "Reference" if case == "dcr" else "A")
    if folder := os.environ.get("MIXTRIAL_PICTURES"):
        page.screenshot(path=f"{folder}/rtl-{case.replace(' ', '-')}.png", full_page=True)
    if data["page_type"] == "ape":
        drag_marker(page, page.locator(".axis").first, 0, 80)
        assert page.locator(".marker-value").first.inner_text() == "80"
    elif page.locator(".slider").count():
        box = page.locator(".slider").first.bounding_box()
        page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
        slider, low, high = page.locator(".slider").first, *ends_of(data)
        assert float(slider.input_value()) > low + 0.8 * (high - low)
    elif case == "attributes with labels":
        points = page.locator(".points").first.locator(".point").all()
        places = [point.bounding_box()["x"] for point in points]
        assert places == sorted(places), "the lowest label is on the left, as on the scale"


def ends_of(data: dict[str, Any]) -> tuple[float, float]:
    """Lowest and highest value of the scale of a page."""
    scale = data["attributes"][0]["scale"]
    return float(scale["minimum"]), float(scale["maximum"])


SMALL_TARGETS = """() => {
  const targets = "button:not(.link), .marker, .answer, .single .point";
  return [...host.shadowRoot.querySelectorAll(targets)]
    .filter((each) => each.checkVisibility())
    .map((each) => [each.innerText, each.offsetWidth, each.offsetHeight])
    .filter(([, width, height]) => Math.min(width, height) < 44);
}"""


def small_targets(page: Any) -> list[Any]:
    """Buttons, markers and choices that are less than 44 px wide or high."""
    found: list[Any] = page.evaluate(SMALL_TARGETS)
    return found


def test_labels_are_pressed_beside_their_circles(harness: Harness) -> None:
    """A circle is drawn smaller than its target: a press 20 px beside its middle counts."""
    page = harness.open(page_data("attributes", options={"scale": "labels"}))
    listen(page, "A")
    point = page.locator(".points").first.locator(".point").nth(3).bounding_box()
    page.mouse.click(point["x"] + point["width"] / 2 + 20, point["y"] + point["height"] / 2)
    assert page.locator(".points").first.locator("input").nth(3).is_checked()


# The keyboard alone


def press(page: Any, *keys: str) -> None:
    """Press keys one after another."""
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize("scale", ["labels", "slider"])
def test_labels_and_sliders_are_set_by_the_same_keys(harness: Harness, scale: str) -> None:
    """A letter goes to the mix, up and right are higher, Home and End the ends."""
    page = harness.open(page_data("attributes", 3, options={"scale": scale}))
    press(page, "a", "End", "b", "Home", "c", "Enter" if scale == "slider" else "ArrowUp")
    if scale == "labels":
        press(page, "ArrowRight")
    page.locator(".next").focus()
    press(page, "Enter")
    page.wait_for_function("window.advances.length > 0")
    last = 50.0 if scale == "slider" else 75.0
    assert list(harness.ratings().values()) == [100.0, 0.0, last]


def test_axes_are_walked_by_keys_alone(harness: Harness) -> None:
    """A letter goes to a mix's marker, arrows and pages move it, Tab leads to the next axis."""
    page = harness.open(page_data("ape", 2, attributes=("overall", "reverb")))
    press(page, "a", "Enter", "Tab", "PageUp", "ArrowRight")
    press(page, "b", "Home", "Shift+Tab", "End")
    page.locator(".next").focus()
    press(page, "Enter")
    page.wait_for_function("window.advances.length > 0")
    assert harness.ratings() == {
        (0, "overall"): 50.0,
        (0, "reverb"): 61.0,
        (1, "reverb"): 0.0,
        (1, "overall"): 100.0,
    }


# Faster than any hand: nothing sounds between the two.
PRESS_AT_ONCE = """(keys) => {
  for (const key of keys)
    document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}"""


def show_from_the_docs(harness: Harness, name: str) -> None:
    """Serve the browser's file of a page type of docs/add-a-page-type.md."""
    shown = example_of("add-a-page-type.md", "js", name)
    harness.page.route(
        f"**/page_types/{name}.js",
        lambda route: route.fulfill(body=shown, content_type="text/javascript"),
    )


def test_the_page_type_that_the_docs_show_is_one(harness: Harness) -> None:
    """The file of docs/add-a-page-type.md, asked for by its name: rated and handed in."""
    show_from_the_docs(harness, "glance")
    rules = {"playback": "once", "on_switch": "restart"}
    page = harness.open(page_data("glance", 3, rules=rules))
    wanted = rate_sliders(page)
    harness.submit()
    assert harness.ratings() == wanted
    assert harness.troubles == []


def test_the_pair_type_that_the_docs_show_asks_the_studys_question(harness: Harness) -> None:
    """Two answers, no tie; above them the question of the study file."""
    show_from_the_docs(harness, "brighter")
    data = page_data("brighter", 2, options={"ties": False})
    page = harness.open(data)
    assert page.locator(".question").inner_text() == data["attributes"][0]["question"]
    assert page.locator(".answer").count() == 2
    wanted = choose_b(page)
    harness.submit()
    assert harness.ratings() == wanted
    assert harness.troubles == []


@pytest.mark.parametrize("kind", [pytest.param("preference", marks=pytest.mark.slow), "abx"])
def test_a_pair_is_answered_by_keys_alone(harness: Harness, kind: str) -> None:
    """Letters play, Tab leads to the answers, space takes one, Enter hands it in."""
    references = ("x",) if kind == "abx" else ()
    page = harness.open(page_data(kind, 2, references=references, options={"ties": False}))
    for key in ("a", "b", "x")[: 2 + len(references)]:
        press(page, key)
        wait_until_heard(page, key.upper())
    page.locator(".answers:not([disabled])").wait_for()
    page.locator(".next").click(force=True)  # with no answer: where it is missing is shown
    page.locator(".wanting .answer").first.wait_for()
    assert page.evaluate("host.shadowRoot.activeElement.matches('.answer input')")
    press(page, "ArrowRight", "Tab")
    assert page.locator(".wanting").count() == 0
    assert page.evaluate("host.shadowRoot.activeElement.classList.contains('next')")
    press(page, "Enter")
    page.wait_for_function("window.advances.length > 0")
    assert list(harness.ratings().values()) == [0.0, 100.0]


def test_r_goes_through_the_references_and_is_spoken(harness: Harness) -> None:
    """Each press plays the next one; what plays is announced and shown as pressed."""
    page = harness.open(page_data("multi_stimulus", 3, references=("dry_mix", "dry_vocal")))
    spoken = page.locator(".sr-only[role=status]")
    for name in ("Unprocessed mix", "Unprocessed vocal", "Unprocessed mix"):
        press(page, "r")
        assert spoken.inner_text() == f"{name}: now playing"
        assert page.get_by_role("button", name=f"Listen to: {name}", pressed=True).count() == 1
    press(page, "c")
    assert spoken.inner_text() == "Mix C is playing"


def test_keys_that_are_signs_can_be_switched_off(harness: Harness) -> None:
    """WCAG 2.1.4: no letter chooses a mix any more, on this page and on the next."""
    page = harness.open(page_data("multi_stimulus", 2))
    chosen = page.locator(".letter[aria-pressed=true]")
    press(page, "b")
    chosen.filter(has_text="B").wait_for()
    page.get_by_text("Keyboard").click()
    page.get_by_label("Use these keys").uncheck()
    press(page, "a")
    assert chosen.inner_text() == "B"
    page = harness.open(page_data("multi_stimulus", 2))
    chosen = page.locator(".letter[aria-pressed=true]")
    page.locator(".play:not([disabled])").wait_for()
    press(page, "b", " ")
    assert page.locator(".play").inner_text() == "Play"
    assert chosen.filter(has_text="B").count() == 0
    page.get_by_text("Keyboard").click()
    page.get_by_label("Use these keys").check()
    press(page, "b")
    chosen.filter(has_text="B").wait_for()


# Axes


def test_markers_at_one_place_stand_above_each_other(harness: Harness) -> None:
    """Four mixes of nearly the same value: none hides another, and all can be grasped."""
    page = harness.open(page_data("ape", 4))
    axis = page.locator(".axis")
    for slot, value in enumerate((50, 51, 49, 50)):
        drag_marker(page, axis, slot, value)
    boxes = [axis.locator(".marker").nth(slot).bounding_box() for slot in range(4)]
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            apart = abs(one["x"] - other["x"]) >= 44 or abs(one["y"] - other["y"]) >= 44
            assert apart, (one, other)
    assert [axis.locator(".marker-value").nth(slot).inner_text() for slot in range(4)] == [
        "50",
        "51",
        "49",
        "50",
    ]


def test_no_empty_tray_stays_under_an_axis(harness: Harness) -> None:
    """Its row goes when the last marker was dropped on the axis, and not while it is dragged."""
    page = harness.open(page_data("ape", 3))
    axis, field = page.locator(".axis"), page.locator(".axis-field")
    drag_marker(page, axis, 0, 20)
    drag_marker(page, axis, 1, 50)
    before = field.bounding_box()["height"]
    drag_marker(page, axis, 2, 80)
    after = field.bounding_box()
    assert before - after["height"] == 48
    note = axis.locator(".tray-note").bounding_box()
    assert after["y"] + after["height"] - note["y"] - note["height"] < 12


def test_a_heard_marker_goes_under_the_bar_that_stays(browser: Any) -> None:
    """On a phone the bar stays at the top; scrolled, the marker below it is not seen there."""
    harness = Harness(browser, viewport={"width": 390, "height": 568})
    page = harness.open(page_data("ape", 4, attributes=("overall", "level", "reverb")))
    marker = page.locator(".marker").first
    marker.click()
    page.evaluate("y => scrollBy(0, y)", marker.bounding_box()["y"] - 90)
    box = marker.bounding_box()
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert middle[1] < page.locator(".sound").bounding_box()["height"]
    assert page.evaluate(
        "([x, y]) => host.shadowRoot.elementFromPoint(x, y).closest('.sound') !== null", middle
    )
    harness.close()


def test_a_marker_is_heard_when_pressed_and_placed_only_when_dragged(harness: Harness) -> None:
    """A press plays the mix and rates nothing; a press on the axis brings its marker there."""
    page = harness.open(page_data("ape", 3))
    page.locator(".marker").nth(1).click()
    assert page.locator(".marker.heard .marker-name").inner_text() == "B"
    assert page.locator(".marker.unrated").count() == 3
    assert page.locator(".marker-input:enabled").get_attribute("aria-valuetext") == "not rated"
    field = page.locator(".axis-field").bounding_box()
    line = page.locator(".axis-line").bounding_box()
    page.mouse.click(field["x"] + 22 + 0.25 * (field["width"] - 44), line["y"] + 10)
    assert page.locator(".marker-input:enabled").get_attribute("aria-valuetext") == "25, Poor"
    press(page, "Space")
    page.mouse.click(field["x"] + field["width"] / 2, line["y"] + 10)
    assert page.locator(".marker-value").all_inner_texts() == ["", "25", ""]


def test_markers_are_dragged_by_a_finger(browser: Any) -> None:
    """At 390 px a touch moves a marker to its place, and the page does not scroll away."""
    harness = Harness(browser, viewport=NARROW, has_touch=True, is_mobile=True)
    page = harness.open(page_data("ape", 7))
    box = page.locator(".marker").nth(2).bounding_box()
    field = page.locator(".axis-field").bounding_box()
    touch = harness.context.new_cdp_session(page)
    x, y = box["x"] + 22, box["y"] + 22
    target = field["x"] + 22 + 0.8 * (field["width"] - 44)
    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": (x + target) / 2, "y": y - 60}]),
        ("touchMove", [{"x": target, "y": y - 90}]),
        ("touchEnd", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert float(page.locator(".marker-value").nth(2).inner_text()) == pytest.approx(80, abs=1)
    assert page.evaluate("scrollY") == 0
    harness.close()


@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_a_drag_over_a_silent_slider_switches_to_it_and_rates_it(browser: Any, width: int) -> None:
    """In one go, upright and lying; a press alone only switches. One drag is one commit."""
    harness = Harness(browser, viewport={"width": width, "height": 800})
    page = harness.open(page_data("multi_stimulus", 3))
    slider = page.locator(".slider").nth(1)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    middle, end = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2], [0.0, 0.0]
    end[0] = box["x"] + box["width"] - 1 if width < 641 else middle[0]
    end[1] = middle[1] if width < 641 else box["y"] + 1
    page.mouse.click(*middle)
    page.locator(".stimulus.open .name").get_by_text("B").wait_for()
    assert slider.get_attribute("aria-valuetext") == "not rated"
    page.keyboard.press("c")
    page.locator(".stimulus.open .name").get_by_text("C").wait_for()
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.mouse.up()
    page.locator(".stimulus.open .name").get_by_text("B").wait_for()
    assert slider.get_attribute("aria-valuetext") == "100, Excellent"
    page.locator(".save-state[data-state=saved]").wait_for()
    assert harness.ratings() == {(1, "overall"): 100.0}
    assert [each["value"] for each in harness.events("rate")] == ["overall=100"]
    harness.close()


@pytest.mark.parametrize(
    "page_type", ["attributes", pytest.param("mushra", marks=pytest.mark.slow)]
)
def test_a_small_laptop_shows_what_is_pressed_and_what_is_rated(
    browser: Any, page_type: str
) -> None:
    """At 1280 x 768 px, 100 of them for the survey's header, sound and scales need no scrolling."""
    harness = Harness(browser, viewport={"width": 1280, "height": 768})
    references = ["reference"] if page_type == "mushra" else []
    page = harness.open(page_data(page_type, 6, references=references))
    board = page.locator(".board").bounding_box()
    assert page.locator(".play").bounding_box()["y"] > 0
    assert board["y"] + board["height"] < 768 - 100
    page.set_viewport_size({"width": 1280, "height": 800 - ABOVE_PX})
    button = page.locator(".next").bounding_box()
    assert button["y"] + button["height"] <= 800 - ABOVE_PX, "Save is always in view"
    harness.close()


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_save_is_in_view_on_every_page_type_in_every_language(browser: Any, language: str) -> None:
    """At 1280 x 800 px below the survey's header, with comments, before anything is scrolled.

    The longest words of a scale stay within its board.
    """
    harness = Harness(browser, viewport={"width": 1280, "height": 800 - ABOVE_PX})
    texts = dict(locale_of(language).player)
    quality = asdict(scale_of((), scale_words("quality", language), name_intervals=True))
    for case, (data, _) in CASES.items():
        page_of = {**data, "language": language, "texts": texts, "comments": "both"}
        if case == "mushra":
            page_of["attributes"] = [{**data["attributes"][0], "scale": quality}]
        page = harness.open(page_of)
        button = page.locator(".next").bounding_box()
        assert button["y"] + button["height"] <= 800 - ABOVE_PX, case
        boards = page.locator(".board-frame, .pair-board, .order-board")
        assert boards.evaluate_all(STICKING_OUT) == [], case
    harness.close()
    assert harness.troubles == []


def test_a_phone_keeps_play_and_the_words_of_the_scale_in_view(browser: Any) -> None:
    """With twelve mixes, however far the page is scrolled; what is left open is marked."""
    harness = Harness(browser, viewport={"width": 390, "height": 844})
    page = harness.open(page_data("multi_stimulus", 12))
    page.locator(".letter").nth(11).scroll_into_view_if_needed()
    page.locator(".next").click(force=True)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    sound, words = (page.locator(each).bounding_box() for each in (".sound", ".scale"))
    assert sound["y"] >= 0
    assert words["y"] >= sound["y"] + sound["height"] - 1
    assert words["y"] + words["height"] < 844 / 2
    assert page.locator(".tick").last.is_visible()
    assert page.locator(".wanting .stimulus.unrated").count() == 12
    harness.close()


def test_the_ends_of_the_loop_are_typed(harness: Harness) -> None:
    """With point or comma; what cannot be looped is refused in a sentence, and the loop stays."""
    page = harness.open(page_data("multi_stimulus", 2))
    page.get_by_role("button", name="Type its ends").press("Enter")
    page.keyboard.type("x")
    start, end = (page.get_by_label(f"{side} of the loop (s)") for side in ("Start", "End"))
    for typed in (("0,5", "9"), ("0.5", "0.9"), ("", "1"), ("-1", "1")):
        for field, text in zip((start, end), typed, strict=True):
            field.fill(text)
            field.press("Tab")
        page.get_by_text("Two times in seconds, from 0 to 2.00, at least 0.5 apart").wait_for()
        assert end.get_attribute("aria-invalid") == "true"
    start.fill("0,5")
    end.fill("1.5")
    end.press("Enter")
    page.get_by_text("Looping 0:00.5 – 0:01.5").wait_for()
    assert page.locator(".fault").inner_text() == ""
    page.get_by_role("button", name="Whole excerpt").click()
    assert (start.input_value(), end.input_value()) == ("0.00", "2.00")


# Rules


def test_listening_is_counted_by_what_was_covered(harness: Harness) -> None:
    """A short loop never adds up to the whole; clicks and time on other mixes do not count."""
    page = harness.open(page_data("acr", 1, rules={"must_listen": 0.6}))
    box = page.locator(".waveform canvas").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.2 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], middle, steps=4)
    page.mouse.up()
    listen(page, "A")
    page.locator(".point input").nth(2).check()
    harness.play_on(DURATION_S)
    page.locator(".next").click(force=True)
    assert page.locator(".hint").inner_text() == "Still to listen to: A"
    assert page.locator(".next").get_attribute("aria-disabled") == "true"
    page.keyboard.press("Escape")  # the whole excerpt again
    page.locator(".next[aria-disabled=false]").wait_for()
    harness.submit()
    (heard,) = harness.events("heard")
    assert heard["slot"] == 0
    assert 0.6 <= heard["value"] <= 1.0


def test_what_was_heard_is_known_after_a_reload(harness: Harness) -> None:
    """Nobody has to listen again because a page was loaded anew."""
    data = page_data("preference", 2)
    page = harness.open(data)
    hear_all(page)
    harness.open(data)
    page.locator(".answers:not([disabled])").wait_for()


def test_a_pair_is_answered_only_after_both_were_heard(harness: Harness) -> None:
    """Before, the answers are closed and the hint says what lacks."""
    page = harness.open(page_data("preference", 2))
    assert page.locator(".answer input").first.is_disabled()
    assert page.locator(".hint").inner_text() == "Still to listen to: A, B"
    listen(page, "A")
    page.get_by_text("Still to listen to: B", exact=True).wait_for()
    page.evaluate(PRESS_AT_ONCE, ["b", "a"])
    harness.play_on(0.7)
    assert page.locator(".answer input").first.is_disabled(), "a click alone is not listening"
    page.keyboard.press("b")
    page.locator(".answers:not([disabled])").wait_for()
    assert page.locator(".hint").inner_text() == "Choose an answer."
    assert page.locator(".next").get_attribute("aria-disabled") == "true"


def test_an_untouched_slider_is_no_rating_even_where_none_must_move(harness: Harness) -> None:
    """With ``must_move: false`` a page is handed in with what was set, step by step."""
    page = harness.open(
        page_data("attributes", 3, attributes=("overall", "level"), rules={"must_move": False})
    )
    listen(page, "B")
    page.locator(".slider").nth(1).fill("33")
    assert page.locator(".next").inner_text() == "Next attribute"
    page.locator(".next").click()
    free = "You can go on; a mix that you do not rate gets no rating."
    assert page.locator(".hint").inner_text() == free, "nothing is said to be rated that is not"
    harness.submit()
    assert harness.ratings() == {(1, "overall"): 33.0}


def test_played_once_it_stops_at_its_end(harness: Harness) -> None:
    """It neither loops nor offers a loop; what has ended may be rated (P.800), and played again."""
    page = harness.open(page_data("acr", 1, rules={"playback": "once", "must_listen": 1}))
    assert page.locator(".handle:visible").count() == 0
    assert page.locator(".point input").first.is_disabled()
    listen(page, "A")
    page.locator(".play").get_by_text("Play", exact=True).wait_for()
    page.locator(".point input").nth(2).check()
    page.locator(".next[aria-disabled=false]").wait_for()
    assert page.locator(".play").inner_text() == "Play", "an answer does not play it again"
    listen(page, "A")
    harness.submit()
    (end,) = harness.events("end")
    assert end["value"] == pytest.approx(DURATION_S)
    assert [each["value"] for each in harness.events("heard")] == [1.0]


# A source without an offset is the silence that follows a fade.
STARTS = """() => {
  const start = AudioBufferSourceNode.prototype.start;
  window.starts = [];
  AudioBufferSourceNode.prototype.start = function (when, offset, ...rest) {
    if (offset === undefined) return start.call(this, when);
    window.starts.push({ when, offset, frames: this.buffer.length, rate: this.buffer.sampleRate,
      from: this.loopStart, to: this.loopEnd, context: this.context.sampleRate });
    window.buffer = this.buffer;
    return start.call(this, when, offset, ...rest);
  };
}"""


def test_references_start_on_the_same_sample_as_what_is_rated(harness: Harness) -> None:
    """They are channels of one source, in stereo after a count; the decoded noise is the same."""
    page = harness.open(page_data("mushra", 4, references=("reference",)))
    page.evaluate(STARTS)
    listen(page, "Reference")
    (start,) = page.evaluate("window.starts")
    assert start["frames"] == DURATION_S * SAMPLE_RATE
    assert start["context"] == start["rate"] == SAMPLE_RATE
    n_different = page.evaluate(
        """() => {
          const [first, ...others] = [1, 3, 5, 7, 9].map((i) => window.buffer.getChannelData(i));
          return others.map(
            (other) => other.filter((sample, i) => sample !== first[i]).length);
        }"""
    )
    assert n_different == [0, 0, 0, 0], "0 samples offset"


@pytest.mark.parametrize("on_switch", ["keep", "restart"])
def test_a_switch_keeps_the_place_or_begins_anew(harness: Harness, on_switch: str) -> None:
    """``on_switch: restart`` starts every mix at its beginning; ``keep`` goes on in step."""
    page = harness.open(page_data("multi_stimulus", 3, rules={"on_switch": on_switch}))
    listen(page, "A")
    harness.play_on(0.6)
    page.evaluate(STARTS)
    listen(page, "B")
    offsets = {each["offset"] for each in page.evaluate("window.starts")}
    assert offsets == ({0} if on_switch == "restart" else set())


# Recording of events, and errors


def test_everything_done_is_recorded_in_the_order_of_a_steady_clock(harness: Harness) -> None:
    """Plays, switches, loops, commits, focus, rate and latency of the sound; one clock."""
    page = harness.open(page_data("multi_stimulus", 3, references=("dry_mix",)))
    for key in ("a", "PageUp", "b", "r", "]", "Escape", "Space", "Space", "Shift+Space"):
        page.keyboard.press(key)
        harness.play_on(0.06 if page.locator(".sound.playing").count() else 0.0)
    page.evaluate("dispatchEvent(new Event('blur')); dispatchEvent(new Event('focus'))")
    page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    harness.play_on(0.6)
    for slot in range(3):
        rate_slider(page, button_of(page, NAMES[slot]), slot, 40)
    harness.submit()
    events = [event for body in harness.bodies for event in body["events"]]
    kinds = {event["kind"] for event in events}
    assert kinds >= {
        "open", "ready", "sample_rate", "base_latency", "output_latency", "play", "stop", "switch",
        "restart", "loop", "rate", "blur", "focus", "device_change", "heard", "submit",
    }  # fmt: skip
    times = [event["t_ms"] for event in events]
    assert times == sorted(times)
    assert {event["value"] for event in events if event["kind"] == "sample_rate"} == {SAMPLE_RATE}
    assert [event["slot"] for event in events if event["kind"] == "switch"][:2] == [1, 3]


def test_a_drag_is_one_commit(harness: Harness) -> None:
    """However many steps a slider is moved by, the log has where it was left."""
    page = harness.open(page_data("multi_stimulus", 2))
    listen(page, "A")
    box = page.locator(".slider").first.bounding_box()
    x = box["x"] + box["width"] / 2
    page.mouse.move(x, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(x, box["y"] + 20, steps=12)
    page.mouse.up()
    value = page.locator(".slider").first.input_value()
    rate_slider(page, button_of(page, "B"), 1, 40)
    harness.submit()
    rated = [event["value"] for event in harness.events("rate") if event["slot"] == 0]
    assert rated == [f"overall={value}"]


@pytest.mark.parametrize(
    ("case", "first", "second"),
    [("dcr", "Reference", "A"), pytest.param("ccr", "A", "B", marks=pytest.mark.slow)],
)
def test_an_ordered_page_lets_nothing_be_heard_before_its_turn(
    harness: Harness, case: str, first: str, second: str
) -> None:
    """The second's button and key wait for the first; play begins with the first."""
    page = harness.open(CASES[case][0])
    later = page.locator(f".letter:has(.name:text-is('{second}'))")
    assert later.is_disabled()
    press(page, second.lower())
    assert page.locator(".play").inner_text() == "Play"
    page.locator(".play").click()
    wait_until_heard(page, first)
    later.and_(page.locator(":enabled")).click()
    page.locator(".answers:not([disabled])").wait_for()
    page.get_by_role("radio").last.check()
    harness.submit()
    assert harness.events("play")[0]["slot"] == (1 if case == "dcr" else 0)


def test_save_pressed_twice_is_one_page(harness: Harness) -> None:
    """A double press hands the page in once."""
    page = harness.open(page_data("acr", 1))
    choose_labels(page)
    page.locator(".next").dblclick()
    page.wait_for_function("window.advances.length > 0")
    page.evaluate("fetch('anything').then((answer) => answer.text())")  # comes behind all others
    assert sum(body["final"] for body in harness.bodies) == 1
    assert page.evaluate("window.advances.length") == 1


def test_pages_are_turned_without_the_survey_until_a_form_comes(harness: Harness) -> None:
    """Each is drawn in the place of the last, of whatever type; what is above it follows."""
    header = '<header class="mx-header">{}</header>'
    harness.following = [
        page_data("acr", 1, page=2),
        page_data("dcr", 1, references=("reference",), page=3),
    ]
    page = harness.open(page_data("multi_stimulus", 3, may_go_back=True))
    page.evaluate("html => document.body.insertAdjacentHTML('afterbegin', html)", header.format(1))
    rate_sliders(page)
    page.locator(".next").click()
    page.locator(".rating[data-part=acr]").wait_for()
    assert page.locator(".rating").count() == 1
    assert page.locator(".mx-header").inner_text() == "page 2"
    assert page.title() == "Window 2"
    choose_labels(page)
    page.locator(".next").click()
    page.locator(".rating[data-part=dcr]").wait_for()
    assert page.evaluate("window.advances.length") == 0
    assert [(each["wish"], each["page"]) for each in harness.wishes] == [
        ("open", 1), ("next", 1), ("next", 2)
    ]  # fmt: skip
    assert page.evaluate("host.shadowRoot.querySelectorAll('.player > *').length") == 4


def test_a_survey_drawn_again_leaves_the_page_as_it_is(harness: Harness) -> None:
    """After a lost connection, say: nothing is asked of the server, and the sound plays on."""
    data = page_data("multi_stimulus", 3)
    page = harness.open(data)
    listen(page, "B")
    page.evaluate(REDRAW, data)
    harness.play_on(0.2)
    assert page.locator(".stimulus.open .name").inner_text() == "B"
    assert len(harness.wishes) == 1
    harness.shown = page_data("acr", 1, page=5)  # another tab went on meanwhile
    page.evaluate(REDRAW, {**data, "page": 5})
    page.locator(".rating[data-part=acr]").wait_for()


def test_a_page_that_another_tab_had_is_taken_over_and_handed_in_by_one_press(
    harness: Harness,
) -> None:
    """It is opened anew, and its ratings go out again under the new opening."""
    data = page_data("multi_stimulus", 3)
    page = harness.open(data)
    rate_sliders(page)
    page.locator(".save-state[data-state=saved]").wait_for()
    harness.answers, harness.following = [409], [{**data, "epoch": 2}]
    harness.submit()
    handed_in = [each for each in harness.bodies if each["final"]]
    assert [each["epoch"] for each in handed_in] == [1, 2]
    assert handed_in[0]["ratings"] == handed_in[1]["ratings"]


def test_a_page_that_does_not_come_is_asked_for_again(harness: Harness) -> None:
    """The server is busy, then its answer is lost: it is told, and nothing is turned twice."""
    harness.following = [page_data("acr", 1, page=2)]
    page = harness.open(page_data("multi_stimulus", 3))
    rate_sliders(page)
    harness.refusals = [503, 429]
    page.locator(".next").click()
    page.locator(".save-state[data-state=busy]").wait_for()
    page.locator(".rating[data-part=acr]").wait_for()
    assert [each["wish"] for each in harness.wishes] == ["open", "next", "next", "next"]


def test_a_stored_page_takes_nothing_more(harness: Harness) -> None:
    """A form is on its way: no other recording is heard, and the survey is asked once more."""
    page = harness.open(page_data("multi_stimulus", 3))
    rate_sliders(page)
    harness.submit()
    press(page, "b")
    assert page.locator(".stimulus.open").count() == 0
    page.wait_for_function("window.advances.length > 1")


@pytest.mark.parametrize(
    "status", [400, *(pytest.param(n, marks=pytest.mark.slow) for n in (403, 404))]
)
def test_a_refused_page_says_so_and_stays(harness: Harness, status: int) -> None:
    """The page stays after the server refuses it: incomplete, foreign, a link that ended."""
    page = harness.open(page_data("acr", 1))
    choose_labels(page)
    harness.answer = status
    page.locator(".next").click()
    page.locator(".hint").get_by_text("Not saved").wait_for()
    assert page.evaluate("window.advances.length") == 0


def test_a_page_whose_ratings_were_refused_before_it_was_handed_in_stays_too(
    harness: Harness,
) -> None:
    """The press has the same effect as where the refusal comes with it."""
    page = harness.open(page_data("acr", 1))
    harness.answer = 400
    choose_labels(page)
    page.locator(".save-state[data-state=refused]").wait_for()
    page.locator(".next").click()
    page.locator(".hint").get_by_text("Not saved").wait_for()
    assert page.evaluate("window.advances.length") == 0


def test_the_way_back_saves_first(harness: Harness) -> None:
    """Where a study allows it, Back stores what was rated and asks for the page before."""
    page = harness.open(page_data("multi_stimulus", 3, may_go_back=True))
    listen(page, "B")
    page.locator(".slider").nth(1).fill("81")
    page.get_by_role("button", name="Back", exact=True).click()
    page.wait_for_function("window.advances.length > 0")
    assert page.evaluate("window.advances[0]") == {"back": 1}
    assert harness.ratings() == {(1, "overall"): 81.0}
    assert harness.bodies[-1]["final"] is False


def test_there_is_no_way_back_unless_the_study_says_so(harness: Harness) -> None:
    """By default no such button is shown."""
    page = harness.open(page_data("multi_stimulus", 3))
    assert page.get_by_role("button", name="Back", exact=True).count() == 0


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (200, b"this is not sound", "could not be decoded"),
        pytest.param(200, b"", "could not be decoded", marks=pytest.mark.slow),
        (404, b"", "could not be loaded"),
        pytest.param(403, b"", "could not be loaded", marks=pytest.mark.slow),
    ],
)
def test_recordings_that_cannot_be_heard_are_told(
    harness: Harness, status: int, body: bytes, sentence: str
) -> None:
    """Spoilt, empty or missing: one sentence, a button, and nothing that could be rated."""

    def spoil(route: Any) -> None:
        if route.request.url.endswith("/2"):
            route.fulfill(status=status, body=body)
        else:
            route.fallback()

    harness.page.route("**/audio/*", spoil)
    page = harness.open(page_data("multi_stimulus", 3), is_loaded=False)
    page.get_by_role("alert").get_by_text(sentence).wait_for()
    assert page.locator(".letter:enabled").count() == 0
    assert page.locator(".slider:enabled").count() == 0
    page.unroute("**/audio/*", spoil)
    page.get_by_role("button", name="Try again").click()
    page.locator(".letter:enabled").first.wait_for()
    assert harness.troubles == []


def test_a_browser_that_holds_sound_back_is_named(harness: Harness) -> None:
    """Autoplay blocked: playing ends, the page says what to do, and the next press works."""
    harness.page.add_init_script(
        """{
          const resume = AudioContext.prototype.resume;
          const Native = AudioContext;
          window.AudioContext = class extends Native {
            constructor(...rest) { super(...rest); if (!window.isAllowed) this.suspend(); }
            resume() {
              return window.isAllowed ? resume.call(this) : new Promise(() => undefined);
            }
          };
        }"""
    )
    page = harness.open(page_data("multi_stimulus", 3))
    page.locator(".play").click()
    page.get_by_role("alert").get_by_text("holding the sound back").wait_for()
    page.locator(".play").get_by_text("Play", exact=True).wait_for()
    page.evaluate("window.isAllowed = true")
    page.locator(".play").click()
    page.get_by_role("alert").get_by_text("holding the sound back").wait_for(state="hidden")
    assert page.locator(".play").inner_text() == "Pause"


FIFTHS = scale_of((), LABELS, name_intervals=True)
OPINION = scale_of((Range(minimum=1, maximum=5, step=1),), LABELS)


@pytest.mark.parametrize(
    ("page_type", "scale", "rating", "above", "good_at"),
    [
        ("mushra", FIFTHS, 62, 63, 0.7),
        pytest.param("multi_stimulus", scale_of((), LABELS), 70, 71, 0.75, marks=pytest.mark.slow),
        ("multi_stimulus", OPINION, 4, 5, 0.75),
    ],
)
def test_a_slider_has_the_values_of_its_scale_and_the_words_stand_at_theirs(
    harness: Harness, page_type: str, scale: RatingScale, rating: int, above: int, good_at: float
) -> None:
    """60 to 80 is Good on BS.1534-3's fifths, 4 on an opinion scale; a key goes on by its step."""
    page = harness.open(page_data(page_type, 3, scale=scale, may_go_back=True))
    listen(page, "A")
    slider = page.locator(".slider").first
    ends = [float(str(slider.get_attribute(end))) for end in ("min", "max")]
    assert ends == [scale.minimum, scale.maximum]
    slider.fill(str(rating))
    assert page.locator(".value").first.inner_text().split() == [str(rating), "Good"]
    assert slider.get_attribute("aria-valuetext") == f"{rating}, Good"
    whole = slider.bounding_box()
    label = page.locator(".tick", has_text="Good").bounding_box()
    share = (whole["y"] + whole["height"] - label["y"] - label["height"] / 2) / whole["height"]
    assert share == pytest.approx(good_at, abs=0.03)
    slider.press("ArrowUp")
    page.get_by_role("button", name="Back", exact=True).click()
    page.wait_for_function("window.advances.length > 0")
    assert harness.ratings() == {(0, "overall"): float(above)}
