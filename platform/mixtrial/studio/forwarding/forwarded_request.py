"""One HTTP request, forwarded to a study's server; the answer is sent back piece by piece.

The studio stores nothing: forwarding a recording or an upload needs only the memory of one piece.
Each forwarded request has its own connection; opening it takes a fraction of a millisecond on one
machine.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import h11
from starlette.types import Receive, Scope, Send

from mixtrial.studio.forwarding.forwarded_headers import headers_for_server, passed_on, target_of

PIECE_BYTES = 2**16


class NoAnswerError(OSError):
    """The server ended before it had begun to answer."""


async def forward_request(
    scope: Scope, receive: Receive, send: Send, place: tuple[str, int]
) -> None:
    """Let the server at ``place`` (host and port) answer a request.

    Raises
    ------
    NoAnswerError
        The server does not answer at its address, or has ended; nothing has been sent to the
        browser.
    """
    try:
        reader, writer = await asyncio.open_connection(*place)
    except OSError as error:
        raise NoAnswerError from error
    link = h11.Connection(h11.CLIENT)
    asking = asyncio.create_task(_ask(link, writer, scope, receive))
    try:
        await _answer(link, reader, send)
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError, OSError, h11.LocalProtocolError):
            await asking
        writer.close()


async def _ask(
    link: h11.Connection, writer: asyncio.StreamWriter, scope: Scope, receive: Receive
) -> None:
    """Send the head and the body of a request to the server."""
    headers = headers_for_server(scope)
    given = {name.lower() for name, _ in scope["headers"]}
    if b"transfer-encoding" in given and b"content-length" not in given:
        headers.append((b"transfer-encoding", b"chunked"))
    headers.append((b"connection", b"close"))
    head = h11.Request(method=scope["method"], target=target_of(scope), headers=headers)
    writer.write(link.send(head) or b"")
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            writer.close()
            return
        if message.get("body"):
            writer.write(link.send(h11.Data(message["body"])) or b"")
            await writer.drain()
        more = message.get("more_body", False)
    writer.write(link.send(h11.EndOfMessage()) or b"")
    await writer.drain()


async def _answer(link: h11.Connection, reader: asyncio.StreamReader, send: Send) -> None:
    """Send the server's answer back to the browser."""
    has_begun = False
    try:
        while True:
            event = link.next_event()
            if event is h11.NEED_DATA:
                link.receive_data(await reader.read(PIECE_BYTES))
            elif isinstance(event, h11.Response):
                has_begun = True
                headers = passed_on(event.headers)
                await send(
                    {"type": "http.response.start", "status": event.status_code, "headers": headers}
                )
            elif isinstance(event, h11.Data):
                piece = bytes(event.data)
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            elif isinstance(event, h11.EndOfMessage):
                await send({"type": "http.response.body", "body": b""})
                return
            elif not isinstance(event, h11.InformationalResponse):
                raise ConnectionError("The connection ended before the answer was complete.")
    except (OSError, h11.RemoteProtocolError) as error:
        if has_begun:
            raise
        raise NoAnswerError from error
