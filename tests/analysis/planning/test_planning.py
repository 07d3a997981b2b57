"""The planner: simulated shares against closed forms and against the mixed model itself."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from analysis.methods.planned import PlannedModel
from analysis.mixed_model.power import (
    DEFAULT_VARIANCE,
    difference_df,
    difference_se,
    power_of_difference,
)
from analysis.planning.advice import advice, sentences
from analysis.planning.believed import fitted_variance
from analysis.planning.grid import Size, components, planning_grid, simulated_shares
from analysis.ratings.table import RatingsError
from tests.analysis.mixed_model.test_power import share_found

Floats = NDArray[np.float64]

MILD = {"participant:system": 60.0, "song:system": 8.0, "residual": 200.0}


@pytest.mark.parametrize(("n", "n_songs"), [(10, 4), (30, 10), (60, 30)])
def test_a_full_design_has_the_closed_forms_of_power(n: int, n_songs: int) -> None:
    """Standard error and degrees of freedom are those of ``power`` when all rate all."""
    size = Size(n, n_songs, n_songs, 4)
    assert size.se(MILD) == pytest.approx(difference_se(MILD, n, n_songs), rel=1e-12)
    assert size.satterthwaite(MILD) == pytest.approx(difference_df(MILD, n, n_songs, 4), rel=1e-12)


@pytest.mark.parametrize("n_songs", [6, 15])
def test_simulated_power_is_near_the_closed_form(n_songs: int) -> None:
    """Estimating the standard error in each study costs little in a study of usual size."""
    share, _ = simulated_shares(
        Size(24, n_songs, n_songs, 4), MILD, 6.0, 5.0, np.random.default_rng(1), 40_000
    )
    se, df = difference_se(MILD, 24, n_songs), difference_df(MILD, 24, n_songs, 4)
    assert share == pytest.approx(power_of_difference(6.0, se, df), abs=0.02)


def test_false_positives_stay_at_their_level() -> None:
    """With no difference, 5 % of the studies find one; dropped variances do not inflate it."""
    for variance in (MILD, {"residual": 200.0}):
        share, _ = simulated_shares(
            Size(20, 8, 8, 4), variance, 0.0, 5.0, np.random.default_rng(2), 40_000
        )
        assert 0.03 < share < 0.065


def test_the_mixed_model_itself_finds_as_often() -> None:
    """150 studies rated in full and fitted by REML: the shares agree within their error."""
    fitted = share_found(MILD, {"a": 50.0, "b": 50.0, "c": 60.0}, 10, 5, seed=3, n_draws=150)
    share, _ = simulated_shares(
        Size(10, 5, 5, 3), MILD, 10.0, 5.0, np.random.default_rng(3), 40_000
    )
    assert fitted == pytest.approx(share, abs=3 * np.sqrt(share * (1 - share) / 150))


@pytest.mark.parametrize(("n", "n_songs", "difference"), [(12, 6, 8.0), (20, 4, 12.0)])
def test_planned_power_is_that_of_rated_studies(n: int, n_songs: int, difference: float) -> None:
    """4000 studies rated cell by cell: power of both tests agrees within 2 points.

    Three systems are compared; what else is rated, such as a reference, changes nothing of them.
    """
    rng = np.random.default_rng(11)
    size, margin = Size(n, n_songs, n_songs, 3), 9.0
    found, equal = np.zeros((2, 4000), dtype=bool)
    for draw in range(4000):
        y = rated_study(rng, n, n_songs)
        error, se, df = compared_by_mean_squares(y)
        found[draw] = abs(difference + error) > stats.t.ppf(0.975, df) * se
        equal[draw] = abs(error) + stats.t.ppf(0.95, df) * se < margin
    planned = simulated_shares(size, MILD, difference, margin, np.random.default_rng(3), 40_000)
    assert (found.mean(), equal.mean()) == pytest.approx(planned, abs=0.02)


def rated_study(rng: np.random.Generator, n: int, n_songs: int) -> Floats:
    """Ratings of three equal systems with the variances of ``MILD``."""
    listener, song = rng.normal(0, 12, (n, 1, 1)), rng.normal(0, 6, (1, n_songs, 1))
    ps, ss, e = (np.sqrt(MILD[name]) for name in ("participant:system", "song:system", "residual"))
    own = rng.normal(0, ps, (n, 1, 3)) + rng.normal(0, ss, (1, n_songs, 3))
    return np.asarray(listener + song + own + rng.normal(0, e, (n, n_songs, 3)))


def compared_by_mean_squares(y: Floats) -> tuple[float, float, float]:
    """Difference of the first two systems, its standard error and Satterthwaite's df, as REML has.

    Mean squares by hand; a component that comes out negative is pooled with the residual.
    """
    n, s, k = y.shape
    means = y.mean(axis=(0, 1))
    of_p = y.mean(axis=1) - y.mean(axis=(1, 2))[:, None] - means + y.mean()
    of_s = y.mean(axis=0) - y.mean(axis=(0, 2))[:, None] - means + y.mean()
    rest = y - y.mean(axis=2, keepdims=True) - means + y.mean() - of_p[:, None] - of_s[None]
    sums = {"ps": s * (of_p**2).sum(), "ss": n * (of_s**2).sum(), "e": (rest**2).sum()}
    df = {"ps": (n - 1) * (k - 1), "ss": (s - 1) * (k - 1), "e": (n - 1) * (s - 1) * (k - 1)}
    pooled = [name for name in ("ps", "ss") if sums[name] / df[name] < sums["e"] / df["e"]]
    for name in pooled:
        sums["e"], df["e"] = sums["e"] + sums.pop(name), df["e"] + df.pop(name)
    for name in [x for x in ("ps", "ss") if x in sums and sums[x] / df[x] < sums["e"] / df["e"]]:
        sums["e"], df["e"] = sums["e"] + sums.pop(name), df["e"] + df.pop(name)
    ms = {name: sums[name] / df[name] for name in sums}
    sign = 2 - len(ms)
    total = sum(ms[name] for name in ms if name != "e") + sign * ms["e"]
    parts = [ms[name] ** 2 / df[name] for name in ms if name != "e" or sign]
    return means[0] - means[1], np.sqrt(2 * total / (n * s)), total**2 / sum(parts)


def test_songs_hold_the_power_down_whatever_the_listeners() -> None:
    """Song x system is the floor: 500 listeners on 8 songs reach the limit, and it is said so."""
    found = advice(PlannedModel(DEFAULT_VARIANCE, 4), 8, 8, 5.0, 5.0)
    assert found.n_for_difference is None
    size = Size(500, 8, 8, 4)
    reached = power_of_difference(
        5.0, size.se(DEFAULT_VARIANCE), size.satterthwaite(DEFAULT_VARIANCE)
    )
    assert reached < found.power_limit < 0.2
    assert found.floor == pytest.approx(np.sqrt(2 * 85 / 8))
    told = sentences(found)
    assert told[0].startswith("More listeners cannot help: with 8 songs")
    assert f"{found.songs_for_difference} songs or more would do" in told[0]


def test_the_fewest_participants_are_the_fewest() -> None:
    """One fewer has less than 80 % power; so do the songs of the limit."""
    found = advice(PlannedModel(MILD, 4), 20, 20, 5.0, 6.0)
    n = found.n_for_difference

    def power(people: int) -> float:
        size = Size(people, 20, 20, 4)
        return power_of_difference(5.0, size.se(MILD), size.satterthwaite(MILD))

    assert power(n) >= 0.8 > power(n - 1)
    assert found.n_these_songs < n
    assert f"{n} participants give a chance of 80 %" in sentences(found)[0]


def test_the_grid_is_the_same_for_the_same_seed_and_rises_with_size() -> None:
    """Seeded; more of either never makes the standard error larger."""
    grid = planning_grid(PlannedModel(MILD, 4), 6, 5.0, 5.0, 9, (7,), n_draws=200)
    assert grid.equals(planning_grid(PlannedModel(MILD, 4), 6, 5.0, 5.0, 9, (7,), n_draws=200))
    assert 7 in set(grid["n_songs"])
    assert grid["n_songs_each"].max() == 6
    for _, rows in grid.groupby("n_songs"):
        assert rows.sort_values("n_participants")["se"].is_monotonic_decreasing


def test_a_design_too_small_to_be_analysed_has_no_power() -> None:
    """Ten listeners of one song each leave no degrees of freedom."""
    shares = simulated_shares(Size(10, 8, 1, 4), MILD, 5.0, 5.0, np.random.default_rng(0), 100)
    assert np.isnan(shares).all()
    # 10 x 4 ratings on 30 songs: most songs have one listener, and the grid says nothing.
    grid = planning_grid(PlannedModel(MILD, 4), 4, 5.0, 5.0, 1, n_draws=100).set_index(
        ["n_participants", "n_songs"]
    )
    assert np.isnan(grid.loc[(10, 30), ["power", "detectable_difference"]].to_numpy()).all()
    assert np.isfinite(grid.loc[(15, 30), "power"])


def test_a_pilot_s_variances_are_read_from_its_results() -> None:
    """Overall is taken unless another is named; what cannot be used is told."""
    model = {"status": "ok", "variance": MILD}
    results = {"attributes": {"eq": {"lmm": model}, "overall": {"lmm": model | {"variance": {
        "participant:system": 1.0, "song:system": 2.0, "residual": 3.0}}}}}  # fmt: skip
    name, variance = fitted_variance(results)
    assert (name, components(variance)) == ("overall", (1.0, 2.0, 3.0))
    assert fitted_variance(results, "eq")[1] == MILD
    with pytest.raises(RatingsError, match="no attribute 'level'"):
        fitted_variance(results, "level")
    with pytest.raises(RatingsError, match="no key 'attributes'"):
        fitted_variance({})
    poor = {"attributes": {"overall": {"lmm": {"status": "ok", "variance": {"residual": 3.0}}}}}
    with pytest.raises(RatingsError, match="too small for a plan"):
        fitted_variance(poor)
    none = {"attributes": {"overall": {"lmm": {"status": "not estimable", "why": "x"}}}}
    with pytest.raises(RatingsError, match="not estimable"):
        fitted_variance(none)
