"""Message of webMUSHRA's front end at the end of a session, from the raw body of the request.

The body is a form with one field, ``sessionJSON``. webMUSHRA's front end does not encode the JSON
in the field; for this reason, ``&``, ``+`` and ``%`` can occur in a comment. First, the field
``sessionJSON`` is read as it is. The field is decoded only if its content is not JSON.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

FIELD = "sessionJSON="
MOST_NAME_LETTERS = 200
"""Longer names of tests and sessions are not taken: the archive would not hold them."""

MOST_LEVELS = 50
"""A session of webMUSHRA has five or six lists and objects within each other. Far more could be
taken here and still stop a program that reads it from within more calls."""


class NoSessionError(ValueError):
    """The posted text is not a session; the error message is a clause that says why."""


@dataclass(frozen=True, slots=True)
class PostedSession:
    """A session as posted.

    Attributes
    ----------
    test, session
        Names of the test and the session (``testId``, ``uuid``). Front ends before 2022 do not name
        the session. If a session has no name, a name is made from its content.
    said
        JSON of the session, parsed.
    text
        JSON of the session, unchanged.
    """

    test: str
    session: str
    said: dict[str, Any]
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of the content in a canonical form."""
        return _digest(self.said)

    @property
    def trials(self) -> list[Any]:
        """Trials of the session: pages with answers."""
        return list(self.said["trials"])


def session_of_body(body: bytes) -> PostedSession:
    """The session in the body of a request.

    Raises
    ------
    NoSessionError
        There is none.

    Examples
    --------
    >>> session_of_body(b'sessionJSON={"testId": "a", "uuid": "u1", "trials": []}').session
    'u1'
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise NoSessionError("The posted text is not UTF-8.") from None
    _, field, said = text.partition(FIELD)
    if not field:
        raise NoSessionError("The posted text has no field sessionJSON.")
    for way in (said, unquote_plus(said), unquote_plus(said.partition("&")[0])):
        try:
            found = json.loads(way)
        except (ValueError, RecursionError):  # the text is not JSON, or is nested too deeply
            continue
        if _is_deeper(found, MOST_LEVELS):
            raise NoSessionError(f"The session's JSON has more than {MOST_LEVELS} levels.")
        return _session(found, way)
    raise NoSessionError("The text after sessionJSON= is not JSON.")


def session_of_text(text: str) -> PostedSession:
    """The session in a JSON text.

    Raises
    ------
    NoSessionError
        It says none.
    """
    return _session(json.loads(text), text)


def _session(said: Any, text: str) -> PostedSession:
    if not isinstance(said, dict):
        raise NoSessionError("The session's JSON is not an object.")
    if not isinstance(said.get("trials"), list):
        raise NoSessionError("The session has no list of trials.")
    test = _name(said, "testId")
    if not test:
        raise NoSessionError("The session has no testId.")
    session = _name(said, "uuid") or f"unnamed-{_digest(said)[:16]}"
    return PostedSession(test, session, said, text)


def _name(said: dict[str, Any], key: str) -> str:
    """A name that can be stored and printed; empty if there is none."""
    name = said.get(key)
    if name is None:
        return ""
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise NoSessionError(f"The session's {key} is not a text.")
    name = str(name).strip()
    if len(name) > MOST_NAME_LETTERS or not name.isprintable():
        raise NoSessionError(
            f"The session's {key} cannot be a name, because it is too long or not printable."
        )
    return name


def _is_deeper(said: Any, most: int) -> bool:
    """Whether lists and objects are nested more deeply than ``most``."""
    level = [said]
    for _ in range(most):
        level = [
            inner for each in level if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]  # fmt: skip
    return any(isinstance(each, dict | list) for each in level)


def _digest(said: Any) -> str:
    plain = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode("ascii")).hexdigest()
