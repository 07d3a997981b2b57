"""Findings in other units: a table and its margin moved to another scale say the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.defaults import SATTERTHWAITE
from analysis.findings.json_form import json_form
from analysis.methods.friedman import friedman_section
from analysis.methods.lmm import lmm_section
from analysis.methods.tost import tost_rows
from analysis.ratings.margin import margins_of
from analysis.ratings.table import of_attribute, participant_means, read_ratings
from analysis.scale import Scale, scales_of, with_scale
from places import RATINGS
from tests.analysis.results_json import analyse

MEANS = {"anchor": 20, "cnn": 57, "human": 60, "reference": 95}
AS_THEY_ARE = {
    "verdict", "p", "p_holm", "p_exact", "p_adjusted", "p_difference_holm", "p_permutation",
    "p_gg", "p_hf", "tost_p", "tost_p_holm",
    "bf10_narrow", "bf10_wide", "d", "d_ci_low", "d_ci_high",
    "f", "df", "df1", "df2", "t", "chi2", "bf10", "bf_interval", "lr",
    "excluded", "flags", "share", "power", "r2_marginal", "kendall_w", "agreement",
}  # fmt: skip
"""Keys whose values do not hang on the units."""
STANDARDISED = {"d_z", "g_z", "g_av", "rank_biserial", "cliffs_delta", "icc"}


def ratings(seed: int = 1) -> pd.DataFrame:
    """Seven listeners in two groups, whole points of 100; some rate the reference low."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"P{who}", "pro" if who < 4 else "novice", f"s{song}", system, "overall",
         float(np.clip(round(mean + rng.normal(0, 8) + 6 * (who % 3) - 4 * song), 0, 100)))
        for who in range(7) for song in range(3) for system, mean in MEANS.items()
    ]  # fmt: skip
    names = ["participant", "group", "song", "system", "attribute", "rating"]
    return pd.DataFrame(rows, columns=names)


def found(table: pd.DataFrame, margin: float | None) -> dict[str, Any]:
    """Findings with the exclusion rules on."""
    return analyse(table, margin=margin, n_bootstrap=50, reference="reference", mid_anchor="anchor")


@pytest.fixture(scope="module")
def of_100() -> dict[str, Any]:
    """Findings in points of 100."""
    return found(ratings(), 5.0)


def leaves(one: Any, other: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[Any, Any, Any]]:
    """Path and both values of every leaf; the two have the same keys and lengths."""
    if isinstance(one, dict):
        assert one.keys() == other.keys(), path
        for key in one:
            yield from leaves(one[key], other[key], (*path, key))
    elif isinstance(one, list):
        assert len(one) == len(other), path
        for first, second in zip(one, other, strict=True):
            yield from leaves(first, second, path)
    else:
        yield path, one, other


def is_free_of_units(path: tuple[str, ...]) -> bool:
    """Whether a number must be the same in any units."""
    # whether the mean of all differs from 0 hangs on where 0 lies
    if path[-3:-1] == ("lmm", "fixed") or "fixed" in path:
        return False
    return path[-1] in AS_THEY_ARE or bool(STANDARDISED & set(path))


@pytest.mark.parametrize("scale", [Scale(1, 5), Scale(-3, 994.3)])
def test_a_table_and_its_margin_in_other_units_say_the_same(
    scale: Scale, of_100: dict[str, Any]
) -> None:
    """Every verdict, p and standardised effect stays; all else is moved with the scale."""
    factor = scale.range / 100
    table = ratings()
    moved = with_scale(table.assign(rating=scale.minimum + factor * table["rating"]), scale)
    n_free = 0
    for path, was, now in leaves(of_100, found(moved, 5 * factor)):
        if path[0] in {"versions", "settings"} or path[-1] in {"sha256", "why", "reml_deviance"}:
            continue
        if not isinstance(was, float):
            assert now == was, path
        elif is_free_of_units(path):
            n_free += 1
            assert now == pytest.approx(was, rel=1e-4, abs=1e-7), path
        elif "fixed" not in path:
            ways = (was, was * factor, was * factor**2, scale.minimum + was * factor)
            assert any(now == pytest.approx(way, rel=1e-4, abs=1e-7) for way in ways), path
    assert n_free > 200
    assert of_100["data"]["excluded"], "the rules of exclusion are among what is compared"


