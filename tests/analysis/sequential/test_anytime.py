"""Confidence sequences on listener means, by their formula and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq, minimize_scalar

from analysis.sequential.anytime import (
    LEAST_N,
    NARROWEST_N,
    anytime_p,
    at_any_time,
    half_widths,
    listener_differences,
    mixing_variance,
)
from analysis.sequential.plan import SequentialPlan

PLAN = SequentialPlan((("x", "y"),), anytime=True)


def width(rho: float, n: float, alpha: float = 0.05) -> float:
    """Half width as Waudby-Smith et al. (2024) print it, for a standard deviation of 1."""
    inner = n * rho**2 + 1
    return float(np.sqrt(2 * inner / (n**2 * rho**2) * np.log(np.sqrt(inner) / alpha)))


@pytest.mark.parametrize("n", [10, 40, 250])
def test_the_mixture_is_the_one_that_makes_the_interval_narrowest(n: int) -> None:
    """By numerical search over rho."""
    best = minimize_scalar(lambda log_rho: width(np.exp(log_rho), n), bounds=(-6, 3)).x
    assert np.sqrt(mixing_variance(n)) == pytest.approx(np.exp(best), rel=1e-4)


def test_half_widths_are_the_printed_formula() -> None:
    """At, before and after the number of participants where they are narrowest."""
    rho = np.sqrt(mixing_variance(NARROWEST_N))
    sizes = np.array([20.0, 40.0, 400.0])
    assert half_widths(sizes) == pytest.approx([width(rho, n) for n in sizes], rel=1e-12)


def test_the_p_is_the_level_at_which_the_interval_ends_at_zero() -> None:
    """Of one size; over several sizes it is the smallest so far."""
    values = np.random.default_rng(2).normal(0.6, 1.0, LEAST_N)
    mean, sd = values.mean(), values.std(ddof=1)
    rho = np.sqrt(mixing_variance(NARROWEST_N))
    alpha = brentq(lambda a: width(rho, LEAST_N, a) * sd - abs(mean), 1e-12, 1.0)
    assert anytime_p(values) == pytest.approx(alpha, rel=1e-6)
    more = np.append(values, [-3.0] * 10)
    assert anytime_p(more) == pytest.approx(alpha, rel=1e-6)


def test_below_the_least_number_nothing_is_shown() -> None:
    """However large the difference is; and one more participant shows it."""
    values = 30 + np.random.default_rng(1).normal(size=LEAST_N)
    assert anytime_p(values[:-1]) == 1.0
    assert anytime_p(values) < 1e-6
    assert anytime_p(np.zeros(LEAST_N)) == 1.0


def test_differences_are_over_songs_rated_with_both_and_repeats_count_once() -> None:
    """By hand: (60 - 50 and 40 - 50) / 2 for one, 30 for the other, nobody for the third."""
    rows = pd.DataFrame(
        [
            ("p", "a", "x", 50.0), ("p", "a", "x", 70.0), ("p", "a", "y", 50.0),
            ("p", "b", "x", 40.0), ("p", "b", "y", 50.0), ("p", "c", "x", 99.0),
            ("q", "a", "x", 80.0), ("q", "a", "y", 50.0),
            ("r", "a", "x", 80.0), ("r", "b", "y", 50.0),
        ],
        columns=["participant", "song", "system", "rating"],
    )  # fmt: skip
    assert listener_differences(rows, "x", "y").to_dict() == {"p": 0.0, "q": 30.0}


def test_it_goes_on_after_every_participant_until_it_is_shown_or_closed() -> None:
    """Before the least number the first look is due there; then after each participant."""
    rng = np.random.default_rng(5)
    index = pd.MultiIndex.from_product([range(30), list("ab"), list("xy")])
    rows = index.to_frame(index=False).set_axis(["participant", "song", "system"], axis=1)
    noise = rng.normal(0, 5, len(rows))
    rows = rows.assign(
        rating=50 + noise + 12.0 * (rows["system"] == "x"),
        rated_at=[f"{n:03}" for n in rows["participant"]],
    )
    few = at_any_time(rows[rows["participant"] < 10], PLAN, is_closed=False)
    assert (few.looks, few.next_n, few.decision) == ((), LEAST_N, "go on")
    all_of_them = at_any_time(rows, PLAN, is_closed=False)
    assert (all_of_them.next_n, all_of_them.decision) == (31, "stop")
    (contrast,) = all_of_them.looks[0].contrasts
    assert contrast.ci_low < contrast.estimate < contrast.ci_high
    assert contrast.ci_low > 0
    alike = rows.assign(rating=50 + noise)
    assert at_any_time(alike, PLAN, is_closed=False).decision == "go on"
    assert at_any_time(alike, PLAN, is_closed=True).decision == "stop"
