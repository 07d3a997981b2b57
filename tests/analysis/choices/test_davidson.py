"""Bradley-Terry with ties and order against R, Agresti's table, and numbers worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.choices.davidson import PairModel, fit_pairs, stand_both_ways
from analysis.choices.strengths import (
    between_groups,
    clustered_covariance,
    is_any_different,
    model_strengths,
)
from analysis.statistics.estimable import NotEstimableError
from places import RATINGS, SHARED

GOLDEN: dict[str, Any] = json.loads((RATINGS / "golden_choices.json").read_text("utf-8"))
PUBLIC = SHARED / "data" / "ratings"

# Agresti, Categorical Data Analysis, table 10.10: home and away games of 1987 together.
TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
GAMES = np.array(
    [
        [0, 7, 9, 7, 7, 9, 11],
        [6, 0, 7, 5, 11, 9, 9],
        [4, 6, 0, 7, 7, 8, 12],
        [6, 8, 6, 0, 6, 7, 10],
        [6, 2, 6, 7, 0, 7, 12],
        [4, 4, 5, 6, 6, 0, 6],
        [2, 4, 1, 3, 1, 7, 0],
    ]
)


@pytest.fixture(scope="module")
def trials() -> pd.DataFrame:
    """Simulated preferences of twelve participants, with ties and an effect of the first place."""
    return pd.read_csv(RATINGS / "preference_ties.csv")


def people_of(rows: pd.DataFrame) -> list[str]:
    """Participants in the order of the alphabet."""
    return sorted(rows["participant"].unique())


def decided(rows: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    """Trials from (participant, a, b, answer)."""
    return pd.DataFrame(rows, columns=["participant", "system_a", "system_b", "answer"])


def of_r(entry: dict[str, Any]) -> np.ndarray:
    """R's coefficients; its last system is zero, as ours."""
    return np.array(list(entry["coef"].values()))


def corrected(entry: dict[str, Any], n: int) -> np.ndarray:
    """R's robust covariance of clogit, which lacks the factor G / (G - 1)."""
    return n / (n - 1) * np.array(entry["robust"])


@pytest.mark.parametrize(("key", "with_order"), [("clogit", True), ("clogit_no_order", False)])
def test_ties_order_and_clustered_errors_are_those_of_r(
    trials: pd.DataFrame, key: str, with_order: bool
) -> None:
    """survival::clogit with a cluster: the same likelihood, its maximum, and both covariances."""
    golden = GOLDEN["ties"][key]
    people = people_of(trials)
    found = fit_pairs(trials, golden["systems"], people, with_order=with_order)
    assert found.model.theta == pytest.approx(of_r(golden), abs=1e-6)
    assert found.model.log_likelihood == pytest.approx(golden["logLik"], abs=1e-6)
    naive = np.linalg.inv(found.model.information)
    assert naive == pytest.approx(np.array(golden["naive"]), abs=1e-6)
    assert clustered_covariance(found.model) == pytest.approx(
        corrected(golden, len(people)), abs=1e-6
    )


def test_strengths_and_ties_are_those_of_psychotools(trials: pd.DataFrame) -> None:
    """``btmodel`` with ``undecided`` is Davidson's model as a log-linear one."""
    golden = GOLDEN["ties"]["psychotools"]
    found = fit_pairs(trials, golden["systems"], people_of(trials), with_order=False)
    assert found.model.theta == pytest.approx(of_r(golden), abs=1e-6)


def test_without_ties_it_is_bradley_terry_as_bradleyterry2_and_sandwich_have_it(
    trials: pd.DataFrame,
) -> None:
    """Strengths of BTm; errors of ``vcovCL``."""
    rows = trials[trials["answer"] != "tie"]
    golden = GOLDEN["no_ties"]["BradleyTerry2"]
    found = fit_pairs(rows, GOLDEN["no_ties"]["systems"], people_of(rows), with_order=False)
    assert found.tie is None
    assert found.model.theta == pytest.approx(of_r(golden), abs=1e-6)
    assert clustered_covariance(found.model) == pytest.approx(
        np.array(golden["clustered"]), abs=1e-6
    )


