"""Looking ten times, or after every listener, finds no more than .05 that is not there."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from analysis.validation.looks import (
    false_anytime_findings,
    false_findings,
    false_findings_of_fits,
    rates,
)
from analysis.validation.monte_carlo import SCENARIOS


def most(n_draws: int) -> float:
    """The level and two standard errors of its rate."""
    return 0.05 + 2 * float(np.sqrt(0.05 * 0.95 / n_draws))


def test_ten_looks_hold_their_level_where_repeated_tests_do_not() -> None:
    """In short: songs like these, 60 studies."""
    found = rates(partial(false_findings, SCENARIOS["N1"]), 60)
    naive = found.pop("p < .05 at one of ten looks")
    assert all(rate <= most(60) for rate in found.values()), found
    assert naive > max(found.values())


def test_any_time_holds_its_level_where_repeated_tests_do_not() -> None:
    """In short: 100 studies of up to 200 listeners, looked at after each."""
    found = rates(partial(false_anytime_findings, SCENARIOS["N0"]), 100)
    assert found["confidence sequence"] <= most(100)
    assert found["p < .05 of a paired t after any listener"] > 0.15


@pytest.mark.slow
@pytest.mark.parametrize("name", ["N0", "N1", "N2", "N3", "N4"])
def test_ten_looks_hold_their_level(name: str) -> None:
    """500 studies each."""
    found = rates(partial(false_findings, SCENARIOS[name]), 500)
    found.pop("p < .05 at one of ten looks")
    assert all(rate <= most(500) for rate in found.values()), found


@pytest.mark.slow
def test_ten_looks_at_fitted_models_hold_their_level_over_six_pairs() -> None:
    """100 studies, the mixed model fitted ten times in each."""
    found = rates(partial(false_findings_of_fits, SCENARIOS["N1"]), 100)
    assert all(rate <= most(100) for rate in found.values()), found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["N0", "N2", "N3"])
def test_any_time_holds_its_level(name: str) -> None:
    """1,000 studies each, up to 200 listeners."""
    found = rates(partial(false_anytime_findings, SCENARIOS[name]), 1000)
    assert found["confidence sequence"] <= most(1000)
