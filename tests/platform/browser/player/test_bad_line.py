"""The player on a bad line: refused saves, late files, sound that stops; and what is read out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from browser_harness import MOUNT, ORIGIN, SAMPLE_RATE, Harness, page_data
from browser_study import running_browser
from mixtrial.server.language import locale_of
from page_walks import listen, rate_sliders

pytestmark = pytest.mark.browser

TEXTS = locale_of("en").player
HOLD_BACK = """{
  const resume = AudioContext.prototype.resume;
  const Native = AudioContext;
  window.AudioContext = class extends Native {
    constructor(...rest) { super(...rest); window.context = this; this.suspend(); }
    resume() { return window.isAllowed ? resume.call(this) : new Promise(() => undefined); }
  };
}"""
# Sound is let through, and put to sleep as soon as it runs: it would soon be over.
SLEEP_ONCE = """() => {
  window.isAllowed = true;
  const sleep = () => {
    if (window.context.state !== "running") return;
    window.context.removeEventListener("statechange", sleep);
    window.context.suspend().then(() => { window.hasSlept = true; });
  };
  window.context.addEventListener("statechange", sleep);
}"""
CHECK = {
    "mode": "headphones", "key": "check", "assets": ORIGIN, "url": "audio/0", "attempt": 0,
    "trial": 0, "sample_rate": SAMPLE_RATE, "gain": 1.0, "starts_s": [0.0, 0.7, 1.4],
    "sound_s": 0.5, "texts": TEXTS,
}  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Any]:
    """A context for one page after the other."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def harness(browser: Any, context: Any) -> Iterator[Harness]:
    """A page to mount the player on."""
    harness = Harness(browser, shared=context)
    yield harness
    harness.close()


def test_a_link_that_ended_is_named_and_handing_in_leads_to_its_page(harness: Harness) -> None:
    """410: the state says so at the next save; the last press asks the server what to draw."""
    page = harness.open(page_data("multi_stimulus", 2))
    rate_sliders(page)
    page.get_by_text(TEXTS["state_saved"]).wait_for()
    harness.answer = 410
    listen(page, "A")
    page.locator(".slider").first.fill("33")
    page.get_by_text(TEXTS["state_expired"]).wait_for()
    n_sent = len(harness.bodies)
    page.locator(".next").click()
    page.wait_for_function("window.advances.length > 0")
    assert page.evaluate("window.advances[0]") == {"page": 1}
    assert len(harness.bodies) == n_sent, "nothing more is sent"


def test_events_of_a_long_time_offline_all_arrive_and_what_was_heard_comes_last(
    harness: Harness,
) -> None:
    """More than one message holds: each event is sent once, in its order, none is left behind."""
    page = harness.open(page_data("multi_stimulus", 2))
    harness.answer = 503
    rate_sliders(page)
    page.get_by_text(TEXTS["state_busy"]).wait_for()
    page.evaluate("for (let i = 0; i < 450; i++) { dispatchEvent(new Event('focus')); }")
    harness.answer = 204
    n_refused = len(harness.bodies)
    harness.submit()
    bodies = harness.bodies[n_refused:]
    assert [body["final"] for body in bodies] == [False] * (len(bodies) - 1) + [True]
    assert [body["seq"] for body in bodies] == sorted({body["seq"] for body in bodies})
    events = [event for body in bodies for event in body["events"]]
    assert sum(event["kind"] == "focus" for event in events) == 450
    times_ms = [event["t_ms"] for event in events]
    assert times_ms == sorted(times_ms)
    assert all(len(body["events"]) <= 400 for body in bodies)
    last = [event["kind"] for event in bodies[-1]["events"]]
    assert last[-3:] == ["heard", "heard", "submit"]


def test_saves_are_read_out_only_when_they_are_news(harness: Harness) -> None:
    """Rating after rating is saved in silence; trouble is told, and that it is over."""
    page = harness.open(page_data("multi_stimulus", 2))
    page.evaluate(
        """() => {
          window.said = [];
          const region = host.shadowRoot.querySelector(".save-state[role=status]");
          new MutationObserver(() => {
            if (region.ariaLive === "polite") window.said.push(region.textContent);
          }).observe(region, { childList: true });
        }"""
    )
    rate_sliders(page)
    page.get_by_text(TEXTS["state_saved"]).wait_for()
    assert page.evaluate("window.said") == []
    harness.answer = 503
    listen(page, "A")
    page.locator(".slider").first.fill("33")
    page.get_by_text(TEXTS["state_busy"]).wait_for()
    harness.answer = 204
    page.get_by_text(TEXTS["state_saved"]).wait_for()
    said = page.evaluate("window.said")
    assert said[0] == TEXTS["state_busy"]
    assert said[-1] == TEXTS["state_saved"]


def test_a_player_that_did_not_arrive_offers_to_load_the_page_anew(harness: Harness) -> None:
    """Not the browser is blamed, but the line; the button loads the page again."""
    lost = "**/page_types/multi_stimulus.js"
    harness.page.route(lost, lambda route: route.abort())
    page = harness.open(page_data("multi_stimulus", 2), is_loaded=False)
    page.get_by_text(TEXTS["load_failed"]).wait_for()
    assert page.get_by_text(TEXTS["no_player"]).count() == 0
    with page.expect_navigation():
        page.get_by_role("button", name=TEXTS["load_again"]).click()


def test_a_player_on_its_way_says_that_it_is_loading(harness: Harness) -> None:
    """Before its own files are there, the page is not just empty; then it is as always."""
    held: list[Any] = []
    harness.page.route("**/page_types/multi_stimulus.js", lambda route: held.append(route))
    harness.page.goto(harness.url)
    harness.shown = page_data("multi_stimulus", 2)
    harness.page.evaluate(MOUNT, harness.shown)
    page = harness.page
    page.get_by_text(TEXTS["loading"].format(percent=0)).wait_for()
    assert page.locator(".sound").count() == 0
    held[0].continue_()
    page.locator(".letter:not([disabled])").first.wait_for()
    assert page.locator(".player").count() == 1


def test_a_headphone_check_that_falls_silent_can_be_played_again(harness: Harness) -> None:
    """Held back by the browser, or put to sleep by a call: it says so, and is not stuck."""
    harness.page.add_init_script(HOLD_BACK)
    page = harness.open(CHECK, is_loaded=False)
    ready = page.locator(".play[aria-disabled=false]")
    ready.click()
    page.get_by_text(TEXTS["sound_blocked"]).wait_for()
    page.evaluate(SLEEP_ONCE)
    ready.click()
    page.wait_for_function("window.hasSlept")
    page.get_by_text(TEXTS["sound_blocked"]).wait_for()
    ready.click()
    page.locator(".choice[aria-disabled=false]").first.wait_for()
    page.get_by_text(TEXTS["headphone_hint_choose"]).wait_for()
