"""Coverage and false positives of the models that may be primary, where spreads are unequal."""

import numpy as np
import pytest

from analysis.defaults import MODEL_NAMES
from analysis.validation.monte_carlo import rating_table, simulate
from analysis.validation.primary_models import UNEQUAL, primary_models, rates_of_models

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


@pytest.mark.slow
def test_unequal_spreads_keep_the_level_where_nothing_else_is_unequal() -> None:
    """U1: false positives .05 +- .015, coverage .95 +- .015, and the simulation's error."""
    rates = rates_of_models(UNEQUAL["U1"], DRAWS, seed=1, names=("lmm_unequal",))
    assert rates["lmm_unequal, first − last"] == pytest.approx(0.05, abs=0.015 + UNSURE)
    assert rates["lmm_unequal, coverage"] == pytest.approx(0.95, abs=0.015 + UNSURE)
