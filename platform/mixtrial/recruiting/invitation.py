"""Text of an invitation, in the study's language and words, to be copied."""

from __future__ import annotations

from mixtrial.server.installation import Installation
from mixtrial.server.language import link_in, study_locale
from stimuli.design.session_length import expected_minutes
from stimuli.study.study import Study

BETWEEN = "\n\n* * *\n\n"
"""Parts the languages of an invitation."""


def invitation(installation: Installation, link: str) -> str:
    """Text with title, length and link in each language of the study; the contact is left empty.

    Parameters
    ----------
    installation
        The study; if the study is built, the build gives the exact length of a session.
    link
        Address of the survey.
    """
    study = installation.study
    if len(study.spoken) == 1:
        return _in_words(installation, study, link)
    spoken = (study.in_language(language) for language in study.spoken)
    return BETWEEN.join(
        _in_words(installation, each, link_in(link, each.language)) for each in spoken
    )


def _in_words(installation: Installation, study: Study, link: str) -> str:
    locale = study_locale(study)
    text, minutes = locale.text, expected_minutes(study, installation.manifest)
    length = minutes and locale.counted("invitation_length", minutes, minutes=minutes)
    parts = [
        text("invitation_greeting"),
        text("invitation_what", title=study.title),
        " ".join(part for part in (length, text("invitation_needs")) if part),
        text("invitation_link", link=link),
        text("invitation_contact"),
    ]
    return "\n\n".join(parts)
