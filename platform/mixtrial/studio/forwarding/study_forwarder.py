"""ASGI middleware: a study's server answers ``/s/NAME/…``, the studio answers all other paths."""

from __future__ import annotations

import asyncio
import html
import time
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mixtrial.routes.requests import refusal
from mixtrial.server.headers import DASHBOARD, PREVIEW
from mixtrial.server.public_address import public_address
from mixtrial.server.session_cookie import SESSION_COOKIE, is_signed_in
from mixtrial.server.settings import SettingsError
from mixtrial.studies.study_folder import StudyFolder, study_folder
from mixtrial.studio.children.study_servers import HOST, STUDIES_AT, StudyServers
from mixtrial.studio.forwarding.forwarded_request import NoAnswerError, forward_request
from mixtrial.studio.forwarding.forwarded_socket import forward_socket
from mixtrial.studio.running import Studio, current_studio
from stimuli.study.manifest import MANIFEST_NAME

ASK_AGAIN_S = 0.1
LONGEST_START_S = 60.0
NOT_HERE, TRY_AGAIN_LATER = 1008, 1013
RETRY_AFTER = {"Retry-After": "3"}
NOT_OPEN = "This study is not open just now."
STARTING = "This study is being opened. Please try again in a moment."
PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Listening test</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1">{again}'
    "<style>:root {{ color-scheme: light dark }} body {{ font: 18px/1.5 system-ui, sans-serif; "
    "margin: 20vh auto 0; max-width: 32em; padding: 0 1em; text-align: center }}</style>"
    "<p>{sentence}</p></html>"
)


COME_AGAIN = '<meta http-equiv="refresh" content="3">'


class StudyForwarder:
    """Forwarder of requests to open studies; studies that are not open have no address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        path = public_address().inner(scope["path"]) or ""
        if path == "/" and scope["type"] == "http":
            await RedirectResponse(public_address().outer(DASHBOARD))(scope, receive, send)
        elif not path.startswith(f"{STUDIES_AT}/"):
            await self._app(scope, receive, send)
        else:
            await _forward(path.removeprefix(f"{STUDIES_AT}/"), scope, receive, send)


async def _forward(path: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Forward requests to the study whose name is at the beginning of the path."""
    name, slash, inner = path.partition("/")
    studio = await run_in_threadpool(current_studio)
    study = await run_in_threadpool(_reachable, studio, name, inner, scope)
    if study is None:
        await _refuse(scope, receive, send, NOT_OPEN, 404)
        return
    if not slash:
        await RedirectResponse(f"{scope['path']}/")(scope, receive, send)
        return
    try:
        await _ask_server(studio.servers, study, scope, receive, send)
    except (ChildProcessError, TimeoutError, NoAnswerError):
        is_ours = inner.startswith("api/")
        await _refuse(scope, receive, send, STARTING, 503, is_for_program=is_ours)


def _reachable(studio: Studio, name: str, inner: str, scope: Scope) -> StudyFolder | None:
    """Study of this name whose address answers; None if no such study exists.

    Before the study is open, signed-in people can reach its dashboard and its preview, but not the
    participants' page.
    """
    try:
        study = study_folder(studio.folder, name)
    except SettingsError:
        return None
    notes = study.notes()
    if notes.is_open:
        return study
    cookie = cookie_parser(Headers(scope=scope).get("cookie", "")).get(SESSION_COOKIE)
    is_preview = PREVIEW.encode() in parse_qs(scope.get("query_string", b""))
    if cookie is None or notes.is_archived or not (inner or is_preview):
        return None
    is_built = (study.build / MANIFEST_NAME).is_file()
    return study if is_built and is_signed_in(studio, cookie) else None


async def _ask_server(
    servers: StudyServers, study: StudyFolder, scope: Scope, receive: Receive, send: Send
) -> None:
    """Let the study's server answer; if the server has just ended, ask again after its restart.

    The body of a request cannot be sent twice, so the browser is asked to repeat a save.
    """
    may_repeat = scope.get("method") in ("GET", "HEAD")
    deadline = time.monotonic() + LONGEST_START_S
    while True:
        port = await _port_of(servers, study)
        try:
            if scope["type"] == "websocket":
                await forward_socket(scope, receive, send, (HOST, port))
            else:
                await forward_request(scope, receive, send, (HOST, port))
        except NoAnswerError:
            if not may_repeat or time.monotonic() > deadline:
                raise
            await asyncio.sleep(ASK_AGAIN_S)
        else:
            return


async def _port_of(servers: StudyServers, study: StudyFolder) -> int:
    """Port of the study's server; the function waits while the server is being started."""
    deadline = time.monotonic() + LONGEST_START_S
    port = servers.port_of(study)
    while port is None:
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(ASK_AGAIN_S)
        port = servers.port_of(study)
    return port


async def _refuse(
    scope: Scope,
    receive: Receive,
    send: Send,
    sentence: str,
    status: int,
    *,
    is_for_program: bool = False,
) -> None:
    if scope["type"] == "websocket":
        await receive()
        code = NOT_HERE if status == 404 else TRY_AGAIN_LATER
        await send({"type": "websocket.close", "code": code})
        return
    headers = RETRY_AFTER if status == 503 else {}
    answer: Response = refusal(status, sentence, headers)
    if not is_for_program:
        again = COME_AGAIN if status == 503 else ""
        page = PAGE.format(sentence=html.escape(sentence), again=again)
        answer = HTMLResponse(page, status, {**headers, "Cache-Control": "no-store"})
    await answer(scope, receive, send)
