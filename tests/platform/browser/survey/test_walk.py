"""Participants in a browser: what they said is in the database, by pointer and by keys.

The walk from the link to the thanks is that of test_accessibility.py, which looks at each page.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser_study import (
    SONGS,
    SYSTEMS,
    TWO_ATTRIBUTES,
    Server,
    Walker,
    running_browser,
    running_server,
    write_study,
)
from db.store.store import open_store

pytestmark = pytest.mark.browser

N_SLOTS = len(SYSTEMS)
ATTRIBUTES = ("level", "overall")
IDENTIFIER = "which-mix-is-best"
N_TRIES = 3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A served study."""
    folder: Path = tmp_path_factory.mktemp("walk")
    with running_server(write_study(folder, more=[TWO_ATTRIBUTES])) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    with running_browser() as browser:
        yield browser


@pytest.fixture
def walker(browser: Any, server: Server) -> Iterator[Walker]:
    """A new participant on a desktop."""
    walker = Walker(browser, server, viewport={"width": 1280, "height": 900})
    yield walker
    walker.close()


def value_of(slot: int, number: int) -> int:
    """Different for each slider of a page, and never the slider's resting place."""
    return 3 + 17 * slot + 5 * number


def rate_and_reload(server: Server, walker: Walker) -> None:
    """Rate the first song: sound is measured, and a reload changes nothing."""
    page = walker.page
    page.locator(".letter").nth(1).click()
    page.wait_for_function("window.heard && window.heard() > 0.001")
    earlier = page.locator(".time").inner_text()
    page.wait_for_function(f"document.body && !({deep_text('.time')}).startsWith('{earlier[:4]}')")
    assert page.evaluate("window.heard()") > 0.001

    sent = walker.n_frames_sent
    for slot in range(N_SLOTS):
        walker.rate(slot, value_of(slot, 0))
        for _ in range(5):
            page.keyboard.press("ArrowUp")
        walker.rate(slot, value_of(slot, 0))
    page.get_by_text("Answers saved").wait_for()
    assert walker.n_frames_sent == sent, "moving a slider must not run the script"

    order = slot_tokens(server, walker.token, page_index=1)
    assert (
        walker.audio_urls[-2 * N_SLOTS : -N_SLOTS] == order
        or order == (walker.audio_urls[-N_SLOTS:])
    )
    walker.audio_urls.clear()
    page.reload()
    walker.wait_for_page()
    assert walker.audio_urls[:N_SLOTS] == order
    page.get_by_text("Song 1 of 2").wait_for()
    page.get_by_role("button", name="Level balance").click()
    shown = [page.locator(".value b").nth(slot).inner_text() for slot in range(N_SLOTS)]
    assert shown == [str(value_of(slot, 0)) for slot in range(N_SLOTS)]
    walker.rate_page(value_of, len(ATTRIBUTES))


def slot_tokens(server: Server, token: str, page_index: int) -> list[str]:
    """Audio tokens of a page in the order that was stored at enrolment."""
    store = open_store(server.database_url)
    participant = store.find_participant(token)
    assert participant is not None
    store.close()
    return [slot.audio_token for slot in participant.pages[page_index].slots]


def deep_text(selector: str) -> str:
    """JavaScript for the text of an element inside the player's shadow root."""
    return (
        "[...document.querySelectorAll('*')].map((each) => each.shadowRoot?.querySelector"
        f"('{selector}')?.textContent).find(Boolean) ?? ''"
    )


def check_database(server: Server, token: str) -> None:
    """Every slider of every page is stored with the value it was given, under its system."""
    store = open_store(server.database_url)
    participant = store.find_participant(token)
    assert participant is not None
    assert participant.step == "thanks"
    assert (participant.group, participant.device) == ("hobbyist", "headphones")
    assert participant.volume == pytest.approx(0.25)
    table = store.ratings(IDENTIFIER)
    table = table[table["participant"] == participant.identifier]
    rated = [page for page in participant.pages if page.phase == "rating"]
    expected = {
        (page.song, slot.system, attribute): value_of(slot.position, number)
        for page in rated
        for slot in page.slots
        for number, attribute in enumerate(ATTRIBUTES)
    }
    found = {
        (row.song, row.system, row.attribute): row.rating
        for row in table[table["phase"] == "rating"].itertuples()
    }
    assert {page.song for page in rated} == set(SONGS)
    assert found == expected
    kinds = set(store.events(IDENTIFIER)["event"])
    assert {"open", "play", "switch", "rate", "attribute", "submit", "sample_rate"} <= kinds
    store.close()


@pytest.mark.slow
def test_a_keyboard_is_enough(walker: Walker) -> None:
    """Consent, questions, volume and a whole page are done without a pointer."""
    page = walker.page
    page.goto(f"{walker.server.url}/")
    page.get_by_role("button", name="I agree").wait_for()
    press_on(page, "button", "I agree and take part")
    page.get_by_text("What describes you best?").wait_for()
    for first in ("Professional", "Headphones"):
        page.get_by_role("radio", name=first).focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Continue").and_(page.locator(":enabled")).wait_for()
    press_on(page, "button", "Continue")
    page.locator(".play:not([disabled])").wait_for()
    press_on(page, "button", "Play")
    page.locator(".volume .next[aria-disabled=false]").wait_for()  # once something was heard
    press_on(page, "button", "This is comfortable")
    walker.wait_for_page()
    for number in range(len(ATTRIBUTES)):
        step = page.locator(".rating .step").nth(number)
        step.and_(page.locator("[aria-current=step]")).wait_for()
        for slot in range(N_SLOTS):
            rate_by_keys(page, slot)
        page.locator(".rating .next[aria-disabled=false]").focus()
        page.keyboard.press("Enter")
    page.get_by_text("Song 1 of 2").wait_for()
    walker.wait_for_page()
    page.keyboard.press("c")  # the surrounding page's own key for its cache
    page.keyboard.press("Space")
    assert page.locator(".rating .stimulus.chosen .name").inner_text() == "C"
    assert page.get_by_role("dialog").count() == 0
    assert walker.troubles == []


