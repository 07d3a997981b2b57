"""Adjusted p-values against hand counts."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from analysis.statistics.multiplicity import adjusted

P = [0.01, 0.04, 0.03, 0.005]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("holm", [0.03, 0.06, 0.06, 0.02]),
        ("hochberg", [0.03, 0.04, 0.04, 0.02]),
        ("benjamini-hochberg", [0.02, 0.04, 0.04, 0.02]),
    ],
)
def test_adjustments_by_hand(method: str, expected: list[float]) -> None:
    """Sorted .005 .01 .03 .04 with factors 4 3 2 1 (Holm, Hochberg) or 4 2 4/3 1 (BH)."""
    assert adjusted(P, method) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("holm", "holm"),
        ("hochberg", "simes-hochberg"),
        ("benjamini-hochberg", "fdr_bh"),
        ("benjamini-yekutieli", "fdr_by"),
    ],
)
def test_adjustments_equal_statsmodels(ours: str, theirs: str) -> None:
    """Forty p-values with ties, in any order, to the last digit."""
    p = np.round(np.random.default_rng(1).uniform(0, 0.4, 40) ** 2, 3)
    assert adjusted(p, ours) == pytest.approx(multipletests(p, method=theirs)[1].tolist())


def test_a_test_that_was_not_done_does_not_count() -> None:
    """NaN stays NaN and the others are adjusted as if it were not there."""
    found = adjusted([0.02, float("nan"), 0.03])
    assert np.isnan(found[1])
    assert [found[0], found[2]] == pytest.approx([0.04, 0.04])


def test_unknown_methods_are_refused() -> None:
    """A misspelt method is an error, not no adjustment."""
    with pytest.raises(ValueError, match="no adjustment bonferoni"):
        adjusted(P, "bonferoni")
