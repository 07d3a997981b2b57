"""Planned width of a threshold's interval is that of drawn listeners and of walked tracks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from analysis.discrimination.thresholds import threshold_sections
from analysis.findings.adaptive.thresholds import MeanThreshold
from analysis.planning.answer_kinds import answer_kind
from analysis.planning.choice_plan import ChoicesToCome
from analysis.planning.tracked import chance_of_width
from mixtrial.planning.choices import choices_to_come
from page_types_study import write_page_types_study
from stimuli.loading.load import load_study

PART = """
parts:
  - {type: staircase, name: step, songs: [amber], reference: human, reversals: 6, max_trials: 30,
     levels: [baseline, random, cnn]}
pages: {training: false}
"""
BELIEVED: Mapping[str, float] = {"half_width": 0.3, "threshold_sd": 0.3, "width": 0.2}


def test_chance_of_a_width_is_that_of_normal_thresholds() -> None:
    """The half width is w or less where s^2 is w^2 n / t^2 or less, chi-squared in n - 1."""
    pool, rng = np.random.default_rng(4).normal(0.0, 1.3, 50_000), np.random.default_rng(5)
    t = stats.t.ppf(0.975, 11)
    known = stats.chi2.cdf(11 * 12 * (0.9 / (1.3 * t)) ** 2, 11)
    assert chance_of_width(pool, 12, 0.9, rng) == pytest.approx(known, abs=0.03)
    pool[::2] = np.nan  # of 24 listeners, twelve have a threshold on average
    assert chance_of_width(pool, 24, 0.9, rng) == pytest.approx(known, abs=0.1)
    assert chance_of_width(pool, 1, 0.9, rng) == 0.0


@pytest.fixture(scope="module")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> ChoicesToCome:
    """Questions of a staircase of three levels."""
    path = write_page_types_study(tmp_path_factory.mktemp("tracks"), is_built=False, parts=PART)
    study = load_study(path)
    return choices_to_come(study, study.page_parts[0])


def _share_narrow(given: ChoicesToCome, n: int, n_studies: int, half_width: float) -> float:
    """Share of studies of n listeners whose reported interval is as narrow."""
    assert given.tracks is not None
    rng, found = np.random.default_rng(9), []
    for _ in range(n_studies):
        at = rng.normal(2.0, BELIEVED["threshold_sd"], (n, 1))
        heard = expit((at - np.arange(1.0, 4.0)) / BELIEVED["width"])
        (told,) = threshold_sections(given.tracks.walk(heard, 1, rng))
        mean = told.by_reversals
        narrow = isinstance(mean, MeanThreshold) and (mean.ci_high - mean.ci_low) / 2 <= half_width
        found.append(narrow)
    return float(np.mean(found))


def test_planned_tracks_are_about_as_narrow_as_walked_ones(tracks: ChoicesToCome) -> None:
    """24 studies of eight listeners: a short form of the slow test."""
    kind = answer_kind("track")
    (claim,) = kind.claims(tracks, kind.believed(BELIEVED), 1)
    planned = claim.power(8, 1)
    assert 0.2 < planned < 0.95
    error = 3 * np.sqrt(planned * (1 - planned) / 24)
    assert _share_narrow(tracks, 8, 24, 0.3) == pytest.approx(planned, abs=0.02 + error)
    assert claim.power(30, 1) > 0.99 > planned > claim.power(4, 1)


@pytest.mark.slow
def test_planned_tracks_are_as_narrow_as_those_of_many_studies(tracks: ChoicesToCome) -> None:
    """400 studies, within two points and two standard errors."""
    kind = answer_kind("track")
    (claim,) = kind.claims(tracks, kind.believed(BELIEVED), 1)
    planned = claim.power(8, 1)
    error = 2 * np.sqrt(planned * (1 - planned) / 400)
    assert _share_narrow(tracks, 8, 400, 0.3) == pytest.approx(planned, abs=0.02 + error)
