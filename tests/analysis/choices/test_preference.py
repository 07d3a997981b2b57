"""Findings about preference trials: the model of all of them, and what stands outside."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.findings.sections import NotEstimable
from analysis.findings.trials import BradleyTerry, EqualStrengths, GroupsDiffer, Preference
from analysis.trials import trials_section
from places import RATINGS

GOLDEN: dict[str, Any] = json.loads((RATINGS / "golden_choices.json").read_text("utf-8"))


def preference_of(rows: pd.DataFrame) -> Preference:
    """The one entry of the findings."""
    found = trials_section(rows, (), seed=1)
    assert found is not None
    (entry,) = found.preference
    return entry


def model_of(rows: pd.DataFrame) -> BradleyTerry:
    """Strengths that could be estimated."""
    fitted = preference_of(rows).bradley_terry
    assert isinstance(fitted, BradleyTerry)
    return fitted


def trials(pairs: list[tuple[str, str, str]], n_participants: int = 4) -> pd.DataFrame:
    """The same (a, b, answer) of each participant, then one answer turned round by each."""
    rows = [
        (f"P{n}", "p", "preference", f"s{place}", "overall", a, b, answer)
        for n in range(n_participants)
        for place, (a, b, answer) in enumerate(pairs)
    ]
    names = ["participant", "part", "trial_kind", "song", "attribute"]
    return pd.DataFrame(rows, columns=[*names, "system_a", "system_b", "answer"])


@pytest.fixture(scope="module")
def fitted() -> BradleyTerry:
    """Strengths of the simulated set that R was asked about."""
    return model_of(pd.read_csv(RATINGS / "preference_ties.csv"))


def test_all_numbers_of_the_model_follow_from_rs(fitted: BradleyTerry) -> None:
    """Strengths, a pair, the odds of a tie and of the first place, with G / (G - 1)."""
    golden = GOLDEN["ties"]["clogit"]
    theta, covariance = list(golden["coef"].values()), 12 / 11 * np.array(golden["robust"])
    strengths = np.append(theta[:3], 0.0)
    shown = {row.system: row for row in fitted.strengths}
    assert [shown[name].strength for name in golden["systems"]] == pytest.approx(
        list(strengths - strengths.mean()), abs=1e-6
    )
    assert [row.system for row in sorted(fitted.strengths, key=lambda row: row.rank)] == [
        "beta", "gamma", "alpha", "delta",
    ]  # fmt: skip
    pair = next(row for row in fitted.pairs if (row.a, row.b) == ("alpha", "beta"))
    contrast = np.array([1, -1, 0, 0, 0])
    assert pair.estimate == pytest.approx(theta[0] - theta[1], abs=1e-6)
    assert pair.se == pytest.approx(np.sqrt(contrast @ covariance @ contrast), abs=1e-6)
    assert pair.p <= pair.p_holm
    assert fitted.ties is not None
    assert fitted.order is not None
    assert (fitted.ties.estimate, fitted.order.estimate) == pytest.approx(theta[3:], abs=1e-6)
    assert (fitted.ties.se, fitted.order.se) == pytest.approx(
        np.sqrt(np.diag(covariance)[3:]), abs=1e-6
    )
    odds = np.exp(theta[3])
    assert fitted.ties.tie_probability == pytest.approx(odds / (2 + odds), abs=1e-6)
    assert fitted.order.first_probability == pytest.approx(1 / (1 + np.exp(-theta[4])), abs=1e-6)


def test_the_omnibus_and_the_groups_stand_beside(fitted: BradleyTerry) -> None:
    """Two groups of six: strengths of each, and one p by permutation."""
    assert isinstance(fitted.omnibus, EqualStrengths)
    assert (fitted.omnibus.df, fitted.omnibus.df_error) == (3, 9)
    assert isinstance(fitted.groups, GroupsDiffer)
    assert [(row.group, row.n_participants) for row in fitted.groups.groups] == [
        ("expert", 6), ("novice", 6),
    ]  # fmt: skip
    assert fitted.groups.n_permutations == 9999
    assert 0 < fitted.groups.p <= 1


def test_a_pair_that_met_seldom_is_judged_by_all_choices() -> None:
    """X and z met once a listener, and tied; both met y often: the model tells them apart."""
    pairs = [("x", "y", "a")] * 9 + [("x", "y", "b")] + [("y", "z", "a")] * 9 + [("y", "z", "b")]
    rows = trials(pairs, 8)
    few = pd.concat([rows, trials([("x", "z", "a"), ("x", "z", "b")], 8)], ignore_index=True)
    # Listeners differ a little, or errors would be zero.
    few.loc[few["participant"].isin(["P0", "P1"]) & (few["song"] == "s8"), "answer"] = "b"
    entry = preference_of(few)
    own = next(row for row in entry.pairs if (row.a, row.b) == ("x", "z"))
    assert (own.share, own.p) == (0.5, 1.0)
    assert isinstance(entry.bradley_terry, BradleyTerry)
    by_all = next(row for row in entry.bradley_terry.pairs if (row.a, row.b) == ("x", "z"))
    assert by_all.win_probability > 0.9
    assert by_all.p_holm < 0.001


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ([("w", "x", "a"), ("y", "w", "b")], "always won"),
        ([("w", "x", "b"), ("y", "w", "a")], "never won"),
        ([("v", "w", "a"), ("v", "w", "b")], "not compared"),
    ],
)
def test_systems_without_a_finite_strength_stand_apart(
    more: list[tuple[str, str, str]], why: str
) -> None:
    """The three others are fitted as if the fourth had not been there."""
    core = [("x", "y", "a"), ("x", "y", "a"), ("x", "y", "b"), ("y", "z", "a"), ("y", "z", "b"),
            ("x", "z", "a"), ("x", "z", "b")]  # fmt: skip
    rows, alone = trials(core + more), trials(core)
    for table in (rows, alone):
        table.loc[(table["participant"] == "P0") & (table["song"] == "s1"), "answer"] = "b"
    found, without = model_of(rows), model_of(alone)
    assert {row.why for row in found.apart} == {why}
    assert "w" in {row.system for row in found.apart}
    assert found.strengths == without.strengths
    assert without.apart == []


def test_one_participant_and_few_participants_are_told() -> None:
    """No interval from one; no omnibus of three systems from two."""
    pairs = [("x", "y", "a"), ("x", "y", "b"), ("y", "z", "a"), ("y", "z", "b")]
    one = preference_of(trials(pairs, 1)).bradley_terry
    assert isinstance(one, NotEstimable)
    assert "only one participant" in one.why
    rows = trials(pairs, 2)
    rows.loc[0, "answer"] = "b"
    omnibus = model_of(rows).omnibus
    assert isinstance(omnibus, NotEstimable)
    assert "more than 2 participants" in omnibus.why
