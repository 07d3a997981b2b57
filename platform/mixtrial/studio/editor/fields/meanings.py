"""Meaning of each key, in the words of docs/study-file.md and docs/pages.md.

Conventions
-----------
``meanings.yaml`` holds the tables of those pages by path, for installations without the docs; a
test holds it to them. Keys that only some page types have are explained in the docstring of the
type.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath

import yaml

from mixtrial.studio.editor.fields.field import Path
from stimuli.page_types.registry import page_types

TABLE = FilePath(__file__).with_name("meanings.yaml")

SHARED = "range"
"""A group that several groups have: its keys are explained once."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Default of a key, and its purpose, in Markdown."""

    default: str = ""
    text: str = ""


def meaning_of(path: Path) -> Meaning:
    """Documented facts about the key at a path; empty if the docs do not list it."""
    known = _meanings()
    if path not in known and SHARED in path[:-1]:
        path = path[path.index(SHARED) :]
    return known.get(path, Meaning())


@cache
def _meanings() -> Mapping[Path, Meaning]:
    told = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return {tuple(path.split(".")): Meaning(*cells) for path, cells in told.items()}


def type_in_a_line(page_type: str) -> str:
    """Description of a page type, from the first line of its file; empty for an unknown type."""
    options = page_types().get(page_type)
    module = sys.modules[options.__module__] if options else None
    line = (module.__doc__ or "").partition("\n")[0] if module else ""
    return line.partition(": ")[2] or line


def type_in_full(page_type: str) -> str:
    """Description of a page type's keys, in Markdown."""
    options = page_types().get(page_type)
    return inspect.cleandoc(options.__doc__ or "").replace("``", "`") if options else ""
