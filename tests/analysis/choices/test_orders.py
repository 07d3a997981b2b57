"""Rankings and picks of the best against R's exploded logit and numbers worked out by hand."""

from __future__ import annotations

import json
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.choices.choice_model import Fitted, fitted
from analysis.choices.comparable import comparable
from analysis.choices.orders import Order, first_choices, order_choices, wins_of
from analysis.choices.strengths import clustered_covariance
from analysis.findings.trials import Ranked, StrengthModel
from analysis.ratings.table import RatingsError
from analysis.statistics.estimable import NotEstimableError
from analysis.trials import trials_section
from places import RATINGS, SHARED

GOLDEN: dict[str, Any] = json.loads((RATINGS / "golden_choices.json").read_text("utf-8"))


def orders_of_places(rows: pd.DataFrame, *, best_only: bool = False) -> list[Order]:
    """Orders of a table with one place per row."""
    found = []
    for (who, _), page in rows.groupby(["participant", "song"]):
        places = dict(zip(page["system"], page["place"], strict=True))
        if best_only:
            places = {name: min(place, 2) for name, place in places.items()}
        found.append(Order(str(who), places))
    return found


def model_of(orders: list[Order], systems: list[str]) -> Fitted:
    """The fitted model of these systems."""
    return fitted(order_choices(orders, systems, sorted({each.participant for each in orders})))


def agrees(model: Fitted, golden: dict[str, Any], n: int) -> None:
    """Strengths, likelihood and both covariances, R's robust one with G / (G - 1)."""
    assert model.theta == pytest.approx(list(golden["coef"].values()), abs=1e-6)
    assert model.log_likelihood == pytest.approx(golden["logLik"], abs=1e-6)
    assert np.linalg.inv(model.information) == pytest.approx(np.array(golden["naive"]), abs=1e-6)
    robust = n / (n - 1) * np.array(golden["robust"])
    assert clustered_covariance(model) == pytest.approx(robust, abs=1e-6)


@pytest.mark.parametrize("kind", ["ranking", "best"])
def test_strengths_and_errors_are_those_of_rs_clogit(kind: str) -> None:
    """Plackett-Luce is the exploded logit; the best of several is its first choice."""
    rows, golden = pd.read_csv(RATINGS / "ranking_places.csv"), GOLDEN[kind]
    orders = orders_of_places(rows, best_only=kind == "best")
    agrees(model_of(orders, golden["systems"]), golden, 10)


def test_the_public_picks_of_the_best_agree_with_r() -> None:
    """Six separated voices, 44 listeners; MDL1 was never picked and stands apart."""
    table = SHARED / "data" / "ratings" / "choice_singing_separation.csv"
    if not table.exists():
        pytest.skip("the public sets are not here")
    rows, golden = pd.read_csv(table), GOLDEN["picked"]
    rows["place"] = 2 - rows["rating"]
    picked = rows[rows.groupby(["participant", "song"])["rating"].transform("sum") == 1]
    orders = orders_of_places(picked)
    kept, apart = comparable(
        wins_of(orders, sorted(set(rows["system"]))), sorted(set(rows["system"]))
    )
    assert list(kept) == golden["systems"]
    assert [(each.system, each.why) for each in apart] == [("MDL1", "never won")]
    agrees(model_of(orders, list(kept)), golden, picked["participant"].nunique())


def test_a_ranking_is_one_choice_after_the_other() -> None:
    """Three places are two choices; two at the last place are not put in order."""
    whole = Order("P", {"x": 2, "y": 1, "z": 3})
    assert list(first_choices(whole)) == [("y", frozenset("xyz")), ("x", frozenset("xz"))]
    assert list(first_choices(Order("P", {"x": 2, "y": 1, "z": 2}))) == [("y", frozenset("xyz"))]


def test_all_orders_once_are_equal_strengths_and_the_likelihood_is_known() -> None:
    """Each of six orders once: strengths 0, log-likelihood 6 log(1/6)."""
    orders = [Order(f"P{n}", dict(zip(names, (1, 2, 3), strict=True)))
              for n, names in enumerate(permutations("xyz"))]  # fmt: skip
    found = model_of(orders, list("xyz"))
    assert found.theta == pytest.approx([0, 0], abs=1e-12)
    assert found.log_likelihood == pytest.approx(6 * np.log(1 / 6))


