"""Detection of requests from other sites, and security headers on every answer."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mixtrial.server.installation import OPENING_ERRORS, current_installation
from mixtrial.server.public_address import public_address

# Streamlit's own paths that should not be public. Uploads to Streamlit could fill the memory,
# because anybody with an open page could send any number of files. Our pages need no uploads.
# Streamlit's interfaces for programs are off by default. Because the path of these interfaces is in
# the list, no environment variable can make them public.
HIDDEN_PATHS = ("/_stcore/metrics", "/_stcore/upload_file", "/_stcore/agent")


PREVIEW = "preview"
"""The parameter of a preview's address."""


SAFE_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Whether a browser sent the request on behalf of another site.

    If the browser sends ``Sec-Fetch-Site``, which no page can forge, this header decides. Our own
    forms post with ``Origin: null``, because our pages send no referrer. Without
    ``Sec-Fetch-Site``, the header ``Origin`` is compared with ``Host``. Programs other than
    browsers send neither ``Sec-Fetch-Site`` nor ``Origin``, and need no check for other sites.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return False
    try:
        netloc = urlsplit(origin).netloc
    except ValueError:
        return True
    return not netloc or netloc.lower() != headers.get("host", "").lower()


DASHBOARD = "/admin"
SERVER_SCRIPT = 'window.__streamlit={BACKEND_BASE_URL:new URL(".",location.href).href}'
"""Tells Streamlit's page at ``/admin`` where its server is; else it looks below its own address
first, and two answers of 404 are in the browser's console."""


@cache
def inline_script_hashes() -> tuple[str, ...]:
    """CSP sources of the inline scripts in the installed Streamlit's page and in our pages."""
    page = Path(str(streamlit.__file__)).parent / "static" / "index.html"
    scripts = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in (*scripts, SERVER_SCRIPT))
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


class PageOfServer:
    """Adds ``SERVER_SCRIPT`` to the head of an outgoing page; other answers are unchanged."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        """Pass one message on; a page is sent only when all parts of the page have arrived."""
        if message["type"] == "http.response.start":
            headers = dict(message.get("headers", ()))
            if headers.get(b"content-type", b"").startswith(b"text/html"):
                self._start = message
                return
        elif self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_page(self._start)
            return
        await self._send(message)

    async def _send_page(self, start: Message) -> None:
        script = f"<head><script>{SERVER_SCRIPT}</script>".encode()
        body = self._body.replace(b"<head>", script, 1)
        kept = [header for header in start["headers"] if header[0] != b"content-length"]
        length = (b"content-length", str(len(body)).encode())
        await self._send({**start, "headers": [*kept, length]})
        await self._send({"type": "http.response.body", "body": body})


def content_security_policy(host: str, embedders: Sequence[str] = ()) -> str:
    """Content-Security-Policy of a page under ``host``; ``embedders`` can show it in a frame.

    Streamlit needs ``unsafe-eval`` to start, and uses inline styles everywhere. ``blob:`` allows
    scripts of components and audio worklets. The policy names the websocket, because ``self`` does
    not include websockets in some browsers.
    """
    framed_by = " ".join(embedders) or "'none'"
    sockets = f" ws://{host} wss://{host}" if SAFE_HOST.fullmatch(host) else ""
    scripts = " ".join(inline_script_hashes())
    return (
        f"default-src 'self'; script-src 'self' {scripts} 'unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        f"connect-src 'self'{sockets}; media-src 'self' blob:; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; "
        f"frame-ancestors {framed_by}"
    )


class SecurityHeaders:
    """ASGI middleware that adds security headers, and blocks Streamlit's metrics and uploads.

    The middleware also switches off the server's log of addresses, because addresses contain
    tokens. Streamlit always switches uvicorn's log of addresses on when it runs under uvicorn.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        logging.getLogger("uvicorn.access").disabled = True
        # With several workers, uvicorn would log the address of each websocket.
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = public_address().inner(scope["path"]) or scope["path"]
        if f"{path}/".startswith(tuple(f"{hidden}/" for hidden in HIDDEN_PATHS)):
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        # Only the survey's pages can be shown in a frame. The dashboard shows previews of the
        # survey in frames.
        embedders = await run_in_threadpool(_embedders) if path == "/" else ()
        if path == "/" and PREVIEW.encode() in parse_qs(scope.get("query_string", b"")):
            embedders = (*embedders, "'self'")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                names = {name.lower() for name, _ in given}
                safe = [header for header in _headers(host, embedders) if header[0] not in names]
                message["headers"] = [*given, *safe]
            await send(message)

        if path == DASHBOARD and scope["method"] == "GET":  # not compressed
            plain = [header for header in scope["headers"] if header[0] != b"accept-encoding"]
            page = PageOfServer(send_with_headers)
            await self._app({**scope, "headers": plain}, receive, page)
            return
        await self._app(scope, receive, send_with_headers)


def _embedders() -> tuple[str, ...]:
    """Sites that can show the survey in a frame; none if the study cannot be opened."""
    try:
        return current_installation().study.embed_origins
    except OPENING_ERRORS:
        return ()


@lru_cache(maxsize=64)
def _headers(host: str, embedders: tuple[str, ...]) -> tuple[tuple[bytes, bytes], ...]:
    # X-Frame-Options cannot hold a list of sites. Browsers that support Content-Security-Policy use
    # that policy instead of X-Frame-Options.
    refused = () if embedders else ((b"x-frame-options", b"DENY"),)
    return (
        (b"content-security-policy", content_security_policy(host, embedders).encode()),
        *refused,
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
    )
