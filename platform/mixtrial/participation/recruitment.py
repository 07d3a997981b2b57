"""Parameters that a panel puts into the link to identify the participant."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from stimuli.study_keys.recruiting.recruitment import Recruitment

IDENTIFIER = re.compile(r"[A-Za-z0-9_.:-]{1,100}")


def recruitment_answers(recruitment: Recruitment, parameters: Mapping[str, str]) -> dict[str, str]:
    """Valid identifiers from a link's parameters, each under the name of the answer that stores it.

    Parameters
    ----------
    recruitment
        Of the study.
    parameters
        Parameters of the address, by name.
    """
    return {
        answer: parameters[name]
        for name, answer in recruitment.places.items()
        if name in parameters and IDENTIFIER.fullmatch(parameters[name])
    }


def without_identifiers(answers: str, recruitment: Recruitment) -> str:
    """Return a participant's answers (JSON, or empty) without the panel's identifiers."""
    if not answers:
        return answers
    private = recruitment.private
    kept = {key: value for key, value in json.loads(answers).items() if key not in private}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False) if kept else ""
