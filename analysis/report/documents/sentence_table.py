"""Table of all sentences with their conditions, for docs/report.md.

Run ``python -m analysis.report.documents.sentence_table`` after a change of a template or of a
sentence. A test fails if the table in docs/report.md is out of date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from analysis.findings.pairs import VERDICT_WORDS, Verdict
from analysis.report.documents.condition_words import CONDITION_WORDS
from analysis.report.documents.python_texts import python_sentences
from analysis.report.documents.template_texts import (
    Conditions,
    TemplateTexts,
    template_texts,
)

DOCUMENT = Path(__file__).parents[3] / "docs" / "report.md"
REACHED = "where it is reached"
ALWAYS = "always"
BEGIN, END = "<!-- sentences: begin -->\n", "<!-- sentences: end -->\n"


def sentence_table() -> str:
    """The table of sentences, as it is written in the document."""
    found = template_texts()
    made = [
        f"| {_cell(row.text)} | {_when(row.conditions, {}, REACHED)} | `{row.place}` |"
        for row in python_sentences()
    ]
    lead = (
        "The analysis makes the sentences of the next table. The table also has captions of "
        "figures, and reasons why a result is missing:"
    )
    head = [lead, "", "| printed | when | in |", "|---|---|---|"]
    return "\n".join([*_verdicts(), *_tables(found), *head, *made, ""])


def _verdicts() -> list[str]:
    said = {
        Verdict.DIFFERENT: "adjusted *p* of the difference < .05, of equivalence ≥ .05",
        Verdict.TRIVIAL: "both < .05",
        Verdict.EQUIVALENT: "of the difference ≥ .05, of equivalence < .05",
        Verdict.INCONCLUSIVE: "both ≥ .05",
    }
    rows = [f"| {VERDICT_WORDS[verdict]} | {when} |" for verdict, when in said.items()]
    return ["| verdict | when |", "|---|---|", *rows, ""]


def _tables(found: TemplateTexts) -> Iterator[str]:
    for place, rows in groupby(found.sentences, key=lambda each: each.place):
        where = "; or ".join(_when(each) for each in found.included.get(place, ()))
        if where == ALWAYS:
            yield f"The report always includes the template `{place}`, with these sentences:"
        elif where:
            yield f"The report includes the template `{place}` (condition: {where}):"
        else:
            yield f"Sentences of `{place}`:"
        yield from ("", "| printed | when |", "|---|---|")
        for row in rows:
            yield f"| {_cell(row.text)} | {_when(row.conditions)} |"
        yield ""


def _when(
    conditions: Conditions, words: Mapping[str, str] = CONDITION_WORDS, without: str = ALWAYS
) -> str:
    named = dict.fromkeys(words.get(each) or f"`{_cell(each)}`" for each in conditions)
    return " · ".join(named) or without


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'")


def document_with(table: str, document: str) -> str:
    """The document, in which the old table is replaced by this table."""
    head, rest = document.split(BEGIN)
    return f"{head}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    text = DOCUMENT.read_text("utf-8")
    DOCUMENT.write_text(document_with(sentence_table(), text), "utf-8")
