"""The dashboard's password: its hash by scrypt, and its verification."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

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
    """Whether ``encoded`` has the form of a hash that :func:`hash_password` returns."""
    return _parts(encoded) is not None


def verify_password(password: str, encoded: str) -> bool:
    """Whether the password fits the hash, compared in constant time."""
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
    # The hashes that mixtrial makes never cost more than this limit. A forged hash above the limit
    # could block the server.
    if n < 2 or n & (n - 1) or 128 * n * r > SCRYPT_MEMORY_BYTES // 2 or r * p > 64 or r * p < 1:
        return None
    try:
        salt, digest = (base64.urlsafe_b64decode(part) for part in match.groups()[3:])
    except ValueError:
        return None
    return n, r, p, salt, digest


def text_of_bytes(data: bytes) -> str:
    """Base64 with characters that are allowed in addresses and cookies."""
    return base64.urlsafe_b64encode(data).decode()
