"""Preference and ABX trials: counts by hand, exact limits, d' against simulated observers."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.discrimination.paradigms import abx_share, d_prime_of
from analysis.findings.discrimination.same_different import (
    DifferentLogit,
    HeardBeyondFalseAlarms,
)
from analysis.findings.discrimination.told_apart import HeardBy, RightLogit
from analysis.findings.json_form import json_form
from analysis.findings.trials import BradleyTerry
from analysis.ratings.table import RatingsError
from analysis.trial_columns import trials_fingerprint
from analysis.trials import check_trials, trials_section

COLUMNS = [
    "participant",
    "part",
    "trial_kind",
    "song",
    "attribute",
    "system_a",
    "system_b",
    "answer",
]


def preference(rows: list[tuple[str, str, str, str, str]]) -> pd.DataFrame:
    """Preference trials from (participant, song, a, b, answer)."""
    full = [(who, "taste", "preference", song, "overall", a, b, answer)
            for who, song, a, b, answer in rows]  # fmt: skip
    return pd.DataFrame(full, columns=COLUMNS)


def test_wins_are_counted_whichever_side_they_were_on() -> None:
    """System x beats y three times and ties once: 3.5 of 4, from both sides of the page."""
    rows = [("P1", "s1", "x", "y", "a"), ("P1", "s2", "y", "x", "b"),
            ("P2", "s1", "x", "y", "tie"), ("P2", "s2", "y", "x", "b")]  # fmt: skip
    found = trials_section(preference(rows), ("y", "x"), seed=1)
    assert found is not None
    (entry,) = found.preference
    assert entry.systems == ("y", "x")
    assert [row.won for row in entry.wins] == [[0, 0.5], [3.5, 0]]
    (pair,) = entry.pairs
    assert (pair.a, pair.b, pair.n_ties) == ("y", "x", 1)
    assert pair.share == pytest.approx(0.125)
    # Shares of P1 and P2 are 0 and .25: of four sign patterns two are as extreme.
    assert pair.p == pytest.approx(0.5)


def test_strengths_of_two_systems_are_the_log_odds_of_the_share() -> None:
    """30 of 40: log 3, and the chance of winning is 3/4."""
    rows = [(f"P{k}", f"s{s}", "x", "y", "b" if (k + s) % 4 == 0 else "a")
            for k in range(8) for s in range(5)]  # fmt: skip
    found = trials_section(preference(rows), (), seed=1)
    assert found is not None
    fitted = found.preference[0].bradley_terry
    assert isinstance(fitted, BradleyTerry)
    assert fitted.pairs[0].estimate == pytest.approx(np.log(3))
    assert fitted.pairs[0].win_probability == pytest.approx(0.75)
    assert fitted.pairs[0].ci_low < np.log(3) < fitted.pairs[0].ci_high
    assert np.isnan(fitted.fit.p)


def test_a_circle_of_three_has_no_consistency_and_an_order_has_all() -> None:
    """Kendall's zeta: 0 for x > y > z > x, 1 for x > y > z."""
    circle = [("P1", "s", "x", "y", "a"), ("P1", "s", "y", "z", "a"), ("P1", "s", "x", "z", "b")]
    order = [("P2", "s", "x", "y", "a"), ("P2", "s", "y", "z", "a"), ("P2", "s", "x", "z", "a")]
    for rows, zeta in ((circle, 0.0), (order, 1.0), (circle + order, 0.5)):
        found = trials_section(preference(rows), (), seed=1)
        assert found is not None
        assert found.preference[0].consistency.zeta == pytest.approx(zeta)


def test_a_system_that_always_wins_is_told_and_its_wins_stay() -> None:
    """No infinite strength; the table of wins is complete."""
    rows = [(f"P{k}", "s", "x", "y", "a") for k in range(5)]
    found = trials_section(preference(rows), (), seed=1)
    assert found is not None
    entry = found.preference[0]
    assert "won or lost every comparison" in json_form(entry.bradley_terry)["why"]
    assert entry.pairs[0].share == 1.0


