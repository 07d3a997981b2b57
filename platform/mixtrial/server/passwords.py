"""The dashboard's password: hashed with scrypt, verified, and guessing slowed down."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import threading
import time
from collections.abc import Callable

SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**15, 8, 1


SCRYPT_MEMORY_BYTES = 128 * 2**20


def hash_password(password: str) -> str:
    """Scrypt hash with its salt and cost: ``scrypt$n$r$p$salt$hash``."""
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, SCRYPT_N, SCRYPT_R, SCRYPT_P)
    parts = (
        str(SCRYPT_N),
        str(SCRYPT_R),
        str(SCRYPT_P),
        text_of_bytes(salt),
        text_of_bytes(digest),
    )
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


def text_of_bytes(data: bytes) -> str:
    """Base64 that addresses and cookies may hold."""
    return base64.urlsafe_b64encode(data).decode()


MOST_FAILURES = 5
FAILURE_WINDOW_S = 300.0


class AttemptLimit:
    """Counts tries by address: after ``most`` within ``window_s`` none is allowed.

    A try is counted when it is taken, not when it has failed: of tries that come all at once no
    more are let through than of tries one after the other. One that succeeds is given back.
    """

    def __init__(
        self,
        most: int = MOST_FAILURES,
        window_s: float = FAILURE_WINDOW_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._window_s, self._clock = most, window_s, clock
        self._tries: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def take(self, address: str) -> bool:
        """Count a try of this address, if it may have one now."""
        with self._lock:
            if len(self._tries) > 10_000:  # an attack from many addresses must not fill memory
                self._tries = {name: self._recent(name) for name in list(self._tries)}
                self._tries = {name: times for name, times in self._tries.items() if times}
            recent = self._recent(address)
            if len(recent) >= self._most:
                return False
            self._tries[address] = [*recent, self._clock()]
            return True

    def give_back(self, address: str) -> None:
        """Take back the latest try: it was no failure."""
        with self._lock:
            self._tries[address] = self._recent(address)[:-1]

    def _recent(self, address: str) -> list[float]:
        earliest = self._clock() - self._window_s
        return [moment for moment in self._tries.get(address, []) if moment > earliest]
