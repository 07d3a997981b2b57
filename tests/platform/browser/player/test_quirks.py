"""Ten quirks of browsers, each in Chromium and in Firefox: what the player makes of them.

One server and one Chromium are shared by all, each quirk has a Firefox of its own. ``QUIRKS`` is
the table. What no protocol puts a browser into is brought about as the page would meet it, which
``STANDS_IN`` names with its reason.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from browser_harness import MOUNT, Harness, page_data
from browser_study import running_browser
from firefox import PROGRAM, FirefoxContext, FirefoxPage, firefox
from live_recorder import silent_sound_server

pytestmark = pytest.mark.browser

WINDOW = {"width": 1280, "height": 800}
TIMEOUT_S = 60.0
PART = "host.shadowRoot.querySelector({})"
STANDS_IN = {
    "autoplay blocked in Chromium": "it takes the press of a test for that of a person, and lets "
    "sound through: a context that does not resume stands in",
    "autoplay blocked in Firefox": "it takes the mouse of a test for that of a person: a press by "
    "script, which it does block, stands in for the first",
    "output device lost": "a machine without a sound card has no device to lose: the end of the "
    "sound and the browser's event stand in",
    "96 kHz device": "a machine without a sound card has no rate of its own: a context that takes "
    "96 kHz, whatever is asked, stands in",
    "tab asleep in Firefox": "Firefox freezes no page on command: another tab comes forward",
    "back/forward cache in Chromium": "Chromium keeps no page for the way back while a protocol "
    "is connected: the browser's events of leaving and coming back stand in",
    "offline and back in Firefox": "it answers no protocol while it is offline: requests that "
    "fail, and its event of the network's return, stand in",
    "zoom": "no protocol turns the browser's own zoom: a window of half and a quarter of the "
    "width, with two and four dots a pixel, is what a page sees of it",
}


class Window:
    """One page of the player in a browser, looked at by script and pressed by the mouse."""

    page: Any

    def __init__(self, harness: Harness) -> None:
        self.harness, self.page = harness, harness.page
        self.is_firefox = isinstance(harness.page, FirefoxPage)

    def open(self, page_type: str = "multi_stimulus", n_rated: int = 3, before: str = "0") -> None:
        """Mount a page; ``before`` runs first, in the page."""
        data = page_data(page_type, n_rated)
        self.harness.shown = data
        self.page.goto(self.harness.url)
        self.page.evaluate(before)
        self.page.evaluate(MOUNT, {**data, "token": self.harness.number.ljust(32, "t")})
        self.wait(f"{PART.format(json.dumps('.letter:not([disabled])'))} !== null")

    def wait(self, condition: str) -> None:
        """Wait until an expression is true."""
        deadline = time.monotonic() + TIMEOUT_S
        while not self.page.evaluate(condition):
            assert time.monotonic() < deadline, f"never: {condition}"
            time.sleep(0.05)

    def look(self, selector: str, what: str) -> Any:
        """Property of a part of the player: ``look(".play", "innerText")``."""
        return self.page.evaluate(f"{PART.format(json.dumps(selector))}.{what}")

    def press(self, selector: str, index: int = 0) -> None:
        """Press the middle of a part of the player, the first that there is or a later one."""
        part = f"host.shadowRoot.querySelectorAll({json.dumps(selector)})[{index}]"
        place = f"""() => {{
          {part}.scrollIntoView({{ block: "center" }});
          const box = {part}.getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        }}"""
        self.page.mouse.click(*self.page.evaluate(place))

    def play(self) -> None:
        """Let it sound, as the sound's own clock shows."""
        self.press(".play")
        self.wait("window.context && context.state === 'running' && context.currentTime > 0.1")
        assert self.look(".play", "innerText").strip() == "Pause"

    def rate(self, value: int) -> None:
        """Move the slider of what is heard."""
        script = f"""() => {{
          const slider = {PART.format(json.dumps(".slider:enabled"))};
          slider.value = {value};
          for (const kind of ["input", "change"]) slider.dispatchEvent(new Event(kind));
        }}"""
        self.page.evaluate(script)

    def wait_for_save(self, value: int) -> None:
        """Until a rating has arrived."""
        deadline = time.monotonic() + TIMEOUT_S
        while value not in {r["value"] for body in self.harness.bodies for r in body["ratings"]}:
            assert time.monotonic() < deadline, self.harness.bodies
            time.sleep(0.05)

    def wait_for_event(self, kind: str) -> None:
        """Until something that happened has arrived."""
        deadline = time.monotonic() + TIMEOUT_S
        while not self.harness.events(kind):
            assert time.monotonic() < deadline, self.harness.bodies
            time.sleep(0.05)

    def is_told_of_silence(self) -> None:
        """The page says that the browser holds the sound back, and that nothing plays."""
        self.wait(f"!{PART.format(json.dumps('.sound .problem'))}.hidden")
        assert self.look(".play", "innerText").strip() == "Play"


