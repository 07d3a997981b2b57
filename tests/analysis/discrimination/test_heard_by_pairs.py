"""Of several pairs each has its own bound on who hears it: sums of binomials written out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.findings.discrimination.same_different import HeardBeyondFalseAlarms
from analysis.findings.json_form import json_form
from analysis.trials import trials_section

HEARD = {  # pair with "ref": listeners, trials of each, right ones in all
    "s1": (12, 8, 48), "s2": (12, 8, 44), "s3": (12, 4, 26), "s4": (7, 8, 27), "s5": (12, 8, 96),
}  # fmt: skip
NAMES = ["participant", "part", "trial_kind", "song", "attribute", "system_a", "system_b"]


def so_few(share: float, n: int, trials: int, right: int, guess: float) -> float:
    """Chance of so few right answers, over how many of n listeners hear, then both their sums."""
    heard, total = (1 + guess) / 2, 0.0
    for hearing in range(n + 1):
        theirs = np.arange(trials * hearing + 1)
        sums = stats.binom.pmf(theirs, trials * hearing, heard)
        others = stats.binom.cdf(right - theirs, trials * (n - hearing), guess)
        total += stats.binom.pmf(hearing, n, share) * float(sums @ others)
    return total


def five_pairs(kind: str) -> pd.DataFrame:
    """Trials of each pair of :data:`HEARD`, its right answers spread over the listeners."""
    rows = []
    for system, (n, trials, right) in HEARD.items():
        for at in range(n * trials):
            three = (system, "ref", system if kind == "triangle" else "")
            head = (f"P{at % n:02d}", "differ", kind, f"s{at // n}", kind)
            rows.append((*head, *three, "a", int(at < right)))
    return pd.DataFrame(rows, columns=[*NAMES, "system_c", "answer", "correct"])


@pytest.mark.parametrize(("kind", "guess"), [("abx", 1 / 2), ("triangle", 1 / 3)])
def test_each_of_five_pairs_has_the_bound_of_its_own_trials(kind: str, guess: float) -> None:
    """At the bound so few right answers have 5 %; a pair that all hear has none below 100 %."""
    found = trials_section(five_pairs(kind), (), seed=1)
    assert found is not None
    (entry,) = [*found.abx, *found.triangle]
    assert "Each pair has its own bound" in json_form(entry.heard_by)["why"]
    bounds = {row.b if row.a == "ref" else row.a: row.heard_by for row in entry.pairs}
    assert bounds["s5"].at_most == 1.0
    assert so_few(1.0, *HEARD["s5"], guess) > 0.05
    for system in ("s1", "s2", "s3", "s4"):
        at_most = bounds[system].at_most
        if at_most < 1:
            assert so_few(at_most, *HEARD[system], guess) == pytest.approx(0.05, abs=1e-8)
        else:
            assert so_few(1.0, *HEARD[system], guess) > 0.05
    assert bounds["s2"].at_most < bounds["s1"].at_most < 1


def test_the_bound_of_a_same_different_pair_has_its_own_false_alarms() -> None:
    """Of 97.5 % each: the limit of Clopper and Pearson of the pair's same trials, then the hits."""
    said = {"s1": (30, 28), "s2": (96, 20)}  # hits and false alarms, of 96 each
    rows = [
        (f"P{at % 12:02d}", "differ", "same_different", "s", "different", system, *told)
        for system, (hits, alarms) in said.items()
        for at in range(96)
        for told in (
            ("ref", "different" if at < hits else "same"),
            (system, "different" if at < alarms else "same"),
        )
    ]
    found = trials_section(pd.DataFrame(rows, columns=[*NAMES, "answer"]), (), seed=1)
    assert found is not None
    (entry,) = found.same_different
    assert "Each pair has its own bound" in json_form(entry.heard_by)["why"]
    first, second = (row.heard_by for row in entry.pairs)
    assert isinstance(first, HeardBeyondFalseAlarms)
    assert isinstance(second, HeardBeyondFalseAlarms)
    assert first.guessed == pytest.approx(stats.beta.ppf(0.025, 28, 69))
    assert second.guessed == pytest.approx(stats.beta.ppf(0.025, 20, 77))
    assert so_few(first.at_most, 12, 8, 30, first.guessed) == pytest.approx(0.025, abs=1e-8)
    assert second.at_most == 1.0
