"""Every text a participant sees that the study file does not bring, in the study's language.

Conventions
-----------
``locales/`` holds one file a language: the direction of its script, the texts of the survey's
pages, and those of the player; then those that stand in their stead where a study has a word of its
own for its songs (``any_item``), and where it mixes nothing (``versions``). ``{names}`` are places
to fill in: the survey's by ``Locale.text``, the player's in the browser. A test finds keys and
places that a language lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, NotRequired, TypedDict

import yaml

from stimuli.study.study import Study

LOCALES = Path(__file__).parents[1] / "locales"


class OtherTexts(TypedDict):
    """Texts that stand in the stead of others."""

    survey: dict[str, str]
    player: NotRequired[dict[str, str]]


class LanguageFile(TypedDict):
    """A file of ``locales/``."""

    direction: Literal["ltr", "rtl"]
    survey: dict[str, str]
    player: dict[str, str]
    any_item: OtherTexts
    versions: OtherTexts


@dataclass(frozen=True, slots=True)
class Locale:
    """The texts of one language; ``direction`` is that of its script, left to right or back.

    ``item_words`` fill the places of the word that the study has for a song.
    """

    language: str
    direction: Literal["ltr", "rtl"]
    survey: Mapping[str, str]
    player: Mapping[str, str]
    item_words: Mapping[str, str] = field(default_factory=dict)

    def text(self, key: str, **values: object) -> str:
        """Return a text of the survey with its places filled in."""
        return self.survey[key].format(**self.item_words, **values)


@cache
def locale_of(language: str) -> Locale:
    """Texts of a language; the languages are those of the key ``language``."""
    content = _content(language)
    return Locale(language, content["direction"], content["survey"], content["player"])


def study_locale(study: Study) -> Locale:
    """Texts of a study's language in the study's words: song or another, mixes or versions."""
    content = _content(study.language)
    survey, player = dict(content["survey"]), dict(content["player"])
    if study.item is not None or not study.has_stems:
        survey |= content["any_item"]["survey"]
    if not study.has_stems:
        survey |= content["versions"]["survey"]
        player |= content["versions"]["player"]
    words = study.item_in(study.language)
    item_words = {
        "one": words.one,
        "many": words.many,
        "item": words.one[:1].upper() + words.one[1:],
        "items": words.many[:1].upper() + words.many[1:],
    }
    return Locale(study.language, content["direction"], survey, player, item_words)


@cache
def _content(language: str) -> LanguageFile:
    """What a language's file says, read once."""
    path = LOCALES / f"{language}.yaml"
    content: LanguageFile = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content
