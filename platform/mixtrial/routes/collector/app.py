"""The server of ``mixtrial collect``: it stores each post of webMUSHRA before it answers.

===============================  =================================================================
``POST …/service/write.php``     where webMUSHRA posts; ``/service/write`` is pymushra's name of it
``POST /{test}/collect``         the same, as pymushra calls it too
``GET /api/healthz``             whether sessions are stored; 200, 503
===============================  =================================================================

The status 200 with an empty body means that the session is in the database; webMUSHRA treats any
text as an error. The status 400 means that the message is not a session; the message's body is kept
for repair. The status 413 means that the message is too large. The status 503 means that the
database cannot store the session at present. Any web page is allowed to post to this server. Front
ends from other origins are answered, too (CORS), because no cookie gives access to this server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from analysis.counts import counted
from db.records.collected import Kept
from db.records.errors import StoreUnavailableError
from db.store.store import Store
from mixtrial.imports.webmushra.posted_session import (
    NoSessionError,
    PostedSession,
    session_of_body,
)
from mixtrial.routes.collector.front_end import front_end
from mixtrial.routes.requests import read_body

MAX_SESSION_BYTES = 4 * 2**20
"""A session of a hundred pages with a dozen stimuli each has less than half of one."""

POSTED_TO = "service/write.php"
"""Address of the collector in webMUSHRA's configurations by default."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Collector:
    """Receiver that stores posted bodies and prints a line for each body."""

    store: Store
    tell: Tell

    async def take(self, request: Request) -> Response:
        """Store a session; return an empty body if the session was stored."""
        body = await read_body(request, MAX_SESSION_BYTES)
        if body is None:
            most = f"{MAX_SESSION_BYTES >> 20} MiB"
            self.tell(f"refused: a body of more than {most}")
            return _refused(413, f"A session can have at most {most}.")
        if not body:
            return _refused(400, "The body is empty.")
        return await run_in_threadpool(self._answer, body)

    def _answer(self, body: bytes) -> Response:
        try:
            return self._kept(body)
        except StoreUnavailableError as error:
            self.tell(f"NOT KEPT, the front end was told so: {error}")
            return _refused(503, str(error), {"Retry-After": "3"})

    def _kept(self, body: bytes) -> Response:
        try:
            session = session_of_body(body)
        except NoSessionError as error:
            is_kept = self.store.keep_unreadable(body, str(error))
            what = "the body is kept to be repaired" if is_kept else "no room to keep the body"
            self.tell(f"refused: {error}; {what}")
            return _refused(400, str(error))
        kept = self.store.keep_session(
            session.test, session.session, session.digest, session.text.encode()
        )
        self.tell(_line(session, kept))
        return Response(status_code=200, headers={"Cache-Control": "no-store"})

    async def health(self, _request: Request) -> Response:
        """Whether sessions can be stored at present."""
        fault = await run_in_threadpool(self.store.saving_fault)
        return _refused(503, fault) if fault else PlainTextResponse("ok")


def collector_app(store: Store, tell: Tell, site: Path | None = None) -> Starlette:
    """Return the server.

    Parameters
    ----------
    store
        The database that keeps the sessions.
    tell
        Function that gets one line for each posted body.
    site
        Folder of webMUSHRA, whose front end is served too; None: the front end is served elsewhere.

    Raises
    ------
    SettingsError
        The folder holds no front end of webMUSHRA.
    """
    here = _Collector(store, tell)
    paths = (f"/{POSTED_TO}", "/service/write", "/{test}/collect", "/{folder:path}/" + POSTED_TO)
    routes: list[BaseRoute] = [Route("/api/healthz", here.health, methods=["GET"])]
    routes += [Route(path, here.take, methods=["POST"]) for path in paths]
    if site is not None:
        routes.append(Mount("/", front_end(site)))
    from_anywhere = Middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=["*"]
    )
    return Starlette(routes=routes, middleware=[from_anywhere])


def _line(session: PostedSession, kept: Kept) -> str:
    """One line about an arrived session; `session_of_body` has ensured that names are printable."""
    ending = {
        Kept.NEW: "",
        Kept.AGAIN: "; it was there, nothing is doubled",
        Kept.OTHER_VERSION: "; ANOTHER VERSION of a session that is there: both are kept",
    }[kept]
    n = len(session.trials)
    return f"{session.test}: session {session.session}, {counted(n, 'page')}{ending}"


def _refused(status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(sentence, status, {"Cache-Control": "no-store", **(headers or {})})
