"""A report in its language: the study's words, untranslated names, and figures."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import plotly.graph_objects as go

from analysis.figures.catalogue import ReportFigure
from analysis.figures.style import Look
from analysis.report.context import ReportContext
from analysis.report.language.catalogue import Catalogue, catalogue
from analysis.report.sections.plan import MEASURED
from analysis.wording import SONGS_AND_MIXES, Wording

_TEXTS_OF_FIGURES = frozenset(
    (
        "text",
        "name",
        "title",
        "hovertemplate",
        "texttemplate",
        "ticktext",
        "hovertext",
        "customdata",
    )
)


@dataclass(frozen=True)
class WordingIn:
    """The study's words for songs and mixes in another language, used like a :class:`Wording`.

    A text is looked up in the form with the words "song" and "mix". After a text is looked up, the
    study's own words replace "song" and "mix".
    """

    catalogue: Catalogue
    wording: Wording

    @property
    def one(self) -> str:
        """One item of the study (a song, if the study has no other word)."""
        return self._noun(self.wording.one)

    @property
    def many(self) -> str:
        """Several of the study's items."""
        return self._noun(self.wording.many)

    def of(self, text: str, kept: Collection[str] = ()) -> str:
        """Translate a text made by Python."""
        if text in kept:
            return text
        told = self.catalogue.told(text, kept)
        if told == text and self._ours:
            told = self.catalogue.told(self._back(text), kept)
            told = text if told == self._back(text) else told
        return self.put(told)

    def put(self, text: str) -> str:
        """Replace the words for songs and mixes in a translated text by the study's words."""
        if not self._instead:
            return text
        text = self._genitive.sub(lambda found: self._own(found[0], found[1]), text)
        return self._usual.sub(lambda found: self._instead[found[0]], text)

    @cached_property
    def _ours(self) -> dict[str, str]:
        """English nouns of the study; for each, the word that texts about songs and mixes use."""
        mine = (self.wording.one, self.wording.many, self.wording.version, self.wording.versions)
        usual = ("song", "songs", "mix", "mixes")
        return {own: ours for own, ours in zip(mine, usual, strict=True) if own != ours}

    @cached_property
    def _instead(self) -> dict[str, str]:
        """Nouns of the language; for each, the noun of the study that replaces it."""
        return {self._noun(ours): self._noun(own) for own, ours in self._ours.items()}

    @cached_property
    def _genitive(self) -> re.Pattern[str]:
        """Pattern of a genitive singular ("des Songs") that looks like the plural ("Songs")."""
        before = "|".join(self.catalogue.table("genitives").get("before", ()))
        of_a_song = re.escape(self._noun("song's"))
        return re.compile(rf"\b(?:{before}) ({of_a_song})(?![\w-])")

    def _own(self, phrase: str, noun: str) -> str:
        own = f"{self.wording.one}'s"
        return phrase.removesuffix(noun) + self._noun(own).replace("'s", "s")

    @cached_property
    def _usual(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, self._instead))})(?![\w-])")

    def _back(self, text: str) -> str:
        words = re.compile(rf"\b(?:{'|'.join(map(re.escape, self._ours))})\b")
        return words.sub(lambda found: self._ours[found[0]], text)

    def _noun(self, noun: str) -> str:
        return str(self.catalogue.table("nouns").get(noun, noun[:1].upper() + noun[1:]))


@dataclass(frozen=True)
class ReportLanguage:
    """Language of a report, and texts that stay untranslated; used by the functions that write it.

    Parameters
    ----------
    catalogue
        Texts of the language.
    wording
        The study's words.
    kept
        Names, labels, and words that people wrote; they are not texts of the report.
    """

    catalogue: Catalogue
    wording: Wording | WordingIn
    kept: frozenset[str] = frozenset()

    @property
    def is_english(self) -> bool:
        """Whether the report is in English; in English, nothing is translated."""
        return not self.catalogue.tables

    def told(self, text: str) -> str:
        """Translate a text made by Python."""
        return self.wording.of(text, self.kept) if isinstance(self.wording, WordingIn) else text

    def figures(self, made: list[ReportFigure]) -> list[ReportFigure]:
        """Figures with their texts, titles and captions in the report's language."""
        return made if self.is_english else [self._figure(one) for one in made]

    def _figure(self, made: ReportFigure) -> ReportFigure:
        drawn = self._texts(made.figure.to_plotly_json(), is_text=False)
        drawn["layout"]["separators"] = "".join(self.catalogue.signs)
        title, caption = self.told(made.title), self.told(made.caption)
        return replace(made, figure=go.Figure(drawn), title=title, caption=caption)

    def _texts(self, value: Any, is_text: bool) -> Any:
        """A part of a figure, with its texts translated."""
        if isinstance(value, str):
            return self.told(value) if is_text else value
        if isinstance(value, list | tuple):
            return [self._texts(each, is_text) for each in value]
        if isinstance(value, dict):
            return {
                key: self._texts(held, is_text or key in _TEXTS_OF_FIGURES)
                if key not in ("font", "template")
                else held
                for key, held in value.items()
            }
        if is_text and getattr(value, "dtype", None) is not None and value.dtype == object:
            return [self._texts(each, True) for each in value.tolist()]
        return value


def language_of(context: ReportContext, look: Look) -> ReportLanguage:
    """Language that was requested for a report."""
    texts = catalogue(context.language)
    if not texts.tables:
        return ReportLanguage(texts, context.wording)
    names = _names(context, look, texts.table("texts"))
    return ReportLanguage(texts, WordingIn(texts, context.wording), names)


def with_our_words(context: ReportContext) -> ReportContext:
    """Context in which items are called songs and mixes, because the texts are translated later."""
    is_english = not catalogue(context.language).tables
    return context if is_english else replace(context, wording=SONGS_AND_MIXES)


def _names(context: ReportContext, look: Look, ours: Collection[str]) -> frozenset[str]:
    """Names, and texts by participants or researchers, which are not translated."""
    names = {context.title, context.question, context.description, *look.systems, *look.groups,
             *look.songs, *context.scale_labels, *context.part_names, context.part}  # fmt: skip
    for labels in (context.group_labels, context.attribute_labels, context.attribute_questions):
        names |= {*labels, *labels.values()}
    for table in (context.comments, context.people):
        if table is not None:
            names |= {text for column in table for text in table[column] if isinstance(text, str)}
    for question in context.questions:
        names |= {question.key, question.label}
        # A choice that equals a text of the report, such as "not said", is translated like this
        # text.
        names |= set(question.choices.values()) - set(ours)
    names |= {text for what, text in context.design if what == "Instructions"}
    names |= {text for key, _, text in context.conditions or () if text and key != MEASURED}
    return frozenset(names)
