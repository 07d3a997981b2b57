"""Every text a participant sees that the study file does not bring, in the study's language.

Conventions
-----------
``locales/`` holds one file a language: the direction of its script, the texts of the survey's
pages, and those of the player. ``{names}`` are places to fill in: the survey's by ``Locale.text``,
the player's in the browser. A test finds keys and places that a language lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

LOCALES = Path(__file__).parents[1] / "locales"


@dataclass(frozen=True, slots=True)
class Locale:
    """The texts of one language; ``direction`` is that of its script, left to right or back."""

    language: str
    direction: Literal["ltr", "rtl"]
    survey: Mapping[str, str]
    player: Mapping[str, str]

    def text(self, key: str, **values: object) -> str:
        """Return a text of the survey with its places filled in."""
        return self.survey[key].format(**values) if values else self.survey[key]


@cache
def locale_of(language: str) -> Locale:
    """Texts of a language, read once; the languages are those of the key ``language``."""
    path = LOCALES / f"{language}.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Locale(language, content["direction"], content["survey"], content["player"])
