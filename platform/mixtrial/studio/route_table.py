"""The studio's own routes, its middleware, and its shutdown.

=======================================  =====================================================
``/s/{name}/…``                          what the study's server answers, ``studio.forwarding``
``POST /api/login``, ``POST /api/logout``  the cookie for the studio and its studies' dashboards
``POST /api/language``                    the language of the researcher's pages
``POST, GET /api/studio/…``               uploads, ``studio.upload_routes``; pictures of page types
``GET /api/healthz``                     whether the studio has its folder
=======================================  =====================================================
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mixtrial.routes.front_door import FrontDoor, SocketMessages
from mixtrial.routes.rate_limit import RateLimits, SocketLimits
from mixtrial.routes.researcher.language import choose_language
from mixtrial.routes.signin import sign_in, sign_out
from mixtrial.server.headers import SecurityHeaders
from mixtrial.studio.editor.pictures.pictures import PICTURE_ROUTES
from mixtrial.studio.forwarding.study_forwarder import StudyForwarder
from mixtrial.studio.running import current_studio
from mixtrial.studio.upload_routes import UPLOAD_ROUTES


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Lock the studio's folder while the server runs; end its child processes with the server."""
    studio = await run_in_threadpool(current_studio)
    try:
        yield
    finally:
        await run_in_threadpool(studio.close)


async def login(request: Request) -> Response:
    """Check the studio's password and set the cookie."""
    return await sign_in(request, current_studio)


async def logout(request: Request) -> Response:
    """End the session, in the studio and in its studies' dashboards."""
    return await sign_out(request, current_studio)


async def healthz(_request: Request) -> Response:
    """Answer that the studio is running; it runs only while it has its folder."""
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


ROUTES: list[Route] = [
    Route("/api/login", login, methods=["POST"]),
    Route("/api/logout", logout, methods=["POST"]),
    Route("/api/language", choose_language, methods=["POST"]),
    Route("/api/healthz", healthz, methods=["GET"]),
    *UPLOAD_ROUTES,
    *PICTURE_ROUTES,
]

MIDDLEWARE: list[Middleware] = [
    Middleware(StudyForwarder),
    Middleware(SecurityHeaders),
    Middleware(FrontDoor),
    Middleware(RateLimits),
    Middleware(SocketLimits),
    Middleware(SocketMessages),
]
