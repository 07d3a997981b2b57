"""Sentences are drawn by a seed, by their kinds' shares; the draw that was graded is kept whole."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from places import ROOT
from tests.developing.readability import draw_seen
from tests.developing.readability.draw import COLUMNS, GRADES, SHARES, draw

KEPT = sorted(Path(__file__).parent.glob("graded-*.csv"))


def test_a_seed_draws_the_same_hundred_and_another_seed_others() -> None:
    """A hundred sentences, each kind as often as its share; none twice."""
    first, again, other = draw(1), draw(1), draw(2)
    assert first == again != other
    assert Counter(each.kind for each in first) == SHARES
    assert len(set(first)) == sum(SHARES.values()) == 100


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_draw_that_is_kept_is_graded_whole(path: Path) -> None:
    """Each of its hundred sentences has a grade."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [int(row["number"]) for row in rows] == list(range(1, 101))
    assert Counter(row["kind"] for row in rows) == SHARES
    assert {row["grade"] for row in rows} <= set(GRADES)


def test_the_docs_tell_the_grades_of_the_newest_draw() -> None:
    """docs/contributing.md has its date, its seed and its counts."""
    *_, newest = KEPT
    [(date, seed)] = re.findall(r"graded-([\d-]+)-seed-(\d+)", newest.stem)
    with newest.open(encoding="utf-8", newline="") as file:
        counts = Counter(row["grade"] for row in csv.DictReader(file))
    told = " ".join((ROOT / "docs" / "contributing.md").read_text("utf-8").split())
    shown = f"{counts['at once']} at once, {counts['twice']} twice and {counts['unclear']} unclear"
    assert f"The draw of {date} (seed {seed})" in told
    assert shown in told


def test_what_users_see_is_drawn_by_a_seed_and_its_graded_draw_is_kept_whole() -> None:
    """Twelve strings of each kind; each of the sixty that are kept has a grade."""
    drawn, [kept] = draw_seen.draw(1), sorted(Path(__file__).parent.glob("seen-*.csv"))
    each = dict.fromkeys(draw_seen.KINDS, draw_seen.OF_EACH)
    assert Counter(one.kind for one in drawn) == each
    with kept.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert Counter(row["kind"] for row in rows) == each
    assert {row["grade"] for row in rows} <= set(GRADES)
