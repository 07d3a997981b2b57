"""Power: closed form against the fit, against textbook t tests and against simulation."""

from collections.abc import Mapping

import numpy as np
import pytest

from analysis.findings.json_form import json_form
from analysis.mixed_model.build import build_design
from analysis.mixed_model.fit import fit
from analysis.mixed_model.inference import Inference
from analysis.mixed_model.power import (
    DEFAULT_VARIANCE,
    detectable_difference,
    difference_df,
    difference_se,
    participants_for_equivalence,
    power_of_difference,
    power_of_equivalence,
    power_section,
    simulated_ratings,
)

SYN_A = {
    "participant": 55.3631,
    "song": 39.5691,
    "participant:system": 79.2752,
    "song:system": 13.3900,
    "participant:song": 33.4621,
    "residual": 200.6717,
}


def share_found(
    variance: Mapping[str, float],
    means: Mapping[str, float],
    n: int,
    n_songs: int,
    seed: int,
    n_draws: int,
) -> float:
    """Share of studies in which the first and the last system differ with p < .05."""
    first, *_, last = means
    found = 0
    for draw in range(n_draws):
        ratings = simulated_ratings(variance, means, n, n_songs, seed + draw)
        found += Inference(fit(build_design(ratings))).difference(first, last).p < 0.05
    return found / n_draws


def test_the_closed_form_is_the_fits_standard_error() -> None:
    """30 participants, 10 songs: se 3.0497 and df 78.375, as R gives for this test."""
    assert difference_se(SYN_A, 30, 10) == pytest.approx(3.049727, rel=1e-5)
    assert difference_df(SYN_A, 30, 10, 4) == pytest.approx(78.37535, rel=0.05)


def test_who_rates_half_of_the_songs_says_less() -> None:
    """By hand: 2 (79.2752 / 30 + 13.39 / 10 + 200.6717 / (30 x 5)); the section counts so too."""
    expected = np.sqrt(2 * (79.2752 / 30 + 1.339 + 200.6717 / 150))
    assert difference_se(SYN_A, 30, 10, 5) == pytest.approx(expected, rel=1e-12)
    half, whole = (
        json_form(power_section(SYN_A, 30, 10, 4, 5.0, n_own=own)) for own in (5.0, None)
    )
    assert (half["se"], half["n_songs_each"]) == (pytest.approx(expected), 5.0)
    assert half["detectable_difference"] > whole["detectable_difference"]


def test_power_of_a_t_test_by_the_printed_table() -> None:
    """Cohen: two-sided paired t, d = .5, n = 34 has power .81; one of no difference is alpha."""
    assert power_of_difference(0.5, 1 / np.sqrt(34), 33) == pytest.approx(0.808, abs=0.002)
    assert power_of_difference(0.0, 1.0, 20) == pytest.approx(0.05)
    assert power_of_difference(1e6, 1.0, 20) == 1


def test_the_detectable_difference_has_the_wanted_power() -> None:
    """Inverse of the power function, about 2.8 standard errors for many df."""
    found = detectable_difference(2.0, 500)
    assert power_of_difference(found, 2.0, 500) == pytest.approx(0.8)
    assert found / 2 == pytest.approx(2.80, abs=0.02)


def test_more_participants_do_not_beat_the_floor_of_songs() -> None:
    """The standard error falls towards sqrt(2 phi_ss / S) and no further."""
    floor = np.sqrt(2 * 13.39 / 10)
    assert difference_se(SYN_A, 100_000, 10) == pytest.approx(floor, rel=1e-3)
    # With large song:system variance twice the songs help more than twice the participants.
    assert difference_se(DEFAULT_VARIANCE, 30, 20) < difference_se(DEFAULT_VARIANCE, 60, 10)


def test_equivalence_needs_a_margin_beyond_the_floor() -> None:
    """A generous margin needs few participants, one near the floor cannot be reached."""
    few = participants_for_equivalence(SYN_A, 20, 4, 10.0)
    assert few is not None
    se, df = difference_se(SYN_A, few, 20), difference_df(SYN_A, few, 20, 4)
    assert power_of_equivalence(10.0, se, df) >= 0.8
    less = difference_se(SYN_A, few - 1, 20), difference_df(SYN_A, few - 1, 20, 4)
    assert power_of_equivalence(10.0, *less) < 0.8
    assert participants_for_equivalence(SYN_A, 4, 4, 2.0) is None


def test_simulation_agrees_with_the_closed_form() -> None:
    """Sixty simulated studies with a difference of 4 standard errors find it nearly always."""
    se = difference_se(SYN_A, 12, 6)
    means = {"a": 50.0, "b": 50.0, "c": 50.0 - 4 * se}
    found = share_found(SYN_A, means, 12, 6, seed=1, n_draws=60)
    df = difference_df(SYN_A, 12, 6, 3)
    assert found == pytest.approx(power_of_difference(4 * se, se, df), abs=0.08)


def test_simulated_ratings_have_the_wanted_variances() -> None:
    """Variance of participants' means: phi_p + phi_ps / k + phi_pS / S + phi_e / (k S)."""
    rows = simulated_ratings(DEFAULT_VARIANCE, dict.fromkeys("abcd", 50.0), 2000, 5, seed=3)
    v = DEFAULT_VARIANCE
    expected = v["participant"] + v["participant:system"] / 4 + v["participant:song"] / 5
    expected += v["residual"] / 20
    observed = rows.groupby("participant")["rating"].mean().var()
    assert observed == pytest.approx(expected, rel=0.1)


def test_the_section_follows_from_the_model() -> None:
    """The study's own size is in the grid with the standard error of the study."""
    found = json_form(power_section(SYN_A, 30, 10, 4, 5.0))
    own = [r for r in found["grid"] if (r["n_participants"], r["n_songs"]) == (30, 10)]
    assert own[0]["se"] == found["se"] == pytest.approx(3.049727, rel=1e-5)
