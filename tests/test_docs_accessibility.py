"""docs/accessibility.md speaks of every criterion of WCAG 2.2, levels A and AA, once."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = (Path(__file__).parents[1] / "docs" / "accessibility.md").read_text("utf-8")
OF_LEVEL_A = """
1.1.1 1.2.1 1.2.2 1.2.3 1.3.1 1.3.2 1.3.3 1.4.1 1.4.2 2.1.1 2.1.2 2.1.4 2.2.1 2.2.2 2.3.1 2.4.1
2.4.2 2.4.3 2.4.4 2.5.1 2.5.2 2.5.3 2.5.4 3.1.1 3.2.1 3.2.2 3.2.6 3.3.1 3.3.2 3.3.7 4.1.2
"""
OF_LEVEL_AA = """
1.2.4 1.2.5 1.3.4 1.3.5 1.4.3 1.4.4 1.4.5 1.4.10 1.4.11 1.4.12 1.4.13 2.4.5 2.4.6 2.4.7 2.4.11
2.5.7 2.5.8 3.1.2 3.2.3 3.2.4 3.3.3 3.3.4 3.3.8 4.1.3
"""
"""The success criteria of https://www.w3.org/TR/WCAG22/."""
ROW = re.compile(r"^\| (\d\.\d\.\d+) \| [^|]+ \| (A+) \| ([^|]+) \| [^|]+ \| ([^|]+) \|$", re.M)


def test_every_criterion_is_answered_once_at_its_level() -> None:
    """31 of level A, 24 of level AA."""
    assert (len(OF_LEVEL_A.split()), len(OF_LEVEL_AA.split())) == (31, 24)
    rows = ROW.findall(PAGE)
    assert [number for number, level, *_ in rows if level == "A"] == OF_LEVEL_A.split()
    assert [number for number, level, *_ in rows if level == "AA"] == OF_LEVEL_AA.split()


def test_what_is_met_says_how_it_was_tested() -> None:
    """Each way of testing is explained; what was not tested or is not met is said below."""
    ways = set(re.findall(r"^\| (\w[\w ]*) \| [^|]+ \|$", PAGE, re.M)) - {"word"}
    open_ones = set()
    for number, _, standing, way in ROW.findall(PAGE):
        assert (standing == "met") == (way in ways), number
        if standing.startswith("not"):
            open_ones.add(number)
    told = PAGE[PAGE.index("**Not met**") : PAGE.index("## A statement")]
    assert set(re.findall(r"\d\.\d\.\d+", told)) == open_ones
