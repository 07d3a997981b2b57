"""One websocket, forwarded to a study's server: the messages of both ends, and the closing."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Origin, Subprotocol

from mixtrial.server.headers import SAFE_HOST
from mixtrial.studio.forwarding.forwarded_headers import headers_for_server, target_of

REFUSED, GOING_AWAY = 1008, 1001
NEVER_SENT = (1005, 1006, 1015)
"""Codes that say how a connection ended, and are in no message (RFC 6455, 7.4.1)."""

OPEN_TIMEOUT_S = 20.0
SAID_OTHERWISE = (b"host", b"origin")


async def forward_socket(
    scope: Scope, receive: Receive, send: Send, place: tuple[str, int]
) -> None:
    """Connect the server at ``place`` (host and port) with a browser until one of them ends."""
    await receive()  # the first message is the browser's request to connect
    try:
        server = await _connected(scope, place)
    except (OSError, ValueError, WebSocketException):
        await send({"type": "websocket.close", "code": REFUSED})
        return
    await send({"type": "websocket.accept", "subprotocol": server.subprotocol})
    directions = [
        asyncio.create_task(_to_server(receive, server)),
        asyncio.create_task(_to_browser(send, server)),
    ]
    try:
        await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for direction in directions:
            direction.cancel()
        await asyncio.gather(*directions, return_exceptions=True)
        await server.close()
        with suppress(OSError, RuntimeError):  # the browser may have closed the connection
            code = server.close_code
            told = GOING_AWAY if code is None or code in NEVER_SENT else code
            await send({"type": "websocket.close", "code": told})


async def _connected(scope: Scope, place: tuple[str, int]) -> ClientConnection:
    """Connect to the server with the host name that the browser used."""
    headers = Headers(scope=scope)
    name = headers.get("host", "")
    if not SAFE_HOST.fullmatch(name):
        raise ValueError("The name of the host is missing.")
    told = [
        (key.decode("latin-1"), value.decode("latin-1"))
        for key, value in headers_for_server(scope)
        if key not in SAID_OTHERWISE and not key.startswith(b"sec-websocket-")
    ]
    origin = headers.get("origin")
    return await connect(
        f"ws://{name}{target_of(scope).decode('ascii')}",
        host=place[0],
        port=place[1],
        origin=None if origin is None else Origin(origin),
        subprotocols=[Subprotocol(each) for each in scope.get("subprotocols", [])] or None,
        additional_headers=told,
        user_agent_header=None,
        compression=None,
        proxy=None,
        ping_interval=None,  # the browser and the study's server send pings themselves
        max_size=None,  # the size of the browser's messages is checked before they are forwarded
        open_timeout=OPEN_TIMEOUT_S,
    )


async def _to_server(receive: Receive, server: ClientConnection) -> None:
    while True:
        message = await receive()
        if message["type"] != "websocket.receive":
            return
        said = message.get("bytes")
        try:
            await server.send(message["text"] if said is None else said)
        except ConnectionClosed:
            return


async def _to_browser(send: Send, server: ClientConnection) -> None:
    async for said in server:
        key = "text" if isinstance(said, str) else "bytes"
        await send({"type": "websocket.send", key: said})
