"""Strong Bayes factors and claims of equivalence where they are false."""

import numpy as np
import pytest

from analysis.validation.claims import (
    AT_MARGIN,
    MARGIN,
    false_equivalence,
    strong_for_no_difference,
)
from analysis.validation.monte_carlo import SCENARIOS, simulate

DRAWS = 2000


def most(rate: float, n_draws: int) -> float:
    """A rate and two standard errors of it."""
    return rate + 2 * float(np.sqrt(rate * (1 - rate) / n_draws))


def test_systems_at_the_margin_differ_by_the_margin() -> None:
    """Two of 52.5, two of 47.5; within a few tenths over 40 studies."""
    ratings = np.concatenate([simulate(AT_MARGIN, seed) for seed in range(40)])
    means = ratings.mean(axis=(0, 1))
    assert means[:2].mean() - means[2:].mean() == pytest.approx(MARGIN, abs=0.3)


def test_equivalence_and_strong_evidence_are_seldom_false_in_short() -> None:
    """20 studies: what is equal is found so, what lies at the margin is not."""
    found = false_equivalence(20, seed=1)
    assert found["falsely equivalent, studies (Holm)"] <= most(0.05, 20)
    assert found["truly equivalent, pairs (Holm)"] > 0.4
    assert strong_for_no_difference(SCENARIOS["N1"], 20, seed=1)["BF10 > 10, pairs"] <= 0.05


@pytest.mark.slow
def test_strong_evidence_for_no_difference_is_at_most_one_percent_of_pairs() -> None:
    """2,000 studies in which songs and systems go together and no system is better."""
    assert strong_for_no_difference(SCENARIOS["N1"], DRAWS, seed=1)["BF10 > 10, pairs"] <= 0.01


@pytest.mark.slow
def test_equivalence_is_false_in_at_most_five_percent_of_studies() -> None:
    """2,000 studies, four pairs at the margin; each p alone would be false more often."""
    found = false_equivalence(DRAWS, seed=1)
    assert found["falsely equivalent, studies (Holm)"] <= most(0.05, DRAWS)
    assert found["falsely equivalent, studies (each p)"] > 0.1
