"""d', the mixed logit and the bound on hearing, against R (lme4, psyphy) and closed forms.

The golden values and the sets are made by ``tests/data/trials/golden.R``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import places
from analysis.discrimination.heard_by import (
    heard_by_at_most,
    power_to_bound,
    power_to_hear,
    right_of_some,
)
from analysis.discrimination.paradigms import (
    abx_share,
    abx_share_by_differences,
    d_prime_of,
    triangle_share,
)
from analysis.mixed_model.mixed_logit import MixedLogit, fit_mixed_logit
from analysis.statistics.estimable import NotEstimableError

DATA = places.ROOT / "tests" / "data" / "trials"
PSYPHY = 2e-4
"""Tolerance that ``uniroot`` leaves in psyphy's d'."""


@pytest.mark.parametrize(
    ("share_of", "key", "shares"),
    [
        (abx_share, "abx_independent", "share"),
        (abx_share_by_differences, "abx_differencing", "share"),
        (triangle_share, "triangle", "triangle_share"),
    ],
)
def test_d_prime_of_right_answers_is_psyphys(
    golden: dict[str, Any], share_of: Any, key: str, shares: str
) -> None:
    """``dprime.ABX`` both ways and ``dprime.oddity``; guessing and no mistake are the ends."""
    for share, d_prime in zip(golden[shares], golden[key], strict=True):
        assert d_prime_of(share, share_of) == pytest.approx(d_prime, abs=PSYPHY)
    assert d_prime_of(share_of(0.0), share_of) == 0.0
    assert d_prime_of(1.0, share_of) is None


def test_a_triangle_trial_is_guessed_by_one_in_three_and_published_values_come_out() -> None:
    """Ennis (1993): d' 1 gives 41.80 % right, 2 60.48 %, 3 78.14 %."""
    assert triangle_share(0.0) == pytest.approx(1 / 3)
    found = [triangle_share(d_prime) for d_prime in (1, 2, 3)]
    assert found == pytest.approx([0.4180, 0.6048, 0.7814], abs=5e-5)


def fitted(name: str) -> MixedLogit:
    """The model of golden.R of a set."""
    if name == "same_different":
        rows = pd.read_csv(DATA / "same_different.csv")
        x = np.column_stack([np.ones(len(rows)), rows["different"]])
        y = rows["said_different"].to_numpy(float)
    else:
        rows = pd.read_csv(DATA / "abx.csv")
        y = rows["correct"].to_numpy(float)
        x = np.column_stack([rows["pair"] == "one", rows["pair"] == "two"]).astype(float)
    if name == "singular":
        x = np.ones((len(rows), 1))
        y = (np.arange(1, len(rows) + 1) % 3 > 0).astype(float)
    names = [f"column {at}" for at in range(x.shape[1])]
    return fit_mixed_logit(y, x, names, rows[["participant", "song"]])


@pytest.mark.parametrize("name", ["abx", "same_different", "singular"])
def test_the_mixed_logit_is_glmers(golden: dict[str, Any], name: str) -> None:
    """Log-likelihood within 1e-6 or higher, effects, standard errors and deviations with it."""
    wanted, model = golden[name], fitted(name)
    assert model.log_likelihood > wanted["logLik"] - 1e-6
    assert model.log_likelihood == pytest.approx(wanted["logLik"], abs=1e-5)
    assert model.coefficients == pytest.approx(np.atleast_1d(wanted["beta"]), abs=2e-4)
    assert np.sqrt(np.diag(model.covariance)) == pytest.approx(
        np.atleast_1d(wanted["se"]), abs=2e-3
    )
    for factor, sd in wanted["sd"].items():
        assert model.sd[factor] == pytest.approx(sd, abs=1e-3)


def test_answers_that_are_all_alike_have_no_odds() -> None:
    """One level that is always right has no finite odds either."""
    factors = pd.DataFrame({"participant": list("aabbccdd")})
    with pytest.raises(NotEstimableError, match="alike"):
        fit_mixed_logit(np.ones(8), np.ones((8, 1)), ["all"], factors)
    y = np.array([1.0, 1, 1, 1, 0, 1, 0, 1])
    x = np.column_stack([np.arange(8) < 4, np.arange(8) >= 4]).astype(float)
    with pytest.raises(NotEstimableError, match="no finite optimum"):
        fit_mixed_logit(y, x, ["one", "other"], factors)


