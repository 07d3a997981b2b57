"""Passwords, cookies, foreign requests and guessing."""

from __future__ import annotations

import base64
import hashlib
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from mixtrial.server.headers import (
    SecurityHeaders,
    content_security_policy,
    inline_script_hashes,
    is_foreign,
)
from mixtrial.server.limits import AttemptLimit
from mixtrial.server.passwords import hash_password, is_password_hash, verify_password
from mixtrial.server.session_cookie import (
    SESSION_DURATION_S,
    is_genuine,
    issue_session,
    opaque_tag,
)

SECRET = b"k" * 32


def test_a_password_opens_its_own_hash_only() -> None:
    """The right word passes, others do not; two hashes of one word differ by their salt."""
    encoded = hash_password("harbour")
    assert verify_password("harbour", encoded)
    assert not verify_password("Harbour", encoded)
    assert not verify_password("", encoded)
    assert hash_password("harbour") != encoded
    assert "harbour" not in encoded


def test_hashes_are_plain_scrypt() -> None:
    """A hash made by the standard library from RFC 7914's parameters is understood."""
    salt = b"0123456789abcdef"
    digest = hashlib.scrypt(b"pleaseletmein", salt=salt, n=16384, r=8, p=1, dklen=32)
    parts = [base64.urlsafe_b64encode(part).decode() for part in (salt, digest)]
    assert verify_password("pleaseletmein", f"scrypt$16384$8$1${parts[0]}${parts[1]}")


@pytest.mark.parametrize(
    "encoded",
    ["", "harbour", "scrypt$3$8$1$YQ==$YQ==", "scrypt$4194304$8$1$YQ==$YQ==", "scrypt$2$0$0$a$a"],
)
def test_what_is_no_hash_of_ours_opens_nothing(encoded: str) -> None:
    """Wrong forms, and costs that would stall the server, are refused without work."""
    assert not is_password_hash(encoded)
    assert not verify_password("harbour", encoded)


def test_a_session_ends_after_its_time() -> None:
    """A cookie is good to the last second and not beyond."""
    cookie = issue_session(SECRET, now_s=1000.0)
    assert is_genuine(cookie, SECRET, now_s=1000.0 + SESSION_DURATION_S - 1)
    assert not is_genuine(cookie, SECRET, now_s=1000.0 + SESSION_DURATION_S)


def test_a_session_of_another_key_or_time_is_refused() -> None:
    """Neither another secret nor a later end written by hand is accepted."""
    cookie = issue_session(SECRET, now_s=1000.0)
    end, rest = cookie.split(".", 1)
    assert not is_genuine(cookie, b"other" * 8, now_s=1001.0)
    assert not is_genuine(f"{int(end) + 1}.{rest}", SECRET, now_s=1001.0)


@given(st.text(max_size=120))
def test_made_up_cookies_are_refused_without_an_error(cookie: str) -> None:
    """Any text at all is just not a session."""
    assert not is_genuine(cookie, SECRET)


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ({"host": "lab.example"}, False),
        ({"host": "lab.example", "origin": "https://lab.example"}, False),
        ({"host": "lab.example:8501", "origin": "http://lab.example:8501"}, False),
        ({"host": "lab.example", "origin": "https://evil.example"}, True),
        ({"host": "lab.example", "origin": "https://lab.example.evil.example"}, True),
        ({"host": "lab.example", "origin": "null"}, True),
        ({"host": "lab.example", "origin": "http://[bad"}, True),
        ({"host": "lab.example", "sec-fetch-site": "same-origin", "origin": "null"}, False),
        ({"host": "lab.example", "sec-fetch-site": "none"}, False),
        ({"host": "lab.example", "sec-fetch-site": "cross-site"}, True),
        ({"host": "lab.example", "sec-fetch-site": "same-site"}, True),
    ],
)
def test_requests_that_other_sites_cause_are_told_apart(
    headers: dict[str, str], foreign: bool
) -> None:
    """The browser's own word decides, then the origin."""
    assert is_foreign(headers) is foreign


def test_guessing_is_stopped_after_five_failures_and_for_five_minutes() -> None:
    """The sixth try waits until the first is five minutes old; others are not held up."""
    now = [0.0]
    limit = AttemptLimit(most=5, window_s=300.0, clock=lambda: now[0])
    for second in range(5):
        now[0] = float(second)
        assert limit.take("a")
    assert not limit.take("a")
    assert limit.take("b")
    limit.give_back("a")  # the fifth was no failure
    assert limit.take("a")
    assert not limit.take("a")
    now[0] = 300.0
    assert limit.take("a")
    assert not limit.take("a")


def test_a_tag_is_steady_for_a_token_and_tells_nothing_of_it() -> None:
    """The same token and key give the same tag; another token or key another."""
    assert opaque_tag(SECRET, "token") == opaque_tag(SECRET, "token")
    assert len({opaque_tag(SECRET, "a"), opaque_tag(SECRET, "b"), opaque_tag(b"x", "a")}) == 3


def test_the_policy_names_streamlits_inline_script_and_no_other_site() -> None:
    """The page's one inline script is allowed by its hash; no foreign host is in the policy."""
    policy = content_security_policy("lab.example:8501")
    assert len(inline_script_hashes()) == 2  # Streamlit's, and ours
    assert all(each in policy for each in inline_script_hashes())
    assert "connect-src 'self' ws://lab.example:8501 wss://lab.example:8501;" in policy
    assert "http:" not in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]


def test_a_host_header_cannot_write_into_the_policy() -> None:
    """A host with spaces or semicolons is left out."""
    assert "evil" not in content_security_policy("x; script-src evil.example")


def test_the_servers_log_names_no_address() -> None:
    """Neither requests nor websockets are noted; warnings and errors are."""
    access, server = logging.getLogger("uvicorn.access"), logging.getLogger("uvicorn.error")
    access.disabled = False
    server.setLevel(logging.INFO)
    SecurityHeaders(Starlette())
    assert access.disabled
    assert not server.isEnabledFor(logging.INFO)
    assert server.isEnabledFor(logging.WARNING)
