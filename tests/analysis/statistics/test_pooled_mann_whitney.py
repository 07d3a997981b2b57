"""Li's (2022) pooled Mann-Whitney test, held against its published numbers."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.findings.json_form import json_form
from analysis.statistics.pooled_mann_whitney import (
    POOLING_WARNING,
    mann_whitney,
    mann_whitney_from_counts,
    pooled_pairs,
)
from places import RATINGS

COUNTS = json.loads((RATINGS / "li2022_counts.json").read_text())
PAIRS = [
    ("random", "baseline"),
    ("random", "cnn"),
    ("random", "human"),
    ("baseline", "cnn"),
    ("baseline", "human"),
    ("cnn", "human"),
]
# U of the first-named system and p, pairs in the order above.
PUBLISHED = {
    "level": "77459.5/2.26e-10 76245.0/2.77e-11 56680.0/4.96e-32 99500.0/.638 75593.5/7.41e-12 "
    "76941.5/8.15e-11",
    "eq": "85764.5/3.58e-5 88601.5/6.86e-4 60244.5/2.17e-27 104529.5/.380 73297.0/1.27e-13 "
    "70593.5/4.01e-16",
    "compression": "86432.5/6.41e-5 93365.5/.0335 66872.0/3.60e-20 108557.5/.0475 "
    "79948.0/8.87e-9 73098.0/3.65e-14",
    "reverb": "83308.5/1.78e-6 83195.0/1.43e-6 55741.5/4.42e-33 101947.0/.851 66665.0/4.03e-20 "
    "66265.0/1.47e-20",
    "overall": "75335.5/3.82e-12 78032.5/4.13e-10 50579.5/9.27e-41 105402.5/.261 "
    "70138.5/1.42e-16 64741.0/2.09e-22",
}
PUBLISHED_OVERALL_P = {
    "professional": [1.11e-4, 2.97e-3, 1.49e-15, 0.328, 1.16e-7, 1.90e-10],
    "hobbyist": [6.03e-8, 6.58e-10, 1.88e-21, 0.591, 2.56e-8, 6.04e-8],
    "inexperienced": [4.66e-3, 0.258, 1.40e-8, 0.0272, 3.98e-4, 3.86e-8],
}


@pytest.mark.parametrize("attribute", PUBLISHED)
def test_every_pair_of_every_attribute_equals_li2022s_table(attribute: str) -> None:
    """U is exact, p agrees to its printed three digits."""
    for (a, b), cell in zip(PAIRS, PUBLISHED[attribute].split(), strict=True):
        expected_u, expected_p = (float(part) for part in cell.split("/"))
        u, p = mann_whitney_from_counts(
            COUNTS["total"][a][attribute], COUNTS["total"][b][attribute]
        )
        assert u == expected_u
        assert p == pytest.approx(expected_p, rel=5e-3)


@pytest.mark.parametrize("stratum", PUBLISHED_OVERALL_P)
def test_every_group_of_listeners_equals_li2022s_table(stratum: str) -> None:
    """The overall quality in each group gives the printed p."""
    for (a, b), expected in zip(PAIRS, PUBLISHED_OVERALL_P[stratum], strict=True):
        _, p = mann_whitney_from_counts(
            COUNTS[stratum][a]["overall"], COUNTS[stratum][b]["overall"]
        )
        assert p == pytest.approx(expected, rel=5e-3)


def test_groups_add_up_to_the_total() -> None:
    """The counts themselves are copied right: the three groups sum to the total, 450 a column."""
    for system, attributes in COUNTS["total"].items():
        for attribute, counts in attributes.items():
            groups = [COUNTS[name][system][attribute] for name in PUBLISHED_OVERALL_P]
            assert np.sum(groups, axis=0).tolist() == counts
            assert sum(counts) == 450


def test_rows_give_the_same_as_counts() -> None:
    """Long ratings, spelt out from the counts, give U = 105402.5 and p = .261."""
    steps = [0, 25, 50, 75, 100]
    rows = pd.concat(
        pd.DataFrame({"system": name, "rating": np.repeat(steps, COUNTS["total"][name]["overall"])})
        for name in ("human", "random", "cnn", "baseline")
    )
    found = {(row["a"], row["b"]): row for row in json_form(pooled_pairs(rows))}
    assert next(iter(found)) == ("baseline", "cnn")
    pair = found["baseline", "cnn"]
    assert (pair["u"], pair["n_a"], pair["n_b"]) == (105402.5, 450, 450)
    assert pair["p"] == pytest.approx(0.261, abs=5e-4)
    assert found["cnn", "random"]["u"] == 202500 - 78032.5


def test_unequal_samples_agree_with_scipy() -> None:
    """An untied and a tied sample agree with scipy's asymptotic test to the last digits."""
    rng = np.random.default_rng(3)
    for a, b in (
        (rng.normal(size=13), rng.normal(0.5, size=29)),
        (rng.integers(0, 5, 40), rng.integers(1, 6, 17)),
    ):
        expected = stats.mannwhitneyu(a, b, method="asymptotic")
        u, p = mann_whitney(a, b)
        assert u == expected.statistic
        assert p == pytest.approx(expected.pvalue, rel=1e-12)


def test_equal_ratings_are_no_difference() -> None:
    """All ratings the same: U is half of the pairs and p is 1, not a division by zero."""
    assert mann_whitney([50, 50, 50], [50, 50]) == (3.0, 1.0)


def test_a_system_without_ratings_is_refused() -> None:
    """Counts that sum to nothing cannot be tested."""
    with pytest.raises(ValueError, match="need ratings"):
        mann_whitney_from_counts([0, 0], [1, 2])


def test_the_profile_says_what_is_wrong_with_it() -> None:
    """The sentence names dependence, multiplicity and the missing conclusion."""
    for word in ("independent", "many pairs", "comparable"):
        assert word in POOLING_WARNING
