"""Default texts of a study: Li's (2022) questions and plain texts.

Attributes, groups and the five scale labels come from Li (2022), with a new wording. On the 0–100
scale, the labels are at 0, 25, 50, 75 and 100. In Li (2022), the labels are at 0, .25, .5, .75 and
1. The default texts are in ``locales/``, one file per language.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("en", "de", "es", "fr", "it", "ja", "pl", "zh")
"""Languages that mixtrial brings; another one is brought by a file beside the study."""
LOCALES = Path(__file__).parents[1] / "locales"
WITH_CONTACT, SCALE_LABELS = "consent_with_contact", "scale_labels"
TO_COMPARE = "welcome_to_compare"
FALLBACK = "en"
"""Language of what no other language says."""
VERSIONS, ITEM = "versions", "item"
"""Texts used instead if nothing is mixed; words for recordings in several versions."""
OF_SCALES, REVIEWED = "scales", "reviewed_by"
"""Words of the recommendations' scales; the native reader who checked a file."""


@cache
def default_texts(language: str, is_mixed: bool = True, has_ratings: bool = True) -> dict[str, Any]:
    """Texts of a study in a language; their keys are the keys of the study file.

    ``is_mixed`` is true if the study mixes stems; the questions about finished files are different.
    ``has_ratings`` says whether any page asks for ratings of quality.
    """
    texts = dict(language_file(language))
    instead = texts.pop(VERSIONS)
    for key in (WITH_CONTACT, SCALE_LABELS, ITEM, OF_SCALES, REVIEWED):
        del texts[key]
    texts |= {} if is_mixed else instead
    to_compare = texts.pop(TO_COMPARE)
    return texts if has_ratings else texts | {"welcome": to_compare}


def default_item(language: str, is_mixed: bool) -> dict[str, str]:
    """Words for the study's items (songs or recordings), by plural category."""
    words: dict[str, str] = language_file(language)[ITEM]["song" if is_mixed else "recording"]
    many = words.get("many", words["other"])
    return {"one": many, "many": many} | words


@cache
def default_labels(language: str) -> tuple[str, ...]:
    """Words along the scale in a language, from the lowest to the highest."""
    return tuple(language_file(language)[SCALE_LABELS])


def default_consent(language: str, asks_for_address: bool) -> str:
    """Default consent text, which also fits a study that asks for an e-mail address."""
    return str(language_file(language)[WITH_CONTACT if asks_for_address else "consent"])


@cache
def language_file(language: str) -> dict[str, Any]:
    """All texts of a language's file; English for a language that mixtrial lacks."""
    if language not in LANGUAGES:
        return language_file(FALLBACK)
    path = LOCALES / f"{language}.yaml"
    texts: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return texts


def in_its_language(values: dict[str, Any], has_ratings: bool = True) -> dict[str, Any]:
    """Return a study file's values with the missing texts added in the file's language."""
    language = values.get("language", FALLBACK)
    if not isinstance(language, str):
        return values
    contact = values.get("contact")
    asks = isinstance(contact, dict) and contact.get("ask") in ("optional", "required")
    consent = default_consent(language, asks)
    return {
        **default_texts(language, _has_stems(values), has_ratings),
        "consent": consent,
        **values,
    }


def _has_stems(values: dict[str, Any]) -> bool:
    """Whether a study file names stems for a song; also true if it names no files at all."""
    songs = values.get("songs")
    entries = [song for song in songs if isinstance(song, dict)] if isinstance(songs, list) else []
    if any("vocal" in song or "backing" in song for song in entries):
        return True
    return "files" not in values and not any("files" in song for song in entries)


DEFAULT_ATTRIBUTES: tuple[dict[str, Any], ...] = tuple(default_texts(FALLBACK)["attributes"])
DEFAULT_GROUPS: tuple[dict[str, str], ...] = tuple(default_texts(FALLBACK)["groups"])
DEFAULT_DEVICES: tuple[dict[str, str], ...] = tuple(default_texts(FALLBACK)["devices"])
DEFAULT_WELCOME: str = default_texts(FALLBACK)["welcome"]
DEFAULT_CONSENT: str = default_texts(FALLBACK)["consent"]
DEFAULT_THANKS: str = default_texts(FALLBACK)["thanks"]
