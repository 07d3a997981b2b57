"""A study's own questions, going back and feedback in a browser; and how all pages look."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterator
from typing import Any

import pytest

from browser_study import Server, Walker, running_browser, running_server, write_study
from db.store.store import open_store
from page_audit import COUNT_DIALOGS, settle
from tests.platform.survey.test_survey_questions import QUESTIONS

pytestmark = pytest.mark.browser
MORE = [
    *QUESTIONS,
    "attributes: [{name: overall, question: How good is the mix as a whole}]",
    "pages: {back: true, training_feedback: true}",
]
ACCENT_HUE = 186.0
"""Degrees, of both the light scheme's accent and the dark one's."""

COLOURS = """() => {
  const colours = new Set();
  const walk = (node) => {
    if (node.nodeType === Node.ELEMENT_NODE && node.checkVisibility()) {
      const style = getComputedStyle(node);
      colours.add(style.backgroundColor);
      if (node.textContent.trim()) colours.add(style.color);
      if (parseFloat(style.borderTopWidth) > 0) colours.add(style.borderTopColor);
    }
    for (const child of node.shadowRoot?.children ?? []) walk(child);
    for (const child of node.children) walk(child);
  };
  walk(document.querySelector('[data-testid="stMain"]'));
  return [...colours];
}"""
TOOLS = [
    "stToolbar",
    "stHeader",
    "stMainMenu",
    "stAppDeployButton",
    "stStatusWidget",
    "stDecoration",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A study that asks, goes back and gives feedback, served."""
    with running_server(write_study(tmp_path_factory.mktemp("asking"), more=MORE)) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for the whole file."""
    with running_browser() as running:
        yield running


def strong_hues(colours: list[str]) -> set[float]:
    """Hues, in degrees, of the colours that are clearly no grey."""
    hues = set()
    for colour in colours:
        numbers = [float(number) for number in re.findall(r"[\d.]+", colour)]
        if colour.startswith("color(srgb"):
            numbers = [255 * number for number in numbers[:3]] + numbers[3:]
        if len(numbers) < 3 or (len(numbers) > 3 and numbers[3] < 0.2):
            continue
        red, green, blue = numbers[:3]
        if max(red, green, blue) - min(red, green, blue) > 40:
            hues.add(round(360 * colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)[0]))
    return hues


class Onlooker:
    """Looks at each page of a walk: its width, its colours, Streamlit's tools."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker
        self.faults: list[str] = []

    def look(self, name: str) -> None:
        """Note what is wrong with the present page, in light colours and in dark ones."""
        for scheme in ("dark", "light"):
            self.walker.page.emulate_media(color_scheme=scheme)
            self._look(f"{name}, {scheme}")

    def _look(self, name: str) -> None:
        page = self.walker.page
        settle(page)
        if self.walker.overflow_px() != 0:
            self.faults.append(f"{name} is too wide")
        for tool in TOOLS:
            if any(each.is_visible() for each in page.get_by_test_id(tool).all()):
                self.faults.append(f"{name} shows {tool}")
        for hue in strong_hues(page.evaluate(COLOURS)):
            if abs(hue - ACCENT_HUE) > 12:
                self.faults.append(f"{name} has a colour of hue {hue}")


def choose(page: Any, *answers: str) -> None:
    """Take choices by what they say."""
    for answer in answers:
        page.get_by_test_id("stRadioOption").filter(has_text=answer).click()


def go_on(page: Any) -> None:
    """Press the button below the questions."""
    page.get_by_role("button", name="Continue").click()


