"""Messages have the form of docs/style.md: a capital letter first, a full stop last."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from places import ROOT

HOUSES = ("mixing", "stimuli", "db", "analysis", "platform")
SAID = re.compile(r"^\s*(raise \w+\(|return (Placed\w+|refusal)\()", re.MULTILINE)
MOST_LINES = 16
FOR_PROGRAMMERS = ("AssertionError", "AttributeError", "KeyError", "TypeError")
PREDICATES = ("ProjectFileError",)
"""Its words go on behind the name of a file: "the file a.wav leads out of the project"."""
CODE = re.compile(r"[a-z]+_\w+|mixtrial\b")
"""First words that keep their small letter: a key, or the program."""
ENDS = (".", "?", "!", "…")


@cache
def statements() -> list[tuple[str, ast.Call]]:
    """Each call that says something, with its place as ``path:line``."""
    found = []
    for house in HOUSES:
        for path in sorted((ROOT / house).rglob("*.py")):
            found += list(_of(path))
    return found


def _of(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Statements of a file; each is parsed by itself, which is ten times as fast as the file."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    for match in SAID.finditer(source):
        at = source.count("\n", 0, source.index(match[1], match.start()))
        node = _parsed(lines[at : at + MOST_LINES])
        call = node.exc if isinstance(node, ast.Raise) else getattr(node, "value", None)
        if isinstance(call, ast.Call):
            yield f"{path.relative_to(ROOT).as_posix()}:{at + 1}", call


def _parsed(lines: list[str]) -> ast.stmt | None:
    for n in range(1, len(lines) + 1):
        try:
            return ast.parse(textwrap.dedent("\n".join(lines[:n]))).body[0]
        except SyntaxError:
            continue
    return None


def messages(call: ast.Call) -> Iterator[str]:
    """Texts of a call's arguments, both of a condition.

    ``…`` stands for what is filled in and may be a sentence, ``#`` for a name, a number or a list.
    """
    for argument in call.args:
        yield from _texts(argument)


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(map(_shown, node.values))


def _shown(part: ast.expr) -> str:
    if not isinstance(part, ast.FormattedValue):
        return ast.literal_eval(part)
    value = part.value
    is_list = isinstance(value, ast.Call) and ast.unparse(value.func).endswith(".join")
    is_plain = part.conversion == -1 and part.format_spec is None
    is_word = isinstance(value, ast.Name | ast.Call) and is_plain and not is_list
    return "…" if is_word else "#"


def fault(message: str) -> str:
    """Fault of a message's form; empty for none."""
    is_code = CODE.match(message) is not None
    if message[:1].islower() and not is_code:
        return "begins with a small letter"
    return "" if message.rstrip().endswith(ENDS) else "has no full stop"


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        ("There is no song 'a'.", ""),
        ("there is no song 'a'.", "begins with a small letter"),
        ("There is no song 'a'", "has no full stop"),
        ("songs_per_participant must be 2.", ""),
        ("…, line #: …", ""),
        ("There are #", "has no full stop"),
    ],
)
def test_a_fault_of_form_is_found(message: str, wrong: str) -> None:
    """A small letter and a missing stop are; a key may begin, and a whole sentence may end one."""
    assert fault(message) == wrong


def test_every_message_has_the_one_form() -> None:
    """All that is raised or refused with words, but errors of programmers and predicates."""
    left_out = (*FOR_PROGRAMMERS, *PREDICATES)
    wrong = [
        f"{place}: {message!r} {fault(message)}"
        for place, call in statements()
        if ast.unparse(call.func) not in left_out
        for message in messages(call)
        if fault(message)
    ]
    assert len(statements()) > 800
    assert wrong == []


def test_no_part_of_a_message_is_lost_behind_its_statement() -> None:
    """A text on the line after a whole assignment is a statement of its own: nobody reads it."""
    lost = re.compile(r'^ *\w+ = f?"[^"\n]*"\n +f?"(?!"")', re.MULTILINE)
    assert lost.search('    why = f"F {f}, not "\n    f"{floor}."\n')
    assert not lost.search('    why = (\n        "F, "\n        "not"\n    )\n')
    found = [
        path.relative_to(ROOT).as_posix()
        for house in HOUSES
        for path in sorted((ROOT / house).rglob("*.py"))
        if lost.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
