"""Texts of the report that have no translation yet, printed as lines for the language's file.

Run ``python -m analysis.report.language.missing de`` after a change of a template or of a sentence.
For a new language, begin with an empty ``locales/xx.toml``. A test fails if the file of a language
is out of date; the test names the texts that are no longer used.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator

from analysis.figures.captions import TITLES
from analysis.report.documents.python_texts import python_sentences
from analysis.report.language.catalogue import Catalogue, catalogue
from analysis.report.language.template_texts import texts_of
from analysis.report.page import TEMPLATES


def template_texts() -> dict[str, list[str]]:
    """Texts of each template."""
    return {
        path.name: texts_of(path.read_text("utf-8"), path.name.endswith(".md.j2"))
        for path in sorted(TEMPLATES.glob("*.j2"))
    }


def python_texts() -> list[str]:
    """Sentences that the analysis makes, and titles of figures."""
    return [*TITLES.values(), *(row.text for row in python_sentences())]


def missing(language: Catalogue) -> Iterator[tuple[str, str]]:
    """Texts without a translation; for each text, the table of the language file that needs it."""
    known = {*language.table("templates")}
    for name, texts in template_texts().items():
        own = language.table("only").get(name, {})
        yield from (("templates", text) for text in texts if text not in known and text not in own)
        known |= {*texts}
    told = {_bare(text) for text in language.table("texts")}
    yield from (("texts", text) for text in python_texts() if _bare(text) not in told)


def unused(language: Catalogue) -> list[str]:
    """Translations of texts that are no longer in any template."""
    printed = {text for texts in template_texts().values() for text in texts}
    only = [text for texts in language.table("only").values() for text in texts]
    return [text for text in (*language.table("templates"), *only) if text not in printed]


def _bare(text: str) -> str:
    """A text in which the names of its inserted values are removed."""
    return re.sub(r"\{[^}]*\}", "{}", text)


if __name__ == "__main__":
    texts = catalogue(sys.argv[1])
    lines: dict[str, list[str]] = {}
    for table, text in missing(texts):
        lines.setdefault(f"[{table}]", []).append(f'{json.dumps(text, ensure_ascii=False)} = ""')
    lines["# No template has these any more:"] = [f"# {text}" for text in unused(texts)]
    for head, found in lines.items():
        if found:
            sys.stdout.write("\n".join([head, *found, "", ""]))