def chromium_tools(harness: Harness) -> Any:
    """Chromium's own protocol, on the page of a harness."""
    return harness.context.new_cdp_session(harness.page)


def suspended_audio(window: Window) -> None:
    """A call comes in: the page says that nothing sounds, and the next press sounds again."""
    window.open()
    window.play()
    window.page.evaluate("context.suspend()")
    window.is_told_of_silence()
    window.play()
    assert window.look(".sound .problem", "hidden")
    window.rate(71)
    window.wait_for_save(71)
    window.wait_for_event("sound_blocked")


def autoplay_blocked(window: Window) -> None:
    """A press sounds nothing: the page says what to do, and the press after it works."""
    if window.is_firefox:
        window.open()
        window.page.evaluate(f"{PART.format(json.dumps('.play'))}.click()")
    else:
        window.open(
            before="""() => {
          const Native = AudioContext;
          window.AudioContext = class extends Native {
            get state() { return window.isAllowed ? super.state : "suspended"; }
            resume() { return window.isAllowed ? super.resume() : new Promise(() => undefined); }
          };
        }"""
        )
        window.press(".play")
    window.is_told_of_silence()
    window.page.evaluate("window.isAllowed = true")
    window.play()


def tab_asleep(window: Window) -> None:
    """Ratings from before the tab fell asleep are stored, and it goes on when it wakes."""
    window.open()
    window.play()
    window.rate(71)
    if window.is_firefox:
        with window.page.asleep():
            window.wait("document.hidden")
    else:
        tools = chromium_tools(window.harness)
        tools.send("Page.setWebLifecycleState", {"state": "frozen"})
        tools.send("Page.setWebLifecycleState", {"state": "active"})
    window.wait_for_save(71)
    window.rate(35)
    window.wait_for_save(35)


