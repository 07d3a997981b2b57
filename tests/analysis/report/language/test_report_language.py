"""The report in German: every text has its translation, and no English is left but people's own."""

from __future__ import annotations

import html
import json
import re

import plotly.graph_objects as go
import pytest
from markupsafe import Markup

from analysis.figures.catalogue import ReportFigure
from analysis.figures.export import Picture
from analysis.figures.style import Look
from analysis.report.context import ReportContext, ReportPaths
from analysis.report.figure_entry import figure_entry
from analysis.report.language.catalogue import Catalogue, catalogue, languages
from analysis.report.language.missing import missing, unused
from analysis.report.language.report_language import WordingIn, language_of
from analysis.report.language.template_texts import texts_of, translated
from analysis.report.sections.sample import AskedQuestion
from analysis.report.write import write_report
from analysis.wording import Wording
from tests.analysis.report.test_choices import trials_of
from tests.analysis.report.test_report import ratings_of

pytestmark = pytest.mark.usefixtures("analysed_once_here")
OTHERS = languages()[1:]
ENGLISH = re.compile(
    r"\b(the|of|and|is|are|were|with|which|that|this|these|for|by|not|from|each|than|between|have"
    r"|has|they|it|no|every|other|at|as|to|there|be|shown|listeners?|participants?|ratings?|songs"
    r"|pairs?|different|inconclusive)\b"
)
"""Words of English that are none of German."""
FIGURES = re.compile(r'<script type="application/json"[^>]*>(.*?)</script>', re.DOTALL)
NO_TEXTS = re.compile(r"<script.*?</script>|<style.*?</style>|<code.*?</code>", re.DOTALL)
WORKS = re.compile(r'<ul class="references">.*?</ul>', re.DOTALL)
ENDS = re.compile(r"</?(?:p|t[dhr]|li|d[dlt]|h\d|summary|figcaption|div|caption|section)\b[^>]*>")


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_report_has_its_translation(language: str) -> None:
    """Else run python -m analysis.report.language.missing; what nobody prints goes out."""
    texts = catalogue(language)
    assert [*missing(texts)] == []
    assert unused(texts) == []
    assert {text for text, told in texts.table("texts").items() if not told} == set()


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_fills_in_what_its_english_does(language: str) -> None:
    """A name that is not there would end the report; forms are those that the file has."""
    texts = catalogue(language)
    for english, told in texts.table("templates").items():
        filled = set(re.findall(r"\{(\d+)", english))
        assert set(re.findall(r"\{(\d+)", told)) <= filled, english
        assert set(re.findall(r"\|(\w+)\}", told)) <= {*texts.table("forms")}, english
        assert sorted(re.findall(r"<[^>]+>", told)) == sorted(re.findall(r"<[^>]+>", english))
    for english, told in texts.table("texts").items():
        assert set(re.findall(r"\{(\w+)\}", told)) <= set(re.findall(r"\{(\w+)", english)), english


def test_a_template_is_told_text_by_text() -> None:
    """By hand: two texts of a paragraph, an attribute, words in an expression, a form."""
    source = (
        '<table data-title="Pairs"><p>{{ a }} of\n {{ n(b) }} <i>p</i>'
        "{% if x %} and more{% endif %}"
        '.</p>{{ "is" if y == "is" else z }}'
    )
    german = {
        "Pairs": "Paare",
        "{1} of {2} <i>p</i>": "von {2|dat} <i>p</i> {1}",
        "and more": ", und mehr",
        "is": "ist",
    }
    assert texts_of(source, is_markdown=False) == ["is", "Pairs", "{1} of {2} <i>p</i>", "and more"]
    assert translated(source, False, german.get) == (
        '<table data-title="Paare"><p>von {{ in_form(n(b), "dat") }} <i>p</i> {{ a }}'
        '{% if x %}, und mehr{% endif %}.</p>{{ "ist" if y == "ist" else z }}'
    )


def test_what_python_made_is_told_with_its_numbers_and_names() -> None:
    """Patterns, what is in them, sentences behind each other; names and unknown texts stay."""
    texts = Catalogue(
        "xx",
        {
            "texts": {
                "{n:n} pairs": "{n} Paare",
                "Nobody rated {name}.": "Niemand bewertete {name}.",
                "There is {what}.": "Es gibt {what}.",
            },
            "numbers": {"decimal": ",", "thousands": "."},
            "forms": {"dat": {"Paare": "Paaren"}},
        },
    )
    assert texts.told("There is 1,250.5 pairs.") == "Es gibt 1.250,5 Paare."
    assert texts.told("Nobody rated pairs. There is x.") == "Niemand bewertete pairs. Es gibt x."
    assert texts.told("Nobody rated A.", kept={"Nobody rated A."}) == "Nobody rated A."
    assert texts.told("Nobody sang A.") == "Nobody sang A."
    assert texts.in_form("3 Paare", "dat") == "3 Paaren"
    assert [texts.number(text) for text in ("1,250.5", "= .036", "> .999")] == [
        "1.250,5", "= .036", "> .999"
    ]  # fmt: skip


