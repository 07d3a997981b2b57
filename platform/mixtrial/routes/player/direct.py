"""The player's requests bypass Streamlit's middleware, because the middleware takes time.

The middleware takes as long as an empty request. Streamlit's middleware handles cookies,
compression and paths of files, which the player's requests do not need.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mixtrial.routes.player.autosave import autosave
from mixtrial.routes.player.page import page

ANSWERS = {"/api/autosave": autosave, "/api/page": page}


class PlayerRequests:
    """ASGI middleware that answers the player's requests and passes all other requests on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_post = scope["type"] == "http" and scope["method"] == "POST"
        answer = ANSWERS.get(scope["path"]) if is_post else None
        if answer is None:
            await self._app(scope, receive, send)
            return
        response = await answer(Request(scope, receive))
        await response(scope, receive, send)
