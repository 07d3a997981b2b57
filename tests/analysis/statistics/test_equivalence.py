"""Equivalence tests, Bayes factors and verdicts against R and closed forms."""

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from analysis.findings.json_form import json_form
from analysis.methods.tost import tost_rows
from analysis.ratings.table import of_attribute, participant_means, read_ratings
from analysis.statistics.equivalence import (
    _likelihood_ratio,
    interval_bayes_factor,
    jzs_bayes_factor,
    tost,
    verdict,
)
from analysis.statistics.multiplicity import adjusted
from places import RATINGS
from tests.analysis.golden_sets import golden_set

DATA = RATINGS
PAIRED = json.loads((DATA / "golden.json").read_text())["paired"]


@pytest.fixture(scope="module")
def means() -> pd.DataFrame:
    """Participants x systems of the synthetic ratings."""
    rows = of_attribute(read_ratings(DATA / "synA_balanced.csv"), "overall")
    return participant_means(rows)


@pytest.mark.parametrize("margin", [3, 5, 10])
def test_both_one_sided_tests_equal_r(means: pd.DataFrame, margin: int) -> None:
    """Both t, p and the 90 % interval of every pair at three margins."""
    for row in json_form(tost_rows(means, margin)):
        golden = PAIRED[f"{row['a']}-{row['b']}"][f"tost_{margin}"]
        assert row["t_lower"] == pytest.approx(golden["t_lower"], rel=1e-10)
        assert row["t_upper"] == pytest.approx(golden["t_upper"], rel=1e-10)
        assert row["p"] == pytest.approx(golden["p"], rel=1e-8)
        assert [row["ci90_low"], row["ci90_high"]] == pytest.approx(golden["ci90"], rel=1e-8)


def test_the_smallest_margin_just_passes() -> None:
    """At the smallest margin p is exactly .05; a bit less fails."""
    found = tost(-2.1, 1.3, 17.5, 5.0)
    assert tost(-2.1, 1.3, 17.5, found.smallest_margin).p == pytest.approx(0.05)
    assert tost(-2.1, 1.3, 17.5, found.smallest_margin - 0.01).p > 0.05


@pytest.mark.parametrize(
    ("p_difference", "p_equivalence", "words"),
    [
        (0.01, 0.2, "different"),
        (0.01, 0.01, "trivially different"),
        (0.2, 0.01, "equivalent"),
        (0.2, 0.2, "inconclusive"),
        (0.05, 0.05, "inconclusive"),
    ],
)
def test_verdicts(p_difference: float, p_equivalence: float, words: str) -> None:
    """All four cells of the table; .05 itself is not below .05."""
    assert verdict(p_difference, p_equivalence) == words


def test_bayes_factors_equal_rs(means: pd.DataFrame) -> None:
    """JZS BF10 of every pair to 1e-8; the interval form where |t| < 6."""
    checked = 0
    for row in json_form(tost_rows(means, 5.0)):
        golden = PAIRED[f"{row['a']}-{row['b']}"]
        assert row["bf10"] == pytest.approx(golden["bf10"]["bf"], rel=1e-8)
        t = golden["t"]["t"]
        if abs(t) < 6:
            d = means[row["a"]] - means[row["b"]]
            inside, outside = interval_bayes_factor(t, len(d), 5.0 / d.std(ddof=1))
            assert inside == pytest.approx(golden["bf_null_interval_5"]["bf_in"], rel=1e-6)
            assert outside == pytest.approx(golden["bf_null_interval_5"]["bf_out"], rel=1e-6)
            checked += 1
    assert checked >= 2


@pytest.mark.parametrize(
    ("t", "n", "df", "scale"),
    [(0.0, 40.0, 9.3, 0.7), (2.1, 3.7, 21.5, 0.35), (-3.4, 12.2, 78.4, 1.4), (5.0, 30.0, 4.1, 0.7)],
)
def test_a_contrasts_bayes_factor_is_the_mean_likelihood_ratio_under_the_prior(
    t: float, n: float, df: float, scale: float
) -> None:
    """Numerical quadrature of its definition: noncentral t, Cauchy prior on the difference."""
    prior = stats.cauchy(0, scale)

    def part(delta: float) -> float:
        return float(stats.nct.pdf(t, df, delta * np.sqrt(n)) * prior.pdf(delta))

    places = t / np.sqrt(n) + np.array([-12, -1, 0, 1, 12]) * 3 / np.sqrt(n)
    pieces = [integrate.quad(part, *ends, epsabs=0)[0] for ends in pairwise(places)]
    expected = sum(pieces) / stats.t.pdf(t, df)
    assert jzs_bayes_factor(t, n, scale, df) == pytest.approx(expected, rel=1e-4)


