"""No page type's name stands outside its own two files, the methods about it, and migrations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

import places
from stimuli.page_types.registry import page_types

ROOT = places.ROOT
FRONTEND = ROOT / "platform/mixtrial/player/frontend"
HOUSES = ("mixing", "stimuli", "db", "analysis", "platform")
TYPES = frozenset(page_types())
OF_A_SUBJECT = {
    "analysis/trial_columns.py": "kinds of trials, each with its own analysis",
    "mixing/learning/training/checkpoint.py": "the best weights so far, which are no page",
    "platform/mixtrial/load/saves.py": "the message of another tool",
    "platform/mixtrial/imports/studies/readers/webmushra.py": "what another tool's pages are here",
    "platform/mixtrial/imports/webmushra/session_tables.py": "what another tool's pages are called",
    "platform/mixtrial/exports/studies/webmushra.py": "pages of ours as another tool has them",
    "platform/mixtrial/imports/studies/readers/golisten.py": "what another tool's pages are here",
    "platform/mixtrial/imports/studies/readers/waet.py": "what another tool's pages are here",
}
"""Files that may write such a name, and what it names there."""
USUAL = "stimuli/study/study.py"
"""A study without parts has one of this type: the one import of a type's file by its name."""


def python_files() -> list[Path]:
    """Files that ask page types, and may not name them."""
    return [
        path
        for house in HOUSES
        for path in sorted((ROOT / house).rglob("*.py"))
        if not {"migrations", "build", "node_modules"} & set(path.parts)
        and not (path.parent.name == "page_types" and path.stem in TYPES)
        and path.relative_to(ROOT).as_posix() not in OF_A_SUBJECT
    ]


def names_in(path: Path) -> Iterator[str]:
    """Page types that a file compares with, defaults to or imports; ``attributes`` is a word too.

    As a key it stands for the questions of a study, which have nothing to do with the type.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in TYPES - {"attributes"}:
            yield f"{node.value!r} in line {node.lineno}"
        elif isinstance(node, ast.Compare | ast.AnnAssign | ast.arguments):
            near = ast.dump(node)
            if "Constant(value='attributes')" in near and re.search(
                r"(attr|id|arg)='(page_)?type'", near
            ):
                yield f"'attributes' in line {getattr(node, 'lineno', 0)}"
        elif isinstance(node, ast.ImportFrom):
            package, _, name = (node.module or "").rpartition(".")
            if package == "stimuli.page_types" and name in TYPES:
                yield f"import of {node.module} in line {node.lineno}"


def test_no_python_file_names_a_page_type() -> None:
    """Whoever needs to know what depends on the type asks the type."""
    found = {
        path.relative_to(ROOT).as_posix(): list(names_in(path))
        for path in python_files()
        if path.relative_to(ROOT).as_posix() != USUAL
    }
    assert {path: names for path, names in found.items() if names} == {}


def test_one_file_names_the_type_of_a_study_without_parts() -> None:
    """The default has one home."""
    [named] = names_in(ROOT / USUAL)
    assert named.startswith("import of stimuli.page_types.attributes")


def test_no_other_javascript_and_no_style_names_a_page_type() -> None:
    """The player imports a type's file by the name that the page gives it."""
    names = "|".join(sorted(TYPES))
    files = [path for path in FRONTEND.rglob("*.*") if path.suffix in (".js", ".css")]
    others = [path for path in files if path.parent.name != "page_types" or path.stem not in TYPES]
    assert len(others) > 20
    for path in others:
        text = path.read_text(encoding="utf-8")
        found = re.findall(
            rf"""page_types/(?:{names})\.js|["'](?:{names})["']|\.(?:{names})\b(?=[^(]*{{)""", text
        )
        assert [name for name in found if name != '"attributes"'] == [], path


def test_no_text_for_participants_is_called_after_a_page_type() -> None:
    """Keys say what their words say, so that another type can use them."""
    for path in (ROOT / "platform/mixtrial/locales").glob("*.yaml"):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        keys = {word for part in ("survey", "player") for key in content[part]
                for word in key.split("_")}  # fmt: skip
        assert keys & TYPES <= {"attributes"}, path  # which is a word of its own


def test_no_template_of_the_report_asks_for_a_page_type() -> None:
    """It is told what the type's test is called."""
    for path in (ROOT / "analysis/report/templates").glob("*.j2"):
        assert re.search(r"\.type (?:==|!=|in|not in)", path.read_text(encoding="utf-8")) is None
