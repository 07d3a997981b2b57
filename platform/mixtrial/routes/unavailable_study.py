"""A study that cannot be opened: routes answer 503 with ``Retry-After``; the log has the reason.

The sentence about why a study cannot be opened contains paths and addresses of the server, so it is
only logged.
"""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mixtrial.routes.requests import refusal
from mixtrial.server.installation import OPENING_ERRORS, log_unavailable

RETRY_AFTER_S = 3
UNAVAILABLE = "the study cannot be opened just now; the server's log says why"


def study_unavailable(error: Exception) -> Response:
    """Log why the study cannot be opened, and return the public answer."""
    log_unavailable(error)
    return refusal(503, UNAVAILABLE, {"Retry-After": str(RETRY_AFTER_S)})


class UnavailableStudy:
    """ASGI middleware that answers instead of the routes if the study cannot be opened."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except OPENING_ERRORS as error:
            if has_begun:
                raise
            await study_unavailable(error)(scope, receive, send)
