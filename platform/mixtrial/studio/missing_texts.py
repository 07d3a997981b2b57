"""Texts of the researcher's pages that a language lacks, printed as lines for its file.

Run ``python -m mixtrial.studio.missing_texts de`` after changing a page. A new language begins with
an empty ``locales/xx.toml``. The program finds strings in the pages' code that look like texts; it
also finds the descriptions of page types and exports.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from analysis.report.language import catalogue as report_texts
from mixtrial.exports.registry import exports
from mixtrial.language.spoken import pages_in
from mixtrial.studio.editor.fields.field import Field
from mixtrial.studio.editor.fields.meanings import type_in_a_line
from mixtrial.studio.editor.fields.study_fields import part_fields, study_fields
from stimuli.page_types.registry import page_types

PLATFORM = Path(__file__).parents[1]
ROOMS = ("dashboard", "studio/pages", "studio/editor/pages", "studio/uploader")
"""Folders whose code writes what researchers read."""

FURTHER = ("preview/stations.py", "studio/editor/fields/sections.py")

_TEXT = re.compile(r"(?:[A-Z][a-z]+|[A-Za-z]\S* \S*[a-z]|\{\} \S*[a-z]).*", re.DOTALL)
_NO_TEXT = re.compile(
    r"[<>]|://|[a-z]-[a-z]+-\{|: \{|^[a-z_]+=|^[a-z-]+: |st-key|^mixtrial |\[data-"
)
"""HTML, addresses, keys, and names of files: texts that contain them are checked in pieces."""
_OWN_WORDS = ("LANGUAGE_NAMES",)
"""Constants whose words are the same in every language."""

_NAMES = frozenset(("key", "class", "type", "icon", "format", "media_type", "url_path", "name"))


def texts() -> list[str]:
    """All texts of the pages as in their code; ``{}`` is the placeholder for inserted values."""
    paths = [path for room in ROOMS for path in sorted((PLATFORM / room).rglob("*.py"))]
    paths += [PLATFORM / name for name in FURTHER]
    found = [text for path in paths for text in texts_of(path.read_text("utf-8"))]
    return [*dict.fromkeys((*found, *_of_types(), *_of_exports(), *_of_fields()))]


def texts_of(source: str) -> Iterator[str]:
    """Texts of one file: strings of words that are not docstrings, keys or comparisons."""
    yield from _walk(ast.parse(source))


def missing(language: str) -> list[str]:
    """Texts of the pages that have no translation in the language's files for pages and report."""
    known = {_bare(text) for text in pages_in(language).table("texts")}
    if language in report_texts.languages():
        known |= {_bare(text) for text in report_texts.catalogue(language).table("texts")}
    return [text for text in texts() if text not in known]


def _walk(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Raise() | ast.Import() | ast.ImportFrom():
            return
        case ast.Assign(targets=[ast.Name(id=name)]) if name in _OWN_WORDS:
            return
        case ast.keyword() if node.arg in _NAMES:
            return
        case ast.Compare() | ast.Subscript() | ast.MatchValue():
            return
        case ast.Constant(value=str()) | ast.JoinedStr():
            text = _text(node)
            if _TEXT.fullmatch(text) and not _NO_TEXT.search(text):
                yield text
            if isinstance(node, ast.JoinedStr):
                for part in node.values:
                    if isinstance(part, ast.FormattedValue):
                        yield from _walk(part.value)
        case _:
            for each in ast.iter_child_nodes(node):
                yield from _walk(each)


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return _bare(str(node.value))
    pieces = (each.value if isinstance(each, ast.Constant) else "{}" for each in node.values)
    return _bare("".join(map(str, pieces)))


def _bare(text: str) -> str:
    """A text without the names of its placeholders."""
    return re.sub(r"\{[^}]*\}", "{}", text)


def _of_types() -> Iterator[str]:
    for kind, options in page_types().items():
        yield type_in_a_line(kind)
        for name in ("trials_title", "trials_lead", "right_title"):
            if isinstance(text := getattr(options, name, ""), str) and text:
                yield text


def _of_fields() -> Iterator[str]:
    """Labels of keys in the editor."""
    waiting = [*study_fields(), *(each for name in page_types() for each in part_fields(name))]
    while waiting:
        field: Field = waiting.pop(0)
        yield field.label
        waiting += field.inner


def _of_exports() -> Iterator[str]:
    for each in exports().values():
        yield from (each.title, each.remark)


def main(language: str) -> None:
    """Print the texts that a language lacks, as lines for its file."""
    lines = [f'{json.dumps(text, ensure_ascii=False)} = ""' for text in missing(language)]
    sys.stdout.write("\n".join(["[texts]", *lines, ""]) if lines else "")


if __name__ == "__main__":
    main(sys.argv[1])
