"""Mean opinion scores beside closed forms and statsmodels; the subject model beside sureal."""

from __future__ import annotations

import importlib.util
import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS

import places
from analysis.findings.sections import NotEstimable
from analysis.opinion.mean_scores import clustered_variance, opinion_scores
from analysis.opinion.subject_model import recover, subject_model
from analysis.results import analyse
from analysis.statistics.estimable import NotEstimableError

GOLDEN = json.loads((places.RATINGS / "golden_sureal.json").read_text(encoding="utf-8"))
SHARED = places.SHARED / "data" / "ratings"


def hand_made() -> pd.DataFrame:
    """The small set of the script that ran sureal."""
    path = places.RATINGS / "golden_sureal.py"
    spec = importlib.util.spec_from_file_location("golden_sureal", path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return pd.DataFrame(script.HAND, columns=["participant", "song", "system", "rating"])


def votes_of(name: str) -> pd.DataFrame:
    """A set by name: made by hand, kept here, or of the shared folder."""
    if name == "hand":
        return hand_made()
    folder = places.RATINGS if name == "mos_1_to_5" else SHARED
    path = folder / f"{name}.csv"
    if not path.exists():
        pytest.skip("the shared ratings are not here")
    return pd.read_csv(path)


@pytest.mark.parametrize("name", GOLDEN)
def test_quality_bias_and_inconsistency_are_sureals(name: str) -> None:
    """Package sureal 0.9.0, its solver by alternating projection, within 1e-6; intervals too."""
    golden: dict[str, Any] = GOLDEN[name]
    found = subject_model(votes_of(name))
    assert found.converged == (golden["n_rounds"] < 1000)
    assert found.n_rounds == golden["n_rounds"]

    def of(rows: Any, key: str) -> list[float]:
        return [getattr(row, key) for row in rows]

    for rows, key in (
        (found.stimuli, "quality"), (found.listeners, "bias"), (found.listeners, "inconsistency"),
    ):  # fmt: skip
        np.testing.assert_allclose(of(rows, key), golden[key], rtol=0, atol=1e-6)
    for rows, key, low in (
        (found.stimuli, "quality", "ci_low"), (found.listeners, "bias", "bias_low"),
    ):  # fmt: skip
        half = np.subtract(of(rows, key), of(rows, low))
        # the package rounds 1.959964 to 1.95996
        np.testing.assert_allclose(half, golden[f"{key}_half_width"][0], rtol=3e-6, atol=1e-8)
    below, above = golden["inconsistency_widths"]
    own = np.array(of(found.listeners, "inconsistency"))
    low, high = (np.array(of(found.listeners, f"inconsistency_{end}")) for end in ("low", "high"))
    np.testing.assert_allclose(own - low, below, rtol=0, atol=1e-6)
    np.testing.assert_allclose(high - own, above, rtol=0, atol=1e-6)


def test_biases_are_found_where_they_were_put() -> None:
    """Votes that are quality plus bias exactly: each comes back, whoever voted how often."""
    quality, bias = np.array([1.0, 2.5, 4.0]), np.array([-0.5, 0.0, 0.5])
    stimulus, listener = (each.ravel() for each in np.indices((3, 3)))
    found = recover(quality[stimulus] + bias[listener], stimulus, listener)
    np.testing.assert_allclose(found.quality, quality, atol=1e-9)
    np.testing.assert_allclose(found.bias, bias, atol=1e-9)
    np.testing.assert_allclose(found.inconsistency, 0.0, atol=1e-6)


def test_one_listener_has_no_bias() -> None:
    """One sentence."""
    with pytest.raises(NotEstimableError, match="two listeners and two stimuli are needed"):
        recover(np.array([1.0, 2.0]), np.array([0, 1]), np.array([0, 0]))


def test_a_balanced_score_has_the_interval_of_listeners_means() -> None:
    """Everybody on every item: over listeners it is Student's interval of their means."""
    random = np.random.default_rng(4)
    votes = random.integers(1, 6, (7, 5)).astype(float)
    rows = pd.DataFrame(
        [(f"p{i}", f"s{j}", "a", votes[i, j]) for i in range(7) for j in range(5)],
        columns=["participant", "song", "system", "rating"],
    )
    [row] = opinion_scores(rows, "MOS")
    means = votes.mean(axis=1)
    half = stats.t.ppf(0.975, 6) * means.std(ddof=1) / math.sqrt(7)
    assert (row.score, row.n_votes, row.n_participants, row.n_songs) == ("MOS", 35, 7, 5)
    assert row.mean == pytest.approx(votes.mean(), abs=1e-12)
    assert row.ci_high - row.mean == pytest.approx(half, abs=1e-12)
    assert row.mean - row.ci_low == pytest.approx(half, abs=1e-12)


def test_the_variance_over_listeners_and_items_is_statsmodels() -> None:
    """Unbalanced, replicates too: two-way clustered covariance of a mean, to rounding."""
    table = votes_of("mos_1_to_5")
    for name, rows in table.groupby("system"):
        votes = rows["rating"].to_numpy(dtype=float)
        codes = [pd.factorize(rows[key])[0] for key in ("participant", "song")]
        fit = OLS(votes, np.ones(len(votes))).fit()
        one = fit.get_robustcov_results("cluster", groups=codes[0])
        two = fit.get_robustcov_results("cluster", groups=np.column_stack(codes))
        own = clustered_variance(votes, codes[:1])
        other = clustered_variance(votes, codes[1:])
        assert own == pytest.approx(float(one.bse[0]) ** 2, rel=1e-10), name
        wanted = max(float(two.cov_params()[0, 0]), own, other)
        assert clustered_variance(votes, codes) == pytest.approx(wanted, rel=1e-10), name


def test_scores_are_there_only_where_ratings_are_votes() -> None:
    """With a name of the score they stand among the findings; one song has no interval of songs."""
    once = hand_made().drop_duplicates(["participant", "song", "system"])
    table = once.assign(attribute="overall", scale_minimum=1, scale_maximum=5)
    plain = analyse(table, n_bootstrap=50).attributes["overall"]
    found = analyse(table, n_bootstrap=50, opinion_score="MOS")
    part = found.attributes["overall"]
    assert not isinstance(plain, NotEstimable)
    assert not isinstance(part, NotEstimable)
    assert plain.opinion_scores is None
    assert plain.subject_model is None
    assert found.settings.opinion_score == "MOS"
    [a, *_] = part.opinion_scores  # type: ignore[misc]
    assert (a.score, a.mean) == ("MOS", 3.9)
    [alone, *_] = opinion_scores(table[table["song"] == "s1"], "MOS")
    assert math.isnan(alone.items_ci_low)
    assert not math.isnan(alone.ci_low)