def test_a_participant_answers_goes_back_and_returns_on_a_phone(
    server: Server, browser: Any
) -> None:
    """Every page fits, has one accent and no Streamlit tools; going back keeps all ratings."""
    walker = Walker(browser, server, viewport={"width": 390, "height": 844})
    page, onlooker = walker.page, Onlooker(walker)
    page.goto(f"{server.url}/?PROLIFIC_PID=phone")
    page.get_by_role("button", name="I agree").wait_for()
    onlooker.look("welcome")
    page.get_by_role("button", name="I agree").click()
    page.get_by_text("What describes you best?").wait_for()
    onlooker.look("about you")
    choose(page, "Hobbyist", "Headphones", "25 to 34", "I do not know")
    go_on(page)
    page.get_by_role("heading", name="Your background").wait_for()
    choose(page, "Yes")
    page.get_by_label("Which one?").fill("R&B + 50% wet")
    onlooker.look("questions before")
    go_on(page)
    page.locator(".play:not([disabled])").wait_for()
    onlooker.look("volume")
    walker.set_volume()
    rate_all(walker, 30)
    onlooker.look("practice")
    walker.next()
    page.get_by_role("heading", name="How you used the scale").wait_for()
    page.get_by_text("from 30 to 60, on a scale from 0 to 100").wait_for()
    onlooker.look("feedback")
    page.get_by_role("button", name="On to the first song").click()
    rate_all(walker, 40)
    walker.next()
    tired(page, onlooker)
    rate_all(walker, 50)
    go_back_and_return(walker)
    walker.next()
    tired(page, onlooker)
    page.get_by_label("How long do you listen a day?").fill("2.5")
    page.get_by_label("What would you change?").fill("007")
    page.get_by_role("button", name="A desk").click()
    onlooker.look("questions after")
    go_on(page)
    page.get_by_role("heading", name="That was the last song").wait_for()
    onlooker.look("thanks")
    assert (onlooker.faults, walker.troubles) == ([], [])
    check_archive(server, page.url.partition("p=")[2].partition("&")[0], "phone")
    walker.close()


def rate_all(walker: Walker, lowest: int) -> None:
    """Rate the mixes of a page, ten points apart."""
    walker.wait_for_page()
    for slot in range(4):
        walker.rate(slot, lowest + 10 * slot)


def tired(page: Any, onlooker: Onlooker) -> None:
    """Answer the question that comes after each song."""
    page.get_by_role("heading", name="How is it going?").wait_for()
    choose(page, "3")
    onlooker.look("questions between")
    go_on(page)


def go_back_and_return(walker: Walker) -> None:
    """Change a rating of the song before, and come back to what was rated of this one."""
    from playwright.sync_api import expect

    page = walker.page
    page.locator(".rating .back").click()
    page.get_by_text("Song 1 of 2").wait_for()
    walker.wait_for_page()
    # The heading may be drawn before the player of its page is: values are waited for.
    for slot, value in enumerate(("40", "50", "60", "70")):
        expect(page.locator(".slider").nth(slot)).to_have_value(value)
    walker.rate(3, 99)
    walker.next()
    page.get_by_text("Song 2 of 2").wait_for()
    walker.wait_for_page()
    expect(page.locator(".slider").nth(0)).to_have_value("50")


def check_archive(server: Server, token: str, sent_as: str) -> None:
    """All that was said is there as it was said."""
    store = open_store(server.database_url)
    try:
        someone = store.find_participant(token)
        said = {key: each for key, each in someone.answers.items() if "answered_at" not in key}
        assert said == {
            "prolific_pid": sent_as, "age": "25-34", "hearing": "unknown",
            "background.plays": "yes", "background.instrument": "R&B + 50% wet",
            "effort.1.tired": "3", "effort.2.tired": "3", "closing.daws": "desk",
            "closing.hours": "2.5", "closing.wishes": "007",
        }  # fmt: skip
        state = store.page_state(token, 1, opening=False)
        assert [each.value for each in state.ratings] == [40.0, 50.0, 60.0, 99.0]
        events = store.events(someone.study)
        mine = events[events["participant"] == someone.identifier]
        assert list(mine.loc[mine["event"] == "reopened", "page_index"]) == [1]
        assert list(mine.loc[mine["event"] == "back", "page_index"]) == [2]
    finally:
        store.close()


def test_streamlits_keys_open_nothing_for_participants(server: Server, browser: Any) -> None:
    """Neither its menu nor its dialog for the cache answers to a key."""
    walker = Walker(browser, server)
    page = walker.page
    walker.agree()
    page.evaluate(COUNT_DIALOGS)
    for key in ("c", "r", "m", "?"):
        page.keyboard.press(key)
    go_on(page)  # what the keys had asked for would have come before the answer to this
    page.get_by_text("Some questions still need an answer").wait_for()
    assert page.evaluate("window.dialogs") == 0
    page.get_by_text("What describes you best?").wait_for()
    walker.close()
