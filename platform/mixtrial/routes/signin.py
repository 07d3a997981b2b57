"""``/api/login`` and ``/api/logout``: sign in to the dashboard with a password, and sign out.

An attempt is counted before its password is checked. Each attempt is counted first in this process,
at no cost, and then in the database, for all servers together. Passwords are hashed one at a time,
in a thread of their own, so that other requests do not wait. At most ``MOST_IN_LINE`` attempts to
sign in can wait.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Semaphore
from urllib.parse import parse_qs

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mixtrial.routes.requests import is_https, read_body, refusal, to_dashboard, with_session
from mixtrial.server.headers import is_foreign
from mixtrial.server.installation import current_installation
from mixtrial.server.limits import FAILURE_WINDOW_S, MOST_FAILURES, AttemptLimit, network_of
from mixtrial.server.passwords import verify_password
from mixtrial.server.public_address import public_address
from mixtrial.server.session_cookie import SESSION_COOKIE, Door, begin_session, end_sessions

MAX_LOGIN_BYTES = 4 * 1024
MOST_IN_LINE = 20
"""Passwords in line to be hashed, at some 0.1 s each."""


@cache
def login_limit() -> AttemptLimit:
    """Counter of sign-ins; this process has only one such counter."""
    return AttemptLimit()


@cache
def places_in_line() -> Semaphore:
    """Limit on how many sign-in attempts wait at once until their password is hashed."""
    return Semaphore(MOST_IN_LINE)


@cache
def turn() -> CapacityLimiter:
    """Permit to hash a password; this process has only one: hashing takes 32 MB and one core."""
    return CapacityLimiter(1)


async def login(request: Request) -> Response:
    """Check the dashboard's password and set the cookie; always redirect to the dashboard."""
    return await sign_in(request, current_installation)


async def sign_in(request: Request, opened: Callable[[], Door]) -> Response:
    """Check the password like :func:`login`, for the place to sign in that ``opened`` returns."""
    if is_foreign(request.headers):
        return refusal(403, "Signing in is possible only from mixtrial's own pages.")
    raw = await read_body(request, MAX_LOGIN_BYTES)
    if raw is None:
        return refusal(413, "The message is too large.")
    password = parse_qs(raw.decode("utf-8", "replace")).get("password", [""])[0]
    if not places_in_line().acquire(blocking=False):
        return to_dashboard("wait")
    try:
        return await _answered(request, password, opened)
    finally:
        places_in_line().release()


async def _answered(request: Request, password: str, opened: Callable[[], Door]) -> Response:
    """Count an attempt, wait for the permit, and sign in if the password is right."""
    who = network_of(request.scope.get("client"))
    if not login_limit().take(who):
        return to_dashboard("wait")
    door = await run_in_threadpool(opened)
    outcome: str | None = "closed"
    if door.settings.admin_password_hash is not None:
        outcome = await to_thread.run_sync(_tried, door, who, password, limiter=turn())
    if outcome not in ("wrong", "wait"):
        login_limit().give_back(who)
    if outcome is not None:
        return to_dashboard(outcome)
    cookie = await run_in_threadpool(begin_session, door)
    return with_session(to_dashboard(), request, cookie)


def _tried(door: Door, who: str, password: str) -> str | None:
    """Count an attempt in the database; check its password unless there were too many attempts."""
    encoded = door.settings.admin_password_hash
    address = hmac.digest(door.settings.secret, f"address.{who}".encode(), "sha256").hex()
    since = datetime.now(UTC) - timedelta(seconds=FAILURE_WINDOW_S)
    number = door.sessions.take_sign_in(address, MOST_FAILURES, since)
    if number is None:
        return "wait"
    if encoded is None or not verify_password(password, encoded):
        return "wrong"
    door.sessions.give_back_sign_in(number)
    return None


async def logout(request: Request) -> Response:
    """End the session in all tabs and browsers of its account, and delete the cookie."""
    return await sign_out(request, current_installation)


async def sign_out(request: Request, opened: Callable[[], Door]) -> Response:
    """End the session like :func:`logout`, in the dashboard or studio that ``opened`` returns."""
    if is_foreign(request.headers):
        return refusal(403, "Signing out is possible only from mixtrial's own pages.")
    door = await run_in_threadpool(opened)
    await run_in_threadpool(end_sessions, door, request.cookies.get(SESSION_COOKIE))
    response = to_dashboard()
    response.delete_cookie(
        SESSION_COOKIE,
        path=public_address().outer("/"),
        httponly=True,
        samesite="strict",
        secure=is_https(request),
    )
    return response
