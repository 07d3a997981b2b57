"""How much the server does for one address, one participant and one recording: generously much.

Contents: ``RateLimits`` (ASGI middleware for our own routes) and ``autosave_limit``. Whoever asks
for more is answered with 429 and ``Retry-After``; the browser and the simulated participants wait
and ask again, so that nothing is lost. Each server process counts for itself.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from functools import cache

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mixtrial.routes.requests import refusal
from mixtrial.server.limits import RateLimit, network_of

ADDRESS_PER_S, ADDRESS_AT_ONCE = 500.0, 5_000
"""A university may share one address: its 200 participants with 10 s a page ask 220 a second."""

PARTICIPANT_PER_S, PARTICIPANT_AT_ONCE = 20.0, 300
"""A browser saves 2.5 times a second at most."""

RECORDING_PER_S, RECORDING_AT_ONCE = 1.0, 30
"""A browser fetches a recording once a page load, and keeps it."""

RECORDING = re.compile(r"/api/(?:audio|headphones)/([^/]{1,64})")


class RateLimits:
    """ASGI middleware: a limit for each address on our own routes, and for each recording.

    Streamlit's pages and its websocket pass untouched.
    """

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._addresses = RateLimit(ADDRESS_PER_S, ADDRESS_AT_ONCE, clock)
        self._recordings = RateLimit(RECORDING_PER_S, RECORDING_AT_ONCE, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            wait_s = self._addresses.wait_s(network_of(scope.get("client")))
            recording = RECORDING.match(scope["path"])
            if wait_s == 0.0 and recording is not None:
                wait_s = self._recordings.wait_s(recording[1])
            if wait_s > 0.0:
                await too_many(wait_s)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def too_many(wait_s: float) -> Response:
    """The refusal of a request too many, with the whole seconds to wait."""
    headers = {"Retry-After": str(math.ceil(wait_s))}
    return refusal(429, "too many requests at once; please wait a moment", headers)


@cache
def autosave_limit() -> RateLimit:
    """The one count of saves by participant in this process."""
    return RateLimit(PARTICIPANT_PER_S, PARTICIPANT_AT_ONCE)


TOKEN = re.compile(rb'"token"\s*:\s*"([A-Za-z0-9_-]{16,64})"')


def too_many_saves(raw: bytes) -> Response | None:
    """A refusal where the participant that a save names has sent too many; None otherwise.

    The message is not read for it: refusing must cost less than storing. Where it names several,
    of which JSON takes the last, all of them are counted.
    """
    named = sorted(set(TOKEN.findall(raw)))
    wait_s = max((autosave_limit().wait_s(token.decode()) for token in named), default=0.0)
    return too_many(wait_s) if wait_s > 0.0 else None
