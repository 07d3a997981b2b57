"""What a study says where its file is silent: Li's (2022) questions and plain texts.

Attributes, groups and the five scale labels are Li's (2022), in our words; on the 0–100
scale the labels stand at 0, 25, 50, 75 and 100, as they did there (0, .25, .5, .75, 1). They stand
in ``locales/``, one file a language.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

Language = Literal["en", "de", "zh", "fr"]
LANGUAGES: tuple[str, ...] = get_args(Language)
LOCALES = Path(__file__).parents[1] / "locales"
WITH_CONTACT = "consent_with_contact"


@cache
def default_texts(language: str) -> dict[str, Any]:
    """Texts of a study in a language, by the keys of the study file that they stand in for."""
    return {key: text for key, text in _all_texts(language).items() if key != WITH_CONTACT}


def default_consent(language: str, asks_for_address: bool) -> str:
    """Consent text of a study that writes none; it must be true of one that asks for an address."""
    return str(_all_texts(language)[WITH_CONTACT if asks_for_address else "consent"])


@cache
def _all_texts(language: str) -> dict[str, Any]:
    path = LOCALES / f"{language}.yaml"
    texts: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return texts


def in_its_language(values: dict[str, Any]) -> dict[str, Any]:
    """Return a study file's values with the texts it leaves out, in the language it names."""
    language = values.get("language", "en")
    if not isinstance(language, str) or language not in LANGUAGES:
        return values
    contact = values.get("contact")
    asks = isinstance(contact, dict) and contact.get("ask") in ("optional", "required")
    consent = default_consent(language, asks)
    return {**default_texts(language), "consent": consent, **values}


DEFAULT_SCALE_LABELS: tuple[str, ...] = tuple(default_texts("en")["scale_labels"])
DEFAULT_ATTRIBUTES: tuple[dict[str, str], ...] = tuple(default_texts("en")["attributes"])
DEFAULT_GROUPS: tuple[dict[str, str], ...] = tuple(default_texts("en")["groups"])
DEFAULT_DEVICES: tuple[dict[str, str], ...] = tuple(default_texts("en")["devices"])
DEFAULT_WELCOME: str = default_texts("en")["welcome"]
DEFAULT_CONSENT: str = default_texts("en")["consent"]
DEFAULT_THANKS: str = default_texts("en")["thanks"]
