"""Parts common to our routes: bodies with a size limit, refusals in one sentence, sign-in."""

from __future__ import annotations

from typing import Literal

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from mixtrial.server.headers import DASHBOARD
from mixtrial.server.public_address import public_address
from mixtrial.server.session_cookie import SESSION_COOKIE, SESSION_DURATION_S


def refusal(
    status: int, sentence: str, headers: dict[str, str] | None = None, reason: str | None = None
) -> Response:
    """A refusal: one sentence, and for status 409 also the reason as one word."""
    body = {"error": sentence} | ({"reason": reason} if reason else {})
    return JSONResponse(body, status, {"Cache-Control": "no-store", **(headers or {})})


async def read_body(request: Request, most_bytes: int) -> bytes | None:
    """The body of a request; None if it is longer than ``most_bytes``."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > most_bytes:
        return None
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most_bytes:
                return None
    except ClientDisconnect:
        return b""
    return bytes(body)


def to_dashboard(outcome: str | None = None) -> Response:
    """Redirect to the dashboard, with the result of a sign-in."""
    query = f"?signin={outcome}" if outcome else ""
    address = public_address().outer(DASHBOARD + query)
    return RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})


def with_session(response: Response, request: Request, cookie: str) -> Response:
    """Return the answer with the cookie that gives access to the dashboard."""
    return with_cookie(response, request, SESSION_COOKIE, cookie, SESSION_DURATION_S)


def with_cookie(
    response: Response,
    request: Request,
    name: str,
    value: str,
    kept_s: int,
    samesite: Literal["lax", "strict"] = "strict",
) -> Response:
    """Return the answer with a cookie for all our pages; scripts cannot read the cookie.

    With ``lax`` the cookie is also sent if a link on another site is followed.
    """
    response.set_cookie(
        name,
        value,
        max_age=kept_s,
        path=public_address().outer("/"),
        httponly=True,
        samesite=samesite,
        secure=is_https(request),
    )
    return response


def is_https(request: Request) -> bool:
    """Whether the browser uses https, to this server itself or to a proxy in front of it."""
    forwarded = request.headers.get("x-forwarded-proto", "")
    return request.url.scheme == "https" or forwarded.startswith("https")


def attached(content: str | bytes, media_type: str, name: str) -> Response:
    """A file that the browser downloads under a name and does not display."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)