def test_a_study_with_words_of_its_own_has_them_in_other_languages_too() -> None:
    """Excerpts and versions are found in texts about songs and mixes."""
    wording = WordingIn(catalogue("de"), Wording("excerpt", "excerpts", "version", "versions"))
    assert wording.of("There are more than 40 excerpts, too many for this analysis.") == (
        "Es sind mehr als 40 Ausschnitte, zu viele für diese Analyse."
    )
    assert wording.put("Songs: zwei Mischungen eines Songs") == (
        "Ausschnitte: zwei Fassungen eines Ausschnitts"
    )


def test_answers_that_participants_read_stay_as_they_read_them() -> None:
    """Choices of a form may look like ranges and lists of ours; gains are numbers."""
    gains = "125 Hz −3.1 dB; 2000 Hz +9.4 dB"
    assert catalogue("de").told(gains) == "125 Hz −3,1 dB; 2000 Hz +9,4 dB"
    ages = {"young": "18 to 24", "old": "65 or older", "unsaid": "prefers not to say"}
    question = AskedQuestion("age", "How old are you?", "choice", ages)
    context = ReportContext(language="de", questions=(question,))
    german = language_of(context, Look(systems=("a", "b"), groups=(), songs=()))
    assert [german.told(label) for label in ages.values()] == [
        "18 to 24", "65 or older", "möchte es nicht sagen"
    ]  # fmt: skip
    assert german.told("25 to 34") == "25 bis 34"


def test_an_unknown_language_is_refused() -> None:
    """By name, with those that there are."""
    with pytest.raises(ValueError, match=r"'xx'; choose en, de"):
        catalogue("xx")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[ReportPaths, ReportPaths]:
    """Ratings of two groups, preference, ABX and triangles: in German and in English."""
    folder = tmp_path_factory.mktemp("languages")
    ratings = ratings_of(n_participants=6, attributes=("overall",))
    told = {
        name: write_report(
            ratings,
            folder / name,
            ReportContext(trials=trials_of(4), pictures=False, latex=name == "de", language=name),
        )
        for name in ("de", "en")
    }
    return told["de"], told["en"]


def test_no_english_is_left_in_a_german_report(reports: tuple[ReportPaths, ReportPaths]) -> None:
    """Nor in its figures and methods; the titles of cited works and words of the scale stay."""
    german, _ = reports
    page = german.html.read_text("utf-8")
    assert '<html lang="de">' in page
    methods = re.sub("`[^`]*`", "", german.methods.read_text("utf-8"))
    shown = re.sub(r"<[^>]+>", "", ENDS.sub("\n", WORKS.sub("", NO_TEXTS.sub("", page))))
    lines = html.unescape(shown + re.sub(r'(?:alt|aria-label|title)="([^"]*)"', r"\1", methods))
    drawn = [text for spec in FIGURES.findall(page) for text in _texts(json.loads(spec))]
    assert [line for line in (*lines.split("\n"), *drawn) if ENGLISH.search(line)] == []
    assert "Unterschiede zwischen den Systemen" in page
    assert "Abbildung 1." in page
    paper = (german.html.parent / "latex" / "paper.tex").read_text("utf-8")
    assert r"\usepackage[ngerman]{babel}" in paper
    assert r"\section{Methoden}" in paper


def _texts(value: object) -> list[str]:
    """Texts of a figure."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    if isinstance(value, dict):
        kept = ((key, held) for key, held in value.items() if key not in ("template", "font"))
        return [text for _, held in kept for text in _texts(held)]
    return []


def test_data_are_the_same_in_every_language(reports: tuple[ReportPaths, ReportPaths]) -> None:
    """Numbers on the page have a comma, p-values their usual form, results.json and tables none."""
    german, english = reports
    assert german.results.read_bytes() == english.results.read_bytes()
    tables = {path.name: path.read_bytes() for path in english.tables.iterdir()}
    assert {path.name: path.read_bytes() for path in german.tables.iterdir()} == tables
    page = german.html.read_text("utf-8")
    values = re.findall(r'<data value="([^"]*)" [^>]*data-style="points">([^<]*)<', page)
    assert len(values) > 50
    assert not [told for _, told in values if "." in told]
    assert re.search(r'data-style="p">(= |&lt; )\.\d', page)


def test_pictures_are_not_looked_up_as_texts() -> None:
    """A picture has a hundred thousand signs, and each pattern of the catalogue would try them."""
    made = ReportFigure("a", "", "forest", "A", "B", go.Figure(layout={"height": 300}), 300)
    entry = figure_entry(made, Picture("<svg/>", b""), "")
    assert isinstance(entry.image, Markup)
    assert entry.image == "data:image/svg+xml;base64,PHN2Zy8+"