def test_equivalence_is_adjusted_over_the_pairs_and_the_verdict_reads_it(
    means: pd.DataFrame,
) -> None:
    """At ±8 points cnn and human pass alone (p .011) and not among six pairs."""
    rows = json_form(tost_rows(means, 8))
    assert [row["p_holm"] for row in rows] == adjusted([row["p"] for row in rows])
    (row,) = (row for row in rows if (row["a"], row["b"]) == ("cnn", "human"))
    assert row["p"] < 0.05 < row["p_holm"]
    assert row["verdict"] == "inconclusive"


def test_no_difference_is_evidence_for_none() -> None:
    """A t of 0 speaks for the null, more so with more participants; large t against it."""
    assert jzs_bayes_factor(0.0, 100) < jzs_bayes_factor(0.0, 20) < 1 / 3
    assert jzs_bayes_factor(6.0, 30) > 1000
    assert jzs_bayes_factor(-2.5, 30) == pytest.approx(jzs_bayes_factor(2.5, 30))


def test_the_interval_form_averages_to_the_point_form() -> None:
    """P(inside) BF_in + P(outside) BF_out is BF10, by definition of the prior."""
    t, n, half = 2.0, 25, 0.3
    prior = stats.cauchy.cdf(half, 0, 0.5**0.5) - stats.cauchy.cdf(-half, 0, 0.5**0.5)
    inside, outside = interval_bayes_factor(t, n, half)
    assert prior * inside + (1 - prior) * outside == pytest.approx(jzs_bayes_factor(t, n))


@pytest.mark.parametrize(("t", "n"), [(0.0, 2), (1.3, 3), (-2.2, 12), (5.0, 40)])
def test_the_likelihood_ratio_is_the_noncentral_t(t: float, n: int) -> None:
    """Where scipy's noncentral t works, ours agrees to 1e-8."""
    shift = np.linspace(-4, 8, 9)
    expected = stats.nct.pdf(t, n - 1, shift) / stats.t.pdf(t, n - 1)
    assert _likelihood_ratio(t, n - 1, shift) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    ("t", "v", "shift", "expected"),
    [
        (60, 1, 60, 91.22081230496762),
        (12, 2, 11, 105.0799634245734),
        (60, 4, 50, 1040756.903301496),
        (1.3, 1, 0.5, 1.502745042335849),
        (-4, 19, -3.5, 341.3341420770879),
        (12, 19, 12, 990677587.4725426),
    ],
)
def test_the_likelihood_ratio_holds_for_few_listeners_and_large_t(
    t: float, v: int, shift: float, expected: float
) -> None:
    """Forty digits by mpmath of its closed form in confluent hypergeometric functions.

    With z = (t shift)^2 / (2 (v + t^2)) that is exp(-shift^2 / 2) times the sum of
    1F1((v + 1) / 2, 1 / 2, z) and
    sqrt(2) t shift / sqrt(v + t^2) Gamma(v / 2 + 1) / Gamma((v + 1) / 2) 1F1(v / 2 + 1, 3 / 2, z).
    """
    assert _likelihood_ratio(t, v, np.array([shift])) == pytest.approx(expected, rel=1e-12)


def test_bayes_factors_of_many_pairs_are_those_of_each() -> None:
    """More pairs than are worked on at once, among them a t of zero and a huge one."""
    t, half = np.linspace(-3, 40, 37), np.linspace(0.1, 2, 37)
    together = interval_bayes_factor(t, 6, half)
    one_by_one = [interval_bayes_factor(x, 6, h) for x, h in zip(t, half, strict=True)]
    for found, expected in zip(together, np.array(one_by_one).T, strict=True):
        assert found == pytest.approx(expected, rel=1e-11)
    many = np.resize(t, 1203)
    assert jzs_bayes_factor(many, 6) == pytest.approx(
        [float(jzs_bayes_factor(one, 6)) for one in many], rel=1e-12
    )


def test_huge_tests_stay_finite() -> None:
    """A t of 60 with a thousand participants: overwhelming against the interval, no overflow."""
    inside, outside = interval_bayes_factor(60.0, 1000, 0.2)
    assert inside / outside < 1e-100


def test_a_real_test_equals_r() -> None:
    """All 36 pairs of the codec test: TOST and Bayes factors."""
    rows, golden = golden_set("codec")
    found = json_form(tost_rows(participant_means(rows), 5.0))
    assert len(found) == 36
    for row in found:
        expected = golden["paired"][f"{row['a']}-{row['b']}"]
        assert row["p"] == pytest.approx(expected["tost_5"]["p"], rel=1e-8)
        if abs(expected["t"]["t"]) < 13:  # beyond, the quadrature of R is off by up to 1e-3
            assert row["bf10"] == pytest.approx(expected["bf10"]["bf"], rel=1e-8)
