"""Friedman, Wilcoxon, Hodges-Lehmann and sign-flip against hand counts, scipy and R."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from analysis.findings.json_form import json_form
from analysis.methods.friedman import friedman_section
from analysis.methods.paired_t import paired_t_rows
from analysis.methods.wilcoxon import wilcoxon_rows
from analysis.ratings.table import participant_means
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.paired import (
    friedman,
    friedman_permutation_p,
    hodges_lehmann,
    sign_flip,
    wilcoxon,
)
from tests.analysis.golden_sets import golden_set

shared = pytest.mark.shared


def brute_force_wilcoxon(d: np.ndarray) -> float:
    """Two-sided p by writing out every sign pattern."""
    d = d[d != 0]
    ranks = stats.rankdata(np.abs(d))
    sums = np.array([np.dot(ranks, s) for s in product([0, 1], repeat=len(d))])
    v = ranks[d > 0].sum()
    return min(1.0, 2 * min(np.mean(sums <= v + 1e-9), np.mean(sums >= v - 1e-9)))


@pytest.mark.parametrize(
    "d",
    [
        [1.0, -2.0, 3.0, 4.0, -5.0, 6.0],
        [1.0, 1.0, -1.0, 2.0, 2.0, 0.0, 3.0],
        [0.5, 0.5, 0.5, 0.5],
        [-3.0, 0.0, 0.0, 7.0, 7.0, 7.0, -7.0, 1.0, 2.0],
    ],
)
def test_wilcoxon_equals_the_written_out_distribution(d: list[float]) -> None:
    """With ties and zeros the shift algorithm gives the p of all sign patterns."""
    assert wilcoxon(d).p == pytest.approx(brute_force_wilcoxon(np.array(d)), rel=1e-12)


def test_wilcoxon_without_ties_equals_scipys_exact_test() -> None:
    """For untied differences scipy's exact p is the truth."""
    d = np.random.default_rng(5).normal(0.4, 1, 25)
    expected = stats.wilcoxon(d, method="exact")
    found = wilcoxon(d)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-12)
    assert min(found.v, 325 - found.v) == expected.statistic


def test_floating_point_noise_does_not_break_ties() -> None:
    """Means of thirds that differ in the sixteenth digit are the same difference."""
    noisy = np.array([0.1 + 0.2, 0.3, -0.3, 0.3, 1.0, 2.0])
    clean = np.array([0.3, 0.3, -0.3, 0.3, 1.0, 2.0])
    assert wilcoxon(noisy) == wilcoxon(clean)


def test_wilcoxon_of_no_differences_is_one() -> None:
    """All zero: V 0, p 1, no effect."""
    found = wilcoxon([0.0, 0.0, 0.0])
    assert (found.v, found.p, found.rank_biserial, found.n_zero) == (0.0, 1.0, 0.0, 3)


def test_wilcoxon_of_many_participants_approaches_the_normal_law() -> None:
    """At 900 participants the exact p is within 1 % of the normal approximation."""
    d = np.random.default_rng(8).normal(0.06, 1, 900)
    expected = stats.wilcoxon(d, method="asymptotic", correction=True).pvalue
    assert wilcoxon(d).p == pytest.approx(expected, rel=0.01)
    assert wilcoxon(d).method == "exact"


def test_hodges_lehmann_by_hand() -> None:
    """Walsh averages of 1, 2, 6: 1, 1.5, 2, 3.5, 4, 6, median 2.75."""
    shift = hodges_lehmann([1.0, 2.0, 6.0])
    assert shift.estimate == 2.75
    assert (shift.ci_low, shift.ci_high, shift.coverage) == (1.0, 6.0, 0.75)


def test_hodges_lehmann_interval_inverts_the_test() -> None:
    """Shifts inside the interval are not rejected at 1 - coverage, shifts just outside are."""
    d = np.random.default_rng(2).normal(1, 2, 14)
    shift = hodges_lehmann(d)
    alpha = 1 - shift.coverage
    assert 0.93 < shift.coverage < 0.97
    assert wilcoxon(d - (shift.ci_low + 1e-6)).p > alpha
    assert wilcoxon(d - (shift.ci_low - 1e-6)).p <= alpha + 1e-12
    assert wilcoxon(d - (shift.ci_high - 1e-6)).p > alpha
    assert wilcoxon(d - (shift.ci_high + 1e-6)).p <= alpha + 1e-12