def test_with_one_trial_each_the_bound_is_clopper_and_pearsons() -> None:
    """16 of 30 right in ABX: the limit of the share right, less guessing, over what is heard."""
    limit = stats.beta.ppf(0.95, 17, 14)
    for hears in (1.0, 0.5):
        bound = heard_by_at_most(16, [1] * 30, 0.5, hears=hears)
        assert bound == pytest.approx(min(1.0, (limit - 0.5) / 0.5 / hears), abs=1e-8)
    third = heard_by_at_most(10, [1] * 30, 1 / 3, hears=1.0)
    assert third == pytest.approx((stats.beta.ppf(0.95, 11, 20) - 1 / 3) * 1.5, abs=1e-8)


def test_the_distribution_of_right_answers_is_that_of_a_group_written_out() -> None:
    """Two listeners of two and one trial, by hand, with a quarter who always hear."""
    found = right_of_some([2, 1], 0.5, 1.0, 0.25)
    two, one = [0.1875, 0.375, 0.4375], [0.375, 0.625]
    by_hand = [
        two[0] * one[0], two[0] * one[1] + two[1] * one[0],
        two[1] * one[1] + two[2] * one[0], two[2] * one[1],
    ]  # fmt: skip
    assert found == pytest.approx(by_hand)


@pytest.mark.parametrize("at", [0, 60])
def test_the_bound_ends_at_nobody_and_everybody(at: int) -> None:
    """No right answer at all is less than guessing; no wrong one excludes nothing."""
    assert heard_by_at_most(at, [2] * 30, 0.5) == (0.0 if at == 0 else 1.0)


@pytest.mark.parametrize(
    ("right", "hears", "sentence"), [(5, 0.0, "share of occasions"), (9, 0.5, "between 0 and")]
)
def test_a_bound_on_nothing_is_refused(right: int, hears: float, sentence: str) -> None:
    """One sentence."""
    with pytest.raises(ValueError, match=sentence):
        heard_by_at_most(right, [4, 4], 0.5, hears=hears)


def test_power_is_that_of_the_exact_tests() -> None:
    """One trial each: the binomial's, from its own critical values."""
    heard = 0.5 + 0.5 * 0.4 * 0.5
    least = next(k for k in range(41) if stats.binom.sf(k - 1, 40, 0.5) <= 0.05)
    assert power_to_hear(40, 1, 0.5, 0.4) == pytest.approx(stats.binom.sf(least - 1, 40, heard))
    most = max(k for k in range(61) if stats.binom.cdf(k, 60, 0.65) <= 0.05)
    assert power_to_bound(60, 1, 0.5, 0.6) == pytest.approx(stats.binom.cdf(most, 60, 0.5))


@pytest.mark.slow
def test_the_bound_covers_and_the_model_is_found_in_drawn_studies() -> None:
    """95 % of bounds cover the share that hears, whatever they hear; the logit has no bias."""
    random = np.random.default_rng(8)
    n_studies, n, trials, share = 1000, 24, 8, 0.25
    for heard in (0.5, 0.9):  # at the limit of hearing, and well above it
        covered = 0
        for _ in range(n_studies):
            hearing = random.random(n) < share
            p = np.where(hearing, 0.5 + 0.5 * heard, 0.5)
            right = int(random.binomial(trials, p).sum())
            covered += heard_by_at_most(right, [trials] * n, 0.5) >= share
        assert covered / n_studies > 0.95 - 2.6 * np.sqrt(0.95 * 0.05 / n_studies)
    found, people = [], np.repeat(np.arange(30), 20)
    songs = np.tile(np.arange(10), 60)
    for _ in range(60):
        eta = 0.6 + random.normal(0, 0.7, 30)[people] + random.normal(0, 0.5, 10)[songs]
        y = (random.random(600) < 1 / (1 + np.exp(-eta))).astype(float)
        factors = pd.DataFrame({"participant": people, "song": songs})
        model = fit_mixed_logit(y, np.ones((600, 1)), ["all"], factors)
        found.append((*model.at(np.ones(1)),))
    estimates, errors = np.array(found)[:, 0], np.array(found)[:, 1]
    assert estimates.mean() == pytest.approx(0.6, abs=3 * estimates.std() / np.sqrt(60))
    covers = np.abs(estimates - 0.6) < 1.96 * errors
    assert 0.87 < covers.mean() < 0.99


def test_the_set_of_another_study_is_glmers(tmp_path: Path) -> None:
    """ABX of a constant phase shift, where the shared data are: R's model of the same rows."""
    path = places.ROOT.parent / "shared" / "data" / "ratings" / "abx_constant_phase.csv"
    if not path.is_file():
        pytest.skip("the shared data are not here")
    rows = pd.read_csv(path)
    y = rows["rating"].to_numpy(float)
    model = fit_mixed_logit(y, np.ones((len(y), 1)), ["all"], rows[["participant", "song"]])
    assert model.log_likelihood > PHASE_LOG_LIKELIHOOD - 1e-6


PHASE_LOG_LIKELIHOOD = -989.148663554517
