"""The server's own routes, beside Streamlit's pages and in the same process.

========================================  ====================================================
``POST /api/autosave``                    stores the state of a page; 204, 400, 403, 404, 409 … 413
``GET, HEAD /api/audio/{token}``          one stimulus, blind; 200, 206, 304, 403, 404, 416
``GET /api/healthz``                      ``{"status": "ok"}``
``POST /api/login``, ``POST /api/logout``  the dashboard's cookie
``GET /api/admin/{table}.csv``            downloads, behind the cookie
``GET /api/admin/audio/{song}/{system}``  a stimulus by name, behind the cookie
``POST /api/admin/bots…``                 simulated participants, see ``mixtrial.routes.simulation``
``GET /api/headphones/…``                 a trial of the headphone check, ``headphone_route``
``GET /api/player/…``                     the player's files, ``mixtrial.player.assets``
``GET /api/oidc/…``                       an identity provider's sign-in, ``mixtrial.routes.identity_provider``
========================================  ====================================================

Any of them may answer 429 with ``Retry-After`` (``mixtrial.routes.rate_limit``), and 503 likewise.

Handlers run on Streamlit's event loop; what touches the database or a file runs in a thread.
``ROUTES`` and ``MIDDLEWARE`` are what ``st.App`` takes.
"""

from __future__ import annotations

from functools import cache
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from db.records import SaveOutcome, StoreUnavailableError
from mixtrial.exports.csv_text import download
from mixtrial.exports.registry import format_names
from mixtrial.participation.autosave import AutosaveError, save
from mixtrial.participation.link_expiry import LinkExpiredError
from mixtrial.player.assets import ASSET_ROUTE, player_asset
from mixtrial.routes.audio import admin_audio, audio
from mixtrial.routes.headphones import HEADPHONE_ROUTE, headphone_sound
from mixtrial.routes.identity_provider import OIDC_ROUTES
from mixtrial.routes.rate_limit import RateLimits, too_many_saves
from mixtrial.routes.requests import is_https, read_body, refusal, to_dashboard, with_session
from mixtrial.routes.simulation import BOT_ROUTES
from mixtrial.routes.unavailable_study import UNOPENED, UnopenedStudy, unopened
from mixtrial.server.installation import installation
from mixtrial.server.session_cookie import (
    SESSION_COOKIE,
    AttemptLimit,
    SecurityHeaders,
    is_foreign,
    is_session_valid,
    verify_password,
)

MAX_AUTOSAVE_BYTES = 256 * 1024
MAX_LOGIN_BYTES = 4 * 1024

REFUSALS: dict[SaveOutcome, tuple[int, str]] = {
    SaveOutcome.UNKNOWN: (404, "this link has no such page"),
    SaveOutcome.MISMATCH: (400, "the message does not fit the page"),
    SaveOutcome.CLOSED: (409, "this page has been completed"),
    SaveOutcome.NOT_OPEN: (409, "this page is not open yet"),
    SaveOutcome.SUPERSEDED: (409, "this page was continued in another tab"),
}


async def autosave(request: Request) -> Response:
    """Store the state of a page; the contract stands in docs/architecture.md."""
    if is_foreign(request.headers):
        return refusal(403, "messages are taken from our own pages only")
    raw = await read_body(request, MAX_AUTOSAVE_BYTES)
    if raw is None:
        return refusal(413, "the message is too large")
    if (too_many := too_many_saves(raw)) is not None:
        return too_many
    try:
        outcome = await run_in_threadpool(lambda: save(installation(), raw))
    except AutosaveError as error:
        return refusal(400, str(error))
    except LinkExpiredError as error:
        return refusal(410, str(error), reason="expired")
    except StoreUnavailableError as error:
        return refusal(503, str(error), {"Retry-After": "3"})
    if outcome in REFUSALS:
        status, sentence = REFUSALS[outcome]
        return refusal(status, sentence, reason=outcome.value)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


async def healthz(_request: Request) -> Response:
    """Say that the server is up and has its study; the first call loads it."""
    try:
        await run_in_threadpool(installation)
    except UNOPENED as error:
        return unopened(error)
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


@cache
def login_limit() -> AttemptLimit:
    """The one count of failed sign-ins in this process."""
    return AttemptLimit()


async def login(request: Request) -> Response:
    """Check the dashboard's password and set the cookie; back to the dashboard either way."""
    if is_foreign(request.headers):
        return refusal(403, "sign in from our own pages only")
    raw = await read_body(request, MAX_LOGIN_BYTES)
    if raw is None:
        return refusal(413, "the message is too large")
    address = request.client.host if request.client else "unknown"
    limit = login_limit()
    if not limit.allows(address):
        return to_dashboard("wait")
    settings = (await run_in_threadpool(installation)).settings
    if settings.admin_password_hash is None:
        return to_dashboard("closed")
    password = parse_qs(raw.decode("utf-8", "replace")).get("password", [""])[0]
    if not await run_in_threadpool(verify_password, password, settings.admin_password_hash):
        limit.note_failure(address)
        return to_dashboard("wrong")
    return with_session(to_dashboard(), request, settings.secret)


async def logout(request: Request) -> Response:
    """Forget the cookie."""
    if is_foreign(request.headers):
        return refusal(403, "sign out from our own pages only")
    response = to_dashboard()
    response.delete_cookie(
        SESSION_COOKIE, httponly=True, samesite="strict", secure=is_https(request)
    )
    return response


async def admin_download(request: Request) -> Response:
    """A table of the study as CSV, for whoever has signed in."""
    here = await run_in_threadpool(installation)
    if not is_session_valid(request.cookies.get(SESSION_COOKIE), here.settings.secret):
        return refusal(403, "sign in to the dashboard first")
    name = request.path_params["table"]
    if name not in format_names():
        return refusal(404, "there is no such table")
    try:
        content = await run_in_threadpool(download, here, name)
    except StoreUnavailableError as error:
        return refusal(503, str(error), {"Retry-After": "3"})
    headers = {
        "Content-Disposition": f'attachment; filename="{here.study.identifier}-{name}.csv"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


ROUTES: list[Route] = [
    Route("/api/autosave", autosave, methods=["POST"]),
    Route("/api/audio/{token}", audio, methods=["GET", "HEAD"]),
    Route("/api/healthz", healthz, methods=["GET"]),
    Route("/api/login", login, methods=["POST"]),
    Route("/api/logout", logout, methods=["POST"]),
    Route("/api/admin/audio/{song}/{system}", admin_audio, methods=["GET", "HEAD"]),
    Route("/api/admin/{table}.csv", admin_download, methods=["GET"]),
    *BOT_ROUTES,
    *OIDC_ROUTES,
    Route(ASSET_ROUTE, player_asset, methods=["GET"]),
    Route(HEADPHONE_ROUTE, headphone_sound, methods=["GET"]),
]

MIDDLEWARE: list[Middleware] = [
    Middleware(SecurityHeaders),
    Middleware(RateLimits),
    Middleware(UnopenedStudy),
]
