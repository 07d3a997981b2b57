"""Coverage and false positives of the models that may be primary, where spreads are unequal."""

import numpy as np
import pytest

from analysis.defaults import MODEL_NAMES
from analysis.validation.looks import of_mean_squares
from analysis.validation.monte_carlo import rating_table, simulate
from analysis.validation.primary_models import (
    ALIKE,
    UNEQUAL,
    below_level,
    coverage_by_mean_squares,
    primary_models,
    rates_of_models,
)
from places import ROOT

DRAWS = 2000
# Two standard errors of a rate of .05 over so many draws.
UNSURE = 2 * np.sqrt(0.05 * 0.95 / DRAWS)


def test_simulated_systems_have_the_means_that_a_scenario_names() -> None:
    """U3: 88, 80, 70 and 88, the last with more spread than the first."""
    ratings = np.concatenate([simulate(UNEQUAL["U3"], seed) for seed in range(150)])
    assert ratings.mean(axis=(0, 1)) == pytest.approx([88, 80, 70, 88], abs=0.8)
    assert ratings[..., 3].std() > 1.2 * ratings[..., 0].std()


def test_every_model_answers_a_simulated_study() -> None:
    """One study: each gives every difference an interval, and they lie near each other."""
    rows = rating_table(simulate(UNEQUAL["U1"], 3))
    found = primary_models(rows, tuple(MODEL_NAMES))
    assert set(found) == set(MODEL_NAMES)
    differences = [tests.difference("s000", "s003") for tests in found.values()]
    lows, highs = zip(*(one.interval() for one in differences), strict=True)
    assert max(lows) < min(highs)


def test_differences_of_lmm_unequal_are_those_of_mean_squares() -> None:
    """In a complete design: what thousands of studies are counted by is what the model says."""
    ratings = simulate(UNEQUAL["U3"], 3)
    tests = primary_models(rating_table(ratings), ("lmm_unequal",))["lmm_unequal"]
    for a, b in ((0, 1), (0, 3), (1, 2)):
        mean, variance, df, _ = of_mean_squares(ratings[..., a] - ratings[..., b])
        found = tests.difference(f"s{a:03}", f"s{b:03}")
        assert (found.estimate, found.se) == pytest.approx((mean, np.sqrt(variance)))
        assert found.df == pytest.approx(df, rel=1e-5)


def test_equal_means_near_the_ceiling_are_not_told_apart_in_short() -> None:
    """U4, 150 studies: 93, 75, 55, 93, the last noisier; false positives and coverage."""
    rates = coverage_by_mean_squares(UNEQUAL["U4"], 150, seed=1)
    assert rates["first − last"] <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 150)
    assert rates["coverage"] == pytest.approx(0.95, abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(UNEQUAL))
def test_lmm_unequal_keeps_its_level_with_unequal_spread_and_unequal_means(name: str) -> None:
    """2,000 studies: false positives .05 +- .015, coverage .95 +- .015."""
    rates = coverage_by_mean_squares(UNEQUAL[name], DRAWS, seed=1)
    assert rates["first − last"] == pytest.approx(0.05, abs=0.015 + UNSURE)
    assert rates["coverage"] == pytest.approx(0.95, abs=0.015)
    assert rates["coverage of the worst pair"] >= 0.935 - UNSURE


def test_held_degrees_of_freedom_and_normal_differences_find_what_they_should_in_short() -> None:
    """U4, 300 studies: higher degrees of freedom find no fewer; normal differences keep .05."""
    found = below_level(UNEQUAL["U4"], 300, seed=1)
    assert found["the same, degrees of freedom held"] >= found["first − last"]
    unsure = 2 * np.sqrt(0.05 * 0.95 / 300)
    assert found["normal differences"] == pytest.approx(0.05, abs=unsure)


@pytest.mark.slow
def test_what_the_document_says_of_u4_comes_of_twenty_thousand_studies() -> None:
    """As it tells them, to three places."""
    found = below_level(UNEQUAL["U4"], 20_000, seed=1)
    own, held, normal = (f"{rate:.3f}".removeprefix("0") for rate in found.values())
    text = " ".join((ROOT / "docs" / "validation.md").read_text("utf-8").split())
    assert f"the rate of false positives in U4 is {own}, with a standard error of .001" in text
    assert f"and the same mean squares, the rate of false positives in U4 is {normal}." in text
    assert f"the rate is also {held}." in text


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ALIKE))
def test_the_ordinal_model_keeps_its_level_near_the_ceiling(name: str) -> None:
    """2,000 studies: two systems of one distribution among others, coverage over all six pairs."""
    rates = rates_of_models(ALIKE[name], DRAWS, seed=1, names=("ordinal",))
    assert rates["ordinal, first − last"] == pytest.approx(0.05, abs=0.015 + UNSURE)
    assert rates["ordinal, coverage"] == pytest.approx(0.95, abs=0.015)


@pytest.mark.slow
def test_the_ordinal_model_covers_what_is_true_in_short() -> None:
    """E4, 6 studies: of 36 intervals two are expected to miss."""
    rates = rates_of_models(ALIKE["E4"], 6, seed=1, names=("ordinal",))
    assert rates["ordinal, coverage"] >= 1 - 6 / 36
