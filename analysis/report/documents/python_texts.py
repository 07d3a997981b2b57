"""Sentences in the Python code of the analysis, and the conditions under which each is printed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from analysis.report.documents.template_texts import Conditions, Sentence

ANALYSIS = Path(__file__).parents[2]
_ELSEWHERE = ("validation", "planning")
"""Rooms whose sentences no report prints."""


def python_sentences() -> list[Sentence]:
    """Sentences of all files of the package, sorted by file and line."""
    found: list[Sentence] = []
    for path in sorted(ANALYSIS.rglob("*.py")):
        name = path.relative_to(ANALYSIS)
        if name.parts[0] not in _ELSEWHERE:
            found += sentences_of_module(path.read_text("utf-8"), name.as_posix())
    return found


def sentences_of_module(source: str, name: str) -> list[Sentence]:
    """Sentences of one file, without the messages of errors that end the program."""
    return [*_walk(ast.parse(source), name, ())]


def _walk(node: ast.AST, place: str, given: Conditions) -> Iterator[Sentence]:
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            place = f"{place.split(' · ')[0]} · {node.name}"
            yield from _all(node.body, place, given)
        case ast.If() | ast.IfExp():
            test = ast.unparse(node.test)
            yield from _all(node.body, place, (*given, test))
            yield from _all(node.orelse, place, (*given, f"not ({test})"))
        case ast.Dict():
            for key, value in zip(node.keys, node.values, strict=True):
                own = (*given, str(key.value)) if isinstance(key, ast.Constant) else given
                yield from _walk(value, place, own)
        case ast.Raise() if not _is_told(node):
            return
        case ast.Expr(value=ast.Constant()):  # a docstring
            return
        case ast.Constant(value=str()) | ast.JoinedStr():
            text = _text(node)
            if _is_sentence(text):
                yield Sentence(place, text, given)
        case _:
            yield from _all(list(ast.iter_child_nodes(node)), place, given)


def _all(
    part: ast.AST | list[ast.AST] | list[ast.stmt],
    place: str,
    given: Conditions,
) -> Iterator[Sentence]:
    for node in part if isinstance(part, list) else [part]:
        yield from _walk(node, place, given)


def _is_told(node: ast.Raise) -> bool:
    """Whether the text of an error is printed as the reason why a section is missing."""
    return isinstance(node.exc, ast.Call) and ast.unparse(node.exc.func) == "NotEstimableError"


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(each) for each in node.values)
    if isinstance(node, ast.Constant):
        return str(node.value)
    named = [each.id for each in ast.walk(node) if isinstance(each, ast.Name)]
    named += [each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)]
    return "{" + (named[-1] if named else "…") + "}"


def _is_sentence(text: str) -> bool:
    """Whether a text ends as a sentence ends, or ends with another, inserted sentence."""
    ends = re.match(r"[A-Z{\"].*\.$|[A-Z].*\. \{\w+\}$", text, re.DOTALL)
    return bool(ends) and len(text.split()) > 2
