"""Requests from other sites, and safe headers on every answer."""

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

# Paths of Streamlit's own that the world need not see. Its uploads would fill the memory: anybody
# with an open page could send files without end, and no page of ours asks for one. Its doors for
# programs are shut by default, and stay shut whatever the environment says.
HIDDEN_PATHS = ("/_stcore/metrics", "/_stcore/upload_file", "/_stcore/agent")


PREVIEW = "preview"
"""The parameter of a preview's address."""


SAFE_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Whether a browser sent the request on behalf of another site.

    ``Sec-Fetch-Site``, which no page can forge, decides where the browser tells it (our own forms
    post with ``Origin: null``, as our pages send no referrer); ``Origin`` against ``Host``
    otherwise. Programs other than browsers send neither and are no danger of this kind.
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


@cache
def inline_script_hashes() -> tuple[str, ...]:
    """CSP sources of the inline scripts in the installed Streamlit's page."""
    page = Path(str(streamlit.__file__)).parent / "static" / "index.html"
    scripts = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def content_security_policy(host: str, embedders: Sequence[str] = ()) -> str:
    """Content-Security-Policy of a page served under ``host``, which ``embedders`` may frame.

    ``unsafe-eval`` is what Streamlit needs to start, and styles are inline throughout. ``blob:``
    lets components and audio worklets bring their scripts along. The websocket is named for
    browsers whose ``self`` does not cover it.
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
    """ASGI middleware: safe headers on every answer, and Streamlit's metrics and uploads shut.

    It also ends the server's log of addresses: they hold tokens, and Streamlit switches the log on
    under uvicorn whatever uvicorn was told.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        logging.getLogger("uvicorn.access").disabled = True
        # It notes each websocket with the address it came from, under several workers.
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
        # The dashboard is never framed, nor is anything else that is no page of the survey. It
        # frames previews itself.
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

        await self._app(scope, receive, send_with_headers)


def _embedders() -> tuple[str, ...]:
    """Sites that may frame the survey; none while the study cannot be opened."""
    try:
        return current_installation().study.embed_origins
    except OPENING_ERRORS:
        return ()


@lru_cache(maxsize=64)
def _headers(host: str, embedders: tuple[str, ...]) -> tuple[tuple[bytes, bytes], ...]:
    # X-Frame-Options knows no list of sites; browsers that know the policy go by that.
    refused = () if embedders else ((b"x-frame-options", b"DENY"),)
    return (
        (b"content-security-policy", content_security_policy(host, embedders).encode()),
        *refused,
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
    )
