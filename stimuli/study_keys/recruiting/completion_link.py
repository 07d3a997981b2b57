"""The link at the end of a study, with places for what the recruitment platform said.

Conventions
-----------
A place is a parameter's name in braces, such as ``{PROLIFIC_PID}``, behind the host of the link.
What is filled in is written as one value of an address, every sign that could end it or begin
another escaped; an identifier that is not known leaves its place empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

PERSON = "PROLIFIC_PID"
"""The parameter that tells one person from another."""

RECRUITMENT_ANSWERS = {name: name.lower() for name in (PERSON, "STUDY_ID", "SESSION_ID")}
"""Parameters as Prolific writes them (other platforms can be told to use the same names), each with
the name of the answer that it is stored as."""

_PLACE = re.compile(r"\{([^{}]*)\}")


def check_completion_link(link: str) -> None:
    """Raise ``ValueError`` when a text is no link, or has a place that nothing can fill.

    A place within the host would let whoever writes the address decide where participants go.
    """
    if not re.fullmatch(r"https?://[^\s/?#{}@\\]+([/?#]\S*)?", link):
        raise ValueError(
            f"completion_link must be a link (https://…) with its places behind the host, "
            f"not {link!r}"
        )
    places = ", ".join(f"{{{name}}}" for name in RECRUITMENT_ANSWERS)
    for name in _PLACE.findall(link):
        if name not in RECRUITMENT_ANSWERS:
            raise ValueError(f"completion_link has the place {{{name}}}; there are {places}")
    if re.search(r"[{}]", _PLACE.sub("", link)):
        raise ValueError(f"completion_link has a lone brace; places are {places}")


def filled_link(link: str, answers: Mapping[str, str]) -> str:
    """Return the link of one participant, its places filled with their stored identifiers.

    Parameters
    ----------
    link
        As the study file has it.
    answers
        Of the participant; identifiers stand there by the names of ``RECRUITMENT_ANSWERS``.
    """

    def filled(place: re.Match[str]) -> str:
        return quote(answers.get(RECRUITMENT_ANSWERS[place[1]], ""), safe="")

    return _PLACE.sub(filled, link)