def test_settings_say_the_scale_and_the_margin_in_its_units() -> None:
    """5 % of the range unless said; attributes keep their own."""
    table = ratings()[lambda rows: (rows["song"] < "s2") & rows["system"].isin(["cnn", "human"])]
    other = with_scale(table.assign(rating=1 + table["rating"] / 25, attribute="mos"), Scale(1, 5))
    results = analyse(pd.concat([table, other]), n_bootstrap=20)
    assert results["settings"]["scale"] == {"minimum": 0.0, "maximum": 100.0, "step": None}
    assert results["settings"]["margin"] == 5.0
    mos = results["attributes"]["mos"]
    assert mos["scale"] == {"minimum": 1.0, "maximum": 5.0, "step": None}
    assert {row["margin"] for row in mos["tost"]} == {mos["margin"]} == {0.2}
    assert results["attributes"]["overall"]["margin"] == 5.0
    assert max(row["mean"] for row in results["screening"]["participants"]) > 5


def test_equivalence_on_a_five_point_scale_is_tested_in_its_points() -> None:
    """Two one-sided t tests at ±0.2, counted again by scipy."""
    table = with_scale(ratings().assign(rating=lambda rows: 1 + rows["rating"] // 25), Scale(1, 5))
    margin = margins_of(scales_of(table), None, "overall")["overall"]
    means = participant_means(table)
    pairs = json_form(tost_rows(means, margin))
    row = next(each for each in pairs if (each["a"], each["b"]) == ("cnn", "human"))
    d = means["cnn"] - means["human"]
    below = stats.ttest_1samp(d, -0.2, alternative="greater").pvalue
    above = stats.ttest_1samp(d, 0.2, alternative="less").pvalue
    assert row["p"] == pytest.approx(max(below, above), rel=1e-10)


@pytest.mark.parametrize(
    ("name", "estimate", "p", "tost_p", "low", "high", "chi2"),
    [
        ("likert_1_to_5", -0.4166666666666667, 0.0281613969090087, 0.902702745073419,
         -0.702851280204301, -0.130482053129033, 30.5128205128205),
        ("coarse_1_to_5", 0.208333333333333, 0.127159687904899, 0.52572023936975,
         -0.0184084624012803, 0.4350751290679470, 13.37777777777777821),
    ],
)  # fmt: skip
def test_tables_of_five_points_equal_r_in_their_own_units(
    name: str, estimate: float, p: float, tost_p: float, low: float, high: float, chi2: float
) -> None:
    """R 4.2.2: t.test(paired), also at ±0.2, and friedman.test, of listener means."""
    table = with_scale(read_ratings(RATINGS / f"{name}.csv"), Scale(1, 5, 1))
    margin = margins_of(scales_of(table), None, "overall")["overall"]
    means = participant_means(of_attribute(table, "overall"))
    pairs = json_form(tost_rows(means, margin))
    row = next(each for each in pairs if (each["a"], each["b"]) == ("baseline", "cnn"))
    names = ("estimate", "p_difference", "p", "ci90_low", "ci90_high")
    assert [row[key] for key in names] == pytest.approx([estimate, p, tost_p, low, high], rel=1e-10)
    assert json_form(friedman_section(means, 1))["chi2"] == pytest.approx(chi2, rel=1e-10)


def test_opinion_scores_of_eight_conditions_equal_lmertest() -> None:
    """Real ratings from 1 to 5: variances, F and means of the mixed model, pairs with Holm."""
    golden = json.loads((RATINGS / "golden_mos.json").read_text("utf-8"))
    table = with_scale(read_ratings(RATINGS / "mos_1_to_5.csv"), Scale(1, 5, 1))
    systems = sorted(table["system"].unique())
    model = json_form(lmm_section(of_attribute(table, "quality"), systems, 0.2, SATTERTHWAITE))
    assert model["reml_deviance"] == pytest.approx(golden["reml"], rel=1e-9)
    assert model["variance"]["residual"] == pytest.approx(golden["var"]["Residual"], rel=1e-5)
    assert model["omnibus"]["system"]["f"] == pytest.approx(golden["sat"]["f"], rel=1e-6)
    means = {row["system"]: row["mean"] for row in model["emmeans"]}
    for row in golden["emm"]:
        assert means[row["system"]] == pytest.approx(row["emmean"], abs=1e-7)
    pairs = {f"{row['a']} - {row['b']}": row for row in model["pairs"]}
    for row in golden["pairs"]:
        ours = pairs[row["contrast"]]
        assert ours["estimate"] == pytest.approx(row["estimate"], abs=1e-7)
        assert ours["p_holm"] == pytest.approx(row["p.holm"], rel=1e-4)
