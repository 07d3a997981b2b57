"""One participant as a browser is one: Streamlit's websocket for the pages, HTTP for the rest.

A page turn is what a participant waits for: from the press on "Save" (the final save is stored)
to the arrival of the next page's player. It is measured between the message that carries the press
and the message that brings a player for a later page.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

EVENT_PREFIX = "$$STREAMLIT_INTERNAL_KEY"
TIMEOUT_S = 60.0
REPEAT_S = 3.0
"""A browser presses again when the next page has not come by then."""

FAILURES = (OSError, WebSocketException, TimeoutError, EOFError, ValueError)
N_EVENTS = 60


@dataclass
class Tally:
    """What a crowd of visitors went through: times in seconds."""

    openings_s: list[float] = field(default_factory=list)
    turns_s: list[float] = field(default_factory=list)
    saves_s: list[float] = field(default_factory=list)
    n_repeats: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OpenPage:
    """What a visitor has to know of the page before them; ``component`` is the player's name."""

    component: str
    page: int
    epoch: int
    seq: int
    n_stimuli: int
    is_last: bool


class Visitor:
    """A participant who opens a link, rates page by page and goes on."""

    def __init__(self, url: str, token: str, attributes: Sequence[str], tally: Tally) -> None:
        self._place = urlsplit(url).netloc
        self._token, self._attributes, self._tally = token, attributes, tally
        self._random = Random(token)  # spreads the visitors over time, the same at each run
        self._socket: ClientConnection | None = None
        self._open_page: OpenPage | None = None
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def visit(self, n_pages: int, think_s: float, until: float) -> None:
        """Rate up to ``n_pages`` pages, ``think_s`` seconds each, no later than ``until``."""
        await self.come_in()
        await self.go_on(n_pages, think_s, until)

    async def come_in(self) -> None:
        """Open the link and wait for the page."""
        try:
            await self._open()
        except FAILURES as error:
            self._note("opening the link", error)

    async def go_on(self, n_pages: int, think_s: float, until: float) -> None:
        """Rate pages from the one that is open."""
        try:
            await asyncio.sleep(self._random.uniform(0.0, think_s))
            for _ in range(n_pages):
                if self._open_page is None or time.monotonic() + think_s > until:
                    break
                await self._rate_page(self._open_page, think_s)
        except FAILURES as error:
            self._note(f"page {self._open_page and self._open_page.page}", error)

    def _note(self, doing: str, error: Exception) -> None:
        self._tally.errors.append(f"{doing}: {type(error).__name__} {error}")

    async def close(self) -> None:
        """Leave."""
        if self._socket is not None:
            await self._socket.close()
        if self._streams is not None:
            self._streams[1].close()

    async def _open(self) -> None:
        began = time.perf_counter()
        self._socket = await connect(
            f"ws://{self._place}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            compression=None,
        )
        async with asyncio.timeout(TIMEOUT_S):
            await self._run()
            await self._next_player(after=-1)
        self._tally.openings_s.append(time.perf_counter() - began)

    async def _run(self, pressed: OpenPage | None = None) -> None:
        """Have the page's script run, as if "Save" had been pressed on a page."""
        message = BackMsg()
        message.rerun_script.query_string = f"p={self._token}"
        if pressed is not None:
            state = message.rerun_script.widget_states.widgets.add()
            state.id = f"{EVENT_PREFIX}_{pressed.component}__events"
            press = {"event": "advance", "value": {"page": pressed.page}}
            state.json_trigger_value = json.dumps([press])
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    async def _next_player(self, after: int) -> None:
        """Wait for the player of a page after the one numbered ``after``."""
        assert self._socket is not None
        while True:
            message = ForwardMsg.FromString(await self._socket.recv(decode=False))
            if message.WhichOneof("type") != "delta":
                continue
            element = message.delta.new_element
            if element.WhichOneof("type") != "bidi_component":
                continue
            data = json.loads(element.bidi_component.json or "{}")
            if data.get("mode") == "rating" and data["page"] > after:
                self._open_page = OpenPage(
                    element.bidi_component.id, data["page"], data["epoch"], data["seq"],
                    len(data["urls"]), data["is_last"],
                )  # fmt: skip
                return

    async def _rate_page(self, page: OpenPage, think_s: float) -> None:
        """Two saves on the way, a final one, and on to the next page."""
        ratings = [
            {"slot": slot, "attribute": attribute, "value": float(10 + slot)}
            for slot in range(page.n_stimuli)
            for attribute in self._attributes
        ]
        events = [
            {"t_ms": 100.0 * number, "kind": "switch", "slot": number % 4}
            for number in range(N_EVENTS // 2)
        ]
        for step, part in enumerate((ratings[:5], ratings[:12], ratings), start=1):
            await asyncio.sleep(think_s / 3)
            message = {
                "token": self._token, "page": page.page, "epoch": page.epoch,
                "seq": page.seq + step, "final": step == 3, "ratings": part,
                "events": events if step > 1 else [],
            }  # fmt: skip
            await self._save(json.dumps(message).encode())
        if page.is_last:
            self._open_page = None
            return
        began = time.perf_counter()
        await self._press(page)
        self._tally.turns_s.append(time.perf_counter() - began)

    async def _press(self, page: OpenPage) -> None:
        """Press "Save" and wait for the next page; press again in between, as the browser does."""
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                await self._run(page)
                with suppress(TimeoutError):
                    async with asyncio.timeout(REPEAT_S):
                        return await self._next_player(after=page.page)
                self._tally.n_repeats += 1

    async def _save(self, body: bytes) -> None:
        """Save, again and again until it is acknowledged, as the browser does."""
        began = time.perf_counter()
        async with asyncio.timeout(TIMEOUT_S):
            while (status := await self._post(body)) != 204:
                if status not in (0, 503):
                    raise ValueError(f"a save was refused with {status}")
                await asyncio.sleep(0.2)
        self._tally.saves_s.append(time.perf_counter() - began)

    async def _post(self, body: bytes) -> int:
        """Status of one autosave; 0 when the connection broke."""
        try:
            if self._streams is None:
                host, _, port = self._place.partition(":")
                self._streams = await asyncio.open_connection(host, int(port))
            reader, writer = self._streams
            head = f"POST /api/autosave HTTP/1.1\r\nHost: {self._place}\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()
            answer = await reader.readuntil(b"\r\n\r\n")
            length = [line for line in answer.lower().split(b"\r\n") if b"content-length" in line]
            if length:
                await reader.readexactly(int(length[0].partition(b":")[2]))
            return int(answer.split(b" ", 2)[1])
        except (OSError, EOFError):
            if self._streams is not None:
                self._streams[1].close()
            self._streams = None
            return 0
