"""The survey in its other languages, and laid out for scripts that run from right to left."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from browser_study import Walker, running_browser, running_server, write_study
from mixtrial.server.language import locale_of
from mixtrial.survey.question_fields import described
from stimuli.study_keys.default_texts import default_texts

pytestmark = pytest.mark.browser
NARROW = {"width": 390, "height": 844}


def photograph(page: Any, name: str) -> None:
    """Keep a picture of the page where ``MIXTRIAL_PICTURES`` names a folder."""
    if folder := os.environ.get("MIXTRIAL_PICTURES"):
        page.wait_for_timeout(300)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def bottom_on_a_laptop(page: Any, button: Any) -> float:
    """Lower end of a button at 1280 x 800 px, in a page that is not scrolled; in CSS pixels."""
    page.set_viewport_size({"width": 1280, "height": 800})
    page.wait_for_function("innerWidth === 1280")
    page.get_by_test_id("stMain").evaluate("each => each.scrollTo(0, 0)")
    box = button.bounding_box()
    page.set_viewport_size(NARROW)
    page.wait_for_function("width => innerWidth === width", arg=NARROW["width"])
    return float(box["y"] + box["height"])


@pytest.mark.slow
@pytest.mark.parametrize("language", ["de", "zh", "fr", "es", "it", "ja", "pl"])
def test_a_study_is_walked_in_its_language_on_a_phone(tmp_path: Path, language: str) -> None:
    """Every page speaks it, says so to the browser, and is no wider than the window."""
    study = write_study(tmp_path, more=[f"language: {language}"])
    locale, defaults = locale_of(language), default_texts(language)
    with running_server(study) as server, running_browser() as browser:
        walker = Walker(browser, server, viewport=NARROW)
        page = walker.page
        page.goto(f"{server.url}/")
        page.get_by_role("button", name=locale.text("agree")).wait_for()
        photograph(page, f"{language}-welcome")
        wide = [walker.overflow_px()]
        page.get_by_role("button", name=locale.text("agree")).click()
        page.get_by_text(locale.text("group_question")).wait_for()
        assert page.evaluate("document.documentElement.lang") == language
        for answer in (defaults["groups"][1], defaults["devices"][0]):
            name, _ = described(answer["label"])
            page.get_by_test_id("stRadioOption").filter(has_text=name).first.click()
        photograph(page, f"{language}-questions")
        wide.append(walker.overflow_px())
        go_on = page.get_by_role("button", name=locale.text("continue"))
        assert bottom_on_a_laptop(page, go_on) <= 800, "what is asked of a person fits a window"
        go_on.click()
        page.locator(".play:not([disabled])").click()
        photograph(page, f"{language}-volume")
        page.get_by_role("button", name=locale.player["volume_continue"]).click()
        walker.wait_for_page()
        walker.rate(0, 70)
        page.get_by_text(defaults["attributes"][0]["question"]).wait_for()
        page.get_by_text(locale.player["not_rated"]).first.wait_for()
        photograph(page, f"{language}-practice")
        wide.append(walker.overflow_px())
        assert bottom_on_a_laptop(page, page.locator(".next")) <= 800, "Save is in view"
        assert (wide, walker.troubles) == ([0, 0, 0], [])
        walker.close()


@pytest.mark.slow
def test_a_page_laid_out_from_right_to_left_keeps_its_scales(tmp_path: Path) -> None:
    """Lines begin at the right; the time and the scales still run from left to right."""
    with running_server(write_study(tmp_path)) as server, running_browser() as browser:
        walker = Walker(browser, server, viewport=NARROW)
        walker.return_to_first_page()
        walker.page.evaluate("document.documentElement.dir = 'rtl'")
        walker.rate(0, 90)
        for width in (390, 1280):
            walker.page.set_viewport_size({"width": width, "height": 900})
            photograph(walker.page, f"rtl-{width}")
            assert_scales_run_from_the_left(walker)
        walker.close()


def assert_scales_run_from_the_left(walker: Walker) -> None:
    """Nothing overflows; buttons begin at the right, times and ends of a loop at the left."""
    page = walker.page
    assert walker.overflow_px() == 0
    play, state = (page.locator(each).bounding_box() for each in (".play", ".time"))
    assert play["x"] > state["x"]
    waveform = page.locator(".waveform")
    assert waveform.evaluate("node => getComputedStyle(node).direction") == "ltr"
    start, end = (page.locator(f".handle.{side}").bounding_box() for side in ("start", "end"))
    assert start["x"] < end["x"]
