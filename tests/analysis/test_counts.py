"""Counts in sentences of the report: one thing is told in the singular, wherever it is counted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

import analysis.report
from analysis.wording import Wording

TEMPLATES = Path(analysis.report.__file__).parent / "templates"
BARE = re.compile(r"style=\"count\"\) \}\}\s+((?:[a-z-]+ )?[a-z-]+s)\b(?! of\b)")
NEVER_ONE = {
    "simulated studies",  # a plan draws a hundred at least
    "participants are",  # a warning of few
    "arms", "groups",  # told from two on
    "degrees", "s", "is", "was",
}  # fmt: skip
"""Words after a count that need no singular, or are none."""


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.j2")), ids=lambda path: path.name)
def test_every_count_with_a_noun_has_a_singular(template: Path) -> None:
    """A number before a plural is written by ``counted``, so that 1 is followed by one thing."""
    found = BARE.findall(template.read_text(encoding="utf-8"))
    bare = [words for words in found if not {words, *words.split()} & NEVER_ONE]
    assert not bare


@pytest.mark.parametrize(
    ("value", "noun", "words"),
    [(0, "participant", "0 participants"), (1, "participant", "1 participant"),
     (2, "ABX trial", "2 ABX trials"), (1, "song", "1 excerpt"), (0, "song", "0 excerpts")],
)  # fmt: skip
def test_what_is_counted(value: int, noun: str, words: str) -> None:
    """None and several are plural, in the words of the study."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    told = {"number": lambda n, **_: str(n), "wording": Wording("excerpt", "excerpts")}
    macros = environment.get_template("macros.html.j2").make_module(told)
    assert " ".join(str(macros.counted(value, noun)).split()) == words  # type: ignore[attr-defined]
    verb = str(macros.is_are(value)).strip()  # type: ignore[attr-defined]
    assert verb == ("is" if value == 1 else "are")