def test_picks_of_the_best_from_whole_sets_are_log_shares() -> None:
    """6, 3 and 1 of ten picks: log 6, log 3 and 0."""
    orders = [
        Order(f"P{n}", {name: 1 if name == won else 2 for name in "xyz"})
        for n, won in enumerate("x" * 6 + "y" * 3 + "z")
    ]
    assert model_of(orders, list("xyz")).theta == pytest.approx([np.log(6), np.log(3)])


def as_trials(orders: list[tuple[str, str, dict[str, int]]], kind: str) -> pd.DataFrame:
    """(participant, song, places) as pairs of a page, the upper on either side in turn."""
    rows = []
    for who, song, places in orders:
        for n, (a, b) in enumerate(combinations(places, 2)):
            if places[a] != places[b]:
                a, b = (a, b) if n % 2 else (b, a)
                answer = "a" if places[a] < places[b] else "b"
                rows.append((who, "o", kind, song, "overall", a, b, answer))
    names = ["participant", "part", "trial_kind", "song", "attribute"]
    return pd.DataFrame(rows, columns=[*names, "system_a", "system_b", "answer"])


def found_of(rows: pd.DataFrame, kind: str) -> Ranked:
    """The one entry of the findings."""
    found = trials_section(rows, (), seed=1)
    assert found is not None
    (entry,) = found.ranking if kind == "ranking" else found.best
    return entry


@pytest.mark.parametrize("kind", ["ranking", "best"])
def test_the_findings_are_the_models_from_pairs_of_a_page(kind: str) -> None:
    """Strengths with mean zero, and places counted, whichever side of a row a mix stands on."""
    table = pd.read_csv(RATINGS / "ranking_places.csv")
    orders = [
        (str(who), str(song), {name: min(place, 2) if kind == "best" else place
                               for name, place in zip(page["system"], page["place"], strict=True)})
        for (who, song), page in table.groupby(["participant", "song"])
    ]  # fmt: skip
    entry, golden = found_of(as_trials(orders, kind), kind), GOLDEN[kind]
    assert (entry.n_trials, entry.n_participants, entry.n_songs) == (30, 10, 3)
    assert isinstance(entry.model, StrengthModel)
    shown = {row.system: row.strength for row in entry.model.strengths}
    theta = np.append(list(golden["coef"].values()), 0.0)
    assert [shown[name] for name in golden["systems"]] == pytest.approx(
        list(theta - theta.mean()), abs=1e-6
    )
    placed = {row.system: row for row in entry.placed}
    of_beta = table[table["system"] == "beta"]["place"]
    assert (placed["beta"].n, placed["beta"].n_first) == (len(of_beta), int((of_beta == 1).sum()))
    if kind == "ranking":
        assert placed["beta"].mean_place == pytest.approx(of_beta.mean())


def test_those_that_share_a_place_have_the_mean_of_the_places_they_fill() -> None:
    """Of a pick among three, the others are 2.5."""
    orders = [("P1", "s", {"x": 1, "y": 2, "z": 2}), ("P2", "s", {"x": 2, "y": 1, "z": 2}),
              ("P3", "s", {"x": 2, "y": 2, "z": 1})]  # fmt: skip
    placed = found_of(as_trials(orders, "best"), "best").placed
    assert [row.mean_place for row in placed] == pytest.approx([2.0, 2.0, 2.0])
    assert [row.share_first for row in placed] == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.iloc[1:],
        lambda rows: rows.assign(answer="tie"),
        lambda rows: pd.concat([rows, rows.iloc[:1]]),
        lambda rows: rows.assign(system_a=["x", "y", "z"], system_b=["y", "z", "x"], answer="a"),
    ],
    ids=["a pair is missing", "a tie", "a pair twice", "a circle"],
)
def test_pairs_that_make_no_order_are_refused(change: Any) -> None:
    """One sentence that names the page."""
    rows = change(as_trials([("P1", "s", {"x": 1, "y": 2, "z": 3})], "ranking"))
    with pytest.raises(RatingsError, match=r"a page of P1 \(s\) do not form a ranking"):
        trials_section(rows, (), seed=1)


def test_nothing_chosen_is_told() -> None:
    """Pages on which all share a place tell of no strength."""
    with pytest.raises(NotEstimableError, match="No listener's answer prefers"):
        order_choices([Order("P", {"x": 1, "y": 1})], ("x", "y"), ("P",))
