"""Incomplete designs with nothing to find: pages of 8 of 24 systems, songs fixed."""

import numpy as np
import pytest

from analysis.validation.incomplete_designs import (
    SHOWN,
    SYSTEMS,
    incomplete_rates,
    incomplete_ratings,
    shown_at_random,
)


def test_a_page_shows_eight_of_the_systems_and_each_of_them_as_often() -> None:
    """Over many pages a third each, give or take three standard errors."""
    shown = shown_at_random(60, 20, np.random.default_rng(2))
    assert (shown.sum(axis=2) == SHOWN).all()
    share = SHOWN / SYSTEMS
    unsure = 3.2 * np.sqrt(share * (1 - share) / 1200)
    assert shown.mean(axis=(0, 1)) == pytest.approx([share] * SYSTEMS, abs=unsure)


def test_a_study_has_what_its_pages_show() -> None:
    """30 listeners, 10 songs, 8 ratings a page; each page's systems are different ones."""
    rows = incomplete_ratings(3)
    assert len(rows) == 30 * 10 * SHOWN
    assert (rows.groupby(["participant", "song"])["system"].nunique() == SHOWN).all()
    assert rows["system"].nunique() == SYSTEMS


@pytest.mark.slow
def test_equal_systems_of_incomplete_pages_are_found_different_in_five_percent() -> None:
    """Within .05 ± .015, by the model and by the companions on common songs."""
    rates = incomplete_rates(200, seed=1)
    for test in ("LMM pair", "paired t, common songs", "Wilcoxon, common songs"):
        assert rates[test] == pytest.approx(0.05, abs=0.015), (test, rates[test])
    assert rates["LMM omnibus"] <= 0.065 + 2 * np.sqrt(0.05 * 0.95 / 200)
