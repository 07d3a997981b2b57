"""The word list of docs/style.md, which ``make lint`` enforces, finds what it is to find."""

from __future__ import annotations

import re

import pytest

from places import ROOT
from tests.house.words import PAGE, Row, faults, places, prose_of, word_list

STYLE = PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("term", "wrong", "right"),
    [
        ("one row per participant", "One row a song.", "One row per song, one with a seed."),
        ("trained", "networks taught by songs", "trained networks; untaughtness"),
        ("polarity-inverted", "tones turned by 180° in an ear", "tones turned by 90°"),
        ("the stimulus being played", "only what sounds is rated", "what sounds_like tells"),
        ("is in", "It stands in the table.", "It stands first; understand instead."),
        ("a noun or a verb first", '"""What a page holds.', "It says what a page holds. What is"),
        ("is not", "x is no answer", "x is not an answer, is none, is nothing"),
        ("is not", "there is no y, and x is no answer", "There is no answer; it is no longer one."),
    ],
)
def test_a_word_of_the_list_is_found_and_its_neighbours_are_not(
    term: str, wrong: str, right: str
) -> None:
    """One sentence each way for every row that has a trap."""
    (row,) = (row for row in word_list(STYLE) if row.term == term)
    assert row.is_in(wrong)
    assert not row.is_in(right)


def test_only_prose_is_read() -> None:
    """Docstrings and comments of Python, text outside of code blocks; never code or a message."""
    python = '"""Doc."""\nx = "taught"  # why\ndef f():\n    """More\n    lines."""\n'
    assert [number for number, _ in prose_of("a.py", python)] == [1, 2, 4, 5]
    assert [line for _, line in prose_of("a.md", "a\n```\ntaught\n```\nb")] == ["a", "b"]


def test_more_places_than_are_left_is_a_fault() -> None:
    """At the number it passes; one more is told with its places."""
    row = Row("trained", ("taught",), 1)
    assert faults([row], {"trained": ["a.md:1: taught"]}) == []
    told = faults([row], {"trained": ["a.md:1: taught", "b.md:2: taught"]})
    assert told[0] == "2 places (of 1) with taught; write: trained"
    assert "b.md:2: taught" in told


def test_the_style_guide_has_twenty_pairs_and_its_list_is_enforced() -> None:
    """The page's pairs are counted; the menu runs the list; a planted word is found in a file."""
    pairs = STYLE.partition("## Word list")[0]
    rows = re.findall(r"^\| (?!before|---).+ \| .+ \|$", pairs, re.MULTILINE)
    assert len(rows) >= 20
    assert "tests/house/words.py" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert places([Row("x", ("Doubtful participants",), 0)], ["docs/style.md"])["x"]
