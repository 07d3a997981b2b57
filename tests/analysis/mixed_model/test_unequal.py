"""The mixed model with a residual spread of each system's own, and its equations."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import places
from analysis.findings.json_form import json_form
from analysis.methods.lmm import lmm_section
from analysis.methods.lmm_unequal import lmm_unequal_section
from analysis.methods.ordinal import bands_of
from analysis.mixed_model.build import build_design
from analysis.mixed_model.cumulative.fit import fit_cumulative
from analysis.mixed_model.design import contrast_row
from analysis.mixed_model.equations import equations, slopes, solve
from analysis.mixed_model.fit import fit
from analysis.mixed_model.inference import Inference
from analysis.mixed_model.unequal import OwnErrors, UnequalModel, fit_unequal
from analysis.ratings.table import of_attribute, read_ratings
from analysis.statistics.estimable import NotEstimableError
from places import RATINGS

GOLDEN: dict[str, Any] = json.loads((RATINGS / "golden_unequal.json").read_text())
OWN_ERRORS: dict[str, Any] = json.loads((RATINGS / "golden_own_errors.json").read_text())
SHARED = places.SHARED / "data" / "ratings"
SETS = [
    "synA_balanced",
    "synS_singular",
    "likert_timbre_transfer",
    "mos_1_to_5",
    pytest.param("real_codec_mushra_screened", marks=pytest.mark.shared),
]

ANSWERED = [
    (name, terms)
    for name, answers in GOLDEN.items()
    for terms in ("crossed", "full")
    if "logLik" in (answers.get(terms) or {})
]
"""Answers that R's ordinal models gave in reasonable time."""


def table_of(name: str) -> pd.DataFrame:
    """Ratings of a set without reference and anchor, one attribute, groups forgotten."""
    own = RATINGS / f"{name}.csv"
    path = own if own.exists() else SHARED / f"{name}.csv"
    if not path.exists():
        pytest.skip("the folder of shared data is not there")
    ratings = read_ratings(path)
    (attribute,) = {"overall", "quality"} & set(ratings["attribute"])
    rows = of_attribute(ratings, attribute).assign(group="all")
    return rows[~rows["system"].isin(["Reference", "Anchor"])]


def system_of(rows: pd.DataFrame) -> np.ndarray:
    """Code of each rating's system."""
    return np.unique(rows["system"].to_numpy(dtype=str), return_inverse=True)[1].astype(np.int64)


def fitted(rows: pd.DataFrame) -> UnequalModel:
    """The model of a table."""
    design = build_design(rows)
    return fit_unequal(design, system_of(rows), fit(design))


@pytest.mark.parametrize("name", SETS)
def test_the_model_equals_glmmtmbs(name: str) -> None:
    """REML log-likelihood, coefficients, standard errors, every spread."""
    golden, model = GOLDEN[name]["unequal"], fitted(table_of(name))
    assert model.converged
    assert -model.deviance / 2 == pytest.approx(golden["logLik"], abs=1e-6)
    assert model.coefficients == pytest.approx(golden["fixef"], rel=1e-5, abs=1e-7)
    # At glmmTMB's variances; its own vcov adds what their uncertainty moves the coefficients.
    expected = np.sqrt(np.diag(np.array(golden["gls_vcov"])))
    assert np.sqrt(np.diag(model.covariance)) == pytest.approx(expected, rel=5e-5)
    assert np.sqrt(model.residual_variance) == pytest.approx(golden["residual_sd"], rel=1e-4)
    for component, variance in zip(model.design.components, model.variance, strict=True):
        assert np.sqrt(variance) == pytest.approx(golden["sd"][component], rel=1e-3, abs=0.02)


@pytest.mark.parametrize(("name", "terms"), ANSWERED)
def test_the_ordinal_model_equals_clmm(name: str, terms: str) -> None:
    """Twenty bands or the scale's steps: log-likelihood, thresholds, effects, standard errors."""
    golden = GOLDEN[name][terms]
    rows = table_of(name)
    scale = rows["rating"].nunique() <= 21
    band = np.unique(rows["rating"], return_inverse=True)[1] if scale else bands_of(rows)[1]
    found = fit_cumulative(rows, band, fit(build_design(rows, golden["random"])))
    assert found.log_likelihood >= golden["logLik"] - 1e-6
    assert found.log_likelihood == pytest.approx(golden["logLik"], abs=1e-4)
    assert found.thresholds == pytest.approx(golden["alpha"], rel=1e-4, abs=2e-4)
    assert found.coefficients == pytest.approx(golden["beta"], rel=1e-4, abs=2e-4)
    first = found.likelihood.n_steps
    part = np.sqrt(np.diag(found.covariance))[first : first + len(golden["beta"])]
    expected = np.sqrt(np.diag(np.array(golden["vcov"])))
    assert part == pytest.approx(expected, rel=1e-3)


