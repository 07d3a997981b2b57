"""The linear mixed model against R (lme4, lmerTest, pbkrtest, emmeans) and against closed forms."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.findings.json_form import json_form
from analysis.methods.group_residuals import fit_group_residuals
from analysis.methods.lmm import fit_default, fitted_values, lmm_section
from analysis.mixed_model.build import build_design
from analysis.mixed_model.fit import MixedModel, _Profile, fit
from analysis.mixed_model.inference import Inference, tukey_p
from analysis.ratings.table import (
    of_attribute,
    participant_groups,
    participant_means,
    read_ratings,
)
from analysis.statistics.anova import mixed_anova
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.threads import one_blas_thread
from places import RATINGS
from tests.analysis.golden_sets import golden_set

DATA = RATINGS
GOLDEN = json.loads((DATA / "golden.json").read_text())
UNBALANCED = json.loads((DATA / "golden_unbalanced.json").read_text())
M2 = ("participant", "song", "participant:system", "song:system")
GROUPED = ("group", "system", "group:system")
MODELS: dict[str, dict[str, Any]] = {
    "M1": {"random": ("participant", "song")},
    "M2": {"random": M2},
    "M3": {},
    "M4": {"fixed": GROUPED},
    "F1": {
        "random": ("participant", "participant:song", "participant:system"),
        "fixed": ("system", "song", "system:song"),
    },
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small matrices: further BLAS threads only wait for each other."""
    with one_blas_thread():
        yield


@pytest.fixture(scope="module")
def balanced() -> pd.DataFrame:
    """Complete synthetic ratings of one attribute."""
    return of_attribute(read_ratings(DATA / "synA_balanced.csv"), "overall")


@pytest.fixture(scope="module")
def fits(balanced: pd.DataFrame) -> dict[str, MixedModel]:
    """All five models of the golden file."""
    return {name: fit(build_design(balanced, **how)) for name, how in MODELS.items()}


