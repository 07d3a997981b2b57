"""The headphone check in a browser: heard, answered, failed, repeated, and without hindrance."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from browser_study import Server, Walker, running_browser, running_server, write_study
from db.store.store import open_store
from mixtrial.calibration.seat import experimenter_key
from mixtrial.participation.headphone_check import right_interval
from mixtrial.server.installation import load_installation
from mixtrial.server.settings import settings_for_study
from page_audit import serious_findings
from page_walks import READY, hear_headphone_trial
from stimuli.loading.load import load_study

pytestmark = pytest.mark.browser
# Which sounds lit up, and the highest level that was heard, from now on.
WATCH = """(choices) => {
  window.lit = new Set();
  window.loudest = 0;
  const look = () => choices.forEach((choice, index) => {
    if (choice.classList.contains("sounding")) window.lit.add(String(index + 1));
  });
  for (const choice of choices)
    new MutationObserver(look).observe(choice, { attributeFilter: ["class"] });
  setInterval(() => {
    if (window.heard) window.loudest = Math.max(window.loudest, window.heard());
  }, 50);
}"""
SEATS = "calibration: {seats: optional, gain_db: -6, level_db: 78}"
CHECK = "headphones: {test: antiphase, trials: 1, needed: 1, attempts: 2, gate: required}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A served study that goes on with headphones only."""
    with running_server(
        write_study(tmp_path_factory.mktemp("check"), more=[CHECK, SEATS])
    ) as server:
        yield server


def photograph(page: Any, name: str) -> None:
    """Keep a picture of the page where ``MIXTRIAL_PICTURES`` names a folder."""
    if folder := os.environ.get("MIXTRIAL_PICTURES"):
        page.wait_for_timeout(300)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def answers_of(server: Server, token: str) -> dict[str, str]:
    """Data stored of somebody."""
    store = open_store(server.database_url)
    try:
        return dict(store.find_participant(token).answers)
    finally:
        store.close()


def right_answer(server: Server, token: str, attempt: int, trial: int) -> int:
    """The answer of a trial."""
    store = open_store(server.database_url)
    try:
        return right_interval(
            load_study(server.study), store.find_participant(token), attempt, trial
        )
    finally:
        store.close()


def hear(page: Any) -> None:
    """Listen to a trial: sounds light up and are heard while they do.

    The page is watched from before the press, since a sound of a second can begin and end between
    two looks of a slow machine. A browser that holds the sound back asks for a second press.
    """
    page.get_by_text("Headphone check: 1 of 1").wait_for()
    page.locator(READY).wait_for()
    page.locator(".choice").evaluate_all(WATCH)
    hear_headphone_trial(page)
    assert page.evaluate("[...window.lit].sort()") == ["1", "2", "3"]
    assert page.evaluate("window.loudest") > 0.002


def choose(page: Any, given: int) -> None:
    """Answer with the keyboard."""
    page.get_by_role("button", name=f"Sound {given}").press("Enter")


def calibrate(walker: Walker) -> None:
    """Measure by keyboard: the noise sounds, a slip is told, the level is kept."""
    page, server = walker.page, walker.server
    installation = load_installation(settings_for_study(server.study))
    key = experimenter_key(installation)
    installation.store.close()
    page.goto(f"{server.url}/?calibrate={key}")
    page.locator(".play:not([disabled])").wait_for()
    page.get_by_role("button", name="Play the noise").press("Enter")
    page.wait_for_function("window.heard && window.heard() > 0.01")
    page.get_by_role("button", name="Stop the noise").press("Space")
    page.get_by_role("button", name="Play the noise").wait_for()
    level = page.get_by_label("Meter reading in dB(A)")
    level.fill("loud")
    level.press("Enter")
    page.get_by_text("The level must be a number in dB, such as 78.5.").wait_for()
    assert level.evaluate("field => field === field.getRootNode().activeElement")
    look(walker, "calibration")
    level.fill("77,9")
    page.get_by_role("button", name="Store the calibration").press("Enter")
    page.get_by_text("This seat is calibrated: 77.9 dB(A)").wait_for()
    assert [trouble for trouble in walker.troubles if "400" not in trouble] == []
    walker.troubles.clear()


def listen_to_the_level(walker: Walker) -> None:
    """At a calibrated seat there is nothing to set."""
    page = walker.page
    page.get_by_text("The volume has been set for you.").wait_for()
    assert page.get_by_role("slider", name="Volume of the study").count() == 0
    page.locator(".play:not([disabled])").click()
    look(walker, "calibrated-volume")
    page.get_by_role("button", name="Continue").click()


def look(walker: Walker, name: str) -> None:
    """The page fits a desk and a phone, and hinders nobody, in light and in dark colours."""
    for width, scheme in ((390, "dark"), (1280, "light")):
        walker.page.set_viewport_size({"width": width, "height": 850})
        walker.page.emulate_media(color_scheme=scheme)
        assert serious_findings(walker.page) == []
        assert walker.overflow_px() == 0
        photograph(walker.page, f"{name}-{width}-{scheme}")


def test_who_fails_tries_again_and_then_goes_on(server: Server) -> None:
    """At a calibrated seat: wrong, a hint, a reload, right, practice; nobody is hindered."""
    with running_browser() as browser:
        walker = Walker(browser, server, viewport={"width": 1280, "height": 850})
        page = walker.page
        calibrate(walker)
        walker.agree()
        walker.answer_questions()
        listen_to_the_level(walker)
        hear(page)
        look(walker, "headphones")
        choose(page, right_answer(server, walker.token, 0, 0) % 3 + 1)
        page.get_by_text("That was not enough").wait_for()
        look(walker, "headphones-retry")
        page.reload()
        hear(page)
        choose(page, right_answer(server, walker.token, 1, 0))
        walker.wait_for_page()
        answers = answers_of(server, walker.token)
        assert answers["headphones_passed"] == "yes"
        assert answers["calibration_level_db"] == "77.9"
        assert server.participant(walker.token).volume == pytest.approx(10 ** (-6 / 20))
        assert walker.troubles == []
        walker.close()


@pytest.mark.slow
def test_who_has_no_headphones_is_thanked(server: Server) -> None:
    """After the last attempt there is no page to rate, and no way around."""
    with running_browser() as browser:
        walker = Walker(browser, server, viewport={"width": 390, "height": 850})
        page = walker.page
        walker.agree()
        walker.answer_questions()
        walker.set_volume()
        for attempt in range(2):
            hear(page)
            choose(page, right_answer(server, walker.token, attempt, 0) % 3 + 1)
            page.get_by_text(("That was not enough", "This study needs")[attempt]).wait_for()
        page.get_by_text("This study needs headphones").wait_for()
        photograph(page, "headphones-needed-390")
        page.reload()
        page.get_by_text("This study needs headphones").wait_for()
        assert answers_of(server, walker.token)["headphones_passed"] == "no"
        walker.close()
