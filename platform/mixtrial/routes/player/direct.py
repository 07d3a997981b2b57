"""The player's requests go past Streamlit's own middleware, which takes as long as an empty route.

That middleware is for cookies, compression and paths of files; these requests need none of them.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mixtrial.routes.player.autosave import autosave
from mixtrial.routes.player.page import page

ANSWERS = {"/api/autosave": autosave, "/api/page": page}


class PlayerRequests:
    """ASGI middleware: answers the requests that the player posts; all others pass."""

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
