"""Boundaries and repeated p-values against published tables and the bivariate normal."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from analysis.sequential.boundaries import Walk, boundaries, next_boundary
from analysis.sequential.repeated_p import repeated_p
from analysis.sequential.spending import OBRIEN_FLEMING, POCOCK, spent

FIFTHS = [0.2, 0.4, 0.6, 0.8, 1.0]
BOUNDARIES_OF_FIVE_LOOKS = {
    OBRIEN_FLEMING: [4.8769, 3.3569, 2.6803, 2.2898, 2.0310],
    POCOCK: [2.4380, 2.4268, 2.4102, 2.3966, 2.3860],
}
"""Two-sided .05 after Lan and DeMets, as gsDesign (sfLDOF, sfLDPocock, alpha .025) prints them."""


def growing(information: list[float]) -> list[list[float]]:
    """Information of all looks up to each."""
    return [information[: k + 1] for k in range(len(information))]


def level(bounds: list[float], information: list[float]) -> float:
    """Chance that any look crosses."""
    walk, total = Walk(information), 0.0
    for boundary in bounds:
        total += walk.exit_probability(boundary)
        walk.stay_within(boundary)
    return total


@pytest.mark.parametrize("spending", BOUNDARIES_OF_FIVE_LOOKS)
def test_five_equal_looks_have_the_published_boundaries(spending: str) -> None:
    """To the four digits that are printed, whose last is rounded otherwise in one."""
    levels = [spent(spending, 0.05, time) for time in FIFTHS]
    found = boundaries(levels, growing(FIFTHS))
    assert found == pytest.approx(BOUNDARIES_OF_FIVE_LOOKS[spending], abs=1.5e-4)


@pytest.mark.parametrize(
    ("n_looks", "pocock", "obrien_fleming"),
    [(2, 2.178, 1.977), (3, 2.289, 2.004), (5, 2.413, 2.040), (10, 2.555, 2.087)],
)
def test_the_classical_constants_hold_five_percent(
    n_looks: int, pocock: float, obrien_fleming: float
) -> None:
    """Tables 2.1 and 2.3 of Jennison and Turnbull (2000), rounded to three digits there."""
    looks = [float(k) for k in range(1, n_looks + 1)]
    assert level([pocock] * n_looks, looks) == pytest.approx(0.05, abs=1.5e-4)
    falling = [obrien_fleming * np.sqrt(n_looks / k) for k in looks]
    assert level(falling, looks) == pytest.approx(0.05, abs=1.5e-4)


@pytest.mark.parametrize(
    ("n_looks", "share"), [(1, 0.05), (2, 0.083), (3, 0.107), (4, 0.126), (5, 0.142), (10, 0.193)]
)
def test_repeated_tests_at_five_percent_find_too_much(n_looks: int, share: float) -> None:
    """Table 2 of Armitage, McPherson and Rowe (1969)."""
    looks = [float(k) for k in range(1, n_looks + 1)]
    assert level([1.959964] * n_looks, looks) == pytest.approx(share, abs=5e-4)


@pytest.mark.parametrize("information", [0.1, 0.7, 0.95])
def test_two_looks_are_the_bivariate_normal(information: float) -> None:
    """The chance to stay within both, by scipy's integral over a rectangle."""
    rho = np.sqrt(information)
    both = stats.multivariate_normal(cov=[[1, rho], [rho, 1]])
    within = both.cdf([2.2, 2.1], lower_limit=[-2.2, -2.1])
    assert level([2.2, 2.1], [information, 1.0]) == pytest.approx(1 - within, abs=1e-6)


def test_all_is_spent_when_looks_are_more_alike_than_their_times() -> None:
    """Information that hardly grows, as songs leave it, lowers boundaries and keeps the level."""
    information = [0.70, 0.85, 0.92, 0.96, 1.0]
    levels = [spent(POCOCK, 0.05, time) for time in FIFTHS]
    found = boundaries(levels, growing(information))
    assert level(found, information) == pytest.approx(0.05, abs=1e-8)
    assert all(b < a for a, b in zip(BOUNDARIES_OF_FIVE_LOOKS[POCOCK][1:], found[1:], strict=True))


def test_nothing_to_spend_is_no_boundary_and_more_than_is_left_is_none() -> None:
    """An infinite boundary is never crossed, one of 0 always."""
    assert next_boundary([], [1.0], 1e-20) == float("inf")
    assert next_boundary([2.0], [0.5, 1.0], 1.0) == 0.0
    assert next_boundary([float("inf")], [0.5, 1.0], 0.05) == pytest.approx(1.959964, abs=1e-6)


def test_the_repeated_p_of_one_look_that_spends_all_is_its_own() -> None:
    """There is nothing to pay for."""
    assert repeated_p([0.02], [1.0], [[1.0]], POCOCK) == pytest.approx(0.02, rel=1e-3)


@pytest.mark.parametrize("spending", BOUNDARIES_OF_FIVE_LOOKS)
def test_the_repeated_p_is_the_level_whose_boundary_is_met(spending: str) -> None:
    """A z on the published boundary of the fourth look has .05; just within it, more."""
    z = BOUNDARIES_OF_FIVE_LOOKS[spending][3]
    told = [0.9, 0.8, 0.7, float(2 * stats.norm.sf(z))]
    found = repeated_p(told, FIFTHS[:4], growing(FIFTHS)[:4], spending)
    assert found == pytest.approx(0.05, rel=2e-3)
    assert repeated_p([*told[:3], told[3] * 1.2], FIFTHS[:4], growing(FIFTHS)[:4], spending) > 0.05


def test_a_repeated_p_never_rises() -> None:
    """A difference shown once stays shown, whatever later looks say."""
    told = [0.5, 0.001, 0.6, 0.9, 0.4]
    found = [1.0]
    for k in range(1, 6):
        p = repeated_p(told[:k], FIFTHS[:k], growing(FIFTHS)[:k], POCOCK, found[-1])
        assert p == pytest.approx(
            repeated_p(told[:k], FIFTHS[:k], growing(FIFTHS)[:k], POCOCK), rel=1e-3
        )
        found.append(p)
    assert all(b <= a for a, b in pairwise(found))
    assert found[2] < 0.01