def test_derivatives_are_those_of_the_deviance() -> None:
    """Central differences at unequal variances, one factor out, participants with gaps."""
    rows = read_ratings(RATINGS / "unbalanced_singular.csv").assign(group="all")
    design, stratum = build_design(rows), system_of(rows)
    of, active = equations(design, stratum), np.array([0, 1, 3])
    rng = np.random.default_rng(5)
    at = np.exp(rng.normal(-4, 0.5, len(of.size)))
    shape = slopes(solve(of, at, active))
    use = [*active, *range(of.n_random, len(at))]
    for place, k in enumerate(use):
        step = np.zeros(len(at))
        step[k] = 1e-5 * at[k]
        up, down = (solve(of, at + sign * step, active) for sign in (1, -1))
        numeric = (up.deviance - down.deviance) / (2 * step[k])
        assert shape.gradient[place] == pytest.approx(numeric, rel=1e-5, abs=1e-4)
        second = (slopes(up).gradient - slopes(down).gradient) / (2 * step[k])
        assert shape.observed[place] == pytest.approx(
            second, rel=1e-4, abs=1e-4 * abs(second[place])
        )
        p = design.p
        moved = -(up.g - down.g)[-p:, -p:] / (2 * step[k])
        assert shape.covariance[place] == pytest.approx(moved, rel=1e-4, abs=1e-6)


def test_equal_spreads_give_the_linear_mixed_model() -> None:
    """At the default model's variances: its deviance, covariance and degrees of freedom."""
    rows = table_of("synS_singular")
    design = build_design(rows)
    model = fit(design)
    equal = np.full(len(design.systems), 1 / model.residual_variance)
    precision = np.concatenate([1 / np.maximum(model.variance, 1e-300), equal])
    at = solve(equations(design, system_of(rows)), precision, np.array(model.active))
    assert at.deviance == pytest.approx(model.deviance, rel=1e-12)
    p = design.p
    assert at.g[-p:, -p:] == pytest.approx(model.curvature.projection.c, rel=1e-9)


def test_degrees_of_freedom_are_welchs_for_two_groups_of_listeners() -> None:
    """One rating per song, systems heard by different people: a t test with unequal variances.

    Participants are all alike on average, so that nothing but the residuals is left.
    """
    rng = np.random.default_rng(11)
    rows = pd.DataFrame(
        [
            {"participant": f"{system}{i:02}", "group": "all", "song": f"s{j}", "system": system,
             "rating": 50 + sd * rng.normal()}
            for system, n, sd in (("a", 9, 2.0), ("b", 30, 9.0)) for i in range(n) for j in range(4)
        ]
    )  # fmt: skip
    rows["rating"] -= rows.groupby("participant")["rating"].transform("mean") - 50
    design = build_design(rows, ("participant",))
    model = fit_unequal(design, system_of(rows), fit(design))
    assert not model.active
    found = model.tests().difference("a", "b")
    own = [rows.loc[rows["system"] == name, "rating"] for name in ("a", "b")]
    v = [ratings.var() / len(ratings) for ratings in own]
    welch = sum(v) ** 2 / sum(
        one**2 / (len(ratings) - 1) for one, ratings in zip(v, own, strict=True)
    )
    assert found.se == pytest.approx(np.sqrt(sum(v)), rel=1e-6)
    assert found.df == pytest.approx(welch, rel=1e-6)


def test_the_section_has_the_form_of_the_linear_mixed_models() -> None:
    """Every key of `lmm`, and the spreads; pairs differ only by what spreads change."""
    rows = table_of("synS_singular")
    systems = sorted(rows["system"].unique())
    own = json_form(lmm_unequal_section(rows, systems, 5.0))
    common = json_form(lmm_section(rows, systems, 5.0, "satterthwaite"))
    assert set(own) == set(common) | {"residual_sd"}
    assert set(own["residual_sd"]) == set(systems)
    for one, other in zip(own["pairs"], common["pairs"], strict=True):
        assert set(one) == set(other)
        assert one["estimate"] == pytest.approx(other["estimate"], abs=1e-6)
    assert own["reml_deviance"] < common["reml_deviance"]
    for name in ("participant", "song"):
        assert [row["level"] for row in own["random"][name]] == [
            row["level"] for row in common["random"][name]
        ]


