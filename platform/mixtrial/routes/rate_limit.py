"""Limits on requests per address, per participant and per recording, far above normal use.

Contents: ``RateLimits`` (ASGI middleware for our own routes), ``SocketLimits`` (for Streamlit's
websocket) and ``autosave_limit``. Requests above a limit are answered with the status 429 and the
header ``Retry-After``. The browser and the simulated participants wait and repeat the request, so
that nothing is lost. A message above the limit of a websocket is read only after a wait. Each
server process counts requests separately.
"""

from __future__ import annotations

import math
import re
import time
from asyncio import sleep
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mixtrial.routes.requests import read_body, refusal
from mixtrial.server.headers import is_foreign
from mixtrial.server.limits import RateLimit, network_of

ADDRESS_PER_S, ADDRESS_AT_ONCE = 500.0, 5_000
"""A university may share one address: its 200 participants with 10 s a page ask 220 a second."""

PARTICIPANT_PER_S, PARTICIPANT_AT_ONCE = 20.0, 300
"""A browser saves 2.5 times a second at most."""

RECORDING_PER_S, RECORDING_AT_ONCE = 1.0, 30
"""A browser fetches a recording once a page load, and keeps it."""

SOCKET_PER_S, SOCKET_AT_ONCE = 5.0, 20
"""A page is turned once in seconds; people who fill in a form press something more often."""

RUNS_PER_S, RUNS_AT_ONCE = 50.0, 20
"""Page runs for one address. A crowd of listeners turns no more pages a second in one process: the
processor is at work with them by then (docs/performance.md)."""

ALL_RUNS_PER_S, ALL_RUNS_AT_ONCE = 60.0, 20
"""Page runs for everybody: what is left of the processor is for saves."""

SOCKETS = 500
"""Open websockets of one address: 200 listeners with a second tab, and their dashboards."""

LONGEST_TURN_S = 15.0
TRY_AGAIN_LATER = 1013
"""Why a websocket is closed (RFC 6455's registry)."""

RECORDING = re.compile(r"/api/(?:audio|headphones)/([^/]{1,64})")


class RateLimits:
    """ASGI middleware that limits requests to our own routes, per address and per recording.

    Streamlit's pages and its websocket are not limited by this middleware.
    """

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._addresses = RateLimit(ADDRESS_PER_S, ADDRESS_AT_ONCE, clock)
        self._recordings = RateLimit(RECORDING_PER_S, RECORDING_AT_ONCE, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            wait_s = self._addresses.wait_s(network_of(scope.get("client")))
            recording = RECORDING.match(scope["path"])
            if wait_s == 0.0 and recording is not None:
                wait_s = self._recordings.wait_s(recording[1])
            if wait_s > 0.0:
                await too_many(wait_s)(scope, receive, send)
                return
        await self._app(scope, receive, send)


@dataclass
class _Socket:
    """A websocket, its own limit, and whether the other end has closed the websocket."""

    receive: Receive
    _send: Send
    limit: RateLimit
    is_gone: bool = False

    async def send(self, message: Message) -> None:
        """Pass a message of the websocket on; note whether sending failed."""
        try:
            await self._send(message)
        except OSError:
            self.is_gone = True
            raise


class SocketLimits:
    """ASGI middleware that limits the messages of websockets, and open websockets per address.

    Each message of a websocket makes Streamlit run a page again. Messages above the limit are not
    read, and so they stay with the sender.
    """

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self._app, self._clock = app, clock
        self._addresses = RateLimit(RUNS_PER_S, RUNS_AT_ONCE, clock)
        self._all = RateLimit(ALL_RUNS_PER_S, ALL_RUNS_AT_ONCE, clock)
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one websocket."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        network = network_of(scope.get("client"))
        if self._open[network] >= SOCKETS or not await self._has_turn(network):
            await receive()
            await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            return
        self._open[network] += 1
        socket = _Socket(receive, send, RateLimit(SOCKET_PER_S, SOCKET_AT_ONCE, self._clock))
        try:
            await self._app(scope, partial(self._receive_in_turn, socket, network), socket.send)
        except RuntimeError:  # Streamlit raises this error when a browser has closed the connection
            if not socket.is_gone:
                raise
        finally:
            self._open[network] -= 1
            self._open += Counter()  # removes the counters of addresses without an open websocket

    async def _receive_in_turn(self, socket: _Socket, network: str) -> Message:
        """The next message, after any necessary wait; a closing message is returned at once."""
        message = await socket.receive()
        if message["type"] != "websocket.receive":
            return message
        await sleep(socket.limit.turn_s("", LONGEST_TURN_S) or 0.0)
        if await self._has_turn(network):
            return message
        return {"type": "websocket.disconnect", "code": TRY_AGAIN_LATER}

    async def _has_turn(self, network: str) -> bool:
        """Wait for the address's limit, then the common limit; False if the wait is too long."""
        for limit, key in ((self._addresses, network), (self._all, "")):
            wait_s = limit.turn_s(key, LONGEST_TURN_S)
            if wait_s is None:
                return False
            await sleep(wait_s)
        return True


def too_many(wait_s: float) -> Response:
    """The refusal of a request above a limit, with the number of seconds to wait."""
    headers = {"Retry-After": str(math.ceil(wait_s))}
    return refusal(429, "Too many requests at once; please wait a moment.", headers)


@cache
def autosave_limit() -> RateLimit:
    """Counter of saves for each participant; this process has only one such counter."""
    return RateLimit(PARTICIPANT_PER_S, PARTICIPANT_AT_ONCE)


TOKEN = re.compile(rb'"token"\s*:\s*"([A-Za-z0-9_-]{16,64})"')


def too_many_saves(raw: bytes) -> Response | None:
    """A refusal if the participant named in a save has sent too many saves; None otherwise.

    The message of a save is not parsed for this check, because a refusal must cost less than
    storing. A save can name several participants, of which a JSON parser uses the last; the save is
    counted for all of them.
    """
    named = sorted(set(TOKEN.findall(raw)))
    wait_s = max((autosave_limit().wait_s(token.decode()) for token in named), default=0.0)
    return too_many(wait_s) if wait_s > 0.0 else None


async def counted_message(request: Request, most_bytes: int) -> bytes | Response:
    """The message of a participant's browser, or a refusal."""
    if is_foreign(request.headers):
        return refusal(403, "Messages are accepted only from mixtrial's own pages.")
    raw = await read_body(request, most_bytes)
    if raw is None:
        return refusal(413, "The message is too large.")
    return too_many_saves(raw) or raw
