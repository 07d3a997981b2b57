"""The language of the researcher's pages, and the texts of the pages in this language.

Conventions
-----------
Pages are written in English, and each of their texts goes through :func:`told` on its way to the
browser. ``locales/xx.toml`` holds the texts of one language; the file has the same form as the
report's catalogue (:mod:`analysis.report.language.catalogue`). A text that is missing in the file
is looked up in the report's catalogue. If the catalogue has no translation either, the text is
shown in English. Names and labels of a study are never translated.

The pages use the language stored in the browser. If no language is stored, the pages use the
server's language (``--language``) or, if the server has none, the browser's own language.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache, lru_cache
from typing import Any

import streamlit as st

from analysis.defaults import DEFAULT_LANGUAGE
from analysis.report.language import catalogue as report_texts
from analysis.report.language.catalogue import Catalogue
from mixtrial.language.known import LANGUAGE_COOKIE, LOCALES, languages
from mixtrial.server.settings import LANGUAGE_VARIABLE

SHARED = ("numbers", "nouns", "genitives", "forms")
"""Tables that the report's file has for the pages too."""


def name_of(language: str) -> str:
    """Name of a language, written in this language."""
    return str(pages_in(language).tables.get("language", "English"))


@cache
def pages_in(language: str) -> Catalogue:
    """Texts of the pages in a language; empty for English.

    The pages use the nouns and the punctuation of the report's catalogue.
    """
    path = LOCALES / f"{language}.toml"
    if not path.is_file():
        return Catalogue(language, {})
    shared: dict[str, Any] = {}
    if language in report_texts.languages():
        tables = report_texts.catalogue(language).tables
        shared = {key: held for key, held in tables.items() if key in SHARED}
    return Catalogue(language, {**shared, **tomllib.loads(path.read_text("utf-8"))})


def spoken_language() -> str:
    """Code of the language of the page that is being drawn."""
    browser = (st.context.locale or "").partition("-")[0]
    wanted = (st.context.cookies.get(LANGUAGE_COOKIE), os.environ.get(LANGUAGE_VARIABLE), browser)
    known = languages()
    return next((each for each in wanted if each in known), DEFAULT_LANGUAGE)


def told(text: str) -> str:
    """A text of mixtrial in the language of the page."""
    return told_in(spoken_language(), text)


@lru_cache(maxsize=4096)
def told_in(language: str, text: str) -> str:
    """A text of mixtrial in the given language; the English text if there is no translation."""
    if language == DEFAULT_LANGUAGE or not text:
        return text
    found = pages_in(language).told(text)
    if found != text or language not in report_texts.languages():
        return found
    return report_texts.catalogue(language).told(text)


def number(text: str) -> str:
    """A number in the format of the page's language."""
    return number_in(spoken_language(), text)


def number_in(language: str, text: str) -> str:
    """A number in the format of a language.

    A caller that formats thousands of numbers should look up the language only once.
    """
    return pages_in(language).number(text)
