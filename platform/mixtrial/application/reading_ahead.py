"""Data of the dashboard, loaded on the server while the browser is still loading the page."""

from __future__ import annotations

import logging
from threading import Lock, Thread

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from mixtrial.application.pages import dashboard
from mixtrial.server.headers import DASHBOARD
from mixtrial.server.public_address import public_address
from mixtrial.server.session_cookie import SESSION_COOKIE

logger = logging.getLogger(__name__)


class ReadingAhead:
    """ASGI middleware: a request for the dashboard's page starts a thread that prepares its data.

    Before the browser requests the first view, it loads Streamlit's own files for a second or more.
    At most one thread prepares data at a time.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._busy = app, Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_page = scope["type"] == "http" and scope["method"] == "GET"
        if is_page and public_address().inner(scope["path"]) == DASHBOARD:
            cookie = HTTPConnection(scope).cookies.get(SESSION_COOKIE)
            if self._busy.acquire(blocking=False):
                Thread(target=self._read, args=(cookie,), name="read-ahead", daemon=True).start()
        await self._app(scope, receive, send)

    def _read(self, cookie: str | None) -> None:
        try:
            _, read_ahead = dashboard()
            read_ahead(cookie)
        except Exception:
            logger.exception("the dashboard could not read ahead")
        finally:
            self._busy.release()
