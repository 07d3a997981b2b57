"""Systems against 0: by R's lmerTest and emmeans, by scipy without a model, and when not at all."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.findings.attribute import Attribute
from analysis.findings.sections import rows_of
from analysis.results import analyse
from places import RATINGS

GOLDEN = json.loads((RATINGS / "golden_against_zero.json").read_text("utf-8"))


def ratings_of(n_participants: int, n_songs: int) -> pd.DataFrame:
    """The ratings of golden_against_zero.R, by the same formula, on a scale from -4 to 4."""
    rows = [
        {
            "participant": f"p{p}",
            "song": f"s{s}",
            "system": "abc"[k - 1],
            "attribute": "grade",
            "rating": (-1.0, -0.3, 0.1)[k - 1]
            + 0.5 * math.sin(3 * p + k)
            + 0.4 * math.cos(5 * s + 2 * k)
            + 0.3 * math.sin(7 * p * s + 11 * k),
        }
        for p in range(1, n_participants + 1)
        for s in range(1, n_songs + 1)
        for k in (1, 2, 3)
    ]
    return pd.DataFrame(rows).assign(scale_minimum=-4.0, scale_maximum=4.0)


def attribute_of(table: pd.DataFrame) -> Attribute:
    """Findings of the one attribute."""
    found = analyse(table, n_bootstrap=50).attributes["grade"]
    assert isinstance(found, Attribute)
    return found


def test_means_are_tested_against_0_as_r_tests_them() -> None:
    """Estimate, degrees of freedom, p and Holm's p of emmeans."""
    rows = rows_of(attribute_of(ratings_of(8, 6)).against_zero)
    assert [row.system for row in rows] == ["a", "b", "c"]
    for row, golden in zip(rows, GOLDEN, strict=True):
        half = stats.t.ppf(0.975, golden["df"]) * golden["SE"]
        assert row.estimate == pytest.approx(golden["emmean"], abs=1e-6)
        assert row.df == pytest.approx(golden["df"], rel=5e-4)
        assert row.p == pytest.approx(golden["p.value"], rel=5e-4)
        assert row.p_holm == pytest.approx(golden["p_holm"], rel=5e-4)
        assert row.ci_low == pytest.approx(golden["emmean"] - half, abs=1e-5)
        assert row.ci_high == pytest.approx(golden["emmean"] + half, abs=1e-5)


def test_without_a_model_participants_means_are_tested_by_students_t() -> None:
    """A single system has no model of systems: scipy's test of one sample."""
    table = ratings_of(8, 6).query("system == 'a'")
    [row] = rows_of(attribute_of(table).against_zero)
    of_people = table.groupby("participant")["rating"].mean()
    told = stats.ttest_1samp(of_people, 0.0)
    assert (row.estimate, row.p) == pytest.approx((np.mean(of_people), told.pvalue), rel=1e-9)
    assert row.df == 7


def test_a_scale_that_does_not_lie_evenly_around_0_has_no_such_test() -> None:
    """From 1 to 5, from 0 to 100 and from -2 to 10, 0 does not mean "equal"."""
    table = ratings_of(8, 6)
    for low, high in ((1.0, 5.0), (0.0, 100.0), (-2.0, 10.0)):
        moved = table.assign(rating=table["rating"] + 3.0, scale_minimum=low, scale_maximum=high)
        assert attribute_of(moved).against_zero is None