def abx_trials(right: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """ABX trials of the pair x, y: right answers of all by participant; sides change."""
    rows = []
    for who, (n_right, n) in right.items():
        for trial in range(n):
            a, b = ("x", "y") if trial % 2 else ("y", "x")
            correct = int(trial < n_right)
            rows.append((who, "differ", "abx", "s", "abx", a, b, "a", correct))
    return pd.DataFrame(rows, columns=[*COLUMNS, "correct"])


def test_abx_gives_the_exact_binomial_and_clopper_pearson() -> None:
    """15 of 20 by R's binom.test: [.5089541, .9134285]; one-sided p = 21700 / 2^20."""
    found = trials_section(abx_trials({"P1": (8, 10), "P2": (7, 10)}), (), seed=1)
    assert found is not None
    (entry,) = found.abx
    for row in (entry.overall, entry.pairs[0]):
        assert (row.n_right, row.n, row.n_participants) == (15, 20, 2)
        assert row.ci_low == pytest.approx(0.5089541, abs=1e-7)
        assert row.ci_high == pytest.approx(0.9134285, abs=1e-7)
        assert row.p == pytest.approx(21700 / 2**20)
    assert [row.n_right for row in entry.participants] == [8, 7]


def test_abx_has_a_mixed_logit_and_a_bound_on_hearing() -> None:
    """Ten trials each of one song: nobody differs, so the chance is the share."""
    found = trials_section(abx_trials({"P1": (8, 10), "P2": (7, 10)}), (), seed=1)
    assert found is not None
    (entry,) = found.abx
    assert isinstance(entry.mixed_logit, RightLogit)
    [pair] = entry.mixed_logit.pairs
    assert pair.right == pytest.approx(0.75, abs=1e-4)
    assert entry.mixed_logit.sd_participant == pytest.approx(0.0, abs=1e-3)
    assert entry.heard_by == entry.pairs[0].heard_by == HeardBy(at_most=1.0, hears=0.5)
    few = trials_section(abx_trials({f"P{at:02d}": (5, 10) for at in range(12)}), (), seed=1)
    assert few is not None
    assert few.abx[0].pairs[0].heard_by.at_most < 0.5


def test_a_triangle_is_guessed_by_one_in_three() -> None:
    """R: binom.test(15, 30, 1/3, "greater") has p = .04348; d' of half right is psyphy's 1.4663.

    The mixed logit of listeners who do not differ is the share, tested against a third.
    """
    rows = [
        (f"P{at // 2 % 5}", "differ", "triangle", "s", "odd_one", *systems, "a", at % 2 == 0)
        for at, systems in enumerate([("x", "y", "y"), ("y", "y", "x"), ("y", "x", "y")] * 10)
    ]
    table = pd.DataFrame(rows, columns=[*COLUMNS[:7], "system_c", "answer", "correct"])
    found = trials_section(table, (), seed=1)
    assert found is not None
    assert found.abx == []
    (entry,) = found.triangle
    assert entry.chance == pytest.approx(1 / 3)
    [pair] = entry.pairs
    assert (pair.a, pair.b, pair.n_right, pair.n) == ("x", "y", 15, 30)
    assert entry.overall.p == pytest.approx(0.04348227573)
    assert entry.overall.d_prime == pytest.approx(1.46626279559181, abs=1e-6)
    assert isinstance(entry.mixed_logit, RightLogit)
    [odds] = entry.mixed_logit.pairs
    assert odds.estimate == pytest.approx(0.0, abs=1e-3)
    assert odds.p == pytest.approx(stats.norm.sf(np.log(2) / odds.se), rel=1e-6)
    assert [row.n_right for row in entry.participants] == [3] * 5


def same_different_trials(said: dict[str, tuple[int, int]], n: int = 10) -> pd.DataFrame:
    """Trials of x, y and of either twice, ``n`` each: hits and false alarms by participant."""
    rows = []
    for who, counts in said.items():
        for pair, n_said in zip((("x", "y"), ("y", "y")), counts, strict=True):
            for trial in range(n):
                a, b = pair if trial % 2 else pair[::-1]
                answer = "different" if trial < n_said else "same"
                rows.append((who, "differ", "same_different", "s", "different", a, b, answer))
    return pd.DataFrame(rows, columns=COLUMNS)


def test_same_different_trials_are_hits_and_false_alarms() -> None:
    """Fisher's p of each, both together exactly; one criterion in the d' of the whole.

    9 of 10 against 2 of 10: (C(10,9) C(10,2) + C(10,10) C(10,1)) / C(20,11) = 460 / 167960.
    """
    found = trials_section(same_different_trials({"P1": (9, 2), "P2": (5, 5)}), (), seed=1)
    assert found is not None
    (entry,) = found.same_different
    first, second = entry.participants
    assert first.p == pytest.approx(460 / 167960)
    assert first.d_prime == pytest.approx(3.6242886, abs=2e-6)  # of .9 and .2: psyphy
    assert (second.d_prime, second.d_prime_low) == (0.0, 0.0)
    assert (entry.overall.hits.n_different, entry.overall.hits.n) == (14, 20)
    assert (entry.overall.false_alarms.n_different, entry.overall.false_alarms.n) == (7, 20)
    own = [stats.hypergeom(20, 10, n).pmf(np.arange(11)) for n in (11, 10)]
    chances = np.convolve(*own)
    assert entry.overall.p == pytest.approx(chances[14:].sum())
    [pair] = entry.pairs
    assert (pair.a, pair.b, pair.p, pair.p_holm) == ("x", "y", entry.overall.p, entry.overall.p)
    assert isinstance(entry.mixed_logit, DifferentLogit)
    [odds] = entry.mixed_logit.pairs
    # listeners who do not differ: the odds ratio of the table
    assert odds.estimate == pytest.approx(np.log(14 / 6) - np.log(7 / 13), abs=1e-3)
    assert odds.said == pytest.approx(0.7, abs=1e-4)
    assert entry.mixed_logit.false_alarms == pytest.approx(0.35, abs=1e-4)


def test_same_trials_of_a_pair_are_those_of_its_two_systems() -> None:
    """x–y has the trials of y twice, z–x only those of x; without any there is no d'."""
    table = same_different_trials({"P1": (9, 2)})
    other = table[table["system_a"] != table["system_b"]].replace("y", "z")
    found = trials_section(pd.concat([table, other]), (), seed=1)
    assert found is not None
    (entry,) = found.same_different
    xy, xz = entry.pairs
    assert (xy.b, xy.hits.n, xy.false_alarms.n) == ("y", 10, 10)
    assert (xz.b, xz.hits.n, xz.false_alarms.n, xz.p, xz.d_prime) == ("z", 10, 0, 1.0, None)
    only = trials_section(other, (), seed=1)
    assert only is not None
    assert isinstance(xy.heard_by, HeardBeyondFalseAlarms)
    (entry,) = only.same_different
    for part in (entry.mixed_logit, entry.heard_by, entry.pairs[0].heard_by, xz.heard_by):
        assert "No pair was same" in json_form(part)["why"]


def test_the_bound_of_same_different_trials_guesses_by_the_false_alarms() -> None:
    """One pair of each kind a listener, 4 and 4 of 40: limits of Clopper and Pearson of 97.5 %."""
    said = {f"P{at:02d}": (int(at < 4), int(at % 10 == 9)) for at in range(40)}
    found = trials_section(same_different_trials(said, n=1), (), seed=1)
    assert found is not None
    heard_by = found.same_different[0].heard_by
    assert isinstance(heard_by, HeardBeyondFalseAlarms)
    guessed, most = stats.beta.ppf(0.025, 4, 37), stats.beta.ppf(0.975, 5, 36)
    assert heard_by.guessed == pytest.approx(guessed)
    assert heard_by.at_most == pytest.approx((most - guessed) / (1 - guessed) / 0.5, abs=1e-8)


def test_d_prime_is_that_of_a_simulated_observer() -> None:
    """Order of A and B and kind of X judged from noisy observations: shares agree to .004."""
    rng = np.random.default_rng(8)
    for d_prime in (0.7, 1.5, 2.5):
        a, b = rng.normal(0, 1, 200_000), rng.normal(d_prime, 1, 200_000)
        x_is_b = rng.random(200_000) < 0.5
        x = rng.normal(np.where(x_is_b, d_prime, 0.0), 1)
        takes_b = (x > d_prime / 2) == (b > a)
        share = float(np.mean(takes_b == x_is_b))
        assert abx_share(d_prime) == pytest.approx(share, abs=0.004)
        assert d_prime_of(abx_share(d_prime), abx_share) == pytest.approx(d_prime)
    assert d_prime_of(0.4, abx_share) == 0.0
    assert d_prime_of(1.0, abx_share) is None
    assert stats.norm.cdf(0) == abx_share(0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda rows: rows.drop(columns="answer"), "lacks the columns answer"),
        (lambda rows: rows.assign(answer="both"), "'both' is not a valid answer"),
        (lambda rows: rows.assign(correct=None), "does not say whether"),
        (lambda rows: rows.assign(trial_kind="square"), "not a kind of trial"),
        (lambda rows: rows.assign(trial_kind="triangle"), "lacks the column system_c"),
        (
            lambda rows: rows.assign(trial_kind="triangle", system_c="z"),
            "must have one system twice and another once",
        ),
        (
            lambda rows: rows.assign(trial_kind="triangle", answer="tie"),
            "not a valid answer of a triangle",
        ),
        (lambda rows: rows.assign(trial_kind="same_different"), "use same or different"),
    ],
)
def test_trials_that_cannot_be_read_are_named(change, sentence: str) -> None:
    """One sentence each."""
    with pytest.raises(RatingsError, match=sentence):
        trials_section(change(abx_trials({"P1": (3, 4)})), (), seed=1)


def test_the_fingerprint_of_trials_is_that_of_their_content() -> None:
    """The digest is that of ``sha256sum`` over the lines that docs/results.md tells, by hand."""
    rows = [("P2", "s1", "x", "y", "b"), ("P1", "s1", "y", "x", "a")]
    table = preference(rows).assign(correct=[None, True], replicate=[1.0, 0])
    lines = (
        "P1 taste preference s1 overall y x a     0.0       1.0  ",
        "P2 taste preference s1 overall x y b     1.0         ",
    )
    text = "\n".join(line.replace(" ", "\x1f") for line in lines)
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digest == "f35c8ec94a91be73a8aafec57a2bae9d0eddf074e84ea0bcaf748df9a3bb14bd"
    assert trials_fingerprint(table) == digest
    found = trials_section(table[::-1].assign(plays=4), (), seed=1)
    assert found is not None
    assert found.sha256 == digest
    assert trials_fingerprint(table.assign(answer="a")) != digest


def test_no_trials_are_no_section() -> None:
    """None, and an empty table with its columns."""
    assert trials_section(None, (), seed=1) is None
    assert check_trials(None).empty
