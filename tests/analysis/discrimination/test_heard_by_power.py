"""Power of what can be told apart: binomial closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analysis.discrimination import heard_by
from analysis.discrimination.heard_by import heard_by_at_most, power_to_bound, power_to_hear


def test_with_one_trial_each_hearers_are_a_binomial_share() -> None:
    """40 listeners of whom 60 % hear half of the time are right with 1/2 + 0.3/2 = .65."""
    least = next(r for r in range(41) if stats.binom.sf(r - 1, 40, 0.5) <= 0.05)
    power = stats.binom.sf(least - 1, 40, 0.65)
    assert power_to_hear(40, 1, 0.5, 0.6) == pytest.approx(power)


def test_nobody_who_hears_is_found_at_the_level_at_most() -> None:
    """A share of 0 is the size of the exact test."""
    for n in (5, 12, 31):
        assert 0.01 < power_to_hear(n, 4, 0.5, 0.0) <= 0.05


def test_the_bound_is_shown_as_often_as_it_lies_below() -> None:
    """Each number of right answers that guessing gives, by the report's own bound."""
    shown = sum(
        stats.binom.pmf(right, 60, 0.5)
        for right in range(61)
        if heard_by_at_most(right, [5] * 12, 0.5) < 0.5
    )
    assert power_to_bound(12, 5, 0.5, 0.5) == pytest.approx(shown)


def test_many_answers_are_summed_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """By Fourier transform as by convolution, for a whole study and one of odd size."""
    sizes = [(31, 7), (20, 8)]
    direct = [power_to_hear(n, m, 0.5, 0.4) for n, m in sizes]
    bounds = [power_to_bound(n, m, 0.5, 0.4) for n, m in sizes]
    monkeypatch.setattr(heard_by, "_MANY", 10)
    assert [power_to_hear(n, m, 0.5, 0.4) for n, m in sizes] == pytest.approx(direct, abs=1e-12)
    assert [power_to_bound(n, m, 0.5, 0.4) for n, m in sizes] == pytest.approx(bounds, abs=1e-12)
    assert np.all(np.array(direct) > 0.05)
