"""Our sentences in a study's words: what is replaced, and what never is."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.figures.captions import CAPTIONS, TITLES
from analysis.figures.style import look_of
from analysis.report.context import ReportContext
from analysis.report.page import TEMPLATES
from analysis.report.sections.question import OF_CHOICES, OF_DIFFERENCES, OF_RATINGS
from analysis.report.write import write_report
from analysis.wording import SONGS_AND_MIXES, Wording
from tests.analysis.report.test_report import ratings_of

UTTERANCES = Wording("utterance", "utterances", "voice", "voices")
OURS = re.compile(r"\b([Ss]ongs?|[Mm]ix(es)?)\b")


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Songs: each song has mixes.", "Utterances: each utterance has voices."),
        ("A song, a mix", "An utterance, a voice"),
        ("the participant's song's mean", "the participant's utterance's mean"),
        ("the linear mixed model of mixtrial", "the linear mixed model of mixtrial"),
        ('<h3 id="level-songs">', '<h3 id="level-songs">'),
        ("song 'mix', song_2.wav, songs/mix", "utterance 'mix', song_2.wav, songs/mix"),
    ],
)  # fmt: skip
def test_words_are_replaced_and_names_are_not(sentence: str, said: str) -> None:
    """Capitals and articles follow; parts of names, addresses and what is quoted stay."""
    assert UTTERANCES.of(sentence) == said
    assert SONGS_AND_MIXES.of(sentence) == sentence


def test_without_other_words_every_text_of_a_report_stays_as_it_is() -> None:
    """Captions, titles and templates, letter for letter."""
    texts = [*CAPTIONS.values(), *TITLES.values(), OF_RATINGS, OF_CHOICES, OF_DIFFERENCES]
    texts += [path.read_text(encoding="utf-8") for path in sorted(TEMPLATES.glob("*.j2"))]
    assert [SONGS_AND_MIXES.of(text) for text in texts] == texts


def test_a_report_in_other_words_never_speaks_of_songs_or_mixes(tmp_path: Path) -> None:
    """Neither the page nor the methods paragraph; names of columns and data stay."""
    ratings = ratings_of(6, 3, ("overall",)).replace({"song": {"song1": "a mix"}})
    context = ReportContext(pictures=False, wording=UTTERANCES)
    written = write_report(ratings, tmp_path, context)
    page = re.sub(
        r"<(script|style).*?</\1>|<[^>]*>", " ", written.html.read_text("utf-8"), flags=re.S
    )
    methods = re.sub(r"`[^`]*`", "", written.methods.read_text("utf-8"))
    assert "3  utterances" in page
    assert "Which of these voices do listeners rate higher" in page
    said = {page[m.start() - 30 : m.end() + 30] for m in OURS.finditer(page)}
    names = re.compile(r"a mix|:song|\|song|\d %\s+song\s")  # of data, and of the model's terms
    assert {text for text in said if not names.search(text)} == set()
    assert OURS.findall(methods) == []
    assert "on 3 utterances" in methods


def test_figures_say_it_too() -> None:
    """The row of all songs, and titles and captions."""
    look = replace(look_of(ratings_of(3, 2, ("overall",))), wording=UTTERANCES)
    assert look.wording.of(TITLES["by-song"]) == "Utterance by utterance"