def check_against(golden: dict[str, Any], model: MixedModel) -> None:
    """Deviance and variances within the tolerances of the reference."""
    assert model.converged
    assert model.deviance == pytest.approx(golden["REMLcrit"], rel=1e-10)
    expected = {row["grp"]: row["vcov"] for row in golden["varcorr"]}
    assert model.residual_variance == pytest.approx(expected["Residual"], rel=1e-5)
    for name, value in zip(model.design.components, model.variance, strict=True):
        assert value == pytest.approx(expected[name], rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("name", MODELS)
def test_deviance_and_variances_equal_lme4(name: str, fits: dict[str, MixedModel]) -> None:
    """REML criterion to 1e-10, variances to 1e-5."""
    check_against(GOLDEN["lmm"][name], fits[name])


EXCHANGED = {"participant": "song", "song": "participant"}


def test_more_songs_than_participants_give_rs_numbers_too(balanced: pd.DataFrame) -> None:
    """The model is the same with songs and participants exchanged: a block a song, R's values."""
    design = build_design(balanced.rename(columns=EXCHANGED))
    assert (design.blocks_by, design.blocks) == ("song", design.songs)
    assert (len(design.songs), len(design.participants)) == (30, 10)
    model, golden = fit(design), GOLDEN["lmm"]["M3"]
    assert model.deviance == pytest.approx(golden["REMLcrit"], rel=1e-10)
    expected = {row["grp"]: row["vcov"] for row in golden["varcorr"]}
    found = dict(zip(design.components, model.variance, strict=True))
    for ours, theirs in {
        "participant": "song",
        "song": "participant",
        "participant:system": "song:system",
        "song:system": "participant:system",
        "participant:song": "participant:song",
    }.items():
        assert found[ours] == pytest.approx(expected[theirs], rel=1e-5)
    for method, key in (("satterthwaite", "satt"), ("kenward-roger", "kr")):
        (row,) = golden[f"anova3_{key}"]
        test = Inference(model, method).term_test("system")
        assert test.f == pytest.approx(row["F value"], rel=1e-6)
        assert test.df2 == pytest.approx(row["DenDF"], rel=1e-6)


def test_effects_of_participants_and_songs_are_exchanged_with_them(balanced: pd.DataFrame) -> None:
    """Predictions of both, groups apart, with a rating missing: the same people, the same songs."""
    rows = balanced.iloc[1:].assign(group="all")
    systems = sorted(rows["system"].unique())
    plain = lmm_section(rows, systems, 5.0, "satterthwaite")
    turned = lmm_section(rows.rename(columns=EXCHANGED), systems, 5.0, "satterthwaite")
    for ours, theirs in EXCHANGED.items():
        pairs = zip(turned.random[ours], plain.random[theirs], strict=True)
        for found, expected in pairs:
            assert found.level == expected.level
            assert (found.value, found.sd) == pytest.approx((expected.value, expected.sd))
    assert turned.residuals.fitted == pytest.approx(plain.residuals.fitted)


@pytest.mark.parametrize(
    ("name", "method", "key"),
    [
        *((name, "satterthwaite", "satt") for name in MODELS),
        *((name, "kenward-roger", "kr") for name in ("M1", "M2", "M3", "M4")),
    ],
)
def test_type_three_tests_equal_r(
    name: str, method: str, key: str, fits: dict[str, MixedModel]
) -> None:
    """F and denominator degrees of freedom to 1e-6."""
    inference = Inference(fits[name], method)
    for row in GOLDEN["lmm"][name][f"anova3_{key}"]:
        found = inference.term_test(row["row"])
        assert found.df1 == row["NumDF"]
        assert found.f == pytest.approx(row["F value"], rel=1e-6)
        assert found.df2 == pytest.approx(row["DenDF"], rel=1e-6)
        assert found.p == pytest.approx(row["Pr(>F)"], rel=1e-4)


@pytest.mark.parametrize(("method", "key"), [("satterthwaite", "satt"), ("kenward-roger", "kr")])
@pytest.mark.parametrize("name", ["M1", "M2", "M3", "M4"])
def test_marginal_means_equal_emmeans(
    name: str, method: str, key: str, fits: dict[str, MixedModel]
) -> None:
    """Means, standard errors, degrees of freedom and limits; for M4 also in each group."""
    inference = Inference(fits[name], method)
    rows = list(GOLDEN["lmm"][name][f"emm_{key}"])
    if key == "satt":
        rows += GOLDEN["lmm"][name].get("emm_by", [])
    for row in rows:
        found = inference.marginal_mean(row["system"], row.get("group"))
        assert found.estimate == pytest.approx(row["emmean"], rel=1e-8)
        assert found.se == pytest.approx(row["SE"], rel=1e-6)
        assert found.df == pytest.approx(row["df"], rel=1e-5)
        assert found.interval() == pytest.approx((row["lower.CL"], row["upper.CL"]), rel=1e-6)


def test_pairs_equal_emmeans_with_holm_and_tukey(
    balanced: pd.DataFrame, fits: dict[str, MixedModel]
) -> None:
    """Differences a - b of the default model with groups; intervals unadjusted."""
    golden = GOLDEN["lmm"]["M4"]
    found = json_form(
        lmm_section(balanced, ["baseline", "cnn", "human", "random"], 5.0, "satterthwaite")
    )
    by_pair = {f"{row['a']} - {row['b']}": row for row in found["pairs"]}
    for row in golden["pairs_satt_none"]:
        pair = by_pair[row["contrast"]]
        assert pair["estimate"] == pytest.approx(row["estimate"], rel=1e-8)
        assert pair["se"] == pytest.approx(row["SE"], rel=1e-6)
        assert pair["df"] == pytest.approx(row["df"], rel=1e-5)
        assert (pair["ci_low"], pair["ci_high"]) == pytest.approx(
            (row["lower.CL"], row["upper.CL"]), rel=1e-6
        )
    for row in golden["pairs_satt_holm"]:
        assert by_pair[row["contrast"]]["p_holm"] == pytest.approx(row["p.value"], rel=1e-4)
    for row in golden["pairs_satt_tukey"]:
        tukey = by_pair[row["contrast"]]["p_tukey"]
        assert tukey == pytest.approx(row["p.value"], rel=1e-2, abs=1e-7)
    by_group = {(r["group"], f"{r['a']} - {r['b']}"): r for r in found["pairs_by_group"]}
    for row in golden["pairs_by_holm"]:
        pair = by_group[row["group"], row["contrast"]]
        assert pair["estimate"] == pytest.approx(row["estimate"], rel=1e-8)
        assert pair["p_holm"] == pytest.approx(row["p.value"], rel=1e-4)


def test_the_reference_anchors(fits: dict[str, MixedModel]) -> None:
    """Printed numbers of M3: F(3, 78.375) = 44.222, cnn - human -2.817 with se 3.0497."""
    inference = Inference(fits["M3"])
    found = inference.term_test("system")
    assert (found.f, found.df2) == pytest.approx((44.2222229, 78.37535), rel=1e-6)
    pair = inference.difference("cnn", "human")
    assert (pair.estimate, pair.se) == pytest.approx((-2.816667, 3.049727), rel=1e-6)


@pytest.mark.parametrize("name", UNBALANCED)
def test_unbalanced_data_equal_r(name: str) -> None:
    """Gaps, unequal groups, zero variances: both methods, F and df to 1e-6, marginal means too."""
    golden = UNBALANCED[name]
    fitted = fit_default(of_attribute(read_ratings(DATA / f"{name}.csv"), "overall"))
    assert fitted.grouped == (len(golden["anova3_satt"]) == 3)
    check_against(golden, fitted.model)
    for method, key in (("satterthwaite", "satt"), ("kenward-roger", "kr")):
        inference = Inference(fitted.model, method)
        for row in golden[f"anova3_{key}"]:
            found = inference.term_test(row["row"])
            assert found.f == pytest.approx(row["F value"], rel=1e-6)
            assert found.df2 == pytest.approx(row["DenDF"], rel=1e-6)
        for row in golden[f"emm_{key}"]:
            mean = inference.marginal_mean(row["system"])
            assert mean.estimate == pytest.approx(row["emmean"], rel=1e-8)
            assert mean.se == pytest.approx(row["SE"], rel=1e-6)
            assert mean.df == pytest.approx(row["df"], rel=1e-5)


def test_zero_variances_are_dropped_as_lmertest_does() -> None:
    """Singular fit: two variances exactly 0, F(3, 360), pairs as emmeans."""
    golden = GOLDEN["singular"]
    rows = of_attribute(read_ratings(DATA / "synS_singular.csv"), "overall")
    model = fit(build_design(rows, M2))
    assert model.dropped == ("participant:system", "song:system")
    assert model.singular
    assert model.deviance == pytest.approx(golden["REMLcrit"], rel=1e-10)
    assert dict(zip(model.design.components, model.variance, strict=True)) == pytest.approx(
        {name: value for name, value in golden["vc"].items() if name != "Residual"}, rel=1e-5
    )
    inference = Inference(model)
    found = inference.term_test("system")
    assert found.f == pytest.approx(golden["anova"]["F value"], rel=1e-6)
    assert found.df2 == pytest.approx(360, rel=1e-8)
    for row in golden["pairs"]:
        pair = inference.difference(*row["contrast"].split(" - "))
        assert (pair.estimate, pair.se) == pytest.approx((row["estimate"], row["SE"]), rel=1e-6)


def test_a_variance_close_to_zero_is_found_as_lme4_finds_it() -> None:
    """Ratings in whole numbers from 1 to 5; a third of a per cent of the variance is not zero."""
    golden = json.loads((RATINGS / "golden_coarse.json").read_text())
    rows = of_attribute(read_ratings(RATINGS / "coarse_1_to_5.csv"), "overall")
    section = json_form(lmm_section(rows, ["baseline", "cnn", "human"], 0.2, "satterthwaite"))
    assert section["reml_deviance"] == pytest.approx(golden["REMLcrit"], abs=1e-8)
    variance = {**golden["variance"], "residual": golden["variance"].pop("Residual")}
    del variance["Residual"]
    assert section["variance"] == pytest.approx(variance, rel=1e-5, abs=1e-12)
    for ours, theirs in zip(section["pairs"], golden["pairs"], strict=True):
        assert f"{ours['a']} - {ours['b']}" == theirs["contrast"]
        assert [ours[key] for key in ("estimate", "se", "df", "p")] == pytest.approx(
            [theirs[key] for key in ("estimate", "SE", "df", "p.value")], rel=1e-6
        )


def test_replicates_add_a_random_factor() -> None:
    """Repeated ratings bring participant:song:system, and the fit equals lme4's."""
    golden = GOLDEN["repeats"]["lmm"]
    rows = of_attribute(read_ratings(DATA / "synR_repeats.csv"), "overall")
    model = fit(build_design(rows))
    assert "participant:song:system" in model.design.components
    check_against(golden, model)
    found = Inference(model).term_test("system")
    assert found.f == pytest.approx(golden["anova"][0]["F value"], rel=1e-6)
    assert found.df2 == pytest.approx(golden["anova"][0]["DenDF"], rel=1e-5)


def test_the_gradient_is_the_derivative_of_the_deviance(balanced: pd.DataFrame) -> None:
    """Central differences at a point away from the optimum, with a third of the ratings missing."""
    rows = balanced.sample(frac=0.67, random_state=1)
    profile = _Profile(build_design(rows, fixed=GROUPED))
    theta = np.array([0.5, 0.3, 0.6, 0.2, 0.4])
    _, gradient = profile(theta)
    for k in range(len(theta)):
        step = np.zeros_like(theta)
        step[k] = 1e-5
        numeric = (profile(theta + step)[0] - profile(theta - step)[0]) / 2e-5
        assert gradient[k] == pytest.approx(numeric, rel=1e-6)


def dense_deviance(
    rows: pd.DataFrame, random: tuple[str, ...], variance: list[float], residual: Any = 1.0
) -> float:
    """REML deviance written out with the full covariance matrix of the ratings."""
    y = rows["rating"].to_numpy(dtype=float)
    systems = pd.get_dummies(rows["system"]).to_numpy(dtype=float)
    x = np.column_stack([np.ones(len(y)), systems[:, :-1] - systems[:, -1:]])
    v = variance[-1] * residual * np.eye(len(y))
    for name, value in zip(random, variance, strict=False):
        level = rows[name.split(":")].agg("|".join, axis=1).to_numpy()
        v += value * (level[:, None] == level[None, :])
    inverse = np.linalg.inv(v)
    xvx = x.T @ inverse @ x
    b = np.linalg.solve(xvx, x.T @ inverse @ y)
    rest = y - x @ b
    logs = np.linalg.slogdet(v)[1] + np.linalg.slogdet(xvx)[1]
    return float(logs + rest @ inverse @ rest + (len(y) - x.shape[1]) * np.log(2 * np.pi))


def test_an_incomplete_design_equals_the_written_out_likelihood(balanced: pd.DataFrame) -> None:
    """Half of the ratings missing: same deviance as the dense formula, and no better point near."""
    few = balanced[balanced["participant"] < "P13"]
    rows = few.sample(frac=0.5, random_state=4).reset_index(drop=True)
    model = fit(build_design(rows))
    values = [*model.variance, model.residual_variance]
    names = model.design.components
    assert model.converged
    assert model.deviance == pytest.approx(dense_deviance(rows, names, values), rel=1e-10)
    for k in range(len(values)):
        for factor in (0.97, 1.03):
            moved = values.copy()
            moved[k] *= factor
            assert dense_deviance(rows, names, moved) > model.deviance - 1e-9


def test_weights_equal_the_written_out_likelihood(balanced: pd.DataFrame) -> None:
    """Ratings of one group with four times the residual variance: same deviance as dense."""
    rows = balanced[balanced["participant"] < "P13"].reset_index(drop=True)
    ratio = np.where(rows["group"] == "pro", 1.0, 4.0)
    model = fit(build_design(rows, weights=1 / ratio))
    values = [*model.variance, model.residual_variance]
    expected = dense_deviance(rows, model.design.components, values, ratio)
    assert model.deviance + np.log(ratio).sum() == pytest.approx(expected, rel=1e-10)


def test_each_groups_own_residual_variance_is_found(balanced: pd.DataFrame) -> None:
    """Noise of 5, 10 and 20 points: the variances come back, a common one is refused."""
    rng = np.random.default_rng(8)
    balanced = balanced[balanced["song"] < "song07"]
    sd = balanced["group"].map({"pro": 5.0, "experienced": 10.0, "inexperienced": 20.0})
    people = balanced["participant"].map(_effects(balanced, 6.0))
    rows = balanced.assign(rating=50 + people + rng.normal(0, 1, len(balanced)) * sd)
    found = fit_group_residuals(rows)
    assert found.variance == pytest.approx(
        {"pro": 25.0, "experienced": 100.0, "inexperienced": 400.0}, rel=0.3
    )
    assert found.p < 1e-10
    assert found.deviance < fit(build_design(rows, fixed=GROUPED)).deviance - 100


def test_residual_variances_of_groups_are_those_of_glmmtmb() -> None:
    """Listeners in two groups, ratings missing; golden_group_residuals.R."""
    golden = json.loads((RATINGS / "golden_group_residuals.json").read_text())
    rows = of_attribute(read_ratings(RATINGS / "unbalanced_groups.csv"), "overall")
    assert fit_group_residuals(rows).variance == pytest.approx(golden["variance"], rel=1e-5)


def _effects(rows: pd.DataFrame, sd: float) -> dict[str, float]:
    """A random effect for each participant."""
    rng = np.random.default_rng(9)
    return {who: float(rng.normal(0, sd)) for who in sorted(rows["participant"].unique())}


def test_the_mixed_anova_is_the_model_on_means(balanced: pd.DataFrame) -> None:
    """Unequal groups, one mean per cell: type III F of the ANOVA are those of the mixed model."""
    means = participant_means(balanced)
    groups = participant_groups(balanced)
    kept = groups.index[[*range(4), *range(10, 17), *range(20, 30)]]
    table = mixed_anova(means.loc[kept].to_numpy(), groups[kept])
    rows = means.loc[kept].reset_index().melt("participant", value_name="rating")
    rows = rows.assign(group=rows["participant"].map(groups), song="all")
    inference = Inference(fit(build_design(rows, ("participant",), GROUPED)))
    for name, effect in table.items():
        found = inference.term_test(name)
        assert effect.f == pytest.approx(found.f, rel=1e-8)
        assert (effect.df1, effect.df2) == pytest.approx((found.df1, found.df2), rel=1e-8)


def test_a_balanced_model_equals_the_anova_of_the_textbook() -> None:
    """One random interaction, balanced: F is MS_system / MS_participant:system with exact df."""
    rng = np.random.default_rng(7)
    cells = pd.MultiIndex.from_product(
        [list("ABCDEFGH"), list("stuv"), ["x", "y", "z"]], names=["participant", "song", "system"]
    )
    rows = cells.to_frame(index=False).assign(group="all", attribute="overall")
    noise = rng.normal(0, 8, (8, 1, 1)) + rng.normal(0, 9, (8, 1, 3)) + rng.normal(0, 6, (8, 4, 3))
    rows["rating"] = (50 + noise + np.array([0, 4, 9])).ravel()
    means = rows.pivot_table(index="participant", columns="system", values="rating").to_numpy()
    centred = means - means.mean(axis=1, keepdims=True)
    effect = centred.mean(axis=0)
    ms_system = 8 * np.sum(effect**2) / 2
    ms_error = np.sum((centred - effect) ** 2) / 14
    found = Inference(fit(build_design(rows, ("participant", "participant:system"))))
    test = found.term_test("system")
    assert test.f == pytest.approx(ms_system / ms_error, rel=1e-8)
    assert (test.df1, test.df2) == pytest.approx((2, 14), rel=1e-8)
    assert test.p == pytest.approx(stats.f.sf(ms_system / ms_error, 2, 14), rel=1e-7)


def test_the_order_of_rows_and_names_does_not_matter(balanced: pd.DataFrame) -> None:
    """Shuffled rows and a renamed first system give the same model."""
    first = fit(build_design(balanced))
    shuffled = balanced.sample(frac=1.0, random_state=2).replace({"system": {"baseline": "zzz"}})
    second = fit(build_design(shuffled))
    assert second.deviance == pytest.approx(first.deviance, rel=1e-12)
    one = Inference(first).difference("baseline", "cnn")
    two = Inference(second).difference("cnn", "zzz")
    assert (one.estimate, one.se, one.df) == pytest.approx((-two.estimate, two.se, two.df))


def test_fitted_values_leave_residuals_that_sum_to_zero(balanced: pd.DataFrame) -> None:
    """Predictions shrink towards the mean and keep the ratings' mean."""
    model = fit_default(balanced).model
    fitted = fitted_values(model)
    ratings = balanced["rating"].to_numpy()
    assert fitted.mean() == pytest.approx(ratings.mean(), rel=1e-8)
    assert np.var(ratings - fitted) < model.residual_variance < np.var(ratings)


def test_tukeys_p_by_a_printed_table() -> None:
    """The .05 point of the studentised range for 3 means and 10 df is 3.877."""
    assert tukey_p(3.877 / np.sqrt(2), 3, 10) == pytest.approx(0.05, abs=1e-4)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda rows: rows[rows["participant"] == "P01"], "only one participant"),
        (lambda rows: rows[rows["song"] == "song01"], "only one song"),
        (lambda rows: rows[rows["system"] == "cnn"], "only one system"),
        (lambda rows: rows.assign(rating=50.0), "All ratings are equal"),
    ],
)
def test_data_that_cannot_carry_the_model_are_named(
    balanced: pd.DataFrame, change: Any, why: str
) -> None:
    """One participant, song or system, or no variation: a sentence instead of numbers."""
    with pytest.raises(NotEstimableError, match=why):
        fit_default(change(balanced))


