"""One page of the player alone, without a server: what it shows and what it would send.

The page is mounted as Streamlit mounts it, in a shadow root, from the data that ``rating_data``
gives; the files, the recordings and the autosave route are answered by the test.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import soundfile

from mixtrial.player.assets import player_files
from mixtrial.server.language import locale_of
from stimuli.study_keys.rated_scale import RatingScale, scale_of

ORIGIN = "http://127.0.0.1:9/"
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

# What Streamlit does when the server draws the same page again.
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
    """Data of a page as ``rating_data`` gives it."""
    free = {"must_listen": 0, "must_move": True, "playback": "loop", "on_switch": "keep"}
    return {
        "mode": "rating",
        "page_type": page_type,
        "part": page_type,
        "key": page_type,
        "assets": ORIGIN,
        "token": "t" * 32,
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


class Harness:
    """A browser's page with one page of the player on it.

    ``bodies`` are what was sent to be saved; ``answer`` is the status they get.
    """

    def __init__(self, browser: Any, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(45_000)  # only a failing test waits so long
        self.page = self.context.new_page()
        self.bodies: list[dict[str, Any]] = []
        self.troubles: list[str] = []
        self.answer = 204
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", self._on_console)
        self.page.route(f"{ORIGIN}**", self.answer_route)

    def _on_console(self, message: Any) -> None:
        if message.type in ("error", "warning") and "status of" not in message.text:
            self.troubles.append(message.text)

    def answer_route(self, route: Any) -> None:
        """Answer a request as a server would."""
        name = route.request.url.removeprefix(ORIGIN)
        files = player_files()
        if name == "api/autosave":
            self.bodies.append(route.request.post_data_json)
            route.fulfill(status=self.answer)
        elif name.startswith("audio/"):
            route.fulfill(body=recording(int(name[6:])), content_type="audio/wav")
        elif name in files:
            kind = "text/javascript" if name.endswith(".js") else "text/css"
            route.fulfill(body=files[name], content_type=kind)
        else:
            route.fulfill(body=HTML, content_type="text/html")

    def open(self, data: Mapping[str, Any], *, is_loaded: bool = True) -> Any:
        """Mount a page; return Playwright's page."""
        self.page.goto(ORIGIN)
        self.page.evaluate(MOUNT, dict(data))
        if is_loaded:
            self.page.locator(".letter:not([disabled])").first.wait_for()
        return self.page

    def submit(self) -> None:
        """Hand the page in and wait until it is stored."""
        self.page.locator(".next").click()
        self.page.wait_for_function("window.advances.length > 0")

    def ratings(self) -> dict[tuple[int, str], float]:
        """What the last body says, by slot and attribute."""
        return {
            (each["slot"], each["attribute"]): each["value"] for each in self.bodies[-1]["ratings"]
        }

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Events of a kind in all bodies."""
        return [event for body in self.bodies for event in body["events"] if event["kind"] == kind]

    def close(self) -> None:
        """Close the browser's context."""
        self.context.close()
