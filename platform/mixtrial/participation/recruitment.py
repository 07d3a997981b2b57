"""Parameters that a panel puts into the link: who sends whom, kept with the answers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from stimuli.study_keys.recruiting.recruitment import Recruitment

IDENTIFIER = re.compile(r"[A-Za-z0-9_.:-]{1,100}")


def recruitment_answers(recruitment: Recruitment, parameters: Mapping[str, str]) -> dict[str, str]:
    """Identifiers in a link's parameters, by the names of their answers; anything odd is left out.

    Parameters
    ----------
    recruitment
        Of the study.
    parameters
        Of the address, by name.
    """
    return {
        answer: parameters[name]
        for name, answer in recruitment.places.items()
        if name in parameters and IDENTIFIER.fullmatch(parameters[name])
    }


def without_identifiers(answers: str, recruitment: Recruitment) -> str:
    """Return the answers of a participant (JSON, or empty) without a panel's identifiers."""
    if not answers:
        return answers
    private = recruitment.private
    kept = {key: value for key, value in json.loads(answers).items() if key not in private}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False) if kept else ""
