"""The cumulative link mixed model against R's ordinal, and what it says in points."""

import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from analysis.findings.json_form import json_form
from analysis.methods.lmm import fit_default
from analysis.methods.ordinal import bands_of, ordinal_section
from analysis.mixed_model.build import build_design
from analysis.mixed_model.cumulative.fit import fit_cumulative
from analysis.mixed_model.cumulative.inference import OnPoints
from analysis.mixed_model.cumulative.laplace import Laplace
from analysis.mixed_model.design import contrast_row
from analysis.mixed_model.fit import fit
from analysis.ratings.table import of_attribute, read_ratings
from analysis.scale import Scale, with_scale
from analysis.statistics.estimable import NotEstimableError
from places import RATINGS

DATA = RATINGS
GOLDEN = json.loads((DATA / "golden.json").read_text())["clmm"]
SYSTEMS = ["baseline", "cnn", "human", "random"]


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Complete synthetic ratings of one attribute, groups forgotten."""
    table = of_attribute(read_ratings(DATA / "synA_balanced.csv"), "overall")
    return table.assign(group="all")


@pytest.fixture(scope="module")
def few(rows: pd.DataFrame) -> pd.DataFrame:
    """Six participants and five songs of them."""
    return rows[(rows["participant"] < "P07") & (rows["song"] < "song06")]


def test_the_model_equals_ordinals_clmm_on_five_bands(rows: pd.DataFrame) -> None:
    """Two crossed intercepts: log-likelihood, thresholds, effects, errors, spreads, LR test."""
    start = fit(build_design(rows, ("participant", "song")))
    band = np.searchsorted([20, 40, 60, 80], rows["rating"].to_numpy())
    found = fit_cumulative(rows, band, start)
    golden = {row["row"]: row for row in GOLDEN["coef"]}
    assert found.log_likelihood == pytest.approx(GOLDEN["logLik"], rel=1e-8)
    expected = [golden[name]["Estimate"] for name in ("1|2", "2|3", "3|4", "4|5")]
    assert found.thresholds == pytest.approx(expected, rel=1e-4)
    part = np.sqrt(np.diag(found.covariance))[4:7]
    for place in range(3):
        row = golden[f"system{place + 1}"]
        assert found.coefficients[place] == pytest.approx(row["Estimate"], rel=1e-4)
        assert part[place] == pytest.approx(row["Std. Error"], rel=1e-3)
    sd = [GOLDEN["sd"][name] for name in ("participant", "song")]
    assert found.sd == pytest.approx(sd, rel=1e-4)
    lr = 2 * (found.log_likelihood - found.log_likelihood_without)
    assert lr == pytest.approx(GOLDEN["lr"], rel=1e-5)


def test_the_gradient_is_that_of_the_likelihood(few: pd.DataFrame) -> None:
    """Central differences, away from the optimum, all five random factors and a penalty."""
    design = build_design(few)
    band = np.searchsorted([30, 50, 70], few["rating"].to_numpy())
    model = Laplace(design, band, tuple(range(len(design.components))), 0.04 * np.eye(3))
    at = np.concatenate([[-1.0, 0.3, 0.2, 0.5, -0.4, 0.1], np.log([0.5, 0.4, 0.6, 0.3, 0.2])])
    steps = np.eye(len(at)) * 1e-5
    numeric = [(model(at + s)[0] - model(at - s)[0]) / 2e-5 for s in steps]
    assert model(at)[1] == pytest.approx(numeric, abs=1e-6)


def test_the_near_second_derivative_is_near_the_one_by_differences(rows: pd.DataFrame) -> None:
    """At the optimum on five bands; of thresholds and effects within a tenth in any direction."""
    start = fit(build_design(rows, ("participant", "song")))
    found = fit_cumulative(
        rows, np.searchsorted([20, 40, 60, 80], rows["rating"].to_numpy()), start
    )
    near = found.likelihood.near_hessian(found.parameters)
    exact = np.linalg.inv(found.covariance)
    ratios = np.linalg.eigvals(np.linalg.solve(exact[:7, :7], near[:7, :7]))
    assert ratios == pytest.approx(np.ones(7), abs=0.1)
    assert np.diag(near)[7:] == pytest.approx(np.diag(exact)[7:], rel=0.3)


@pytest.fixture(scope="module")
def on_points(few: pd.DataFrame) -> OnPoints:
    """Six participants, five songs, four systems on five bands."""
    band = np.searchsorted([20, 40, 60, 80], few["rating"].to_numpy())
    return OnPoints(fit_cumulative(few, band, fit(build_design(few))), few, ("system",))


def test_the_gradient_of_a_mean_rating_is_its_derivative(on_points: OnPoints) -> None:
    """Central differences in thresholds, effects and spreads."""
    model = on_points.model
    rows = np.stack([contrast_row(on_points.design, system=name) for name in ("cnn", "random")])
    at, steps = model.parameters, np.eye(len(model.parameters)) * 1e-5
    numeric = [
        (model.mean_ratings(rows, at + s)[0] - model.mean_ratings(rows, at - s)[0]) / 2e-5
        for s in steps
    ]
    assert model.mean_ratings(rows, at)[1] == pytest.approx(np.transpose(numeric), abs=1e-6)


def test_standard_errors_are_not_those_of_variances_found_too_small(
    on_points: OnPoints,
) -> None:
    """Variances of n levels miss a share of 1 / n by maximum likelihood: 5 songs, 6 listeners."""
    part = on_points.model.of_coefficients
    naive = np.diag(on_points.model.covariance[part, part])
    ratio = np.diag(on_points.covariance)[1:] / naive
    assert np.all(ratio > 1.03)
    assert np.all(ratio < 5 / 4)


def test_limits_are_the_farthest_differences_within_standard_errors(on_points: OnPoints) -> None:
    """A search over all parameters on the ellipsoid of two standard errors finds the same."""
    found = on_points.difference("cnn", "random")
    half = np.linalg.cholesky(on_points.of_all)

    def away(direction: np.ndarray) -> float:
        at = half @ direction * 2 / np.linalg.norm(direction) + on_points.model.parameters
        means = on_points.model.mean_ratings(found.rows, at)[0]
        return float(means[0] - means[1])

    start = half.T @ np.ones(len(half)) + 0.1
    least = optimize.minimize(away, start, method="BFGS").fun
    greatest = -optimize.minimize(lambda at: -away(at), start, method="BFGS").fun
    assert (found.limit(-2.0), found.limit(2.0)) == pytest.approx((least, greatest), abs=0.02)
    assert found.limit(-found.t) == pytest.approx(0, abs=1e-3)


def test_a_monotone_change_of_the_scale_within_bands_changes_no_test(few: pd.DataFrame) -> None:
    """Only the band counts: ratings moved to the middle of their bands give the same p."""
    middle = 2.5 + 5 * np.clip(np.ceil(few["rating"].to_numpy() / 5) - 1, 0, None)
    one = json_form(ordinal_section(few, SYSTEMS, 5.0))
    two = json_form(ordinal_section(few.assign(rating=middle), SYSTEMS, 5.0))
    assert one["log_likelihood"] == pytest.approx(two["log_likelihood"], abs=1e-6)
    assert [row["p"] for row in one["pairs"]] == pytest.approx(
        [row["p"] for row in two["pairs"]], rel=1e-3
    )


def test_the_section_has_the_form_of_the_mixed_models(few: pd.DataFrame) -> None:
    """Means and differences in points near the linear model's; effects sum to zero."""
    found, linear = json_form(ordinal_section(few, SYSTEMS, 5.0)), fit_default(few).model
    expected = few.groupby("system")["rating"].mean()
    for row in found["emmeans"]:
        assert row["mean"] == pytest.approx(expected[row["system"]], abs=4)
        assert row["ci_low"] < row["mean"] < row["ci_high"]
    for row in found["pairs"]:
        assert row["estimate"] == pytest.approx(expected[row["a"]] - expected[row["b"]], abs=5)
        assert (row["ci_low"] > 0 or row["ci_high"] < 0) == (row["p"] < 0.05)
        assert (row["tost_p"] < 0.05) == (row["smallest_margin"] < row["margin"])
    assert sum(row["estimate"] for row in found["coefficients"]) == pytest.approx(0, abs=1e-9)
    assert set(found["sd"]) == set(linear.design.components)
    assert found["omnibus"]["system"]["df1"] == 3


