"""Declared looks at the mixed model: who counts, what is spent, when to stop."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from analysis.defaults import SATTERTHWAITE
from analysis.methods.lmm import fit_default
from analysis.mixed_model.inference import Inference
from analysis.sequential.decide import sequential_finding
from analysis.sequential.declared_looks import fitted_looks
from analysis.sequential.plan import SequentialFinding, SequentialPlan
from analysis.statistics.estimable import NotEstimableError
from analysis.validation.looks import looks_by_mean_squares
from analysis.validation.monte_carlo import SCENARIOS, rating_table, simulate

PLAN = SequentialPlan((("s000", "s002"),), (6, 9, 12), "pocock")


def ratings(shift_points: float = 0.0, n: int = 12, seed: int = 4) -> pd.DataFrame:
    """Three systems on four songs; participants finished in the order of their names."""
    scenario = replace(
        SCENARIOS["N1"], n=n, n_songs=4, noise=(1.0, 1.0, 1.0), shift_points=shift_points
    )
    rows = rating_table(simulate(scenario, seed))
    return rows.assign(rated_at=rows["participant"])


def finding(
    rows: pd.DataFrame, plan: SequentialPlan = PLAN, is_closed: bool = False
) -> SequentialFinding:
    """As the report asks for it."""
    return sequential_finding(rows, plan, SATTERTHWAITE, is_closed)


def test_mean_squares_say_what_the_fitted_model_says() -> None:
    """Estimate, standard error, degrees of freedom, and how information grows with listeners."""
    values = simulate(replace(SCENARIOS["N1"], n=14), 2)[..., [0, 3]]
    rows = rating_table(values)
    rows = rows.assign(rated_at=rows["participant"])
    pairs = (("s000", "s001"),)
    fitted = fitted_looks(rows, pairs, (8, 14), SATTERTHWAITE)
    told = looks_by_mean_squares(values[..., 0] - values[..., 1], (8, 14))
    for mine, theirs in zip(fitted, told, strict=True):
        (one,), (other,) = mine.estimates, theirs.estimates
        assert vars(one.found) == pytest.approx(vars(other.found), rel=1e-5)
        assert one.information == pytest.approx(other.information, rel=1e-5)
    first, last = fitted[1].estimates[0].information
    assert first / last > 8 / 14  # songs leave a floor, so the looks are more alike


def test_who_finished_first_counts_whatever_the_name() -> None:
    """Turned round, the first six are others."""
    rows = ratings()
    turned = rows.assign(rated_at=[f"{99 - int(name[1:]):03}" for name in rows["participant"]])
    last_six = rows["participant"] >= "P006"
    model = Inference(fit_default(rows[last_six]).model).difference("s000", "s002")
    look = finding(turned).looks[0]
    assert look.contrasts[0].estimate == pytest.approx(model.estimate)
    assert (look.n_listeners, look.reached_at) == (6, "093")


def test_later_participants_change_no_look_that_was_taken() -> None:
    """Seven or twelve finished: the first look is the same to the last digit."""
    rows = ratings()
    seven = finding(rows[rows["participant"] < "P007"])
    twelve = finding(rows)
    assert seven.looks == twelve.looks[:1]
    assert (seven.n_finished, seven.next_n, seven.decision) == (7, 9, "go on")
    assert (len(twelve.looks), twelve.next_n, twelve.decision) == (3, None, "stop")


def test_before_the_first_look_nothing_is_said() -> None:
    """Five of six."""
    rows = ratings()
    found = finding(rows[rows["participant"] < "P005"])
    assert (found.looks, found.next_n, found.decision) == ((), 6, "go on")


def test_a_study_that_closes_between_two_looks_has_its_last_one_there() -> None:
    """With eleven of twelve nothing is left to come; less than all of alpha is spent."""
    rows = ratings()
    closed = finding(rows[rows["participant"] < "P011"], is_closed=True)
    assert [look.n_listeners for look in closed.looks] == [6, 9, 11]
    assert (closed.next_n, closed.decision) == (None, "stop")


def test_a_large_difference_stops_the_study_at_the_first_look() -> None:
    """Forty points; p of all looks is larger than that of the look alone, and stays."""
    rows = ratings(shift_points=40.0)
    found = finding(rows[rows["participant"] < "P007"])
    (contrast,) = found.looks[0].contrasts
    model = Inference(fit_default(rows[rows["participant"] < "P006"]).model)
    alone = model.difference("s000", "s002")
    assert found.decision == "stop"
    assert alone.p < contrast.p < 0.05
    low, high = alone.interval()
    assert contrast.ci_low < low < high < contrast.ci_high
    assert finding(rows).looks[-1].n_shown == 1


def test_without_declared_contrasts_all_pairs_share_the_level() -> None:
    """Three pairs: Holm's first step is three times the smallest p."""
    rows, every = ratings(shift_points=12.0), replace(PLAN, contrasts=())
    look = finding(rows, every).looks[-1]
    assert [(each.a, each.b) for each in look.contrasts] == [
        ("s000", "s001"), ("s000", "s002"), ("s001", "s002"),
    ]  # fmt: skip
    smallest = min(look.contrasts, key=lambda each: each.p)
    assert smallest.p_holm == pytest.approx(3 * smallest.p)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (ratings().drop(columns="rated_at"), "have no times"),
        (ratings().assign(rated_at=""), "have no times"),
        (ratings().query("system != 's002'"), "No contrast has two rated systems"),
    ],
)
def test_what_cannot_be_told_says_why(rows: pd.DataFrame, why: str) -> None:
    """Without times, or without the systems of a contrast."""
    with pytest.raises(NotEstimableError, match=why):
        finding(rows)


def test_a_plan_looks_in_one_way() -> None:
    """Neither both nor none."""
    with pytest.raises(ValueError, match="needs looks, or must be valid at any time"):
        SequentialPlan((), (6, 12), "pocock", anytime=True)
    with pytest.raises(ValueError, match="needs looks, or must be valid at any time"):
        SequentialPlan(())
    with pytest.raises(ValueError, match="obrien_fleming or pocock"):
        SequentialPlan((), (6, 12), "all at once")
