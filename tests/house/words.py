"""Words that this project does not use, found in docs, docstrings and comments.

The word list is the table of docs/style.md, its one home. Run by ``make lint``::

    python tests/house/words.py

Each find is printed with its line and the term to use. A row may allow some places that are left
over from before; their number can only fall. ``--list WORD`` prints the places of one row.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "style.md"
LIST = "## Word list"
OWN = ("docs/style.md", "tests/house/words.py", "tests/house/test_words.py")
"""Files that quote the words."""
NO_NOUNS = ("that", "of", "is", "at", "as", "to", "with", "has", "for", "in", "and", "or", "than",
            "by", "from", "on", "was", "which", "where", "whose", "needs", "a", "gets", "into",
            "without", "takes", "not")  # fmt: skip
"""Words that stand between "one" and "a" in a plain sentence: "one with a seed"."""
GENERATED = ("docs/report.md", "mixing/learning/weights/model_card.md")
"""Files whose sentences have another home."""


@dataclass(frozen=True)
class Row:
    """A row of the list: the term, the words that it replaces, and how many places are left."""

    term: str
    words: tuple[str, ...]
    left: int
    plain: tuple[str, ...] = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Any of the words; ``…`` is one word, ``^`` the beginning of a sentence's first line."""
        return re.compile("|".join(_pattern(word) for word in self.words))

    def is_in(self, line: str) -> bool:
        """Whether a line has one of the words apart from the phrases that are plain English."""
        for phrase in self.plain if self.pattern.search(line) else ():
            line = re.sub(_pattern(phrase), "", line)
        return self.pattern.search(line) is not None


def _pattern(word: str) -> str:
    if word.startswith("^"):
        return rf"^\W*{re.escape(word[1:])}\b"
    any_noun = rf"(?!(?:{'|'.join(NO_NOUNS)})\b)[\w-]+"
    first = f"[{word[0].upper()}{word[0]}]" if word[0].isalpha() else re.escape(word[0])
    return rf"\b{first}" + re.escape(word[1:]).replace(re.escape("…"), any_noun) + r"(?![\w-])"


def word_list(page: str) -> list[Row]:
    """Rows of the table under the heading; words are in backticks, plain phrases after "but"."""
    _, _, section = page.partition(LIST)
    rows = []
    for term, words in re.findall(
        r"^\| (?!term|---)([^|]+?) \| ([^|]+?) \|", section, re.MULTILINE
    ):
        left = re.search(r"\((\d+) left\)", words)
        wrong, _, plain = words.partition(" but ")
        found, kept = (tuple(re.findall(r"`([^`]+)`", each)) for each in (wrong, plain))
        rows.append(Row(term, found, int(left[1]) if left else 0, kept))
    return rows


def prose_of(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Lines of a file that a reader reads as prose, with their numbers from 1."""
    if path.endswith(".md"):
        yield from _outside_of_code(text)
    elif path.endswith(".py"):
        yield from _docstrings_and_comments(text)
    else:
        for number, line in enumerate(text.splitlines(), 1):
            if re.match(r"\s*(//|/?\*|#)", line):
                yield number, line


def _outside_of_code(text: str) -> Iterator[tuple[int, str]]:
    is_code = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            is_code = not is_code
        elif not is_code:
            yield number, line


def _docstrings_and_comments(text: str) -> Iterator[tuple[int, str]]:
    lines = text.splitlines()
    numbers = {at for at, line in enumerate(lines, 1) if re.search(r"(^|\s)# ", line)}
    for node in ast.walk(ast.parse(text)):
        body = getattr(node, "body", ())
        for child in body if isinstance(body, list) else ():
            is_text = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if is_text and isinstance(child.value.value, str):
                numbers |= set(range(child.lineno, child.end_lineno + 1))
    for number in sorted(numbers):
        yield number, lines[number - 1]


def files() -> list[str]:
    """Files of the repository that hold prose, but those that quote or repeat it."""
    listed = subprocess.run(
        ["git", "ls-files", "*.md", "*.py", "*.js", "*.css"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    return [path for path in listed if path not in (*OWN, *GENERATED) and (ROOT / path).is_file()]


def places(rows: list[Row], paths: list[str]) -> dict[str, list[str]]:
    """Places of each row's words, as ``path:line: text``, by the row's term."""
    found: dict[str, list[str]] = {row.term: [] for row in rows}
    for path in paths:
        for number, line in prose_of(path, (ROOT / path).read_text(encoding="utf-8")):
            for row in rows:
                if row.is_in(line):
                    found[row.term].append(f"{path}:{number}: {line.strip()}")
    return found


def faults(rows: list[Row], found: dict[str, list[str]]) -> list[str]:
    """Sentences for the rows with more places than are left."""
    told = []
    for row in rows:
        here = found[row.term]
        if len(here) > row.left:
            words = ", ".join(row.words)
            told.append(f"{len(here)} places (of {row.left}) with {words}; write: {row.term}")
            told += here if len(here) < 20 or not row.left else here[-5:]
    return told


def main() -> int:
    """Print what is wrong; 1 where anything is."""
    rows = word_list(PAGE.read_text(encoding="utf-8"))
    found = places(rows, files())
    if sys.argv[1:2] == ["--list"]:
        sys.stdout.writelines(f"{place}\n" for place in found[sys.argv[2]])
        return 0
    if sys.argv[1:2] == ["--count"]:
        sys.stdout.writelines(f"{len(here):5} {term}\n" for term, here in found.items())
        return 0
    wrong = faults(rows, found)
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