def test_a_public_set_of_twelve_sounds_agrees_with_r() -> None:
    """1380 comparisons of 46 listeners, the chosen one always written first."""
    table = PUBLIC / "sounds_preference_trials.csv"
    if not table.exists():
        pytest.skip("the public sets are not here")
    rows, golden = pd.read_csv(table), GOLDEN["further"]
    assert not stand_both_ways(rows)
    found = fit_pairs(rows, golden["systems"], people_of(rows), with_order=False)
    assert found.model.theta == pytest.approx(of_r(golden), abs=1e-6)
    assert clustered_covariance(found.model) == pytest.approx(
        np.array(golden["clustered"]), abs=1e-6
    )


def baseball() -> PairModel:
    """Agresti's games, each by a listener of its own."""
    games = [
        (team, other)
        for i, team in enumerate(TEAMS)
        for j, other in enumerate(TEAMS)
        for _ in range(GAMES[i, j])
    ]
    rows = decided([(f"P{n}", a, b, "a") for n, (a, b) in enumerate(games)])
    return fit_pairs(rows, TEAMS, list(rows["participant"]), with_order=False)


def test_the_published_baseball_example() -> None:
    """Strengths over Baltimore as Agresti prints them: 1.58 1.44 1.29 1.25 1.11 0.68."""
    model = baseball().model
    assert model.theta == pytest.approx([1.58, 1.44, 1.29, 1.25, 1.11, 0.68], abs=0.006)
    assert (model.deviance, model.df) == (pytest.approx(15.74, abs=0.01), 15)
    found = model_strengths(TEAMS, model)
    odds = found.difference("Boston", "New York").value
    assert stats.logistic.cdf(odds) == pytest.approx(0.46, abs=0.006)
    assert sum(found.strength(team).value for team in TEAMS) == pytest.approx(0, abs=1e-12)


def test_two_systems_by_hand() -> None:
    """30 wins of 40 listeners: log 3, its error from the counts, and t instead of z."""
    rows = decided([(f"P{n}", "x", "y", "a" if n < 30 else "b") for n in range(40)])
    found = model_strengths(
        ("x", "y"), fit_pairs(rows, ("x", "y"), list(rows["participant"]), with_order=False).model
    ).difference("x", "y")
    se = np.sqrt(40 / 39 / (40 * 0.75 * 0.25))
    assert found.value == pytest.approx(np.log(3))
    assert found.se == pytest.approx(se)
    assert found.ci_high - found.value == pytest.approx(stats.t.ppf(0.975, 39) * se)
    assert found.p == pytest.approx(2 * stats.t.sf(np.log(3) / se, 39))


def test_ties_of_two_systems_by_hand() -> None:
    """6 wins, 3 losses, 6 ties: strengths log 2 apart, odds of a tie 6 / sqrt(18)."""
    answers = ["a"] * 6 + ["b"] * 3 + ["tie"] * 6
    rows = decided([(f"P{n}", "x", "y", answer) for n, answer in enumerate(answers)])
    found = fit_pairs(rows, ("x", "y"), list(rows["participant"]), with_order=False)
    assert found.tie == 1
    assert found.model.theta == pytest.approx([np.log(2), np.log(6 / np.sqrt(18))])


def test_fixed_tastes_widen_the_error() -> None:
    """Twenty participants who always say the same, ten times each: 20 answers' error, not 200's."""
    rows = decided(
        [(f"P{n:02d}", "x", "y", "a" if n < 13 else "b") for n in range(20) for _ in range(10)]
    )
    found = model_strengths(
        ("x", "y"), fit_pairs(rows, ("x", "y"), people_of(rows), with_order=False).model
    )
    share = 13 / 20
    by_hand = np.sqrt(20 / 19 / (20 * share * (1 - share)))
    assert found.difference("x", "y").se == pytest.approx(by_hand)


