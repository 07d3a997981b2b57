"""Power of same-different trials: R's stratified exact test, and the report's bound."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import places
from analysis.discrimination import judged_power
from analysis.discrimination.differencing import SaidOfPairs, exact_p
from analysis.discrimination.heard_by import HEARS, LEVEL, heard_by_at_most
from analysis.discrimination.judged_power import (
    Judgements,
    power_to_bound_judged,
    stratified_power,
)
from analysis.discrimination.same_different import lowest_share
from analysis.findings.discrimination.told_apart import RightLogit
from analysis.trials import trials_section


@pytest.fixture(scope="module")
def of_r() -> dict[str, Any]:
    """Output of judged_and_left_out.R."""
    path = places.ROOT / "tests" / "data" / "trials" / "judged_and_left_out.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def test_the_power_is_that_of_rs_exact_test_over_all_tables(of_r: dict[str, Any]) -> None:
    """mantelhaen.test(exact = TRUE) of each of the 729 tables of three listeners."""
    some, every = Judgements(2, 2, 0.2, 0.8, 0.6), Judgements(2, 2, 0.25, 0.9, 1.0)
    assert stratified_power(some, 3, 0.05, 1) == pytest.approx(of_r["power_some"], abs=1e-9)
    assert stratified_power(every, 3, 0.05 / 3, 1) == pytest.approx(of_r["power_all"], abs=1e-9)


def test_without_trials_of_a_kind_or_listeners_nothing_is_found() -> None:
    """No power, and no bound."""
    for of in (Judgements(2, 0, 0.2, 0.8, 1.0), Judgements(0, 2, 0.2, 0.8, 1.0)):
        assert stratified_power(of, 9, 0.05, 1) == power_to_bound_judged(9, of, 0.5) == 0.0


def test_drawn_tables_and_normal_sums_have_the_power_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Thirty listeners: by drawn tables as by all 496; normal sums as exact ones of 320 trials."""
    of = Judgements(1, 1, 0.2, 0.6, 1.0)
    drawn = stratified_power(of, 30, 0.05, 1)
    monkeypatch.setattr(judged_power, "_MOST_TABLES", 10_000)
    every = stratified_power(of, 30, 0.05, 1)
    assert drawn == pytest.approx(every, abs=0.02)
    assert 0.7 < every < 0.95
    large = Judgements(8, 8, 0.2, 0.32, 1.0)
    exact = stratified_power(large, 40, 0.05, 1)
    monkeypatch.setattr(judged_power, "_NORMAL_FROM", 100)
    assert stratified_power(large, 40, 0.05, 1) == pytest.approx(exact, abs=0.02)


def test_the_bound_is_shown_as_often_as_the_reports_lies_below() -> None:
    """Each number of hits and false alarms of six listeners, by the report's own bound."""
    n, each, guessed, most = 6, 4, 0.2, 0.6
    error = (1 - LEVEL) / 2
    shown = sum(
        stats.binom.pmf(hits, n * each, guessed) * stats.binom.pmf(alarms, n * each, guessed)
        for hits in range(n * each + 1)
        for alarms in range(n * each + 1)
        if heard_by_at_most(
            hits, [each] * n, lowest_share(alarms, n * each, error), HEARS, 1 - error
        )
        < most
    )
    found = power_to_bound_judged(n, Judgements(each, each, guessed, guessed, 0.0), most)
    assert found == pytest.approx(shown, abs=1e-8)


@pytest.mark.slow
def test_planned_power_is_the_share_of_four_thousand_analysed_studies() -> None:
    """Listeners answer; the report's own p finds as many studies as planned, within 2 points."""
    rng = np.random.default_rng(7)
    for of, n, alpha in (
        (Judgements(2, 2, 0.2, 0.68, 0.5), 30, 0.05),
        (Judgements(4, 4, 0.3, 0.6, 1.0), 10, 0.05 / 3),
        (Judgements(1, 1, 0.2, 0.6, 1.0), 24, 0.05),
    ):
        found = 0
        for _ in range(4000):
            hit = np.where(rng.random(n) < of.share, of.hit, of.guessed)
            hits = rng.binomial(of.n_different, hit)
            alarms = rng.binomial(of.n_same, of.guessed, n)
            said = zip(hits.tolist(), alarms.tolist(), strict=True)
            listeners = [SaidOfPairs(h, of.n_different, a, of.n_same) for h, a in said]
            found += exact_p(listeners) <= alpha
        assert stratified_power(of, n, alpha, 1) == pytest.approx(found / 4000, abs=0.02)


def _abx(with_alike: bool) -> pd.DataFrame:
    """ABX answers of judged_and_left_out.R; beside them, if asked, a pair that all got right."""
    rows = []
    for who in range(1, 11):
        for song in range(1, 4):
            for trial in range(1, 5):
                right = int((who * 7 + song * 3 + trial * 5) % 11 < 1 + who + (song == 2))
                head = (f"P{who}", "", "abx", f"s{song}", "abx", "ref")
                rows.append((*head, "x", "a", right))
                if with_alike:
                    rows.append((*head, "z", "a", 1))
    names = ["participant", "part", "trial_kind", "song", "attribute", "system_a", "system_b"]
    return pd.DataFrame(rows, columns=[*names, "answer", "correct"])


def test_a_pair_that_all_got_right_leaves_the_model_to_the_others(of_r: dict[str, Any]) -> None:
    """As glmer without that pair, nAGQ = 1; the pair is named, and why."""
    found = trials_section(_abx(with_alike=True), (), seed=1)
    assert found is not None
    model = found.abx[0].mixed_logit
    assert isinstance(model, RightLogit)
    assert model.log_likelihood >= of_r["log_likelihood"] - 1e-6
    (row,) = model.pairs
    assert (row.a, row.b) == ("ref", "x")
    assert row.estimate == pytest.approx(of_r["estimate"], abs=1e-4)
    assert row.se == pytest.approx(of_r["se"], rel=1e-3)
    assert model.sd_participant == pytest.approx(of_r["sd_participant"], abs=1e-3)
    (left,) = model.left_out
    assert (left.a, left.b, left.n) == ("ref", "z", 10)
    assert left.why == "All 120 answers to this pair were right, so the odds would be infinite."
    alone = trials_section(_abx(with_alike=False), (), seed=1)
    assert alone is not None
    assert isinstance(alone.abx[0].mixed_logit, RightLogit)
    assert alone.abx[0].mixed_logit.left_out == []
