"""A page whose server answers late: what is still seen of the former view after a press."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Elements that are visible at the next press are watched at every frame for 300 ms from then on,
# and for as many frames as an idle browser draws in them: a busy machine draws fewer in that time.
WATCH_NEXT_PRESS = """([former, skeleton]) => {
  const there = [...document.querySelectorAll(former)].filter((each) => each.checkVisibility());
  window.seenAfterPress = new Promise((resolve) => {
    document.addEventListener("click", (event) => {
      let frames = 0;
      const look = () => {
        const isEarly = performance.now() - event.timeStamp < 300 || frames < 18;
        frames += 1;
        if (isEarly) return requestAnimationFrame(look);
        const left = there.filter((each) => each.isConnected && each.checkVisibility());
        const waiting = document.querySelector(`${skeleton} .dx-skeleton`)?.checkVisibility();
        resolve([there.length, left.length, waiting ?? false]);
      };
      look();
    }, { once: true, capture: true });
  });
}"""


@dataclass(frozen=True, slots=True)
class Seen:
    """Elements of the former view before a press and 300 ms after it, and whether one may wait."""

    n_former: int
    n_left: int
    skeleton: bool


class HeldAnswers:
    """What a server says to a page, held back from a press until the page was looked at.

    Make it before the page is opened, or open the page anew.
    """

    def __init__(self, page: Any) -> None:
        self._page, self._is_slow, self._held = page, False, list[tuple[Any, Any]]()
        page.route_web_socket("**/_stcore/stream", self._between)

    def _between(self, socket: Any) -> None:
        above = socket.connect_to_server()
        above.on_message(
            lambda message: (
                self._held.append((socket, message)) if self._is_slow else socket.send(message)
            )
        )

    def press(self, button: Any, former: str, skeleton: str) -> Seen:
        """Press a button and look; afterwards nothing has arrived yet, until ``go_on``.

        Parameters
        ----------
        button
            A locator.
        former, skeleton
            Selectors of the former view's elements, and of what holds its skeleton.
        """
        self._page.evaluate(WATCH_NEXT_PRESS, [former, skeleton])
        self._is_slow = True
        button.click()
        return Seen(*self._page.evaluate("window.seenAfterPress"))

    def go_on(self) -> None:
        """Let everything through that was held, in its order; nothing overtakes."""
        while self._held:
            socket, message = self._held.pop(0)
            socket.send(message)
        self._is_slow = False
