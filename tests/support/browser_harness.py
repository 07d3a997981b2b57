"""One page of the player alone, without a server: what it shows and what it would send.

The page is mounted as Streamlit mounts it, in a shadow root; the files, the recordings, the saves
and the wishes for a page are answered by a small server of the test process, which costs a third
less than answering each request through the browser's driver.
"""

from __future__ import annotations

import functools
import io
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import numpy as np
import soundfile

from browser_study import TIMEOUT_MS
from mixtrial.player.assets import player_files
from mixtrial.player.player import PAGE_URL
from mixtrial.server.language import locale_of
from stimuli.study_keys.rated_scale import RatingScale, scale_of

SAMPLE_RATE = 44_100
DURATION_S = 2.0
LABELS = ("Bad", "Poor", "Fair", "Good", "Excellent")
ATTRIBUTES = {
    "overall": "How good is this mix overall?",
    "level": "How well are vocal and backing balanced?",
    "reverb": "How well does the reverb fit?",
}
HTML = """<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
  :root { color-scheme: light dark; --st-primary-color: light-dark(#1f6f78, #6cc0c9);
    --st-background-color: light-dark(#f4f6f6, #101617);
    --st-text-color: light-dark(#1c2526, #e6eded);
    --st-secondary-background-color: light-dark(#ffffff, #1a2224); }
  body { margin: 0; background: var(--st-background-color); }
  main { max-width: 952px; margin: 0 auto; padding: 24px; }
</style><main><div id="host"></div></main></html>"""
MOUNT = """async (data) => {
  const { default: player } = await import("/player.js");
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  window.advances = [];
  player({ data, parentElement: root,
    setTriggerValue: (_, value) => window.advances.push(value) });
}"""

# The clock of the sound, which a busy machine may start late.
WATCH_CLOCK = """{
  const Native = AudioContext;
  window.AudioContext = class extends Native {
    constructor(...rest) { super(...rest); window.context = this; }
  };
}"""

# Streamlit does this when the server draws the same page again.
REDRAW = """async (data) => {
  const { default: player } = await import("/player.js");
  player({ data, parentElement: host.shadowRoot, setTriggerValue: () => undefined });
}"""


@functools.cache
def recording(number: int) -> bytes:
    """WAV of the same noise in all, and a tone of its own."""
    time_s = np.arange(int(DURATION_S * SAMPLE_RATE)) / SAMPLE_RATE
    noise = 0.05 * np.random.default_rng(1).standard_normal(len(time_s))
    sound = noise * (0.4 + 0.6 * np.sin(time_s) ** 2)
    tone = 0.1 * np.sin(2 * np.pi * 220 * (number + 1) * time_s)
    file = io.BytesIO()
    soundfile.write(file, np.stack([sound, tone], axis=1), SAMPLE_RATE, "PCM_16", format="WAV")
    return file.getvalue()


class Answers(BaseHTTPRequestHandler):
    """Answers as of a server; below the number of a harness, saves are told to it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The player's files, the recordings, and for all else the empty page."""
        name = self.path.lstrip("/0123456789")
        if self.path.rpartition("/")[0].endswith("/audio"):
            self.answer(200, "audio/wav", recording(int(self.path.rpartition("/")[2])))
        elif name in player_files():
            kind = "text/javascript" if name.endswith(".js") else "text/css"
            self.answer(200, kind, player_files()[name])
        else:
            self.answer(200, "text/html", HTML.encode())

    def do_POST(self) -> None:
        """A save, or a page wished for."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        harness = harnesses.get(self.path.split("/")[1])
        if harness and self.path.endswith(PAGE_URL):
            status, answer = harness.turn(body)
            self.answer(status, "application/json", json.dumps(answer).encode(), "no-store")
        else:
            self.answer(harness.save(body) if harness else 204, "text/plain", b"")

    def answer(self, status: int, kind: str, content: bytes, caching: str = "max-age=3600") -> None:
        """Send an answer, which a browser may keep unless it is told otherwise."""
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("cache-control", caching)
        if status != 204:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        if status != 204:
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class AnswerServer(ThreadingHTTPServer):
    """One for the whole process; a browser that goes away is not an error."""

    def handle_error(self, *_: object) -> None:
        """Keep quiet."""


server = AnswerServer(("127.0.0.1", 0), Answers)
ORIGIN = f"http://127.0.0.1:{server.server_address[1]}/"
numbers = count(1)
harnesses: dict[str, Harness] = {}


def page_data(
    page_type: str,
    n_rated: int = 4,
    *,
    references: Sequence[str] = (),
    attributes: Sequence[str] = ("overall",),
    language: str = "en",
    rules: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    scale: RatingScale | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Data sent to the browser of a page: once for all pages, and for this one."""
    free = {"must_listen": 0, "must_move": True, "playback": "loop", "on_switch": "keep"}
    return {
        "mode": "rating",
        "page_type": page_type,
        "part": page_type,
        "key": page_type,
        "assets": ORIGIN,
        "token": "t" * 32,
        "page_url": PAGE_URL,
        "language": language,
        "page": 1,
        "epoch": 1,
        "seq": 0,
        "save_url": "api/autosave",
        "sample_rate": SAMPLE_RATE,
        "gain": 1.0,
        "urls": [f"audio/{slot}" for slot in range(n_rated)],
        "reference_urls": [
            {"url": f"audio/{n_rated + place}", "kind": kind}
            for place, kind in enumerate(references)
        ],
        "next_urls": [],
        "options": dict(options or {}),
        "rules": {**free, **(rules or {})},
        "attributes": [
            {
                "name": name,
                "label": name.capitalize(),
                "question": ATTRIBUTES[name],
                "scale": asdict(scale or scale_of((), LABELS)),
            }
            for name in attributes
        ],
        "ratings": [],
        "is_last": False,
        "may_go_back": False,
        "comments": "none",
        "texts": dict(locale_of(language).player),
        **more,
    }


