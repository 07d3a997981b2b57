"""Descriptive statistics against hand counts and R."""

import numpy as np
import pandas as pd
import pytest

from analysis.findings.json_form import json_form
from analysis.ratings.descriptives import (
    bimodality,
    describe,
    describe_songs,
    mean_interval,
    skewness_and_kurtosis,
    tukey_hinges,
    within_half_widths,
)
from analysis.ratings.table import check_ratings, participant_means
from tests.analysis.golden_sets import golden_set


def table(rows: list[tuple[str, str, str, str, float]]) -> pd.DataFrame:
    """Checked table of one attribute from tuples."""
    frame = pd.DataFrame(rows, columns=["participant", "group", "song", "system", "rating"])
    return check_ratings(frame.assign(attribute="overall"))


@pytest.mark.parametrize(
    ("values", "hinges"),
    [
        ([1, 2, 3, 4], (1.5, 3.5)),
        ([5, 1, 4, 2, 3], (2, 4)),
        ([1, 2, 3, 4, 5, 6, 7], (2.5, 5.5)),
        ([7], (7, 7)),
    ],
)
def test_hinges_count_the_median_in_both_halves(
    values: list[float], hinges: tuple[float, float]
) -> None:
    """Tukey's hinges by hand, for even, odd and single samples."""
    assert tukey_hinges(values) == hinges


def test_intervals_count_participants_not_ratings() -> None:
    """Two participants with means 30 and 50: a t interval with one degree of freedom."""
    rows = table(
        [
            ("A", "p", "s", "x", 20),
            ("A", "p", "t", "x", 40),
            ("B", "p", "s", "x", 50),
            ("B", "p", "t", "x", 50),
        ]
    )
    found = json_form(describe(rows))
    assert len(found) == 1
    row = found[0]
    assert (row["n_participants"], row["n_ratings"], row["mean"]) == (2, 4, 40)
    half = 12.706204736 * np.sqrt(200 / 2)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((40 - half, 40 + half))
    assert (row["group"], row["system"], row["share_at_maximum"]) == (None, "x", 0)


def test_groups_follow_the_whole_panel_and_ends_of_the_scale_are_counted() -> None:
    """With two groups each system has three rows; shares at 0 and 100 are shares of ratings."""
    rows = table([("A", "p", "s", "x", 0), ("B", "q", "s", "x", 100), ("B", "q", "t", "x", 50)])
    found = {row["group"]: row for row in json_form(describe(rows))}
    assert list(found) == [None, "p", "q"]
    assert found[None]["share_at_minimum"] == pytest.approx(1 / 3)
    assert found["q"]["share_at_maximum"] == 0.5
    assert found["p"]["ci_low"] is None


def test_songs_are_described_one_by_one() -> None:
    """A cell is the mean of its participants."""
    rows = table([("A", "p", "s", "x", 10), ("B", "p", "s", "x", 30), ("A", "p", "t", "x", 70)])
    found = {(row["song"], row["system"]): row for row in json_form(describe_songs(rows))}
    assert found["s", "x"]["mean"] == 20
    assert found["s", "x"]["n"] == 2
    assert found["t", "x"]["mean"] == 70


def test_a_single_value_has_no_interval() -> None:
    """One participant: the limits do not exist."""
    assert np.isnan(mean_interval([4.0])).all()


def test_two_clusters_are_called_bimodal() -> None:
    """Two far clusters pass 5/9, a normal sample does not."""
    rng = np.random.default_rng(1)
    clusters = np.concatenate([rng.normal(20, 3, 60), rng.normal(80, 3, 60)])
    single = rng.normal(50, 10, 120)
    assert bimodality(120, *skewness_and_kurtosis(clusters)) > 5 / 9
    assert bimodality(120, *skewness_and_kurtosis(single)) < 5 / 9


@pytest.mark.parametrize("name", ["synthetic", "codec"])
def test_hinges_and_within_intervals_equal_r(name: str) -> None:
    """Medians, hinges and Cousineau-Morey half widths agree with R."""
    rows, answers = golden_set(name)
    golden = answers["extra"]
    found = {row["system"]: row for row in json_form(describe(rows)) if row["group"] is None}
    for system, expected in golden["itu_quartiles"].items():
        row = found[system]
        assert (row["median"], row["q1"], row["q3"]) == (
            expected["median"], expected["q1"], expected["q3"],
        )  # fmt: skip
    half = within_half_widths(participant_means(rows))
    for expected in golden["cousineau_morey"]:
        assert half[expected["system"]] == pytest.approx(expected["ci_half_cm"], rel=1e-10)
