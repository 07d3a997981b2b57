"""The language that the researcher's pages speak, and their texts in it.

Conventions
-----------
Pages are written in English, and each of their texts goes through :func:`told` on its way to the
browser. ``locales/xx.toml`` has those of another language in the form of the report's
(:mod:`analysis.report.language.catalogue`); missing ones are looked up in the report's, and are in
English without either. Names and labels of a study never go through here.

The language is the browser's stored choice, otherwise the server's (``--language``), otherwise the
browser's own.
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
    """Name of a language in that language."""
    return str(pages_in(language).tables.get("language", "English"))


@cache
def pages_in(language: str) -> Catalogue:
    """Texts of the pages in a language; none for English. Nouns and signs are the report's."""
    path = LOCALES / f"{language}.toml"
    if not path.is_file():
        return Catalogue(language, {})
    shared: dict[str, Any] = {}
    if language in report_texts.languages():
        tables = report_texts.catalogue(language).tables
        shared = {key: held for key, held in tables.items() if key in SHARED}
    return Catalogue(language, {**shared, **tomllib.loads(path.read_text("utf-8"))})


def spoken_language() -> str:
    """Code of the language that the page being drawn speaks."""
    browser = (st.context.locale or "").partition("-")[0]
    wanted = (st.context.cookies.get(LANGUAGE_COOKIE), os.environ.get(LANGUAGE_VARIABLE), browser)
    known = languages()
    return next((each for each in wanted if each in known), DEFAULT_LANGUAGE)


def told(text: str) -> str:
    """A text of ours in the language of the page."""
    return told_in(spoken_language(), text)


@lru_cache(maxsize=4096)
def told_in(language: str, text: str) -> str:
    """A text of ours in a language; in English where neither pages nor report have it."""
    if language == DEFAULT_LANGUAGE or not text:
        return text
    found = pages_in(language).told(text)
    if found != text or language not in report_texts.languages():
        return found
    return report_texts.catalogue(language).told(text)


def number(text: str) -> str:
    """A number as the language of the page writes it."""
    return number_in(spoken_language(), text)


def number_in(language: str, text: str) -> str:
    """A number in the form of a language; a table of thousands looks the language up once."""
    return pages_in(language).number(text)
