"""The power that is planned is the power of rated and analysed studies, within two points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.methods.planned import RatingsToCome
from analysis.planning.believed import planned_model
from analysis.validation import planned_power
from analysis.validation.planned_power import (
    CLAIMS,
    PLANNED,
    Told,
    analysed,
    arms_planned_and_simulated,
    planned_shares,
    simulated_shares,
)
from analysis.validation.planned_studies import (
    SD,
    PlannedStudy,
    believed,
    latent_difference,
    rated,
    variances_of,
)

BY_MEAN_SQUARES = ("L1", "L2", "L3", "U1")


def within(planned: float, n: int) -> float:
    """Two points, and three standard errors of the simulated share beyond."""
    return 0.02 + 3 * float(np.sqrt(planned * (1 - planned) / n))


@pytest.mark.parametrize("name", ["L2", "U1"])
def test_planned_power_is_near_that_of_rated_studies(name: str) -> None:
    """250 studies: a short form of the slow test."""
    planned, simulated = planned_shares(PLANNED[name]), simulated_shares(PLANNED[name], 250)
    for claim in CLAIMS:
        assert simulated[claim] == pytest.approx(planned[claim], abs=within(planned[claim], 250))


def test_planned_power_of_arms_is_near_that_of_rated_studies() -> None:
    """500 studies of two arms."""
    for planned, simulated in arms_planned_and_simulated(500).values():
        assert simulated == pytest.approx(planned, abs=within(planned, 500))


def test_variances_of_a_pilot_are_those_that_were_drawn() -> None:
    """Exact for effects without noise: two crossed factors and their products by hand."""
    rng = np.random.default_rng(2)
    y = rng.normal(0, 3, (300, 1, 4)) + rng.normal(0, 5, (1, 400, 1)) + np.zeros((300, 400, 4))
    found = variances_of(y)
    assert found["participant:system"] == pytest.approx(9, rel=0.15)
    assert found["song"] == pytest.approx(25, rel=0.2)
    assert abs(found["residual"]) < 1e-9


def test_a_pilot_on_whole_steps_tells_the_latent_variances() -> None:
    """The loss by rounding and by the ends of 1 to 5 is given back: within 5 % of the draw."""
    study = PLANNED["O1"]
    given = RatingsToCome(believed(study), study.k, study.scale, study.scale.at(study.level))
    found = planned_model("ordinal", given).variance
    logits = np.pi / np.sqrt(3) / (100 * study.noise[0])
    for name, sd in SD.items():
        assert found[name] == pytest.approx((sd * logits) ** 2, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("name", BY_MEAN_SQUARES)
def test_planned_power_is_that_of_thousands_of_rated_studies(name: str) -> None:
    """8,000 studies each: one standard error of a share is half a point."""
    planned, simulated = planned_shares(PLANNED[name]), simulated_shares(PLANNED[name], 8000)
    assert simulated == pytest.approx(planned, abs=0.02)


@pytest.mark.slow
def test_planned_power_of_arms_is_that_of_thousands_of_rated_studies() -> None:
    """8,000 studies."""
    for planned, simulated in arms_planned_and_simulated(8000).values():
        assert simulated == pytest.approx(planned, abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["O1", "O2"])
def test_planned_power_of_the_ordinal_model_is_near_that_of_its_fits(name: str) -> None:
    """500 fitted studies each, some four minutes of one core.

    Beside the linear model their shares have half the error or less: that of 2,000 studies.
    """
    planned, simulated = planned_shares(PLANNED[name]), simulated_shares(PLANNED[name], 500)
    for claim in CLAIMS:
        assert simulated[claim] == pytest.approx(planned[claim], abs=within(planned[claim], 2000))


def test_luck_of_the_draw_is_taken_out_of_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Saying what the linear model says has its share of 200 studies, though 40 are fitted."""
    study, margin = PLANNED["O1"], 0.4

    def as_linear(study: PlannedStudy, y: Any, _pairs: Any, margin: float) -> tuple[Told, Told]:
        return analysed(study, y, margin, "lmm")

    monkeypatch.setattr(planned_power, "N_LINEAR", 200)
    monkeypatch.setattr(planned_power, "_by_fit", as_linear)
    shift = latent_difference(study) / 2
    found = [
        analysed(study, rated(study, [shift, 0, 0, -shift], 16, 6, 1 + draw), margin, "lmm")[0].p
        for draw in range(200)
    ]
    share = float(np.mean(np.array(found) < 0.05))
    assert simulated_shares(study, 40)["difference"] == pytest.approx(share)
