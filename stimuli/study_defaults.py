"""What a study says where its file is silent: the seed study's questions and plain texts.

Attributes, groups and the five scale labels are the seed study's, in our words; on the 0–100
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
LOCALES = Path(__file__).with_name("locales")


@cache
def default_texts(language: str) -> dict[str, Any]:
    """Texts of a study in a language, by the keys of the study file that they stand in for."""
    path = LOCALES / f"{language}.yaml"
    texts: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return texts


def in_its_language(values: dict[str, Any]) -> dict[str, Any]:
    """Return a study file's values with the texts it leaves out, in the language it names."""
    language = values.get("language")
    if not isinstance(language, str) or language not in LANGUAGES:
        return values
    return {**default_texts(language), **values}


DEFAULT_SCALE_LABELS: tuple[str, ...] = tuple(default_texts("en")["scale_labels"])
DEFAULT_ATTRIBUTES: tuple[dict[str, str], ...] = tuple(default_texts("en")["attributes"])
DEFAULT_GROUPS: tuple[dict[str, str], ...] = tuple(default_texts("en")["groups"])
DEFAULT_DEVICES: tuple[dict[str, str], ...] = tuple(default_texts("en")["devices"])
DEFAULT_WELCOME: str = default_texts("en")["welcome"]
DEFAULT_CONSENT: str = default_texts("en")["consent"]
DEFAULT_THANKS: str = default_texts("en")["thanks"]
