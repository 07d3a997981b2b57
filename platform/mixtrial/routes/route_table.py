"""The server's own routes, in the same process as Streamlit's pages.

========================================  ====================================================
``POST /api/autosave``                    stores the state of a page; 204, 400, 403, 404, 409 … 413
``POST /api/page``                        the page that the player turns to; 200, 400, 403, 404, 413
``GET, HEAD /api/audio/{token}``          one stimulus, blind; 200, 206, 304, 403, 404, 416
``GET /api/healthz``                      whether saves are stored, ``routes.health``
``POST /api/login``, ``POST /api/logout``  the dashboard's cookie
``POST /api/language``                    the language of the researcher's pages
``GET /api/admin/{table}.csv``            downloads, behind the cookie
``POST /api/admin/participant``           all that is stored of one participant, by their code
``GET /api/admin/audio/{song}/{system}``  a stimulus by name, behind the cookie
``GET /api/admin/heard/{tag}``            the same by a tag that names neither
``GET /api/admin/qr.…``                   the link as a picture, ``routes.researcher.recruiting``
``POST /api/admin/links``                 links of one's own, likewise
``GET /api/admin/report/…``               the report that was made, ``routes.researcher.report``
``POST /api/admin/bots…``                 simulated participants, ``routes.researcher.simulation``
``GET /api/headphones/…``                 a trial of the headphone check, ``routes.headphones``
``GET, POST /api/calibration/{key}``      a seat's level, ``routes.researcher.calibration``
``GET /api/player/…``                     the player's files, ``mixtrial.player.assets``
``GET /api/oidc/…``                       sign-in by a provider, ``routes.identity_provider``
========================================  ====================================================

Any of our routes can answer 429 or 503 with ``Retry-After`` (``mixtrial.routes.rate_limit``).

Handlers run on Streamlit's event loop; a thread accesses the database or files.
``ROUTES`` and ``MIDDLEWARE`` are arguments of ``st.App``.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from db.records.errors import StoreUnavailableError
from mixtrial.exports.csv_text import download
from mixtrial.exports.registry import export_names
from mixtrial.participation.personal_code import data_behind
from mixtrial.player.assets import ASSET_ROUTE, player_asset
from mixtrial.reporting.exclusions.column import with_exclusions
from mixtrial.routes.audio import admin_audio, audio, heard_audio
from mixtrial.routes.front_door import FrontDoor, SocketMessages
from mixtrial.routes.headphones import HEADPHONE_ROUTE, headphone_sound
from mixtrial.routes.health import healthz
from mixtrial.routes.identity_provider import OIDC_ROUTES
from mixtrial.routes.player.autosave import autosave
from mixtrial.routes.player.direct import PlayerRequests
from mixtrial.routes.player.page import page
from mixtrial.routes.rate_limit import RateLimits, SocketLimits
from mixtrial.routes.requests import attached, read_body, refusal
from mixtrial.routes.researcher.calibration import CALIBRATION_ROUTES
from mixtrial.routes.researcher.language import choose_language
from mixtrial.routes.researcher.recruiting import RECRUITING_ROUTES
from mixtrial.routes.researcher.report import REPORT_ROUTES
from mixtrial.routes.researcher.simulation import BOT_ROUTES
from mixtrial.routes.signin import login, logout
from mixtrial.routes.unavailable_study import UnavailableStudy
from mixtrial.server.headers import DASHBOARD, SecurityHeaders, is_foreign
from mixtrial.server.installation import current_installation
from mixtrial.server.public_address import public_address
from mixtrial.server.session_cookie import SESSION_COOKIE, is_signed_in


async def admin_download(request: Request) -> Response:
    """A table of the study as CSV, for signed-in researchers."""
    installation = await run_in_threadpool(current_installation)
    cookie = request.cookies.get(SESSION_COOKIE)
    if not await run_in_threadpool(is_signed_in, installation, cookie):
        return refusal(403, "Sign in to the dashboard first.")
    name = request.path_params["table"]
    if name not in export_names():
        return refusal(404, "There is no such table.")
    try:
        content = await run_in_threadpool(download, installation, name, with_exclusions)
    except StoreUnavailableError as error:
        return refusal(503, str(error), {"Retry-After": "3"})
    return attached(
        content, "text/csv; charset=utf-8", f"{installation.study.identifier}-{name}.csv"
    )


async def participant_data(request: Request) -> Response:
    """All stored data of the participant with the given code, as JSON, for signed-in researchers.

    The code is in the body of the request and not in its address, because logs contain addresses.
    """
    installation = await run_in_threadpool(current_installation)
    cookie = request.cookies.get(SESSION_COOKIE)
    is_in = await run_in_threadpool(is_signed_in, installation, cookie)
    if is_foreign(request.headers) or not is_in:
        return refusal(403, "Sign in to the dashboard first.")
    raw = await read_body(request, MAX_CODE_BYTES)
    if raw is None:
        return refusal(413, "The message is too large.")
    said = parse_qs(raw.decode("utf-8", "replace")).get("code", [""])[0]
    found = await run_in_threadpool(data_behind, installation, said)
    if found is None:
        return RedirectResponse(public_address().outer(f"{DASHBOARD}?view=data&code=unknown"), 303)
    name, content = found
    return attached(content, "application/json", f"{installation.study.identifier}-{name}.json")


MAX_CODE_BYTES = 4 * 1024

ROUTES: list[Route] = [
    Route("/api/autosave", autosave, methods=["POST"]),
    Route("/api/page", page, methods=["POST"]),
    Route("/api/audio/{token}", audio, methods=["GET", "HEAD"]),
    Route("/api/healthz", healthz, methods=["GET"]),
    Route("/api/login", login, methods=["POST"]),
    Route("/api/logout", logout, methods=["POST"]),
    Route("/api/language", choose_language, methods=["POST"]),
    Route("/api/admin/audio/{song}/{system}", admin_audio, methods=["GET", "HEAD"]),
    Route("/api/admin/heard/{tag}", heard_audio, methods=["GET", "HEAD"]),
    Route("/api/admin/{table}.csv", admin_download, methods=["GET"]),
    Route("/api/admin/participant", participant_data, methods=["POST"]),
    *RECRUITING_ROUTES,
    *REPORT_ROUTES,
    *BOT_ROUTES,
    *OIDC_ROUTES,
    *CALIBRATION_ROUTES,
    Route(ASSET_ROUTE, player_asset, methods=["GET"]),
    Route(HEADPHONE_ROUTE, headphone_sound, methods=["GET"]),
]

MIDDLEWARE: list[Middleware] = [
    Middleware(SecurityHeaders),
    Middleware(FrontDoor),
    Middleware(RateLimits),
    Middleware(SocketLimits),
    Middleware(SocketMessages),
    Middleware(UnavailableStudy),
    Middleware(PlayerRequests),
]