@pytest.mark.parametrize("name", sorted(OWN_ERRORS))
def test_each_difference_is_lmertests_of_its_two_systems(name: str) -> None:
    """Estimate, standard error and degrees of freedom of d ~ 1 + (1|participant) + (1|song)."""
    rows = table_of(name)
    tests = OwnErrors(fitted(rows), rows)
    every = tests.all_differences()
    for place, told in enumerate(OWN_ERRORS[name]):
        found = tests.difference(told["a"], told["b"])
        assert found == every[place]
        assert found.estimate == pytest.approx(told["estimate"], abs=1e-6)
        assert found.se == pytest.approx(told["se"], rel=1e-5)
        assert found.df == pytest.approx(told["df"], rel=1e-3)
        back = tests.difference(told["b"], told["a"])
        assert (back.estimate, back.p) == (-found.estimate, found.p)


def test_a_difference_does_not_hang_on_how_other_systems_spread() -> None:
    """Ratings of a third system doubled: the error of the others stays, the common one does not."""
    rows = table_of("synA_balanced")
    wide = rows.assign(rating=rows["rating"].where(rows["system"] != "random", rows["rating"] * 2))
    pair = "cnn", "human"
    own = [OwnErrors(fitted(one), one).difference(*pair).se for one in (rows, wide)]
    common = [fitted(one).tests().difference(*pair).se for one in (rows, wide)]
    assert own[0] == own[1]
    assert common[1] > 1.05 * common[0]


def test_systems_that_nobody_heard_both_of_have_the_error_of_all_systems() -> None:
    """Half the listeners never rated one, half never the other; a third joins them."""
    rows = table_of("synS_singular")
    half = rows["participant"] < sorted(rows["participant"].unique())[8]
    rows = rows[~(half & (rows["system"] == "cnn")) & ~(~half & (rows["system"] == "human"))]
    model = fitted(rows)
    tests = OwnErrors(model, rows)
    assert tests.difference("cnn", "human") == model.tests().difference("cnn", "human")
    assert tests.difference("cnn", "random") != model.tests().difference("cnn", "random")


def test_groups_weigh_the_same_in_an_own_error_and_have_their_own_differences() -> None:
    """SynA's three groups: the difference is the mean of theirs, as their listeners' means say."""
    rows = of_attribute(read_ratings(RATINGS / "synA_balanced.csv"), "overall")
    rows = rows[rows["participant"] != rows["participant"].iloc[0]]
    design = build_design(rows, fixed=("group", "system", "group:system"))
    tests = OwnErrors(fit_unequal(design, system_of(rows), fit(design)), rows)
    means = rows.pivot_table(index="group", columns="system", values="rating")
    own = means["cnn"] - means["human"]
    for group in design.groups:
        found = tests.difference("cnn", "human", group)
        assert found.estimate == pytest.approx(own[group])
    assert tests.difference("cnn", "human").estimate == pytest.approx(own.mean())


def test_predicted_effects_are_the_linear_mixed_models_where_spreads_are_equal() -> None:
    """Shifts of one system leave spreads alone: fitted on equal strata, the same predictions."""
    rows = table_of("synS_singular")
    design = build_design(rows)
    start = fit(design)
    one = fit_unequal(design, np.zeros(len(rows), dtype=np.int64), start)
    assert one.deviance == pytest.approx(start.deviance, rel=1e-10)
    tests, inference = one.tests(), Inference(start)
    row = contrast_row(design, system="cnn") - contrast_row(design, system="human")
    assert tests.contrast(row).df == pytest.approx(inference.contrast(row).df, rel=1e-5)
    section = json_form(lmm_section(rows, list(design.systems), 5.0, "satterthwaite"))
    nested, _, sd, _ = one.predicted_effects()
    slot = int(np.flatnonzero(design.nested_of == 0)[0])
    for place, row_of in enumerate(section["random"]["participant"]):
        assert nested[place, slot] == pytest.approx(row_of["value"], abs=1e-4)
        assert sd[place, slot] == pytest.approx(row_of["sd"], rel=1e-4)


def test_what_has_no_spread_is_named() -> None:
    """A system whose ratings follow from the rest, and too many systems."""
    rows = table_of("synS_singular")
    flat = rows.assign(rating=rows["rating"].where(rows["system"] != "cnn", 100.0))
    with pytest.raises(NotEstimableError, match="have no residual spread"):
        json_form(lmm_unequal_section(flat, list(flat["system"].unique()), 5.0))
    many = pd.concat([rows.assign(system=rows["system"] + str(i)) for i in range(4)])
    with pytest.raises(NotEstimableError, match="at most 12 systems"):
        json_form(lmm_unequal_section(many, [], 5.0))