def test_what_leaves_no_doubt_has_no_estimate() -> None:
    """A system that always won, ties alone, and systems in two islands."""
    always = decided([("P1", "x", "y", "a"), ("P2", "y", "x", "b")])
    with pytest.raises(NotEstimableError, match="infinite"):
        fit_pairs(always, ("x", "y"), ("P1", "P2"), with_order=False)
    ties = decided([("P1", "x", "y", "tie"), ("P2", "x", "y", "tie")])
    with pytest.raises(NotEstimableError, match="ended in a tie"):
        fit_pairs(ties, ("x", "y"), ("P1", "P2"), with_order=False)
    both = [("a", "b"), ("c", "d")]
    islands = decided([(f"P{n}", *pair, answer) for n in (1, 2) for pair in both
                       for answer in ("a", "b")])  # fmt: skip
    with pytest.raises(NotEstimableError, match="are not enough to estimate all strengths"):
        fit_pairs(islands, ("a", "b", "c", "d"), ("P1", "P2"), with_order=False)


def test_an_order_that_decides_everything_is_left_out() -> None:
    """The first always won: the order has no finite effect, and the strengths are equal."""
    rows = decided([("P1", "x", "y", "a"), ("P1", "y", "x", "a"), ("P2", "x", "y", "a"),
                    ("P2", "y", "x", "a")])  # fmt: skip
    found = fit_pairs(rows, ("x", "y"), ("P1", "P2"), with_order=True)
    assert found.order is None
    assert found.model.theta == pytest.approx([0.0], abs=1e-9)


def test_an_order_is_known_where_pairs_stand_both_ways() -> None:
    """One order for each pair, or the chosen always first, is how tables are written."""
    assert stand_both_ways(decided([("P", "x", "y", "a"), ("P", "y", "x", "b")]))
    assert not stand_both_ways(decided([("P", "x", "y", "a"), ("P", "x", "z", "b")]))
    assert not stand_both_ways(decided([("P", "x", "y", "a"), ("P", "y", "x", "a")]))


def test_the_omnibus_of_two_systems_is_the_square_of_t(trials: pd.DataFrame) -> None:
    """F(1, G - 1) = t^2, and for more systems Hotelling's by hand from R's covariance."""
    rows = trials[trials["system_a"].isin(["beta", "delta"])]
    rows = rows[rows["system_b"].isin(["beta", "delta"])]
    two = model_strengths(
        ("beta", "delta"),
        fit_pairs(rows, ("beta", "delta"), people_of(rows), with_order=False).model,
    )
    test, pair = is_any_different(two), two.difference("beta", "delta")
    assert (test.df, test.df_error) == (1, 11)
    assert test.f == pytest.approx((pair.value / pair.se) ** 2)
    assert test.p == pytest.approx(pair.p)

    golden = GOLDEN["ties"]["clogit"]
    fitted = fit_pairs(trials, golden["systems"], people_of(trials), with_order=True)
    test = is_any_different(model_strengths(golden["systems"], fitted.model))
    theta, covariance = of_r(golden)[:3], corrected(golden, 12)[:3, :3]
    wald = theta @ np.linalg.solve(covariance, theta)
    assert test.f == pytest.approx(wald * (12 - 3) / (11 * 3))
    assert (test.df, test.df_error) == (3, 9)


def test_groups_of_opposite_taste_differ_and_shuffled_ones_do_not() -> None:
    """Exact by hand: of the 70 ways to halve eight participants, two are as far apart."""
    rows = []
    for n in range(8):
        wins = 9 if n < 4 else 1
        rows += [(f"P{n}", "x", "y", "a" if k < wins else "b") for k in range(10)]
    table = decided(rows)
    people = people_of(table)
    found = model_strengths(
        ("x", "y"), fit_pairs(table, ("x", "y"), people, with_order=False).model
    )
    apart = between_groups(found, ["g"] * 4 + ["h"] * 4, seed=1)
    assert apart.p == pytest.approx(2 / 70, abs=0.006)
    assert between_groups(found, ["g", "h"] * 4, seed=1).p > 0.5
    assert between_groups(found, ["g"] * 4 + ["h"] * 4, seed=1) == apart
    with pytest.raises(NotEstimableError, match="two groups with two"):
        between_groups(found, ["g"] * 7 + ["h"], seed=1)
