"""A language of the report: its texts, inflected words and number format, read from one file.

English is the language of the templates and the analysis, so it has no file. The file of another
language, ``locales/xx.toml``, has the tables

``[templates]``
    Texts of templates (:mod:`analysis.report.language.template_texts`). ``[only."NAME"]`` has texts
    that need another translation in the template ``NAME``.
``[texts]`` has the texts that Python code makes as a whole. ``{name}`` is an inserted text and
``{name:n}`` an inserted
    number. A text that is inserted into another text is translated as well.
``[forms.dat]`` and others
    Grammatical forms of words; ``{2|dat}`` in a translation inserts words in such a form.
``[nouns]`` has the names of songs and mixes, and ``[numbers]`` the signs that are used in numbers.
A genitive of a noun replaces
    ``song's``. The table ``[genitives]`` has the words after which a noun is in the genitive.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from analysis.defaults import DEFAULT_LANGUAGE
from analysis.report.language.template_texts import translated

LOCALES = Path(__file__).with_name("locales")

_FILLED = re.compile(r"\{(\w+)(:n)?\}")
_NUMBER = r"[−\-+±]?[\d.,]*\d"
_BETWEEN = ("; ", ", ", " · ")
_SENTENCE_ENDS = re.compile(r"(?<=[.:;]) ")


def languages() -> tuple[str, ...]:
    """Languages in which a report can be written; English is first."""
    return (DEFAULT_LANGUAGE, *sorted(path.stem for path in LOCALES.glob("*.toml")))


@cache
def catalogue(language: str) -> Catalogue:
    """Texts of a language.

    Raises
    ------
    ValueError
        There is no file for this language.
    """
    if language not in languages():
        raise ValueError(
            f"There is no report in the language {language!r}; choose {', '.join(languages())}."
        )
    path = LOCALES / f"{language}.toml"
    return Catalogue(language, tomllib.loads(path.read_text("utf-8")) if path.is_file() else {})


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All texts of one language; a text without a translation stays in English."""

    language: str
    tables: Mapping[str, Any]

    def table(self, name: str) -> Mapping[str, Any]:
        """Return one table of the file; empty if the file does not have it."""
        found: Mapping[str, Any] = self.tables.get(name, {})
        return found

    def template(self, name: str, source: str) -> str:
        """Return the source of a template, translated into this language."""
        if not self.tables:
            return source
        texts = {**self.table("templates"), **self.table("only").get(name, {})}
        return translated(source, name.endswith(".md.j2"), texts.get)

    def told(self, text: str, kept: Collection[str] = ()) -> str:
        """Translate a text made by Python; texts in ``kept`` and unknown texts are unchanged."""
        if not self.tables or not text or text in kept:
            return text
        found = self._whole(text, kept)
        return self._by_sentences(text, kept) if found is None else found

    def in_form(self, text: str, form: str) -> str:
        """Return a text with its words in a grammatical form."""
        forms = self.table("forms")[form]
        longest_first = sorted(forms, key=len, reverse=True)
        words = rf"(?<![\w<])(?:{'|'.join(map(re.escape, longest_first))})(?!\w)"
        return re.sub(words, lambda found: str(forms[found[0]]), text)

    def number(self, text: str) -> str:
        """Return a number in the language's format; a number without a leading zero is unchanged.

        Probabilities and shares of one are written without a leading zero, as .05. Numbers without
        a leading zero are kept in every language, because statisticians know this form.
        """
        decimal, thousands = self.signs
        if decimal == "." or re.search(r"(?<!\d)\.\d", text):
            return text
        return "".join({".": decimal, ",": thousands}.get(sign, sign) for sign in text)

    @property
    def signs(self) -> tuple[str, str]:
        """Decimal sign, and separator of groups of three digits."""
        numbers = self.table("numbers")
        return str(numbers.get("decimal", ".")), str(numbers.get("thousands", ","))

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        """Patterns for texts that contain inserted values; the longest pattern is tried first."""
        filled = [(key, told) for key, told in self.table("texts").items() if _FILLED.search(key)]
        filled.sort(key=lambda pair: -len(_FILLED.sub("", pair[0])))
        return [(_pattern(key), told) for key, told in filled]

    def _whole(self, text: str, kept: Collection[str]) -> str | None:
        found: str | None = self.table("texts").get(text)
        if found is not None:
            return found
        for pattern, told in self._patterns:
            if match := pattern.fullmatch(text):
                parts = {name: self._part(part, kept) for name, part in match.groupdict().items()}
                return _filled(told, parts)
        return None

    def _part(self, text: str, kept: Collection[str]) -> str:
        return self.number(text) if re.fullmatch(_NUMBER, text) else self.told(text, kept)

    def _by_sentences(self, text: str, kept: Collection[str]) -> str:
        """Translation of a text that Python joined; the longest known part is replaced first."""
        for end in reversed([found.start() for found in _SENTENCE_ENDS.finditer(text)]):
            head = self._whole(text[:end], kept)
            if head is not None:
                return f"{head} {self.told(text[end + 1 :], kept)}"
        for sign in _BETWEEN:
            parts = [self._whole(part, kept) for part in text.split(sign)]
            known = [part for part in parts if part is not None]
            if len(parts) > 1 and len(known) == len(parts):
                return sign.join(known)
        return text


def _filled(told: str, parts: Mapping[str, str]) -> str:
    return _FILLED.sub(lambda name: parts[name[1]], told)


def _pattern(text: str) -> re.Pattern[str]:
    pieces, end = [], 0
    for found in _FILLED.finditer(text):
        what = _NUMBER if found[2] else r"(?:(?!\. [A-Z]).)+?"
        pieces += [re.escape(text[end : found.start()]), f"(?P<{found[1]}>{what})"]
        end = found.end()
    return re.compile("".join([*pieces, re.escape(text[end:])]), re.DOTALL)
