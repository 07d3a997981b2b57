"""The document lists every sentence of the report beside the condition that lets it."""

from __future__ import annotations

import re

from jinja2 import Environment

from analysis.report.documents.condition_words import CONDITION_WORDS
from analysis.report.documents.python_texts import python_sentences, sentences_of_module
from analysis.report.documents.sentence_table import DOCUMENT, document_with, sentence_table
from analysis.report.documents.template_texts import Sentence, template_texts, texts_of

TEMPLATE = """\
{% if p < 0.05 %}<h2>A heading is none</h2><p>They differ by {{ number(row.estimate) }}
  points{% if is_small %}, but by less than the margin{% endif %}.</p>
{% elif q %}<p{% if q > 1 %} class="warn"{% endif %}>They are alike.</p>
{% else %}<table><th>A head of a table</th><td>nothing is {{ "shown" if a else "known" }} here</td>
{% endif %}
{% macro of(row) %}<li>{{ row.a }} is one of them</li>{% endmacro %}
{% if trials %}{% include "other.j2" %}{% endif %}
"""


def test_each_text_has_all_conditions_around_it() -> None:
    """Read off by hand: an if, its elif and its else, a text inside a text, a macro, an include."""
    found = texts_of({"one.j2": Environment().parse(TEMPLATE)})
    assert found.sentences == (
        Sentence("one.j2", "They differ by {estimate} points", ("p < 0.05",)),
        Sentence("one.j2", "… , but by less than the margin", ("p < 0.05", "is_small")),
        Sentence("one.j2", "They are alike.", ("p >= 0.05", "q")),
        Sentence("one.j2", "nothing is [shown if a, else known] here", ("p >= 0.05", "not q")),
        Sentence("one.j2 · of", "{a} is one of them", ()),
    )
    assert found.included == {"other.j2": (("trials",),)}


def test_sentences_of_the_analysis_have_their_conditions_too() -> None:
    """Captions by their key, reasons by the tests around them; errors and docstrings are none."""
    source = '''
"""A docstring is not told."""
CAPTIONS = {"forest": "The dot is an estimate."}
def judged(rows):
    if len(rows) < 2:
        raise NotEstimableError(f"There is only one {rows.name}.")
    elif rows.bad:
        raise RatingsError("This ends the program.")
'''
    assert sentences_of_module(source, "methods/new.py") == [
        Sentence("methods/new.py", "The dot is an estimate.", ("forest",)),
        Sentence("methods/new.py · judged", "There is only one {name}.", ("len(rows) < 2",)),
    ]


def test_the_table_in_the_document_is_that_of_the_code() -> None:
    """Else run python -m analysis.report.documents.sentence_table."""
    document = DOCUMENT.read_text("utf-8")
    assert document_with(sentence_table(), document) == document


def test_no_condition_is_named_that_no_template_has() -> None:
    """A condition that changed would keep the old words."""
    found = template_texts()
    used = {each for row in found.sentences for each in row.conditions}
    used |= {each for times in found.included.values() for some in times for each in some}
    assert set(CONDITION_WORDS) - used == set()


def test_no_sentence_claims_what_no_test_can_show() -> None:
    """Nothing is proven, nothing is equal, nothing is real or certain because of a p-value."""
    words = r"\b(prove[sn]?|certain(ly)?|real difference|identical to|significantly|no effect)\b"
    for row in (*template_texts().sentences, *python_sentences()):
        assert re.search(words, row.text) is None, row
