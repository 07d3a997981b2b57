"""Requests that are refused before anything else: wrong hosts, paths and websockets.

Contents: ``FrontDoor`` (ASGI middleware that checks ``Host``, the base path, and websockets) and
``SocketMessages`` (ASGI middleware that checks the messages of a websocket in both directions).
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

import mixtrial
from mixtrial.routes.requests import refusal
from mixtrial.server.public_address import public_address

HEALTH = "/api/healthz"
"""Answers requests under any name and path: a container's health check knows neither."""

WANTED = ("rerun_script", "stop_script", "app_heartbeat")
"""Messages that pages send. Streamlit takes more: to tell of the git repository, to empty its
caches, to write files for its programmers' tools."""

PROTOCOL_ERROR, UNSUPPORTED, FOREIGN = 1002, 1003, 1008
"""Why a websocket is closed (RFC 6455, 7.4.1)."""

FOLDER = str(Path(str(mixtrial.__file__)).parent.parent).encode()
"""Folder of the program on this machine, which answers must not reveal."""


class FrontDoor:
    """ASGI middleware that refuses unknown hosts, unknown paths, and websockets of other sites.

    Streamlit itself would accept any websocket whose ``Origin`` is a name of this machine.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._address = app, public_address()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit or refuse one request to the server."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), self._address.inner(scope["path"])
        if scope["path"] == HEALTH:
            path = HEALTH
        host = headers.get("host", "")
        if path != HEALTH and not self._address.answers_to(host):
            await _turn_away(scope, receive, send, 400, "This server has another name.")
        elif path is None:
            await _turn_away(scope, receive, send, 404, "There is nothing at this address.")
        elif scope["type"] == "websocket" and not is_own_origin(headers.get("origin"), host):
            await _turn_away(scope, receive, send, 403, "Open this page from mixtrial's own pages.")
        elif path.startswith("/api/"):
            await self._app({**scope, "path": path, "raw_path": path.encode()}, receive, send)
        else:
            await self._app(scope, receive, send)


def is_own_origin(origin: str | None, host: str) -> bool:
    """Whether a page of this host, or a program other than a browser, opened a websocket."""
    if origin is None:
        return True
    try:
        netloc = urlsplit(origin).netloc
    except ValueError:
        return False
    return netloc != "" and netloc.lower() == host.lower()


async def _turn_away(
    scope: Scope, receive: Receive, send: Send, status: int, sentence: str
) -> None:
    if scope["type"] == "http":
        await refusal(status, sentence)(scope, receive, send)
    else:  # the server answers 403
        await send({"type": "websocket.close", "code": FOREIGN})


class SocketMessages:
    """ASGI middleware that allows only the messages of pages and hides the program's folder."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one websocket; other requests are passed on."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        is_over = False

        async def receive_wanted() -> Message:
            nonlocal is_over
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                says = _said(message.get("bytes"))
                if isinstance(says, int):
                    is_over = True
                    await send({"type": "websocket.close", "code": says})
                    return {"type": "websocket.disconnect", "code": says}
                if says in WANTED:
                    return message

        async def send_discreetly(message: Message) -> None:
            if not is_over:  # nothing is sent after the closing message
                await send(_without_folder(message))

        await self._app(scope, receive_wanted, send_discreetly)


def _said(frame: bytes | None) -> str | int | None:
    """Kind of message in a websocket frame; for an invalid frame, the code to close the socket."""
    if frame is None:
        return UNSUPPORTED
    try:
        kind: str | None = BackMsg.FromString(frame).WhichOneof("type")
    except DecodeError:
        return PROTOCOL_ERROR
    return kind


def _without_folder(message: Message) -> Message:
    """A message without the program's path, which the first message of each run would contain."""
    frame = message.get("bytes")
    if not frame or FOLDER not in frame:
        return message
    told = ForwardMsg.FromString(frame)
    if told.WhichOneof("type") == "new_session":
        told.new_session.main_script_path = Path(told.new_session.main_script_path).name
    return {**message, "bytes": told.SerializeToString()}
