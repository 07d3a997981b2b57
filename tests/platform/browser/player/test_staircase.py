"""A track in a browser: by mouse and by keys, reloaded and in two tabs, to its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from browser_study import SYSTEMS, Server, Walker, running_browser, running_server
from db.records.participation import Participant
from page_audit import serious_findings
from page_types_study import write_page_types_study
from page_walks import hear_all, wait_until_heard

pytestmark = pytest.mark.browser

LEVELS = [name for name in SYSTEMS if name != "human"]
PARTS = f"""
parts:
  - type: staircase
    songs: [amber]
    reference: human
    levels: [{", ".join(LEVELS)}]
    down: 1
    reversals: 6
    max_trials: 10
    open_reference: true
pages: {{training: false}}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A study of one track of ten trials at most."""
    path = write_page_types_study(tmp_path_factory.mktemp("track"), parts=PARTS)
    with running_server(path) as running:
        yield running


def odd_letter(participant: Participant) -> str:
    """Letter of the recording that differs on the page that somebody stands on."""
    assert participant.page is not None
    systems = [slot.system for slot in participant.page.rated_slots]
    return "ABC"[next(at for at, name in enumerate(systems) if systems.count(name) == 1)]


def wait_for_trial(page: Any, number: int) -> None:
    """Until the trial of this number is there and can be heard."""
    page.get_by_text(f"Page {number} of at most 10").wait_for()
    page.locator(".rating:not([aria-busy=true]) .letter:not([disabled])").first.wait_for()


def answer_by_keys(page: Any, letter: str) -> None:
    """Hear all four by their letters, then Tab to the answers and go down to one."""
    for key, name in (("r", "Reference"), ("a", "A"), ("b", "B"), ("c", "C")):
        page.keyboard.press(key)
        wait_until_heard(page, name)
    page.locator(".answers:not([disabled])").wait_for()
    while not page.evaluate(IN_ANSWERS):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range("ABC".index(letter)):
        page.keyboard.press("ArrowDown")
    page.locator(".rating .next[aria-disabled=false]").wait_for()
    while not page.evaluate(ON_NEXT):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")


FOCUSED = """() => {
  let focused = document.activeElement;
  while (focused && focused.shadowRoot) focused = focused.shadowRoot.activeElement;
  return focused;
}"""
IN_ANSWERS = f"() => ({FOCUSED})()?.matches('.answers input') ?? false"
ON_NEXT = f"() => ({FOCUSED})()?.matches('.rating .next') ?? false"


def test_a_track_is_walked_by_mouse_and_keys_through_a_reload_and_a_second_tab(
    server: Server,
) -> None:
    """Right answers lead on, and the trial that is due is the same wherever it is opened.

    On a phone nothing of a trial sticks out, and axe finds nothing.
    """
    with running_browser() as browser:
        walker = Walker(browser, server, viewport={"width": 1280, "height": 900})
        page = walker.page
        walker.return_to_first_page()
        token = walker.token
        wait_for_trial(page, 1)
        assert page.get_by_text("Which one?").count() == 1
        hear_all(page)
        page.get_by_role("button", name="Reference").click()
        assert serious_findings(page) == []
        page.set_viewport_size({"width": 390, "height": 844})  # three cards and three answers
        page.wait_for_function("innerWidth === 390")
        assert walker.overflow_px() <= 0
        assert serious_findings(page) == []
        page.set_viewport_size({"width": 1280, "height": 900})
        letter = odd_letter(server.participant(token))
        page.get_by_role("radio", name=f"Mix {letter}").check()
        page.locator(".rating .next[aria-disabled=false]").wait_for()
        walker.next()
        wait_for_trial(page, 2)

        due = server.participant(token).pages[1]
        page.reload()
        wait_for_trial(page, 2)
        other = walker.context.new_page()
        other.goto(page.url)
        wait_for_trial(other, 2)
        assert server.participant(token).pages[1] == due
        answer_by_keys(other, odd_letter(server.participant(token)))
        wait_for_trial(other, 3)
        page.reload()
        wait_for_trial(page, 3)
        other.close()

        for number in range(3, 6):
            wait_for_trial(page, number)
            answer_by_keys(page, odd_letter(server.participant(token)))
        page.get_by_text("Your personal code").wait_for()
        assert walker.troubles == []
        walker.close()
    participant = server.participant(token)
    levels = [
        next(slot.system for slot in each.rated_slots if slot.system != "human")
        for each in participant.pages
    ]
    # one right answer a step, then three that ask for more than the hardest
    assert levels == [*LEVELS, LEVELS[-1], LEVELS[-1]]
    assert participant.step == "thanks"