def test_limits_stay_on_the_scale_where_a_system_is_at_its_end(few: pd.DataFrame) -> None:
    """A system always at 100 has no limit: a weak penalty holds it, limits stay on the scale."""
    ends = few.assign(rating=few["rating"].where(few["system"] != "cnn", 100.0))
    found = json_form(ordinal_section(ends, SYSTEMS, 5.0))
    assert found["penalised"]
    cnn = next(row for row in found["emmeans"] if row["system"] == "cnn")
    assert 95 < cnn["mean"] <= 100
    assert all(-100 <= row["ci_low"] <= row["ci_high"] <= 100 for row in found["pairs"])


def cells_of(rated: Callable[[int, int, str], float], systems: str) -> pd.DataFrame:
    """Complete ratings of eight participants and four songs on 1 to 5."""
    cells = [
        (f"P{who}", "all", f"s{song}", name, "overall", rated(who, song, name))
        for who in range(8)
        for song in range(4)
        for name in systems
    ]
    columns = ["participant", "group", "song", "system", "attribute", "rating"]
    return with_scale(pd.DataFrame(cells, columns=columns), Scale(1, 5, 1))


def test_a_model_without_random_factors_is_that_of_shares() -> None:
    """Each participant likes ``a`` on three songs of four and ``b`` on one: shares by hand.

    Participants and songs vary less than by chance, so that every random factor vanishes. The
    effect of ``a`` is half the distance of two logits, which is log 3; each logit of 32 ratings has
    the variance 1 / (32 x .75 x .25).
    """
    rows = cells_of(
        lambda who, song, name: 5.0 if (song != who % 4) == (name == "a") else 1.0, "ab"
    )
    found = json_form(ordinal_section(rows, ["a", "b"], 0.5, Scale(1, 5, 1)))
    assert not found["penalised"]
    assert set(found["sd"].values()) == {0.0}
    share = 64 * (0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert found["log_likelihood"] == pytest.approx(share, abs=1e-6)
    effect = found["coefficients"][0]
    assert effect["estimate"] == pytest.approx(np.log(3), abs=1e-4)
    assert effect["se"] == pytest.approx(np.sqrt(2 / (32 * 0.75 * 0.25)) / 2, rel=1e-3)


@pytest.mark.parametrize("middle", [3.0, None])
def test_systems_that_share_no_band_are_held_by_the_penalty(middle: float | None) -> None:
    """``b`` always in the middle, or beside ``a`` in the lower half: estimates exist all the same.

    Systems of one half are not told apart, those of two are, in the order of their ratings.
    """
    rng = np.random.default_rng(3)
    halves = {"a": (1, 2), "b": (1, 2), "c": (4, 5), "d": (4, 5)}

    def rated(_who: int, _song: int, name: str) -> float:
        value = float(rng.choice(halves[name]))
        return middle if middle is not None and name == "b" else value

    found = json_form(ordinal_section(cells_of(rated, "abcd"), list("abcd"), 0.5, Scale(1, 5, 1)))
    assert found["penalised"]
    pairs = {row["a"] + row["b"]: row for row in found["pairs"]}
    assert pairs["cd"]["p"] > 0.05
    for apart in ("ac", "ad", "bc", "bd", *(["ab"] if middle else [])):
        assert -4 <= pairs[apart]["ci_low"] <= pairs[apart]["ci_high"] < 0
        assert pairs[apart]["p"] < 0.01


TWO_TWO = [31.2, 51.2, 47.4, 83.2, 41.7, 58.6, 37.8, 90.0]
"""Ratings of two participants, two songs and two systems."""


def small_studies() -> list[pd.DataFrame]:
    """Studies too small for any model, where an ellipsoid of standard errors is wide."""
    studies = [(2, 2, np.array(TWO_TWO))]
    for seed in range(6):
        rng = np.random.default_rng(seed)
        n_people, n_songs = 3 + seed % 3, 2 + seed % 2
        shape = (n_people, n_songs, 2)
        means = 50 + np.array([-5.0, 5.0]) + rng.normal(0, 8, (n_people, 1, 1))
        studies.append((n_people, n_songs, np.clip(means + rng.normal(0, 15, shape), 0, 100)))
    tables = []
    for n_people, n_songs, ratings in studies:
        names = [
            (f"P{who}", "all", f"s{song}", system, "overall")
            for who in range(n_people)
            for song in range(n_songs)
            for system in "ab"
        ]
        columns = ["participant", "group", "song", "system", "attribute"]
        tables.append(pd.DataFrame(names, columns=columns).assign(rating=ratings.ravel().round(1)))
    return tables


@pytest.mark.parametrize("rows", small_studies(), ids=range(7))
def test_intervals_hold_their_estimate_and_each_other_in_the_smallest_studies(
    rows: pd.DataFrame,
) -> None:
    """The narrower lies within the wider, and zero without where p says so."""
    found = json_form(ordinal_section(rows, ["a", "b"], 5.0))
    (pair,) = found["pairs"]
    ends = [pair[key] for key in ("ci_low", "ci90_low", "estimate", "ci90_high", "ci_high")]
    assert ends == sorted(ends)
    assert ends[0] < ends[2] < ends[-1]
    assert (ends[0] > 0 or ends[-1] < 0) == (pair["p"] < 0.05)
    assert abs(pair["estimate"]) <= pair["smallest_margin"]


def test_systems_that_are_rated_alike_are_found_alike_by_whatever_name() -> None:
    """Two always at the end of the scale: held by the penalty, both by as much."""
    rng = np.random.default_rng(5)

    def rated(_who: int, _song: int, name: str) -> float:
        return 5.0 if name in "bc" else float(rng.integers(2, 5))

    rows, scale = cells_of(rated, "abc"), Scale(1, 5, 1)
    found = json_form(ordinal_section(rows, list("abc"), 0.5, scale))
    assert found["penalised"]
    to_b, to_c, between = found["pairs"]
    for key in ("estimate", "p", "df"):
        assert to_b[key] == pytest.approx(to_c[key], rel=1e-3)
    assert between["estimate"] == pytest.approx(0, abs=1e-3)
    renamed = rows.assign(system=rows["system"].map({"a": "z", "b": "b", "c": "c"}))
    again = json_form(ordinal_section(renamed, list("bcz"), 0.5, scale))
    assert again["log_likelihood"] == pytest.approx(found["log_likelihood"], abs=1e-5)
    for key in ("f", "df2", "p"):
        one, other = (each["omnibus"]["system"][key] for each in (found, again))
        assert one == pytest.approx(other, rel=1e-3)


def test_a_scale_of_few_values_keeps_its_own_steps() -> None:
    """1 to 5 in steps of 1 has five bands, 0 to 100 twenty."""
    rows = pd.DataFrame({"rating": [1.0, 2.0, 2.0, 5.0]}).assign(
        scale_minimum=1.0, scale_maximum=5.0, scale_step=1.0
    )
    assert bands_of(rows, Scale(1, 5, 1))[0] == [1, 2, 5]
    wide = pd.DataFrame({"rating": [0.0, 5.0, 5.5, 95.0, 100.0]})
    assert bands_of(wide)[0] == [1, 2, 19, 20]


def test_too_little_is_named(rows: pd.DataFrame) -> None:
    """One band, or one song."""
    with pytest.raises(NotEstimableError, match="one band"):
        json_form(ordinal_section(rows.assign(rating=50.0), SYSTEMS, 5.0))
    with pytest.raises(NotEstimableError, match="only one song"):
        json_form(ordinal_section(rows[rows["song"] == "song01"], SYSTEMS, 5.0))
