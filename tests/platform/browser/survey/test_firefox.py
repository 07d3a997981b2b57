"""Numbers typed in Debian's Firefox, which is driven by its own protocol (WebDriver BiDi)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from browser_study import running_server, write_study
from live_recorder import FIREFOX_SETTINGS
from mixtrial.participation.enrolment import enrol
from mixtrial.server.installation import load_installation
from mixtrial.server.language import locale_of
from mixtrial.server.settings import settings_for_study
from tests.platform.browser.survey.test_presses import QUESTIONS

PROGRAM = shutil.which("firefox-esr") or shutil.which("firefox")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(PROGRAM is None, reason="needs Firefox; .ci/firefox installs it"),
]
START_TIMEOUT_S = 120.0
# Only a failing test waits so long.
TIMEOUT_S = 90.0
PRESS_MS = 60
RADIO = "[data-testid=stRadioOption]"


class Firefox:
    """One window of Firefox: looked at by script, typed and pressed as by hand."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._numbers = socket, count(1)
        self._ask("session.new", capabilities={})
        # The first window of a Firefox without a desktop never has the focus: no field of it would
        # hear that it was left.
        self._window = self._ask("browsingContext.create", type="window")["context"]

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=TIMEOUT_S))
            if answer.get("id") == number:
                assert answer["type"] == "success", answer
                return dict(answer["result"])

    def open(self, url: str) -> None:
        """Open an address."""
        self._ask("browsingContext.navigate", context=self._window, url=url, wait="complete")

    def find(self, selector: str, text: str = "") -> list[float]:
        """Wait until an element with a text is at rest in view, and return its middle."""
        wanted = f"""(() => {{
          const state = document.querySelector("[data-test-script-state]")?.dataset.testScriptState;
          if (state && state !== "notRunning") return "";
          const all = [...document.querySelectorAll({json.dumps(selector)})];
          const found = all.find((each) => each.innerText.includes({json.dumps(text)}));
          if (!found) return "";
          found.scrollIntoView({{ block: "center" }});
          const box = found.getBoundingClientRect();
          return JSON.stringify([box.x + box.width / 2, box.y + box.height / 2]);
        }})()"""
        deadline = time.monotonic() + TIMEOUT_S
        seen_at = ""
        while time.monotonic() < deadline:
            target = {"context": self._window}
            said = self._ask("script.evaluate", expression=wanted, target=target, awaitPromise=True)
            place = said["result"]["value"]
            if place and place == seen_at:
                return list(json.loads(place))
            seen_at = place
            time.sleep(0.1)
        target = {"context": self._window}
        seen = "document.body.innerText"
        said = self._ask("script.evaluate", expression=seen, target=target, awaitPromise=True)
        raise AssertionError(f"there is no {selector} {text} on:\n{said['result']['value']}")

    def press(self, selector: str, text: str = "") -> None:
        """Press an element with the mouse."""
        x, y = (round(middle) for middle in self.find(selector, text))
        move = {"type": "pointerMove", "x": x, "y": y}
        held = {"type": "pause", "duration": PRESS_MS}
        down, up = ({"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp"))
        self._act({"type": "pointer", "id": "mouse", "actions": [move, down, held, up]})

    def type(self, text: str) -> None:
        """Type into the field that was pressed."""
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keys", "actions": keys})

    def _act(self, source: dict[str, Any]) -> None:
        self._ask("input.performActions", context=self._window, actions=[source])


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """Run Firefox with a profile of its own, in German as far as web pages can tell."""
    settings = {
        **FIREFOX_SETTINGS,
        "intl.accept_languages": "de",
        "remote.active-protocols": 1,
    }
    lines = (f'user_pref("{key}", {json.dumps(value)});' for key, value in settings.items())
    (folder / "user.js").write_text("\n".join(lines), encoding="utf-8")
    log = folder / "firefox.log"
    call = [str(PROGRAM), "--headless", "--no-remote", "--remote-debugging-port=0"]
    with log.open("wb") as said:
        process = subprocess.Popen([*call, "--profile", str(folder)], stdout=said, stderr=said)
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (found := re.search(r"BiDi listening on (ws://\S+)", log.read_text())):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        with connect(f"{found[1]}/session", max_size=None, open_timeout=TIMEOUT_S) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        process.wait(60)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "de"])
def test_firefox_stores_one_number_for_point_and_comma(
    tmp_path_factory: pytest.TempPathFactory, language: str
) -> None:
    """In a study of either language: the comma in one field, the point in the other."""
    more = [*QUESTIONS, f"language: {language}"]
    study = write_study(tmp_path_factory.mktemp("study"), more=more)
    installation = load_installation(settings_for_study(study))
    token = enrol(installation).token
    installation.store.record_consent(token, "v", accepted=True)
    with running_server(study) as server, firefox(tmp_path_factory.mktemp("firefox")) as page:
        page.open(f"{server.url}/?p={token}")
        for choices in (installation.study.groups, installation.study.devices):
            page.press(RADIO, choices[0].label.partition(":")[0])
        page.press("button[kind^=primary]")
        page.press("[class*=st-key-decimal-] input[inputmode=decimal]")
        page.type("2,5")
        page.press("button[kind^=primary]")
        page.press(RADIO, "No")
        page.press("[class*=st-key-decimal-questions][class*=size] input[inputmode=decimal]")
        page.type("2.5")
        page.press("button[kind^=primary]")
        page.find("h1", locale_of(language).text("volume_heading"))
    someone = installation.store.find_participant(token)
    installation.store.close()
    assert someone is not None
    assert someone.answers["habits.hours"] == "2.5"
    assert someone.answers["rooms.size"] == "2.5"
