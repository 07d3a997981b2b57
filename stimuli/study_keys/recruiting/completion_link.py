"""The link at the end of a study, with placeholders for the panel's parameters.

Conventions
-----------
A place is a parameter's name in braces, such as ``{workerId}``, after the host of the link. Each
inserted value is escaped; no character of the value can end it early or start another value. If a
participant has no such identifier, its placeholder is replaced by nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

_PLACE = re.compile(r"\{([^{}]*)\}")


def check_completion_link(link: str, places: Mapping[str, str], key: str) -> None:
    """Raise ``ValueError`` if a text is not a link, or has a placeholder that nothing can fill.

    With a placeholder in the host name, somebody who changes a link could send participants to
    another site.

    Parameters
    ----------
    link
        Link from the study file.
    places
        Parameters of the panel; for each parameter, the name of the answer in which its value is
        stored.
    key
        Key of the study file, for the error message.
    """
    if not re.fullmatch(r"https?://[^\s/?#{}@\\]+([/?#]\S*)?", link):
        raise ValueError(
            f"{key} must be a link (https://…) with its placeholders after the host name, not "
            f"{link!r}."
        )
    known = ", ".join(f"{{{name}}}" for name in places) or "none without recruitment: participant"
    for name in _PLACE.findall(link):
        if name not in places:
            raise ValueError(
                f"{key} has the unknown placeholder {{{name}}}; the placeholders are {known}."
            )
    if re.search(r"[{}]", _PLACE.sub("", link)):
        raise ValueError(f"{key} has an unmatched brace; the placeholders are {known}.")


def filled_link(link: str, answers: Mapping[str, str], places: Mapping[str, str]) -> str:
    """Return a participant's link, with the participant's identifiers for the placeholders.

    Parameters
    ----------
    link, places
        Link and placeholders, as checked by :func:`check_completion_link`.
    answers
        Answers of the participant, among them the identifiers, under the names in ``places``.
    """

    def filled(place: re.Match[str]) -> str:
        return quote(answers.get(places[place[1]], ""), safe="")

    return _PLACE.sub(filled, link)
