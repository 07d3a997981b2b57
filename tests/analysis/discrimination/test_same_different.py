"""Same-different: d' and its limits against psyphy and closed forms, exact tests against R."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import minimize

import places
from analysis.discrimination.differencing import (
    SaidOfPairs,
    criterion,
    exact_p,
    share_different,
)
from analysis.discrimination.heard_by import HEARS, heard_by_at_most
from analysis.discrimination.same_different import lowest_share

DATA = places.ROOT / "tests" / "data" / "trials"
PSYPHY = 2e-4
"""Tolerance that ``uniroot`` leaves in psyphy's d'."""


def listeners() -> list[SaidOfPairs]:
    """Answers of each listener of the set that golden.R draws."""
    rows = pd.read_csv(DATA / "same_different.csv")
    counted = []
    for _, own in rows.groupby("participant"):
        said = own.groupby("different")["said_different"].agg(["sum", "size"])
        counted.append(SaidOfPairs(*map(int, (*said.loc[1], *said.loc[0]))))
    return counted


def test_d_prime_is_psyphys_and_that_of_the_closed_form(golden: dict[str, Any]) -> None:
    """``dprime.SD(method = "diff")``; the shares of d' 2 and criterion 1.5 lead back to them."""
    rates = zip(golden["hits"], golden["false_alarms"], golden["same_different_d"], strict=True)
    for hit, false_alarm, d_prime in rates:
        said = SaidOfPairs(round(1000 * hit), 1000, round(1000 * false_alarm), 1000)
        assert said.d_prime() == pytest.approx(d_prime, abs=PSYPHY)
    phi, root = stats.norm.cdf, np.sqrt(2)
    hit, false_alarm = phi(0.5 / root) + phi(-3.5 / root), 2 * phi(-1.5 / root)
    assert share_different(2.0, 1.5) == pytest.approx(hit, rel=1e-12)
    assert criterion(false_alarm) == pytest.approx(1.5, rel=1e-12)
    n = 10**7
    said = SaidOfPairs(round(hit * n), n, round(false_alarm * n), n)
    assert said.d_prime() == pytest.approx(2.0, abs=1e-6)


def test_the_shares_are_those_of_an_observer_who_compares_percepts() -> None:
    """Two percepts of unit variance, called different where they lie farther apart than tau."""
    random = np.random.default_rng(5)
    a, b = random.normal(0, 1, 400_000), random.normal(1.2, 1, 400_000)
    share = float(np.mean(np.abs(a - b) > 1.7))
    assert share_different(1.2, 1.7) == pytest.approx(share, abs=0.003)


def test_exact_tests_are_rs(golden: dict[str, Any]) -> None:
    """``fisher.test`` of each listener and of all as one, ``mantelhaen.test`` of all as strata."""
    own = listeners()
    assert [exact_p([each]) for each in own] == pytest.approx(golden["fishers"], rel=1e-9)
    assert exact_p(own) == pytest.approx(golden["stratified"], rel=1e-9)
    counts = [(each.n_hits, each.n_different, each.n_false_alarms, each.n_same) for each in own]
    together = SaidOfPairs(*map(int, np.sum(counts, axis=0)))
    assert exact_p([together]) == pytest.approx(golden["fisher"], rel=1e-9)


def test_limits_are_where_the_likelihood_has_fallen_by_half_a_quantile() -> None:
    """18 of 20 against 4 of 20, the best criterion at each limit sought by another search."""
    said = SaidOfPairs(18, 20, 4, 20)

    def log_likelihood(d_prime: float, tau: float) -> float:
        hit, false_alarm = share_different(d_prime, tau), share_different(0.0, tau)
        return float(stats.binom.logpmf(18, 20, hit) + stats.binom.logpmf(4, 20, false_alarm))

    def best(d_prime: float) -> float:
        found = minimize(lambda tau: -log_likelihood(d_prime, tau[0]), [1.5], method="Nelder-Mead")
        return -float(found.fun)

    # at the estimate hits and false alarms are as seen: the saturated likelihood
    top = stats.binom.logpmf(18, 20, 0.9) + stats.binom.logpmf(4, 20, 0.2)
    for limit in said.interval():
        assert limit is not None
        assert top - best(limit) == pytest.approx(stats.chi2.ppf(0.95, 1) / 2, abs=1e-5)


def test_d_prime_has_ends_and_no_value_without_both_kinds_of_pairs() -> None:
    """No more hits than false alarms begin at 0; hits without a miss have no upper limit."""
    assert SaidOfPairs(5, 10, 5, 10).d_prime() == 0.0
    low, high = SaidOfPairs(5, 10, 5, 10).interval()
    assert low == 0.0
    assert high is not None
    assert 1.5 < high < 4.0
    for said in (SaidOfPairs(10, 10, 2, 10), SaidOfPairs(8, 10, 0, 10)):
        assert said.d_prime() is None
        low, high = said.interval()
        assert low is not None
        assert low > 1.0
        assert high is None
    for said in (SaidOfPairs(3, 4, 0, 0), SaidOfPairs(0, 0, 3, 4)):
        assert (said.d_prime(), said.interval(), exact_p([said])) == (None, (None, None), 1.0)


@pytest.mark.slow
def test_limits_and_bound_cover_in_drawn_studies() -> None:
    """95 % of intervals hold d'; the bound holds, too where criteria spread by two logits."""
    random = np.random.default_rng(8)
    n_studies, n, trials, share = 600, 24, 10, 0.25
    d_prime, tau = 1.5, 1.8
    covered = 0
    for _ in range(n_studies):
        hits = random.binomial(60, share_different(d_prime, tau))
        false_alarms = random.binomial(60, share_different(0.0, tau))
        low, high = SaidOfPairs(int(hits), 60, int(false_alarms), 60).interval()
        covered += (low or 0.0) <= d_prime <= (np.inf if high is None else high)
    error = np.sqrt(0.95 * 0.05 / n_studies)
    assert covered / n_studies == pytest.approx(0.95, abs=3 * error)
    for spread, heard in ((0.0, 0.5), (0.0, 0.9), (2.0, 0.5)):
        held = 0
        for _ in range(n_studies):
            c = stats.logistic.cdf(-1.4 + spread * random.normal(size=n))
            p = np.where(random.random(n) < share, c + (1 - c) * heard, c)
            hits, false_alarms = (int(random.binomial(trials, each).sum()) for each in (p, c))
            guessed = lowest_share(false_alarms, n * trials, 0.025)
            held += heard_by_at_most(hits, [trials] * n, guessed, HEARS, 0.975) >= share
        assert held / n_studies > 0.98
