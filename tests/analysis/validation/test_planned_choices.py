"""Planned power of choices is that of answered and analysed studies, or a closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis.planning.preferred import (
    log_odds_of,
    order_rounds,
    pair_rounds,
    strength_power,
    strengths_drawn,
)
from analysis.validation.planned_choices import STUDIES, planned_shares, simulated_shares


def test_two_systems_without_tastes_or_ties_have_the_closed_form() -> None:
    """Log odds of a binomial share: variance 1 / (m p (1 - p)) of m answers of one listener."""
    known = {"share": 0.62, "taste_sd": 0.0}
    drawn = strengths_drawn(20_000, 2, known, 1)
    rng = np.random.default_rng(2)
    df, se = 29, np.sqrt(1 / (30 * 4 * 0.62 * 0.38))
    t, far = stats.t.isf(0.025, df), np.log(0.62 / 0.38) / se
    power = stats.nct.sf(t, df, far) + stats.nct.cdf(-t, df, far)
    for rounds in (pair_rounds(drawn, [(0, 1)], 0.0, rng), order_rounds(drawn, 1, rng)):
        found = strength_power(rounds, 2)
        assert found.theta[0] == pytest.approx(np.log(0.62 / 0.38))
        assert found.of_pair(30, 4, 0.05) == pytest.approx(power, abs=0.01)
        assert found.of_all(30, 4) == pytest.approx(power, abs=0.01)  # F is t squared


def test_tastes_leave_the_share_that_was_asked_for() -> None:
    """The mean over listeners: 2,000,000 of them drawn."""
    spread = np.random.default_rng(3).normal(0, np.sqrt(2) * 1.5, 2_000_000)
    share = 1 / (1 + np.exp(-(log_odds_of(0.7, 1.5) + spread)))
    assert share.mean() == pytest.approx(0.7, abs=0.001)


def test_planned_power_is_near_that_of_answered_studies() -> None:
    """60 studies: a short form of the slow test, within three standard errors and two points."""
    for planned, simulated in zip(
        planned_shares(STUDIES["P1"]), simulated_shares(STUDIES["P1"], 60), strict=True
    ):
        error = 3 * np.sqrt(planned * (1 - planned) / 60)
        assert simulated == pytest.approx(planned, abs=0.02 + error)


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_planned_power_is_that_of_thousands_of_answered_studies(name: str) -> None:
    """2,000 studies each, within two points and two standard errors of a share."""
    planned, simulated = planned_shares(STUDIES[name]), simulated_shares(STUDIES[name], 2000)
    for ours, theirs in zip(planned, simulated, strict=True):
        error = 2 * np.sqrt(ours * (1 - ours) / 2000)
        assert theirs == pytest.approx(ours, abs=0.02 + error)