@functools.cache
def begin_to_answer() -> None:
    """Start the server's thread once; processes that only collect tests have none, and may fork."""
    threading.Thread(target=server.serve_forever, daemon=True).start()


class Harness:
    """A browser's page with one page of the player on it.

    ``bodies`` are what was sent to be saved; ``answer`` is the status they get once ``answers`` are
    used up. ``wishes`` are what was asked for, ``following`` the pages that come after the first; a
    form comes after the last, and ``refusals`` before all. ``shared`` is a context for several one
    after the other, which loads the player's files once.
    """

    def __init__(self, browser: Any, *, shared: Any = None, **options: Any) -> None:
        begin_to_answer()
        self.is_shared = shared is not None
        self.context = shared or browser.new_context(**options)
        self.context.set_default_timeout(TIMEOUT_MS)
        self.page = self.context.new_page()
        self.bodies: list[dict[str, Any]] = []
        self.troubles: list[str] = []
        self.answers: list[int] = []
        self.wishes: list[dict[str, Any]] = []
        self.following: list[Mapping[str, Any]] = []
        self.refusals: list[int] = []
        self.shown: Mapping[str, Any] | None = None
        self.answer = 204
        self.page.add_init_script(WATCH_CLOCK)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", self._on_console)
        self.number = str(next(numbers))
        self.url = f"{ORIGIN}{self.number}/"
        harnesses[self.number] = self

    def _on_console(self, message: Any) -> None:
        if message.type in ("error", "warning") and "status of" not in message.text:
            self.troubles.append(message.text)

    def save(self, body: dict[str, Any]) -> int:
        """Keep what was sent to be saved; the status it gets."""
        self.bodies.append(body)
        return self.answers.pop(0) if self.answers else self.answer

    def turn(self, wish: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and answer to a wish: the page that it leads to, if any."""
        self.wishes.append(wish)
        if self.refusals:
            return self.refusals.pop(0), {}
        if wish["wish"] != "open":
            self.shown = self.following.pop(0) if self.following else None
        place = "page {page}".format_map(self.shown or {"page": ""})
        above = {
            "page_title": place.replace("page", "Window"),
            "header": f'<header class="mx-header">{place}</header>',
            "heading": "",
        }
        return 200, {"page": self.shown, "above": above}

    def open(self, data: Mapping[str, Any], *, is_loaded: bool = True) -> Any:
        """Mount a page; return Playwright's page."""
        self.shown = data
        self.page.goto(self.url)
        # The device keeps data by the participant: here one for each harness.
        self.page.evaluate(MOUNT, {**data, "token": self.number.ljust(32, "t")})
        if is_loaded:
            self.page.locator(".letter:not([disabled])").first.wait_for()
        return self.page

    def play_on(self, duration_s: float) -> None:
        """Wait for so much of the sound's own time."""
        begun_s = self.page.evaluate("window.context.currentTime")
        self.page.wait_for_function(
            "end => window.context.currentTime >= end", arg=begun_s + duration_s
        )

    def submit(self) -> None:
        """Hand the page in and wait until it is stored."""
        self.page.locator(".next").click()
        self.page.wait_for_function("window.advances.length > 0")

    def ratings(self) -> dict[tuple[int, str], float]:
        """Ratings of the last body, by slot and attribute."""
        return {
            (each["slot"], each["attribute"]): each["value"] for each in self.bodies[-1]["ratings"]
        }

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Events of a kind in all bodies."""
        return [event for body in self.bodies for event in body["events"] if event["kind"] == kind]

    def close(self) -> None:
        """Close the page, and a context of its own; what comes late is told to nobody."""
        self.page.close() if self.is_shared else self.context.close()
        del harnesses[self.number]
