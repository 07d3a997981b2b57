"""mixtrial's own texts for participants (those that are not in the study file), in one language.

Conventions
-----------
``locales/`` has a file for each language: its name, the native reader who checked it, the direction
of its script, the texts of the survey's pages, and those of the player; then texts that replace
others if a study has its own word for its songs (``any_item``), or mixes nothing (``versions``). A
file ``locales/xx.yaml`` beside the study replaces single texts, or adds a language. Texts that an
added language lacks are shown in English. ``{names}`` in a text are placeholders. ``Locale.text``
fills in the placeholders of the survey's texts, and the browser fills in the placeholders of the
player's texts. A text that depends on a number has one form for each plural category of its
language (CLDR).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict
from urllib.parse import urlencode, urlsplit, urlunsplit

import yaml
from babel import Locale as Cldr
from babel import UnknownLocaleError
from babel.numbers import format_decimal

from stimuli.study.own_language import FOLDER
from stimuli.study.study import Study, StudyError
from stimuli.study_keys.default_texts import FALLBACK, LANGUAGES
from stimuli.study_keys.faults import nearest
from stimuli.study_keys.keys import Item

LOCALES = Path(__file__).parents[1] / "locales"
LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
"""Reader of the project's own files; that of libyaml is ten times as fast."""
LANGUAGE = "language"
"""Answer under which a participant's language is stored, and column of tables."""
PARAMETER = "lang"
"""Parameter of the link that chooses it."""
OTHER = "other"
"""Plural category that every language has."""
MOST_DECIMALS = 4
"""Decimals of a number that is printed with as many as it needs."""

Texts: TypeAlias = Mapping[str, str | Mapping[str, str]]


class OtherTexts(TypedDict):
    """Texts in a study's files that replace mixtrial's own texts."""

    survey: dict[str, str | Mapping[str, str]]
    player: NotRequired[dict[str, str]]


class LanguageFile(TypedDict):
    """A file of ``locales/``."""

    name: str
    reviewed_by: str
    direction: Literal["ltr", "rtl"]
    survey: dict[str, str | Mapping[str, str]]
    player: dict[str, str]
    any_item: OtherTexts
    versions: OtherTexts


@dataclass(frozen=True, slots=True)
class Locale:
    """The texts of one language; ``direction`` is the direction of its script.

    ``item`` is the study's word for a song.
    """

    language: str
    name: str
    direction: Literal["ltr", "rtl"]
    survey: Texts
    player: Mapping[str, str]
    item: Item | None = None

    def text(self, key: str, **values: object) -> str:
        """Return a text of the survey with its placeholders filled in."""
        return self._filled(self.survey[key], OTHER, values)

    def counted(self, key: str, number: int, **values: object) -> str:
        """Return a text of the survey in the plural form for this number."""
        return self._filled(self.survey[key], plural_rule(self.language)(number), values)

    def number(self, value: float, decimals: int | None = None) -> str:
        """Return a number with the language's decimal sign, by default with all needed decimals."""
        places = "#" * MOST_DECIMALS if decimals is None else "0" * decimals
        return str(format_decimal(value, f"0.{places}", cldr(self.language)))

    def _filled(
        self, text: str | Mapping[str, str], category: str, values: Mapping[str, object]
    ) -> str:
        form = text if isinstance(text, str) else text.get(category, text[OTHER])
        return form.format(**self._item_words(category), **values)

    def _item_words(self, category: str) -> dict[str, str]:
        if self.item is None:
            return {}
        one, many = self.item.one, self.item.many
        return {
            "one": one,
            "many": many,
            "counted": self.item.form(category),
            "item": one[:1].upper() + one[1:],
            "items": many[:1].upper() + many[1:],
        }


@cache
def plural_rule(language: str) -> Callable[[int], str]:
    """Plural category of a whole number in a language."""
    return cldr(language).plural_form


@cache
def cldr(language: str) -> Cldr:
    """Rules of a language for plurals and numbers; English rules if CLDR has none."""
    try:
        return Cldr.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Cldr.parse(FALLBACK)


@cache
def locale_of(language: str) -> Locale:
    """Texts of one of mixtrial's languages."""
    content = _content(language)
    return Locale(
        language, content["name"], content["direction"], content["survey"], content["player"]
    )


def study_locale(study: Study) -> Locale:
    """Texts of a study's language with the study's words for song and mix."""
    content, own = _content(study.language), study.own_language(study.language)
    survey, player = dict(content["survey"]), dict(content["player"])
    if study.item is not None or not study.has_stems:
        survey |= content["any_item"]["survey"]
    if not study.has_stems:
        survey |= content["versions"]["survey"]
        player |= content["versions"]["player"]
    return Locale(
        language=study.language,
        name=language_name(study, study.language),
        direction=own.direction or content["direction"],
        survey=survey | dict(own.survey),
        player=player | dict(own.player),
        item=study.item_in(study.language),
    )


def language_name(study: Study, language: str) -> str:
    """Name of a language in the language itself, for the choice of languages."""
    own = study.own_language(language).name
    return own or (_content(language)["name"] if language in LANGUAGES else language)


def check_own_texts(study: Study) -> None:
    """Check that the texts in files beside the study can be shown.

    Raises
    ------
    StudyError
        A text has an unknown key, or a placeholder that is never filled in.
    """
    for language in study.spoken:
        own, content = study.own_language(language), _content(FALLBACK)
        for part, texts, known in (
            ("survey", own.survey, content["survey"]),
            ("player", own.player, content["player"]),
        ):
            for key, text in texts.items():
                fault = _fault(key, text, known)
                if fault:
                    raise StudyError(f"{FOLDER}/{language}.yaml: {part}: {fault}")


def link_in(link: str, language: str) -> str:
    """A link to the study that selects its language."""
    parts = urlsplit(link)
    query = "&".join(part for part in (parts.query, urlencode({PARAMETER: language})) if part)
    return urlunsplit(parts._replace(query=query))


def _fault(key: str, text: Any, known: Mapping[str, Any]) -> str | None:
    if key not in known:
        return f"No page has a text {key!r}.{nearest(key, known)}"
    if not isinstance(known[key], str) and isinstance(text, Mapping):
        if OTHER not in text or not all(isinstance(form, str) for form in text.values()):
            return f"{key} needs the form {OTHER!r}, and each form must be a text."
        forms = list(text.values())
    elif isinstance(text, str):
        forms = [text]
    else:
        return f"{key} must be a text."
    allowed = _places(known[key]) | {"one", "many", "counted", "item", "items"}
    for form in forms:
        unknown = sorted(_places(form) - allowed)
        if unknown or form.count("{") != len(re.findall(r"\{\w+\}", form)):
            wrong = f"{{{unknown[0]}}}" if unknown else "a brace"
            return f"{key} has {wrong}, which is not filled in there."
    return None


def _places(text: str | Mapping[str, str]) -> set[str]:
    """Names in braces that occur in any plural form of a text."""
    forms = [text] if isinstance(text, str) else text.values()
    return {name for form in forms for name in re.findall(r"\{(\w+)\}", form)}


@cache
def _content(language: str) -> LanguageFile:
    """Content of a language's file, read once; English content for a language without a file."""
    path = LOCALES / f"{language if language in LANGUAGES else FALLBACK}.yaml"
    content: LanguageFile = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
    return content
