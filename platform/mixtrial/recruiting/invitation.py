"""What somebody is told who is to take part: in the study's language and words, to be copied."""

from __future__ import annotations

from mixtrial.server.installation import Installation
from mixtrial.server.language import study_locale
from stimuli.design.session_length import expected_minutes


def invitation(installation: Installation, link: str) -> str:
    """Text with title, length and link; whom to ask is left to be filled in.

    Parameters
    ----------
    installation
        The study; its build, where there is one, says how long it takes.
    link
        Where participants come in.
    """
    study, text = installation.study, study_locale(installation.study).text
    minutes = expected_minutes(study, installation.manifest)
    length = None if minutes is None else text("invitation_length", minutes=minutes)
    parts = [
        text("invitation_greeting"),
        text("invitation_what", title=study.title),
        " ".join(part for part in (length, text("invitation_needs")) if part),
        text("invitation_link", link=link),
        text("invitation_contact"),
    ]
    return "\n\n".join(parts)
