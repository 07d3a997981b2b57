"""Access to all stored data of a participant by the participant's personal code."""

from __future__ import annotations

import json
import re
from datetime import datetime

from mixtrial.server.installation import Installation

LINK_TOKEN = re.compile(r"[?&]p=([A-Za-z0-9_-]+)")


def code_in(said: str) -> str:
    """The personal code that was typed, or the token if a link was typed."""
    token = LINK_TOKEN.search(said)
    return token[1] if token else said.strip()


def data_behind(installation: Installation, said: str) -> tuple[str, str] | None:
    """A participant's number and all stored data as JSON; None for an unknown code.

    The download of a participant's data is logged in the study.
    """
    study = installation.study.identifier
    found = installation.store.everything_of(code_in(said), study)
    if found is None:
        return None
    name, tables = found
    installation.store.log_action(study, "download", f"everything of {name}")
    content = {"study": study, "participant_number": name, **tables}
    return name, json.dumps(content, default=_written, ensure_ascii=False, indent=1) + "\n"


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
