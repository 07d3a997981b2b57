"""Strengths behind preferences hold their level where listeners have tastes of their own."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.validation.choices import coverage, false_findings


def within(rate: float, n_draws: int) -> bool:
    """Whether a rate lies within three standard errors of .05."""
    return abs(rate - 0.05) <= 3 * float(np.sqrt(0.05 * 0.95 / n_draws))


@pytest.mark.slow
@pytest.mark.parametrize("n_listeners", [10, 20, 30])
def test_clustered_tests_hold_their_level_and_others_do_not(n_listeners: int) -> None:
    """200 studies each, without any difference between the systems."""
    found = false_findings(n_listeners, 0.8, 200)
    assert within(found["omnibus"], 200), found
    assert within(found["pair"], 200), found
    assert found["pair, errors not clustered"] > 0.12


@pytest.mark.slow
@pytest.mark.parametrize("n_listeners", [10, 30])
def test_intervals_hold_a_true_difference(n_listeners: int) -> None:
    """95 % of the intervals of 200 studies of listeners of one taste, three errors at most off."""
    assert within(1 - coverage(n_listeners, 200), 200)