def test_a_group_that_skipped_a_system_falls_back_to_one_group(balanced: pd.DataFrame) -> None:
    """The group model is impossible, the plain one is reported with the reason."""
    rows = balanced[~((balanced["group"] == "pro") & (balanced["system"] == "cnn"))]
    fitted = fit_default(rows)
    assert not fitted.grouped
    assert "one combination of group and system, there are no ratings" in str(fitted.why_left_out)


def test_a_system_that_nobody_rated_is_named_in_its_pairs(balanced: pd.DataFrame) -> None:
    """Its rows carry a status, all other pairs their numbers."""
    systems = ["baseline", "cnn", "ghost", "human", "random"]
    found = json_form(lmm_section(balanced, systems, 5.0, "satterthwaite"))
    ghost = [row for row in found["pairs"] if "ghost" in (row["a"], row["b"])]
    assert len(found["pairs"]) == 10
    assert len(ghost) == 4
    assert {row["why"] for row in ghost} == {"Nobody rated ghost."}


@pytest.mark.parametrize("name", ["M1", "M2", "M3", "F1"])
def test_a_real_incomplete_test_equals_r(name: str) -> None:
    """Codec ratings (each participant half of the items, 9 conditions): as lme4 and lmerTest."""
    rows, answers = golden_set("codec")
    golden = answers["lmm"][name]
    model = fit(build_design(rows, **MODELS[name]))
    check_against(golden, model)
    inference = Inference(model)
    for row in golden["anova3_satt"]:
        found = inference.term_test(row["row"])
        assert found.f == pytest.approx(row["F value"], rel=1e-6)
        assert found.df2 == pytest.approx(row["DenDF"], rel=1e-6)


def test_songs_alone_may_vary() -> None:
    """Every rating by somebody else: one-way analysis of variance gives both variances."""
    ratings = np.random.default_rng(5).normal(50, 10, (6, 4)) + np.arange(6)[:, None] * 8
    rows = pd.DataFrame({
        "participant": [f"P{k}" for k in range(24)],
        "song": np.repeat([f"s{k}" for k in range(6)], 4),
        "system": "a", "group": "all", "rating": ratings.ravel(),
    })  # fmt: skip
    model = fit(build_design(rows, fixed=()))
    within = ratings.var(axis=1, ddof=1).mean()
    between = 4 * ratings.mean(axis=1).var(ddof=1)
    assert model.design.components == ("song",)
    assert model.residual_variance == pytest.approx(within, rel=1e-8)
    assert model.variance == pytest.approx([(between - within) / 4], rel=1e-8)
