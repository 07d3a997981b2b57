"""Figures of choices between mixes show the intervals that the results hold."""

from __future__ import annotations

import math

from analysis.figures.style import Look
from analysis.figures.trials import strengths
from analysis.findings.trials import Preference
from finding_records import record


def entry(low: float, high: float) -> Preference:
    """Results of one comparison, with the interval of its first system."""
    rows = [
        {"system": "a", "strength": -0.5, "ci_low": low, "ci_high": high},
        {"system": "b", "strength": 0.5, "ci_low": 0.25, "ci_high": 1.0},
    ]
    wins = [{"system": "a", "total": 4}, {"system": "b", "total": 9}]
    return record(Preference, bradley_terry={"strengths": rows}, wins=wins, n_participants=13)


def test_an_interval_that_ends_at_zero_is_drawn_to_zero() -> None:
    """Zero is an end like any other: from −0.5 up to 0 and down to −1."""
    dot = strengths(entry(-1.0, 0.0), Look(("a", "b"))).data[0]
    assert (dot.error_x.array[0], dot.error_x.arrayminus[0]) == (0.5, 0.5)


def test_an_end_that_could_not_be_estimated_is_left_out() -> None:
    """The dot stands alone on that side."""
    dot = strengths(entry(math.nan, math.nan), Look(("a", "b"))).data[0]
    assert (dot.error_x.array[0], dot.error_x.arrayminus[0]) == (0.0, 0.0)
