"""Every public name of the house has a user: the program itself, or an example of the docs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import places

ROOT = places.ROOT
HOUSES = ("mixing", "stimuli", "db", "analysis", "platform")
FOUND_BY_NAME = {"commands", "migrations", "app"}
"""Rooms whose modules the command line, alembic and the server find by themselves."""


def modules() -> dict[str, ast.Module]:
    """Every module of the house by its dotted name."""
    paths = [path for house in HOUSES for path in (ROOT / house).rglob("*.py")]
    return {dotted(path): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def dotted(path: Path) -> str:
    """Name by which a file is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removeprefix("platform.")


def examples() -> Iterator[ast.Module]:
    """The blocks of Python in the docs, those left out that show a signature only."""
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S):
            try:
                yield ast.parse(block)
            except SyntaxError:
                continue


def definitions(module: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Public functions, classes and constants of a module, each with its statement."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [each.id for each in targets if isinstance(each, ast.Name)]
        else:
            continue
        yield from ((name, node) for name in names if not name.startswith("_"))


def is_used_at_home(name: str, statement: ast.stmt, module: ast.Module) -> bool:
    """Whether a module itself uses a name outside the statement that defines it."""
    return any(name in names_in(each) for each in module.body if each is not statement)


@cache
def names_in(statement: ast.stmt) -> frozenset[str]:
    """Names that a statement reads or sets."""
    return frozenset(node.id for node in ast.walk(statement) if isinstance(node, ast.Name))


def test_no_public_name_is_there_for_the_tests_alone() -> None:
    """Something in the program imports it, asks its module for it, or the docs show how."""
    trees = modules()
    imported: set[tuple[str, str]] = set()
    asked_for: set[str] = set()
    for tree in (*trees.values(), *examples()):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                imported |= {(node.module, alias.name) for alias in node.names}
            elif isinstance(node, ast.Attribute):
                asked_for.add(node.attr)
    unused = [
        f"{place}.{name}"
        for place, tree in trees.items()
        if not FOUND_BY_NAME & set(place.split("."))
        for name, statement in definitions(tree)
        if (place, name) not in imported and name not in asked_for
        if not is_used_at_home(name, statement, tree)
    ]
    assert unused == []
