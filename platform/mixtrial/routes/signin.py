"""``/api/login`` and ``/api/logout``: the dashboard's cookie for its password."""

from __future__ import annotations

from functools import cache
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mixtrial.routes.requests import is_https, read_body, refusal, to_dashboard, with_session
from mixtrial.server.headers import is_foreign
from mixtrial.server.installation import current_installation
from mixtrial.server.passwords import AttemptLimit, verify_password
from mixtrial.server.session_cookie import SESSION_COOKIE

MAX_LOGIN_BYTES = 4 * 1024


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
    settings = (await run_in_threadpool(current_installation)).settings
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
