"""Names of a study's parts, songs and mixes on the researcher's pages.

Parts and arms have no labels, so the names of parts and arms in the study file are made readable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.report.language import catalogue as report_texts
from analysis.report.language.report_language import ReportLanguage, WordingIn
from mixtrial.language.spoken import pages_in, spoken_language, told
from mixtrial.reporting.design_text import wording_of
from stimuli.study.study import Study

if TYPE_CHECKING:
    from collections.abc import Collection

    from analysis.figures.catalogue import ReportFigure
    from analysis.wording import Wording


def in_words(name: str) -> str:
    """A name of the study file in readable words.

    Examples
    --------
    >>> in_words("with_hint")
    'With hint'
    """
    words = name.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}"


def part_titles(study: Study) -> dict[str, str]:
    """Name of each part; a part without a name gets the name of its method."""
    return {
        part.name: told(in_words(part.options.method))
        if part.name == part.type
        else in_words(part.name)
        for part in study.page_parts
    }


def figure_of(made: ReportFigure, study: Study, names: Collection[str]) -> ReportFigure:
    """A figure of the report with translated texts; the texts in ``names`` are not translated."""
    language = spoken_language()
    if language not in report_texts.languages()[1:]:
        return made
    texts = report_texts.catalogue(language)
    words = WordingIn(texts, wording_of(study))
    [figure] = ReportLanguage(texts, words, frozenset(names)).figures([made])
    return figure


def words_of(study: Study) -> Wording | WordingIn:
    """What the study calls songs and mixes; words inserted into texts are translated, too."""
    english, texts = wording_of(study), pages_in(spoken_language())
    return WordingIn(texts, english) if texts.tables else english
