"""Choice of the study's language in which a participant takes the test.

Conventions
-----------
A participant who agrees keeps the language of the text that they agreed to, under the answer
``LANGUAGE``; a link can choose it (``?lang=de``), and the welcome page changes it. A study in only
one language does not ask for a language, and stores none.
"""

from __future__ import annotations

from dataclasses import replace

from db.records.participation import Participant
from db.records.steps import Step
from mixtrial.server.installation import Installation
from mixtrial.server.language import LANGUAGE
from stimuli.study.study import Study

OPEN_STEPS = (Step.CONSENT, Step.REFUSED)
"""Whether it can still be changed."""


def language_of(
    study: Study, participant: Participant | None, asked: str | None, browser: str | None
) -> str:
    """Language in which a participant reads a study.

    Parameters
    ----------
    study
        The study.
    participant
        None for a visitor.
    asked
        Language that the link requests, or that was chosen on the welcome page.
    browser
        Languages that the browser prefers, such as ``de-CH``.
    """
    if participant is not None and participant.step not in OPEN_STEPS:
        stored = participant.answers.get(LANGUAGE)
        return stored if stored in study.spoken else study.language
    for wish in (asked, browser, (browser or "").partition("-")[0]):
        if wish in study.spoken:
            return str(wish)
    return study.language


def spoken_to(
    installation: Installation,
    participant: Participant | None,
    asked: str | None = None,
    browser: str | None = None,
) -> Installation:
    """The study with the texts in the participant's language; parameters as in `language_of`."""
    study = installation.study
    if len(study.spoken) == 1:
        return installation
    language = language_of(study, participant, asked, browser)
    return replace(installation, study=study.in_language(language))


def language_answer(study: Study, participant: Participant) -> dict[str, str]:
    """The language to store after consent; none if the study has only one language."""
    if len(study.spoken) == 1 or LANGUAGE in participant.answers:
        return {}
    return {LANGUAGE: study.language}
