"""Locks: the dashboard's password and cookie, who may post, how often one may try, headers.

Contents: ``hash_password`` / ``verify_password`` (scrypt), ``issue_session`` /
``is_session_valid`` (a signed, expiring cookie value), ``is_foreign`` (requests that another site
made the browser send), ``AttemptLimit`` (guessing slowed down) and ``SecurityHeaders`` (ASGI
middleware).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SESSION_COOKIE = "mixtrial_session"
SESSION_DURATION_S = 12 * 3600
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**15, 8, 1
SCRYPT_MEMORY_BYTES = 128 * 2**20

# Paths of Streamlit's own that the world need not see. Its uploads would fill the memory: anybody
# with an open page could send files without end, and no page of ours asks for one. Its doors for
# programs are shut by default, and stay shut whatever the environment says.
HIDDEN_PATHS = ("/_stcore/metrics", "/_stcore/upload_file", "/_stcore/agent")
SAFE_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")


def hash_password(password: str) -> str:
    """Scrypt hash with its salt and cost: ``scrypt$n$r$p$salt$hash``."""
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, SCRYPT_N, SCRYPT_R, SCRYPT_P)
    parts = (str(SCRYPT_N), str(SCRYPT_R), str(SCRYPT_P), _text(salt), _text(digest))
    return "$".join(("scrypt", *parts))


def is_password_hash(encoded: str) -> bool:
    """Whether ``encoded`` has the form that :func:`hash_password` writes."""
    return _parts(encoded) is not None


def verify_password(password: str, encoded: str) -> bool:
    """Whether the password is the one behind the hash, compared in constant time."""
    parts = _parts(encoded)
    if parts is None:
        return False
    n, r, p, salt, digest = parts
    return hmac.compare_digest(_scrypt(password, salt, n, r, p), digest)


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, dklen=32, maxmem=SCRYPT_MEMORY_BYTES)


def _parts(encoded: str) -> tuple[int, int, int, bytes, bytes] | None:
    match = re.fullmatch(r"scrypt\$(\d{1,7})\$(\d{1,3})\$(\d{1,3})\$([\w=-]+)\$([\w=-]+)", encoded)
    if match is None:
        return None
    n, r, p = (int(part) for part in match.groups()[:3])
    # Costs beyond these would not be ours: the hash must not be able to stall the server.
    if n < 2 or n & (n - 1) or 128 * n * r > SCRYPT_MEMORY_BYTES // 2 or r * p > 64 or r * p < 1:
        return None
    try:
        salt, digest = (base64.urlsafe_b64decode(part) for part in match.groups()[3:])
    except ValueError:
        return None
    return n, r, p, salt, digest


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def issue_session(secret: bytes, now_s: float | None = None) -> str:
    """Value of a new session cookie: when it ends, a random part, and our signature."""
    moment = time.time() if now_s is None else now_s
    claim = f"{int(moment) + SESSION_DURATION_S}.{secrets.token_urlsafe(16)}"
    return f"{claim}.{_signature(claim, secret)}"


def is_session_valid(cookie: str | None, secret: bytes, now_s: float | None = None) -> bool:
    """Whether a cookie was signed with ``secret`` and has not ended."""
    if not cookie or not cookie.isascii() or cookie.count(".") != 2:
        return False
    claim, _, signature = cookie.rpartition(".")
    if not hmac.compare_digest(_signature(claim, secret), signature):
        return False
    moment = time.time() if now_s is None else now_s
    return moment < int(claim.partition(".")[0])


def _signature(claim: str, secret: bytes) -> str:
    return _text(hmac.digest(secret, f"session.{claim}".encode(), "sha256")).rstrip("=")


def opaque_tag(secret: bytes, token: str) -> str:
    """Value that is steady for a token and says nothing of what lies behind it."""
    return hmac.digest(secret, f"tag.{token}".encode(), "sha256")[:16].hex()


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


class AttemptLimit:
    """Counts failures by address: after ``most`` within ``window_s`` no further try is allowed."""

    def __init__(
        self, most: int = 5, window_s: float = 300.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._window_s, self._clock = most, window_s, clock
        self._failures: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def allows(self, address: str) -> bool:
        """Whether this address may try now."""
        with self._lock:
            return len(self._recent(address)) < self._most

    def note_failure(self, address: str) -> None:
        """Count one failed try."""
        with self._lock:
            if len(self._failures) > 10_000:  # an attack from many addresses must not fill memory
                self._failures = {name: self._recent(name) for name in list(self._failures)}
                self._failures = {name: times for name, times in self._failures.items() if times}
            self._failures[address] = [*self._recent(address), self._clock()]

    def _recent(self, address: str) -> list[float]:
        earliest = self._clock() - self._window_s
        return [moment for moment in self._failures.get(address, []) if moment > earliest]


@cache
def inline_script_hashes() -> tuple[str, ...]:
    """CSP sources of the inline scripts in the installed Streamlit's page."""
    import streamlit

    page = Path(str(streamlit.__file__)).parent / "static" / "index.html"
    scripts = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def content_security_policy(host: str) -> str:
    """Content-Security-Policy of a page served under ``host``.

    ``unsafe-eval`` is what Streamlit needs to start, and styles are inline throughout. ``blob:``
    lets components and audio worklets bring their scripts along. The websocket is named for
    browsers whose ``self`` does not cover it.
    """
    sockets = f" ws://{host} wss://{host}" if SAFE_HOST.fullmatch(host) else ""
    scripts = " ".join(inline_script_hashes())
    return (
        f"default-src 'self'; script-src 'self' {scripts} 'unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        f"connect-src 'self'{sockets}; media-src 'self' blob:; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
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
        if f"{scope['path']}/".startswith(tuple(f"{path}/" for path in HIDDEN_PATHS)):
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                names = {name.lower() for name, _ in given}
                safe = [header for header in _headers(host) if header[0] not in names]
                message["headers"] = [*given, *safe]
            await send(message)

        await self._app(scope, receive, send_with_headers)


@lru_cache(maxsize=64)
def _headers(host: str) -> tuple[tuple[bytes, bytes], ...]:
    return (
        (b"content-security-policy", content_security_policy(host).encode()),
        (b"x-frame-options", b"DENY"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
    )
