"""Firefox's window as the harness takes it: as much of Playwright's page as its tests use."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from firefox import Firefox


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
