"""Bradley-Terry, Thurstone and the exact binomial against published and hand-computed numbers."""

import numpy as np
import pytest
from scipy import stats

from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.paired_comparison import (
    better_than_guessing,
    bradley_terry,
    resampled_strengths,
)

# Agresti, Categorical Data Analysis, table 10.10: home and away games of 1987 together.
TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
GAMES = np.array(
    [
        [0, 7, 9, 7, 7, 9, 11],
        [6, 0, 7, 5, 11, 9, 9],
        [4, 6, 0, 7, 7, 8, 12],
        [6, 8, 6, 0, 6, 7, 10],
        [6, 2, 6, 7, 0, 7, 12],
        [4, 4, 5, 6, 6, 0, 6],
        [2, 4, 1, 3, 1, 7, 0],
    ]
)


def test_the_published_baseball_example() -> None:
    """Strengths over Baltimore as Agresti prints them: 1.58 1.44 1.29 1.25 1.11 0.68."""
    found = bradley_terry(GAMES, TEAMS)
    over = [found.difference(team, "Baltimore")[0] for team in TEAMS[:-1]]
    assert over == pytest.approx([1.58, 1.44, 1.29, 1.25, 1.11, 0.68], abs=0.006)
    assert found.deviance == pytest.approx(15.74, abs=0.01)
    assert found.df == 15
    boston_wins = stats.logistic.cdf(found.difference("Boston", "New York")[0])
    assert boston_wins == pytest.approx(0.46, abs=0.006)


@pytest.mark.parametrize(("link", "law"), [("logit", stats.logistic), ("probit", stats.norm)])
def test_two_systems_by_hand(link: str, law: stats.rv_continuous) -> None:
    """30 wins of 40: strength is the link of 3/4, its standard error follows from the counts."""
    found = bradley_terry([[0, 30], [10, 0]], ("a", "b"), link)
    estimate, low, high, p = found.difference("a", "b")
    assert estimate == pytest.approx(law.ppf(0.75))
    se = np.sqrt(0.75 * 0.25 / 40) / law.pdf(law.ppf(0.75))
    assert (high - low) / 2 == pytest.approx(1.959964 * se, rel=1e-6)
    assert p == pytest.approx(2 * stats.norm.sf(estimate / se))
    assert found.values.sum() == pytest.approx(0, abs=1e-12)


def test_a_system_that_won_everything_has_no_finite_strength() -> None:
    """Said, instead of a huge number with a huge error."""
    with pytest.raises(NotEstimableError, match="won or lost every comparison"):
        bradley_terry([[0, 5, 5], [0, 0, 3], [0, 2, 0]], ("a", "b", "c"))


def test_resampled_participants_widen_the_interval() -> None:
    """Twenty participants of fixed taste, ten comparisons each: far wider than 200 coins."""
    taste = np.array([1] * 13 + [0] * 7)
    wins = np.zeros((20, 2, 2))
    wins[:, 0, 1], wins[:, 1, 0] = 10 * taste, 10 * (1 - taste)
    drawn = resampled_strengths(wins, ("a", "b"), seed=1)
    low, high = np.percentile(drawn[:, 0] - drawn[:, 1], [2.5, 97.5])
    _, naive_low, naive_high, _ = bradley_terry(wins.sum(axis=0), ("a", "b")).difference("a", "b")
    # The share of 13 in 20 has a standard error of .107, on the logit scale .469.
    assert (high - low) / 3.92 == pytest.approx(0.469, rel=0.25)
    assert high - low > 2.5 * (naive_high - naive_low)


def test_abx_by_the_printed_table() -> None:
    """12 of 16 right: p = .0384; exact limits .476 and .927."""
    found = better_than_guessing(12, 16)
    assert found.p == pytest.approx(0.0384, abs=5e-5)
    assert (found.ci_low, found.ci_high) == pytest.approx((0.4762, 0.9273), abs=5e-5)


def test_limits_reach_the_ends() -> None:
    """None right: from 0; all right: to 1 and p = 2^-n; impossible counts are refused."""
    assert better_than_guessing(0, 10).ci_low == 0
    assert better_than_guessing(0, 10).p == 1
    assert better_than_guessing(10, 10).ci_high == 1
    assert better_than_guessing(10, 10).p == pytest.approx(2**-10)
    with pytest.raises(ValueError, match="between 0"):
        better_than_guessing(11, 10)