def rate_by_keys(page: Any, slot: int) -> None:
    """Choose a stimulus by its letter, and move its slider by ten and by one."""
    shown = page.locator(".rating .stimulus").nth(slot).locator(".value b")
    for key, rating in (("PageUp", "60"), ("ArrowDown", "59")):
        # Pressed anew, as somebody would, where a busy machine's sound has not begun in time and
        # the page has stopped again: what is silent cannot be rated.
        for _ in range(N_TRIES):
            page.keyboard.press("abcd"[slot])
            page.keyboard.press(key)
            if shown.all_inner_texts() == [rating]:
                break
        assert shown.all_inner_texts() == [rating]


def press_on(page: Any, role: str, name: str) -> None:
    """Focus an element and press Enter on it."""
    page.get_by_role(role, name=name).focus()
    page.keyboard.press("Enter")


def test_only_the_stimulus_heard_can_be_rated_and_unrated_is_not_fifty(walker: Walker) -> None:
    """Sliders of silent stimuli are disabled; a slider never moved says so; a press on 50 is 50."""
    page = walker.page
    walker.return_to_first_page()
    enabled = page.locator(".board .slider:enabled")
    assert enabled.count() == 0
    page.locator(".letter").nth(1).click()
    assert enabled.count() == 1
    assert enabled.get_attribute("aria-label") == "Rating of mix B"
    assert enabled.get_attribute("aria-valuetext") == "not rated"
    assert page.locator(".stimulus.unrated").count() == N_SLOTS
    assert page.locator(".stimulus.open .state").inner_text() == "Playing"
    box = enabled.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert enabled.get_attribute("aria-valuetext") == "50, Fair"
    assert page.locator(".stimulus.unrated").count() == N_SLOTS - 1
    page.locator(".rating .next").click(force=True)
    assert "Still to rate here: A" in page.locator(".hint").inner_text()
    page.keyboard.press("Space")
    assert enabled.count() == 0, "nothing is heard, so nothing can be rated"


def test_a_loop_is_set_by_mouse_and_by_keys(walker: Walker) -> None:
    """Dragging over the waveform loops a part; arrow keys move its ends; Escape undoes it."""
    page = walker.page
    walker.return_to_first_page()
    box = page.locator(".waveform canvas").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.25 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], middle, steps=4)
    page.mouse.up()
    ends = [page.get_by_role("slider", name=f"{side} of the loop") for side in ("Start", "End")]

    def region_s() -> list[float]:
        return [float(end.get_attribute("aria-valuenow")) for end in ends]

    assert "Looping" in page.locator(".loop-note").inner_text()
    assert region_s() == pytest.approx([1.0, 2.0], abs=0.06)
    ends[1].focus()
    page.keyboard.press("ArrowRight")
    assert region_s() == pytest.approx([1.0, 2.1], abs=0.06)
    for _ in range(30):
        page.keyboard.press("ArrowLeft")
    assert region_s() == pytest.approx([1.0, 1.5], abs=0.06)
    page.keyboard.press("Escape")
    assert "Plays in a loop" in page.locator(".loop-note").inner_text()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_a_phone(browser: Any, server: Server, scheme: str) -> None:
    """At 390 px nothing overflows, sliders lie down, and all targets are at least 44 px."""
    walker = Walker(
        browser,
        server,
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        color_scheme=scheme,
    )
    page = walker.page
    walker.agree()
    widths = [walker.overflow_px()]
    walker.answer_questions()
    page.locator(".play:not([disabled])").wait_for()
    widths.append(walker.overflow_px())
    walker.set_volume()
    walker.wait_for_page()
    widths.append(walker.overflow_px())
    slider = page.locator(".board .slider").first.bounding_box()
    assert slider["width"] > slider["height"] >= 44
    for button in page.locator(".player button:visible:not(.link)").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 43.5, button.inner_text()
    assert widths == [0, 0, 0]
    assert walker.troubles == []
    walker.close()


@pytest.mark.slow
def test_a_foreign_link_gets_a_clear_page(walker: Walker) -> None:
    """A token that belongs to nobody is told so, and nothing is enrolled."""
    walker.page.goto(f"{walker.server.url}/?p=nobody-has-this-token-000")
    walker.page.get_by_text("This link does not work").wait_for()
    assert walker.page.get_by_role("button", name="I agree").count() == 0


@pytest.mark.slow
def test_a_refusal_ends_politely_and_stores_nothing(server: Server, walker: Walker) -> None:
    """Whoever declines is thanked; no participant comes of it."""
    walker.page.goto(f"{server.url}/")
    walker.page.get_by_role("button", name="No, thank you").wait_for()
    store = open_store(server.database_url)
    enrolled = store.counts(IDENTIFIER).enrolled
    walker.page.get_by_role("button", name="No, thank you").click()
    walker.page.get_by_text("Thank you for your interest").wait_for()
    assert store.counts(IDENTIFIER).enrolled == enrolled
    store.close()
