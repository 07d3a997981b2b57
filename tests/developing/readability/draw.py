"""A draw of 100 sentences that somebody then grades: read at once, read twice, or unclear.

``python -m tests.developing.readability.draw SEED > drawn.csv`` writes them with an empty column
``grade``. A kind of text has a fixed share, because docstrings alone would fill a draw in
proportion. A sentence that is not one (a name, a number, a piece of code) is not drawn.
"""

from __future__ import annotations

import ast
import csv
import io
import random
import re
import sys
import tokenize
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from places import ROOT

SHARES = {"docs": 30, "docstring": 25, "comment": 15, "help": 10, "error": 15, "README": 5}
GRADES = ("at once", "twice", "unclear")
COLUMNS = ("number", "kind", "place", "sentence", "grade")
HOUSES = ("mixing", "stimuli", "db", "analysis", "platform")
AVOIDED = "style.md"
"""Its tables have sentences to avoid in their first column."""
GENERATED = "report.md"
"""Its tables have a sentence in their first column, and conditions for the program behind it."""
FEWEST_WORDS = 4
END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`*\"(])")
ENTRY = re.compile(r"(?:^|\n)[\w, *]+\n(?= +\S)")
"""Names of parameters, on a line of their own above their indented description."""
NO_PROSE = re.compile(r"noqa|fmt: |type: |pragma|----|====| · |\[ |^>>>|^\.\.\.")


class Sentence(NamedTuple):
    """A sentence and the file that it is in, with its line where that is known."""

    kind: str
    place: str
    text: str


@cache
def sentences() -> list[Sentence]:
    """Every sentence that may be drawn, in the order of files; none twice in a file."""
    found = list(_of_pages())
    for house in HOUSES:
        for path in sorted((ROOT / house).rglob("*.py")):
            found += _of_python(path)
    return list(dict.fromkeys(each for each in found if _is_prose(each.text)))


def draw(seed: int) -> list[Sentence]:
    """As many sentences of each kind as its share."""
    every, chance = sentences(), random.Random(seed)
    return [
        each
        for kind, share in SHARES.items()
        for each in chance.sample([one for one in every if one.kind == kind], share)
    ]


def _is_prose(text: str) -> bool:
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"`[^`]*`", "", text))
    return len(words) >= FEWEST_WORDS and not NO_PROSE.search(text)


def _split(text: str) -> list[str]:
    """Sentences of a paragraph."""
    return [each.strip() for each in END.split(" ".join(text.split()))]


def _of_pages() -> Iterator[Sentence]:
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        kind = "README" if path.name == "README.md" else "docs"
        text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.S | re.M)
        text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
        text = re.sub(r"^(#.*|\|[-| ]+\|)$", "", text, flags=re.M)
        text = re.sub(r"^(\||[-*] |\d\. )", r"\n\n\1", text, flags=re.M)
        for block in re.split(r"\n\s*\n", text):
            parts = block.split(" | ") if block.startswith("|") else [block]
            first = 1 if path.name == AVOIDED and len(parts) > 1 else 0
            for part in parts[first : 1 if path.name == GENERATED else None]:
                plain = re.sub(r"^([-*>] |\d\. )", "", part.strip(" |\n"))
                yield from (Sentence(kind, path.relative_to(ROOT).as_posix(), each)
                            for each in _split(plain))  # fmt: skip


def _of_python(path: Path) -> Iterator[Sentence]:
    source, place = path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()
    tree = ast.parse(source)
    is_command = "commands" in path.parts

    def told(kind: str, line: int, text: str) -> Iterator[Sentence]:
        yield from (Sentence(kind, f"{place}:{line}", each) for each in _split(text))

    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            doc, line = ast.get_docstring(node) or "", getattr(node, "lineno", 1)
            named = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            kind = "help" if is_command and named and _is_called_with_options(node) else "docstring"
            for paragraph in re.split(r"\n\s*\n|\n(?=\S.*\n-+\n)", doc):
                for described in ENTRY.split(paragraph):
                    yield from told(kind, line, described)
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            yield from told("error", node.lineno, _text(node.exc.args[-1]))
        elif isinstance(node, ast.keyword) and node.arg == "help" and is_command:
            yield from told("help", node.value.lineno, _text(node.value))
    for line, comment in _comments(source):
        yield from told("comment", line, comment)


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """Comments with the line on which they begin; lines of one comment go together."""
    first, last, words = 0, 0, ""
    if "#" not in source:
        return
    for mark in tokenize.generate_tokens(io.StringIO(source).readline):
        if mark.type == tokenize.COMMENT:
            line, is_alone = mark.start[0], not mark.line[: mark.start[1]].strip()
            if is_alone and line == last + 1:
                words += " " + mark.string.lstrip("# ")
            else:
                yield first, words
                first, words = line, mark.string.lstrip("# ")
            last = line if is_alone else 0
    yield first, words


def _is_called_with_options(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and "typer." in ast.unparse(node.args)


def _text(node: ast.expr) -> str:
    """A text as it is in the source, with what is filled in as ``…``."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join("…" if isinstance(each, ast.FormattedValue) else _text(each)
                       for each in node.values)  # fmt: skip
    return ""


def write_drawn(drawn: Iterable[Sentence], write: Callable[[str], object]) -> None:
    """Write a draw as CSV, ungraded."""
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows((number, *each, "") for number, each in enumerate(drawn, 1))
    write(table.getvalue())


if __name__ == "__main__":
    write_drawn(draw(int(sys.argv[1])), sys.stdout.write)
