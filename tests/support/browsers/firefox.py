"""Debian's Firefox, driven by its own protocol (WebDriver BiDi), and as the harness takes it."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from live_recorder import FIREFOX_SETTINGS

PROGRAM = shutil.which("firefox-esr") or shutil.which("firefox")
START_TIMEOUT_S = 120.0
# Only a failing test waits so long.
TIMEOUT_S = 90.0
ANSWER_S = 45.0
STOP_TIMEOUT_S = 15.0
PRESS_MS = 60


class SilentFirefoxError(AssertionError):
    """Firefox no longer answers its protocol; the message says what it was asked."""


class Firefox:
    """One window of Firefox: looked at by script, typed and pressed as by hand."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._numbers = socket, count(1)
        self.ask("session.new", capabilities={})
        # The first window of a Firefox without a desktop never has the focus: no field of it would
        # hear that it was left.
        self.window = self.ask("browsingContext.create", type="window")["context"]

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask the protocol something, and wait for its answer."""
        number, deadline = next(self._numbers), time.monotonic() + ANSWER_S
        try:
            self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
            while (left_s := deadline - time.monotonic()) > 0:
                answer = json.loads(self._socket.recv(timeout=left_s))
                if answer.get("id") == number:
                    assert answer["type"] == "success", answer
                    return dict(answer["result"])
        except (TimeoutError, WebSocketException) as error:
            raise SilentFirefoxError(f"no answer to {method}: {error!r}") from error
        raise SilentFirefoxError(f"no answer to {method} within {ANSWER_S:g} s")

    def open(self, url: str) -> None:
        """Open an address."""
        self.ask("browsingContext.navigate", context=self.window, url=url, wait="complete")

    def ask_of_window(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask something about the window."""
        return self.ask(method, context=self.window, **parameters)

    def evaluate(self, script: str, argument: object = None) -> Any:
        """Value of an expression, or of a function of one argument, as JSON would hold it."""
        call = f"""async () => {{
          const said = ({script});
          const value = typeof said === "function" ? said({json.dumps(argument)}) : said;
          return JSON.stringify((await value) ?? null);
        }}"""
        said = self.ask(
            "script.callFunction", functionDeclaration=call, awaitPromise=True,
            target={"context": self.window},
        )  # fmt: skip
        assert said["type"] == "success", said
        return json.loads(said["result"]["value"])

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
            target = {"context": self.window}
            said = self.ask("script.evaluate", expression=wanted, target=target, awaitPromise=True)
            place = said["result"]["value"]
            if place and place == seen_at:
                return list(json.loads(place))
            seen_at = place
            time.sleep(0.1)
        target = {"context": self.window}
        seen = "document.body.innerText"
        said = self.ask("script.evaluate", expression=seen, target=target, awaitPromise=True)
        raise AssertionError(f"there is no {selector} {text} on:\n{said['result']['value']}")

    def press(self, selector: str, text: str = "") -> None:
        """Press an element with the mouse."""
        self.press_at(*self.find(selector, text))

    def press_at(self, x: float, y: float) -> None:
        """Press a place of the window with the mouse."""
        x, y = round(x), round(y)
        move = {"type": "pointerMove", "x": x, "y": y}
        held = {"type": "pause", "duration": PRESS_MS}
        down, up = ({"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp"))
        self._act({"type": "pointer", "id": "mouse", "actions": [move, down, held, up]})

    def type(self, text: str) -> None:
        """Type into the field that was pressed."""
        keys = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keys", "actions": keys})

    def _act(self, source: dict[str, Any]) -> None:
        self.ask("input.performActions", context=self.window, actions=[source])


@contextmanager
def firefox(
    folder: Path, environment: Mapping[str, str] | None = None, **settings: bool | int | str
) -> Iterator[Firefox]:
    """Run Firefox with a profile of its own; ``settings`` are those of about:config.

    It has sound where an ``environment`` leads to a sound server.
    """
    all_settings = {**FIREFOX_SETTINGS, "remote.active-protocols": 1, **settings}
    lines = (f'user_pref("{key}", {json.dumps(value)});' for key, value in all_settings.items())
    (folder / "user.js").write_text("\n".join(lines), encoding="utf-8")
    log = folder / "firefox.log"
    call = [str(PROGRAM), "--headless", "--no-remote", "--remote-debugging-port=0"]
    with log.open("wb") as said:
        call += ["--profile", str(folder)]
        process = subprocess.Popen(call, stdout=said, stderr=said, env=environment)
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (found := re.search(r"BiDi listening on (ws://\S+)", log.read_text())):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        options = {"max_size": None, "open_timeout": TIMEOUT_S, "close_timeout": 1.0}
        with connect(f"{found[1]}/session", **options) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:  # one that answers no protocol may hear no signal
            process.kill()
            process.wait()


class FirefoxPage:
    """A page; ``click`` is the mouse's."""

    def __init__(self, window: Firefox) -> None:
        self._firefox, self.mouse = window, self
        self.click = window.press_at
        self.evaluate = window.evaluate
        self._scripts: list[str] = []

    def on(self, *_: object) -> None:
        """Nothing is told of the console."""

    def add_init_script(self, script: str) -> None:
        """Have a script run before any other of a page."""
        call = f"() => {{ {script} }}"
        added = self._firefox.ask("script.addPreloadScript", functionDeclaration=call)
        self._scripts.append(added["script"])

    def goto(self, url: str) -> None:
        """Open an address."""
        self._firefox.open(url)

    def set_viewport_size(self, size: dict[str, int], dots: int = 1) -> None:
        """Give the window another size."""
        self._firefox.ask_of_window(
            "browsingContext.setViewport", viewport=size, devicePixelRatio=dots
        )

    def go_back(self) -> None:
        """Press the browser's way back."""
        self._firefox.ask_of_window("browsingContext.traverseHistory", delta=-1)

    @contextlib.contextmanager
    def asleep(self) -> Iterator[None]:
        """Put another tab before this one, for as long as the block runs."""
        other = self._firefox.ask("browsingContext.create", type="tab")["context"]
        yield
        self._firefox.ask("browsingContext.close", context=other)
        self._firefox.ask_of_window("browsingContext.activate")

    def close(self) -> None:
        """Leave the page, and take its scripts away."""
        for script in self._scripts:
            self._firefox.ask("script.removePreloadScript", script=script)
        self._firefox.open("about:blank")


class FirefoxContext:
    """A context of the harness, whose one page is Firefox's window."""

    def __init__(self, window: Firefox) -> None:
        self._window = window

    def set_default_timeout(self, _: float) -> None:
        """The waits of this file have their own."""

    def new_page(self) -> FirefoxPage:
        """The window."""
        return FirefoxPage(self._window)