def zoomed(window: Window, times: int) -> None:
    """Nothing sticks out to the side, and playing, rating and handing in are within reach."""
    width, height = (side // times for side in WINDOW.values())
    if window.is_firefox:
        window.page.set_viewport_size({"width": width, "height": height}, times)
    else:
        screen = {"width": width, "height": height, "deviceScaleFactor": times, "mobile": False}
        chromium_tools(window.harness).send("Emulation.setDeviceMetricsOverride", screen)
    window.open(n_rated=4)
    assert window.page.evaluate("[innerWidth, devicePixelRatio]") == [width, times]
    assert window.page.evaluate("document.documentElement.scrollWidth") <= width
    window.play()
    window.rate(71)
    for slot in range(1, 4):
        window.press(".letter", slot)
        window.wait(f"host.shadowRoot.querySelectorAll('.letter')[{slot}].matches('.heard')")
    window.press(".next")


def zoom_200(window: Window) -> None:
    """Half as much fits in the window."""
    zoomed(window, 2)


def zoom_400(window: Window) -> None:
    """A quarter fits in the window."""
    zoomed(window, 4)


def back_forward_cache(window: Window) -> None:
    """Left and come back to, the page is silent and as it was, and goes on saving."""
    window.open()
    window.play()
    window.rate(71)
    window.page.evaluate("addEventListener('pageshow', (back) => window.isKept = back.persisted)")
    if window.is_firefox:
        window.page.goto(f"{window.harness.url}elsewhere")
        window.wait_for_save(71)
        window.page.go_back()
    else:
        for event in ("pagehide", "pageshow"):
            told = f"new PageTransitionEvent('{event}', {{ persisted: true }})"
            window.page.evaluate(f"dispatchEvent({told})")
        window.wait_for_save(71)
    window.wait("window.isKept === true")
    assert window.look(".play", "innerText").strip() == "Play"
    assert window.look(".slider", "value") == "71"
    window.play()
    window.rate(35)
    window.wait_for_save(35)


def offline_and_back(window: Window) -> None:
    """It is told and plays on; what was rated meanwhile arrives."""
    window.open()
    window.play()
    if window.is_firefox:
        window.page.evaluate(
            "() => { window.send = fetch; window.fetch = () => Promise.reject(Error()); }"
        )
    else:
        window.harness.context.set_offline(True)
    window.rate(71)
    window.wait(f"{PART.format(json.dumps('.save-state'))}.dataset.state === 'offline'")
    assert window.look(".play", "innerText").strip() == "Pause"
    if window.is_firefox:
        window.page.evaluate(
            "() => { window.fetch = window.send; dispatchEvent(new Event('online')); }"
        )
    else:
        window.harness.context.set_offline(False)
    window.wait_for_save(71)


def output_device_lost(window: Window) -> None:
    """The sound ends with the device: it is told, noted, and plays again with another one."""
    window.open()
    window.play()
    window.page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    window.page.evaluate("context.suspend()")
    window.is_told_of_silence()
    window.play()
    window.rate(71)
    window.wait_for_event("device_change")


def device_of_96_khz(window: Window) -> None:
    """A sound card that keeps its own rate: the recordings play at their own speed, and loop."""
    window.open(
        before="""() => {
      const Native = AudioContext;
      window.AudioContext = class extends Native {
        constructor(asked) { super({ ...asked, sampleRate: 96000 }); }
      };
    }"""
    )
    window.play()
    assert window.page.evaluate("context.sampleRate") == 96_000
    assert "0:02" in window.look(".time", "innerText")
    window.wait("context.currentTime > 2.5")  # once around
    assert window.look(".play", "innerText").strip() == "Pause"
    window.rate(71)
    window.wait_for_event("sample_rate")
    assert window.harness.events("sample_rate")[0]["value"] == 96_000


def reduced_motion(window: Window) -> None:
    """Nothing moves but what shows where the sound is."""
    if not window.is_firefox:
        window.page.emulate_media(reduced_motion="reduce")
    window.open()
    assert window.page.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")
    window.press(".next")  # nothing is rated: the hint is pointed at
    assert window.look(".hint", "classList.contains('nudge')")
    assert window.page.evaluate("host.shadowRoot.getAnimations().length") == 0


def forced_colours(window: Window) -> None:
    """Without colours of ours it is still seen what plays."""
    if not window.is_firefox:
        window.page.emulate_media(forced_colors="active")
    window.open()
    assert window.page.evaluate("matchMedia('(forced-colors: active)').matches")
    window.play()
    looks = """(selector) => [...host.shadowRoot.querySelectorAll(selector)].map((each) => {
      const { backgroundColor, borderTopColor } = getComputedStyle(each);
      return [backgroundColor, borderTopColor].join();
    })"""
    heard, *others = window.page.evaluate(looks, ".letter")
    assert heard not in others


QUIRKS: dict[str, Callable[[Window], None]] = {
    "suspended audio": suspended_audio,
    "autoplay blocked": autoplay_blocked,
    "tab asleep": tab_asleep,
    "zoom 200 %": zoom_200,
    "zoom 400 %": zoom_400,
    "back/forward cache": back_forward_cache,
    "offline and back": offline_and_back,
    "output device lost": output_device_lost,
    "96 kHz device": device_of_96_khz,
    "reduced motion": reduced_motion,
    "forced colours": forced_colours,
}
MENDED = ("suspended audio", "back/forward cache", "zoom 400 %", "forced colours")
"""Quirks that the player was mended for; ``make test`` asks Chromium for these alone."""
SETTINGS_OF_FIREFOX: dict[str, dict[str, bool | int | str]] = {
    "autoplay blocked": {"media.autoplay.default": 5, "media.autoplay.block-webaudio": True},
    "reduced motion": {"ui.prefersReducedMotion": 1},
    "forced colours": {"browser.display.document_color_use": 2},
}
"""Settings of a profile there that make a quirk."""
needs_firefox = pytest.mark.skipif(
    PROGRAM is None or shutil.which("pulseaudio") is None,
    reason="needs Firefox and a sound server; .ci/firefox installs them",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Headless Chromium."""
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def sound_card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Environment of a browser whose sound goes to nobody."""
    with silent_sound_server(tmp_path_factory.mktemp("sound")) as environment:
        yield environment


@pytest.mark.parametrize(
    "quirk",
    [pytest.param(name, marks=[] if name in MENDED else pytest.mark.slow) for name in QUIRKS],
)
def test_in_chromium(chromium: Any, quirk: str) -> None:
    """The quirk is met, and nothing is raised."""
    harness = Harness(chromium, viewport=WINDOW)
    try:
        QUIRKS[quirk](Window(harness))
    finally:
        harness.close()
    assert [each for each in harness.troubles if "ERR_INTERNET_DISCONNECTED" not in each] == []


@needs_firefox
@pytest.mark.slow
@pytest.mark.parametrize("quirk", QUIRKS)
def test_in_firefox(tmp_path: Path, sound_card: Mapping[str, str], quirk: str) -> None:
    """The same there, in a Firefox of its own: what one quirk leaves behind meets no other."""
    settings = SETTINGS_OF_FIREFOX.get(quirk, {})
    with firefox(tmp_path, sound_card, **settings) as window:
        harness = Harness(None, shared=FirefoxContext(window))
        harness.page.set_viewport_size(WINDOW)
        QUIRKS[quirk](Window(harness))
        harness.close()


def test_what_stands_in_for_a_quirk_is_named_with_its_reason() -> None:
    """Every entry is about a quirk of the table."""
    for name in STANDS_IN:
        assert any(quirk.startswith(name.split(" in ")[0]) for quirk in QUIRKS)
