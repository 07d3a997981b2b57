"""Figures of choices between mixes show the intervals that the results hold."""

from __future__ import annotations

import math

from analysis.figures.style import Look
from analysis.figures.trials import said_different, strengths, thresholds
from analysis.findings.adaptive.thresholds import Threshold
from analysis.findings.discrimination.same_different import SameDifferent
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


def test_hits_and_false_alarms_stand_on_one_row_with_their_limits() -> None:
    """9 of 10 and 2 of 10; without same pairs the hits stand alone."""
    hits = {"n": 10, "n_different": 9, "share": 0.9, "ci_low": 0.5, "ci_high": 1.0}
    alarms = {"n": 10, "n_different": 2, "share": 0.2, "ci_low": 0.0, "ci_high": 0.6}
    row = {"hits": hits, "false_alarms": alarms}
    none = {"hits": hits, "false_alarms": {"n": 0, "n_different": 0}}
    pairs = [{"a": "x", "b": "y", **row}, {"a": "x", "b": "z", **none}]
    filled, hollow, _, empty, *_ = said_different(
        record(SameDifferent, overall=row, pairs=pairs)
    ).data
    assert (filled.x[0], filled.marker.symbol, hollow.x[0]) == (0.9, "circle", 0.2)
    assert hollow.marker.symbol == "circle-open"
    assert hollow.error_x.array[0] == 0.6 - 0.2
    assert math.isnan(empty.x[0])
    assert empty.error_x.array[0] == 0.0


def test_listeners_stand_among_the_levels_and_those_beyond_at_their_end() -> None:
    """Values fall with difficulty: beyond the hardest, 3, points to the left; a mean of tracks."""
    tracks = [
        {"participant": "P1", "by_reversals": 6.0, "beyond": ""},
        {"participant": "P1", "by_reversals": 4.5, "beyond": ""},
        {"participant": "P2", "by_reversals": 4.5, "beyond": ""},
        {"participant": "P2", "by_reversals": math.nan, "beyond": "hardest"},
        {"participant": "P3", "by_reversals": math.nan, "beyond": ""},
    ]
    mean = {"status": "ok", "mean": 5.0, "ci_low": 4.0, "ci_high": 6.5, "n_participants": 4}
    found = record(
        Threshold, tracks=tracks, levels=["a", "b", "c"], level_values=[9.0, 6.0, 3.0],
        unit="value", by_reversals=mean, by_curve=mean,
    )  # fmt: skip
    figure = thresholds(found)
    assert list(figure.data[0].x) == [5.25, 3.0]
    assert list(figure.data[0].marker.symbol) == ["circle", "triangle-left-open"]
    assert (figure.data[1].error_x.array[0], figure.data[1].error_x.arrayminus[0]) == (1.5, 1.0)
    assert list(figure.layout.xaxis.tickvals) == [9.0, 6.0, 3.0]
