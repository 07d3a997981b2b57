"""What our routes share: a body read up to a limit, and a refusal in one sentence."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response


def refusal(
    status: int, sentence: str, headers: dict[str, str] | None = None, reason: str | None = None
) -> Response:
    """A refusal: one sentence, and for 409 the reason in a word."""
    body = {"error": sentence} | ({"reason": reason} if reason else {})
    return JSONResponse(body, status, {"Cache-Control": "no-store", **(headers or {})})


async def read_body(request: Request, most_bytes: int) -> bytes | None:
    """The body of a request; None when it is longer than ``most_bytes``."""
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
