"""Plans made beside a difference and equivalence: one-sided claims, arms, other models."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import mixtrial
from analysis.methods.latent_ratings import LatentRatings
from analysis.methods.planned import PlannedModel, RatingsToCome
from analysis.mixed_model.power import (
    DEFAULT_VARIANCE,
    difference_df,
    difference_se,
    power_of_equivalence,
    power_of_one_sided,
)
from analysis.planning.advice import advice, sentences
from analysis.planning.arms import in_one_system, over_all_systems
from analysis.planning.believed import default_variance, fitted_spreads, planned_model
from analysis.planning.claims import claim_to_show
from analysis.planning.grid import Size
from analysis.scale import Scale
from analysis.statistics.one_sided import Claim

MILD = {"participant": 100.0, "participant:system": 60.0, "song:system": 8.0, "residual": 200.0}


def test_power_of_a_claim_is_that_of_the_printed_tables() -> None:
    """Julious (2004): 80 % at .025 where the edge lies z(.975) + z(.8) standard errors away."""
    away = float(stats.norm.ppf(0.975) + stats.norm.ppf(0.8))
    assert power_of_one_sided(away, 1.0, 1e6, 0.025) == pytest.approx(0.80, abs=1e-3)
    assert power_of_one_sided(0.0, 1.0, 20, 0.025) == pytest.approx(0.025)
    assert power_of_one_sided(100.0, 1.0, 20, 0.025) == 1.0


def test_equal_systems_are_not_inferior_as_often_as_a_difference_of_the_margin_is_found() -> None:
    """A one-sided test at .025 is half of one at .05; superiority counts from its margin on."""
    model = PlannedModel(MILD, 4)
    given = [
        claim_to_show(Claim.NON_INFERIORITY, 6.0, 6.0, 0.025, "new", "old"),
        claim_to_show(Claim.SUPERIORITY, 2.0, 6.0, 0.025),
    ]
    found = advice(model, 20, 20, 6.0, 6.0, claims=given)
    assert [one.n_participants for one in found.claims] == [found.n_for_difference] * 2
    told = sentences(found)
    n = found.n_for_difference
    assert told[2] == (
        f"With 20 songs like these, {n} participants give a chance of 80 % for new to be shown not "
        "inferior to old by the margin of 6 points, if the two are equal."
    )
    assert "by more than 2 points, with a true difference of 8 points" in told[3]


def test_arms_need_the_participants_of_two_independent_samples() -> None:
    """Cohen: d = .5, two-sided .05: 64 a group give .80. Taste alone varies, songs cancel."""
    only_people = {"participant": 100.0, "song": 50.0, "song:system": 70.0, "residual": 0.0}
    found = over_all_systems(only_people, 64, 2, 8, 4)
    assert (found.se, found.df) == (pytest.approx(np.sqrt(2 * 100 / 64)), 126)
    alone = in_one_system(MILD | {"participant:song": 30.0}, 10, 2, 5, 3)
    assert alone.se == pytest.approx(np.sqrt(2 * (100 + 60 + 30 / 5 + 200 / 5) / 10))


def test_arms_are_told_in_participants_of_all_arms() -> None:
    """Two arms, three systems: four contrasts are tested together; a fewest number is even."""
    found = mixtrial.plan(3, 10, variance=MILD, difference=10, n_arms=2)
    assert found.arms is not None
    assert (found.arms.n_tests, found.arms.alpha) == (4, 0.0125)
    n = found.arms.n_over_all_systems
    assert n is not None
    assert n % 2 == 0
    over = over_all_systems(MILD, n // 2, 2, 10, 3)
    fewer = over_all_systems(MILD, n // 2 - 1, 2, 10, 3)
    wanted = 10 / over.se - stats.t.isf(0.0125 / 2, over.df)
    assert stats.norm.cdf(wanted) == pytest.approx(0.8, abs=0.03)
    assert fewer.se > over.se
    assert f"split over 2 arms, {n} participants in all" in sentences(found)[-1]


def test_a_rating_without_random_effects_has_whitehead_s_information() -> None:
    """(1 - sum p^3) / 3, whatever the bands."""
    thresholds = np.array([-1.3, 0.2, 0.9])
    p = np.diff(stats.logistic.cdf(thresholds), prepend=0, append=1)
    found = LatentRatings(thresholds, np.arange(4.0)).information()
    assert found == pytest.approx((1 - np.sum(p**3)) / 3, rel=1e-10)


def test_latent_ratings_have_the_variances_that_were_believed() -> None:
    """A hundred thousand ratings drawn from them: residual and random variance in points."""
    from analysis.methods.latent_ratings import latent_ratings

    scale, rng = Scale(1, 5, 1), np.random.default_rng(5)
    believed = {"participant:system": 0.3, "song:system": 0.1, "residual": 0.5}
    values = np.arange(1.0, 6.0)
    found, random = latent_ratings(
        RatingsToCome(believed, 4, scale, 3.5), (np.arange(4) + 0.5) / 4, values
    )
    effect = rng.normal(0, np.sqrt(sum(random.values())), (20_000, 1))
    latent = effect + rng.logistic(0, 1, (20_000, 40))
    y = values[np.searchsorted(found.thresholds, latent)]
    assert y.var(axis=1, ddof=1).mean() == pytest.approx(0.5, rel=0.02)
    slope = np.cov(y.mean(axis=1), effect[:, 0])[0, 1] / effect.var()
    assert slope**2 * random["song:system"] == pytest.approx(0.1, rel=0.03)
    assert y.mean() == pytest.approx(3.5, abs=0.03)
    assert found.to_points(found.from_points(0.4)) == pytest.approx(0.4)


def test_models_are_planned_by_what_they_make_of_ratings() -> None:
    """Two systems alone with the widest spreads; logits; a model that there is not."""
    spreads = {"a": 10.0, "b": 20.0, "c": 16.0}
    alone = planned_model("lmm_unequal", RatingsToCome(MILD, 3, residual_sd=spreads))
    assert (alone.n_systems, alone.variance["residual"]) == (2, (400 + 256) / 2)
    ordinal = planned_model("ordinal", RatingsToCome(DEFAULT_VARIANCE, 4))
    assert 3.0 < ordinal.variance["residual"] < 3.2
    with pytest.raises(ValueError, match=r"There is no model 'anova'; choose lmm, lmm_unequal"):
        planned_model("anova", RatingsToCome(MILD, 3))
    with pytest.raises(ValueError, match="at most 12 systems; plan 13 systems with the model lmm"):
        planned_model("lmm_unequal", RatingsToCome(MILD, 13))
    with pytest.raises(ValueError, match="at most 24 systems; plan 25 systems with the model lmm"):
        planned_model("ordinal", RatingsToCome(MILD, 25))
    with pytest.raises(ValueError, match="the scale has no room for two systems 97 points apart"):
        planned_model("ordinal", RatingsToCome(MILD, 4, level=20.0)).from_points(97.0)
    with pytest.raises(ValueError, match="cannot have so large a residual variance"):
        planned_model("ordinal", RatingsToCome({"residual": 4000.0}, 4))


def test_an_error_told_too_small_makes_tests_find_more() -> None:
    """A tenth too little is told: the noncentral t beyond nine tenths of its quantile, by hand."""
    at = Size(20, 6, 6, 4).precision(PlannedModel(MILD, 4, told=0.9))
    limit = 0.9 * stats.t.isf(0.025, at.df)
    found = power_of_one_sided(2.0, at.se, at.df, at.level(0.025))
    assert found == pytest.approx(stats.nct.sf(limit, at.df, 2.0 / at.se), rel=1e-6)
    assert Size(20, 6, 6, 4).precision(PlannedModel(MILD, 4)).level(0.025) == pytest.approx(0.025)


def test_every_scale_is_planned_in_its_own_units() -> None:
    """The same shares of a range need the same participants, but for what whole steps add."""
    of_100 = mixtrial.plan(4, 20, difference=10, margin=10)
    for scale in ((1.0, 5.0), (-3.0, 3.0)):
        share = (scale[1] - scale[0]) / 10
        found = mixtrial.plan(4, 20, difference=share, margin=share, scale=scale)
        assert found.n_for_difference == of_100.n_for_difference
        assert found.n_for_equivalence == of_100.n_for_equivalence
    rounded, free = (default_variance(Scale(1, 5, step))["residual"] for step in (1, None))
    assert rounded - free == pytest.approx((1 - 0.04**2) / 12)
    with pytest.raises(
        ValueError, match="difference and the margin must not exceed the scale, 1 to 5"
    ):
        mixtrial.plan(4, 20, difference=10, scale=(1, 5))


def test_margins_that_make_no_sense_are_refused() -> None:
    """Each in one sentence."""
    with pytest.raises(ValueError, match="margin of non-inferiority must be above 0"):
        mixtrial.plan(4, 20, non_inferiority=0)
    with pytest.raises(ValueError, match="margin of superiority must be 0 points or more"):
        mixtrial.plan(4, 20, superiority=-1)
    with pytest.raises(
        ValueError, match="margin and difference together must fit inside the scale"
    ):
        mixtrial.plan(4, 20, superiority=95, difference=10)
    with pytest.raises(ValueError, match="difference and the margin of a plan must be above 0"):
        mixtrial.plan(4, 20, difference=float("nan"))


def test_equivalence_of_pairs_tested_together_needs_more_participants() -> None:
    """Holm's strictest step of 28 pairs, each side at .05 / 28, as the report's verdict asks."""
    found = mixtrial.plan(8, 40, difference=10, margin=10)
    n = found.n_for_equivalence
    assert n is not None

    def power(n: int) -> float:
        se = difference_se(DEFAULT_VARIANCE, n, 40)
        return power_of_equivalence(10.0, se, difference_df(DEFAULT_VARIANCE, n, 40, 8), 0.05 / 28)

    assert power(n) >= 0.8 > power(n - 1)
    alone = mixtrial.plan(8, 40, difference=10, margin=10, n_tests=1).n_for_equivalence
    assert alone is not None
    assert alone < n


def test_spreads_of_a_pilot_are_those_of_lmm_unequal() -> None:
    """Absent where that model was not fitted."""
    model = {"status": "ok", "residual_sd": {"a": 9.0, "b": 12.0}}
    pilot = {"attributes": {"overall": {"lmm_unequal": model}, "eq": {"lmm_unequal": None}}}
    assert fitted_spreads(pilot, "overall") == {"a": 9.0, "b": 12.0}
    assert fitted_spreads(pilot, "eq") == fitted_spreads(pilot, "level") == {}
