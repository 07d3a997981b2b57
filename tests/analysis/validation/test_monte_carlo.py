"""False positives and power of the default tests in simulated studies; the long runs are slow."""

import numpy as np
import pytest

from analysis.validation.monte_carlo import (
    GROUP_SIZES,
    SCENARIOS,
    false_positive_groups,
    p_values,
    rejection_rates,
    simulate,
)

DRAWS = 600
# Two standard errors of a rate of .05 over so many draws.
UNSURE = 2 * np.sqrt(0.05 * 0.95 / DRAWS)
COMPANIONS = (
    "Friedman", "RM-ANOVA, Greenhouse-Geisser", "paired t", "Wilcoxon, exact", "sign-flip",
)  # fmt: skip
MODEL = ("LMM omnibus", "LMM pair", "LMM omnibus, Kenward-Roger")


def test_simulated_systems_have_equal_means_even_at_the_ceiling() -> None:
    """N3: mean 88 for every system although one is noisier; ratings are integers of the scale."""
    ratings = np.concatenate([simulate(SCENARIOS["N3"], seed) for seed in range(150)])
    assert ratings.mean(axis=(0, 1)) == pytest.approx([88] * 4, abs=0.6)
    assert ratings[..., 3].std() > 1.2 * ratings[..., 0].std()
    assert set(np.unique(ratings)) <= set(range(101))


def test_a_planted_difference_has_its_size() -> None:
    """P1: 8 points between the first and the last system."""
    ratings = np.concatenate([simulate(SCENARIOS["P1"], seed) for seed in range(150)])
    means = ratings.mean(axis=(0, 1))
    assert means[0] - means[-1] == pytest.approx(8, abs=1)


def test_every_default_test_gives_a_p_value() -> None:
    """One study: all p lie between 0 and 1; the same seed gives the same."""
    found = p_values(simulate(SCENARIOS["N0"], 5), 5)
    assert set(COMPANIONS) | set(MODEL) <= set(found)
    assert all(0 <= p <= 1 for p in found.values())
    assert p_values(simulate(SCENARIOS["N0"], 5), 5) == found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["N0", "N1", "N2", "N3", "N4"])
def test_the_mixed_model_keeps_its_level(name: str) -> None:
    """At most .05 + .015 false positives, give or take the simulation's own error."""
    rates = rejection_rates(SCENARIOS[name], DRAWS, seed=1)
    for test in MODEL:
        assert rates[test] <= 0.065 + UNSURE, (test, rates[test])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["N0", "N2"])
def test_the_companions_keep_their_level_for_fixed_songs(name: str) -> None:
    """Tests on listener means are within .05 +- .015 when the songs are the question."""
    rates = rejection_rates(SCENARIOS[name], DRAWS, seed=1)
    for test in COMPANIONS:
        assert 0.035 - UNSURE <= rates[test] <= 0.065 + UNSURE, (test, rates[test])


@pytest.mark.slow
def test_what_the_engine_warns_of_is_true() -> None:
    """Pooling and block tests invent differences; listener means do, for songs like these."""
    assert rejection_rates(SCENARIOS["N3"], 100, seed=1)["pooled Mann-Whitney (Li 2022)"] > 0.5
    rates = rejection_rates(SCENARIOS["N1"], 100, seed=1)
    assert rates["Friedman on listener x song blocks"] > 0.4
    assert rates["paired t"] > 0.12


@pytest.mark.slow
def test_real_differences_are_found() -> None:
    """Power as tabled: .49 for 5 points with fixed songs, .48 for 8 points with random songs."""
    assert rejection_rates(SCENARIOS["P0"], 300, seed=1)["paired t"] == pytest.approx(
        0.49, abs=0.12
    )
    assert rejection_rates(SCENARIOS["P1"], 300, seed=1)["LMM pair"] == pytest.approx(
        0.48, abs=0.12
    )


@pytest.mark.slow
def test_equal_groups_are_not_told_apart() -> None:
    """Group x system with sizes 10/10/10 and 14/9/7: both tests hold .05."""
    for sizes in GROUP_SIZES:
        for test, rate in false_positive_groups(sizes, 300, seed=1).items():
            assert rate <= 0.065 + 2 * np.sqrt(0.05 * 0.95 / 300), (sizes, test, rate)
