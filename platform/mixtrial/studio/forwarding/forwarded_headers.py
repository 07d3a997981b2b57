"""Headers of a request for a study's server: the sender, and the address that was requested."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from starlette.types import Scope

Headers = list[tuple[bytes, bytes]]

OF_ONE_CONNECTION = frozenset(
    b"connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer "
    b"transfer-encoding upgrade".split()
)
"""Headers that speak of the connection, not of the message (RFC 9110, 7.6.1)."""

TOLD_BY_US = (b"x-forwarded-", b"forwarded")
"""Others' statements on the origin of a request are not passed on: the server believes us."""


def headers_for_server(scope: Scope) -> Headers:
    """Headers of a request, with the address of its sender and the requested host."""
    kept = [
        (name, value)
        for name, value in passed_on(scope["headers"])
        if not name.startswith(TOLD_BY_US)
    ]
    client = scope.get("client")
    if client is not None:
        kept.append((b"x-forwarded-for", str(client[0]).encode("latin-1")))
    is_safe = scope.get("scheme") in ("https", "wss")
    kept.append((b"x-forwarded-proto", b"https" if is_safe else b"http"))
    return kept


def passed_on(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Headers of a message, without the headers that concern only one connection."""
    return [(name, value) for name, value in headers if name.lower() not in OF_ONE_CONNECTION]


def target_of(scope: Scope) -> bytes:
    """Path and query of a request, exactly as they were sent."""
    raw = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
    query = scope.get("query_string", b"")
    return bytes(raw + b"?" + query) if query else bytes(raw)