def test_friedman_by_hand() -> None:
    """Three participants, three systems, ranks 123, 123, 132: column sums 3, 7, 8, chi2 = 14/3."""
    found = friedman([[1, 2, 3], [10, 20, 30], [5, 7, 6]])
    assert found.mean_ranks == pytest.approx((1, 7 / 3, 8 / 3))
    assert found.chi2 == pytest.approx(14 / 3)
    assert found.kendall_w == pytest.approx(7 / 9)


def test_friedman_with_ties_equals_scipy() -> None:
    """Midranks and the tie correction agree with scipy."""
    table = np.random.default_rng(4).integers(0, 5, (12, 4))
    expected = stats.friedmanchisquare(*table.T)
    found = friedman(table)
    assert found.chi2 == pytest.approx(expected.statistic, rel=1e-12)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-12)


def test_friedman_needs_a_difference_somewhere() -> None:
    """All systems equal for everybody: said, not divided by zero."""
    with pytest.raises(NotEstimableError, match="all systems equal"):
        friedman([[5, 5], [7, 7], [1, 1]])


def test_few_participants_get_a_permutation_p() -> None:
    """Two participants who agree on three systems: P = 1/6 over all shuffles."""
    p = friedman_permutation_p([[1, 2, 3], [1, 2, 3]], seed=1)
    assert p == pytest.approx(1 / 6, abs=0.015)


def test_sign_flip_by_hand() -> None:
    """1, 2, 3 against all 8 patterns: only +++ and --- reach a sum of 6."""
    assert sign_flip([1.0, 2.0, 3.0], seed=1) == (0.25, "exact", 8)


def test_sign_flip_random_patterns_agree_with_all_patterns() -> None:
    """Beyond 20 participants the random p is near the t test's p for normal differences."""
    d = np.random.default_rng(6).normal(0.35, 1, 40)
    p, method, n_patterns = sign_flip(d, seed=1)
    assert (method, n_patterns) == ("random", 10_000)
    assert p == pytest.approx(stats.ttest_1samp(d, 0).pvalue, abs=0.01)
    assert sign_flip(d, seed=1)[0] == p


@pytest.mark.parametrize("name", ["synthetic", "codec"])
def test_exact_wilcoxon_equals_rs_coin(name: str) -> None:
    """V and p of every pair agree with coin to 1e-12, with and without Pratt's zeros, Holm too."""
    rows, answers = golden_set(name)
    golden, means = answers["wilcoxon"], participant_means(rows)
    for row in json_form(wilcoxon_rows(means)):
        key = f"{row['a']}-{row['b']}"
        expected = golden["pairs"][key]
        d = means[row["a"]] - means[row["b"]]
        assert row["v"] == expected["V"]
        assert row["p_exact"] == pytest.approx(expected["exact_wilcoxon"]["p"], rel=1e-12)
        assert wilcoxon(d, zeros="pratt").p == pytest.approx(
            expected["exact_pratt"]["p"], rel=1e-12
        )
        assert row["p_holm"] == pytest.approx(golden["exact_holm"][key], rel=1e-12)


@pytest.mark.parametrize("name", ["synthetic", "codec"])
def test_friedman_and_t_equal_r(name: str) -> None:
    """Friedman, W and every paired t agree with R to 1e-10."""
    rows, golden = golden_set(name)
    means = participant_means(rows)
    found = json_form(friedman_section(means, seed=1))
    assert found["chi2"] == pytest.approx(golden["friedman"]["statistic"], rel=1e-10)
    assert found["kendall_w"] == pytest.approx(golden["friedman"]["W"], rel=1e-10)
    assert found["p"] == pytest.approx(golden["friedman"]["p"], rel=1e-8)
    for row in json_form(paired_t_rows(means)):
        expected = golden["paired"][f"{row['a']}-{row['b']}"]["t"]
        assert row["t"] == pytest.approx(expected["t"], rel=1e-10)
        assert row["p"] == pytest.approx(expected["p"], rel=1e-8)
        assert [row["ci_low"], row["ci_high"]] == pytest.approx(expected["ci"], rel=1e-8)
