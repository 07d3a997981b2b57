"""A simulated participant that sends requests as a browser does: by a websocket and by HTTP.

The duration of a page turn is the participant's waiting time, from the click on "Save" (the final
save is stored) to the arrival of the next page. In practice, the measurement starts at the request
for the page and ends at the arrival of the page's data.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

TIMEOUT_S = 60.0
AGAIN = (0, 503)
"""Answers after which a visitor asks once more; of too many requests, a crowd makes none."""

FAILURES = (OSError, WebSocketException, TimeoutError, EOFError, ValueError)
N_EVENTS = 60


@dataclass
class Tally:
    """Measurements of many participants; times are in seconds."""

    openings_s: list[float] = field(default_factory=list)
    turns_s: list[float] = field(default_factory=list)
    saves_s: list[float] = field(default_factory=list)
    n_repeats: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OpenPage:
    """Facts that the simulated participant needs about the page."""

    page: int
    epoch: int
    seq: int
    n_stimuli: int
    is_last: bool


class Visitor:
    """A participant who opens a link, rates one page after the other and finishes.

    ``address`` is the network address from which the participant connects; if None, the system
    chooses the address.
    """

    def __init__(
        self,
        url: str,
        token: str,
        attributes: Sequence[str],
        tally: Tally,
        address: str | None = None,
    ) -> None:
        self._place = urlsplit(url).netloc
        self._from = None if address is None else (address, 0)
        self._token, self._attributes, self._tally = token, attributes, tally
        # Spreads the requests of the participants over time, equally in each run of the program.
        self._random = Random(token)
        self._socket: ClientConnection | None = None
        self._open_page: OpenPage | None = None
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def visit(self, n_pages: int, think_s: float, until: float) -> None:
        """Rate up to ``n_pages`` pages for ``think_s`` seconds each, and stop at ``until``."""
        await self.come_in()
        await self.go_on(n_pages, think_s, until)

    async def come_in(self) -> None:
        """Open the link and wait for the page."""
        try:
            await self._open()
        except FAILURES as error:
            self._note("opening the link", error)

    async def go_on(self, n_pages: int, think_s: float, until: float) -> None:
        """Rate pages, beginning with the open page."""
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
            ping_interval=None,  # a browser answers pings but sends none
            local_addr=self._from,
        )
        async with asyncio.timeout(TIMEOUT_S):
            await self._run()
            await self._turn("open", await self._shown_page())
        self._tally.openings_s.append(time.perf_counter() - began)

    async def draw_again(self) -> None:
        """Let the survey draw its page once more, as after a lost connection."""
        await self._run()
        await self._shown_page()

    async def _run(self) -> None:
        """Let the survey draw the current page."""
        message = BackMsg()
        message.rerun_script.query_string = f"p={self._token}"
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    async def _shown_page(self) -> int:
        """Wait for the component that shows the pages; return the number of the page to show."""
        assert self._socket is not None
        while True:
            message = ForwardMsg.FromString(await self._socket.recv(decode=False))
            if message.WhichOneof("type") != "delta":
                continue
            element = message.delta.new_element
            if element.WhichOneof("type") != "bidi_component":
                continue
            data = json.loads(element.bidi_component.json or "{}")
            if data.get("mode") == "rating":
                return int(data["page"])

    async def _turn(self, wish: str, page: int) -> None:
        """Request a page until it arrives, as the browser does."""
        body = json.dumps({"token": self._token, "page": page, "wish": wish}).encode()
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                status, content = await self._post("/api/page", body)
                if status == 200:
                    break
                if status not in AGAIN:
                    raise ValueError(f"The server refused a page with status {status}.")
                self._tally.n_repeats += 1
                await asyncio.sleep(0.5)
        data = json.loads(content)["page"]
        if data is None:
            raise ValueError(
                "The server sent a form in place of a page; a simulated visitor fills in no forms."
            )
        self._open_page = OpenPage(
            data["page"], data["epoch"], data["seq"], len(data["urls"]), data["is_last"]
        )

    async def _rate_page(self, page: OpenPage, think_s: float) -> None:
        """Save a page twice while rating and once at the end, then turn to the next page."""
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
        await self._turn("next", page.page)
        self._tally.turns_s.append(time.perf_counter() - began)

    async def _save(self, body: bytes) -> None:
        """Send a save repeatedly until it is acknowledged, as the browser does."""
        began = time.perf_counter()
        async with asyncio.timeout(TIMEOUT_S):
            while (status := (await self._post("/api/autosave", body))[0]) != 204:
                if status not in AGAIN:
                    raise ValueError(f"The server refused a save with status {status}.")
                await asyncio.sleep(0.2)
        self._tally.saves_s.append(time.perf_counter() - began)

    async def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and content of an answer; status 0 if the connection broke."""
        try:
            if self._streams is not None and self._streams[0].at_eof():
                # The server has closed the idle connection, so a new one is opened, as in a
                # browser.
                self._streams[1].close()
                self._streams = None
            if self._streams is None:
                host, _, port = self._place.partition(":")
                self._streams = await asyncio.open_connection(
                    host, int(port), local_addr=self._from
                )
            reader, writer = self._streams
            head = f"POST {path} HTTP/1.1\r\nHost: {self._place}\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()
            answer = await reader.readuntil(b"\r\n\r\n")
            length = [line for line in answer.lower().split(b"\r\n") if b"content-length" in line]
            content = b""
            if length:
                content = await reader.readexactly(int(length[0].partition(b":")[2]))
            return int(answer.split(b" ", 2)[1]), content
        except (OSError, EOFError):
            if self._streams is not None:
                self._streams[1].close()
            self._streams = None
            return 0, b""
