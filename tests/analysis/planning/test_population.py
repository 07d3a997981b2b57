"""Planned power of the mixed logit of right answers is that of answered and reported studies."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit, logit

from analysis.discrimination.paradigms import PARADIGMS, Paradigm
from analysis.discrimination.told_apart import told_apart_section
from analysis.findings.discrimination.told_apart import RightLogit
from analysis.findings.sections import TrialCounts
from analysis.planning.answer_kinds import answer_kind
from analysis.planning.choice_plan import ChoicesToCome, choice_grid
from analysis.planning.population import population_power, population_z
from analysis.trial_columns import ABX, TRIANGLE

STUDIES = {
    "abx": (ABX, 0.9, 0.8, 16, 4, 2),
    "triangle": (TRIANGLE, 1.2, 0.5, 12, 3, 3),
    "one song": (ABX, 1.0, 1.2, 20, 1, 6),
}
"""Trials, d' of the middle listener, spread, listeners, songs, and trials of each song."""


def _answers(name: str, n_studies: int, seed: int) -> NDArray[np.int64]:
    kind, d_prime, spread, n, n_songs, n_trials = STUDIES[name]
    rng = np.random.default_rng(seed)
    odds = logit(PARADIGMS[kind].share_of(d_prime)) + rng.normal(0, spread, (n_studies, n, 1))
    return rng.binomial(n_trials, expit(odds), (n_studies, n, n_songs))


def _reported(right: NDArray[np.int64], n_trials: int, paradigm: Paradigm) -> Iterator[RightLogit]:
    """Finding of the report in each study, trial by trial."""
    n, n_songs = right.shape[1:]
    rows = pd.DataFrame(
        [(f"P{i}", f"s{j}", k) for i in range(n) for j in range(n_songs) for k in range(n_trials)],
        columns=["participant", "song", "trial"],
    ).assign(**{**dict.fromkeys(paradigm.heard, "a"), "system_b": "b"})
    for own in right:
        correct = rows["trial"].to_numpy() < np.repeat(own.ravel(), n_trials)
        counts = TrialCounts(
            part="", attribute="x", n_trials=len(rows), n_participants=n, n_songs=n_songs
        )
        found = told_apart_section(rows.assign(correct=correct * 1.0), paradigm, counts).mixed_logit
        if isinstance(found, RightLogit):
            yield found


def _planned(name: str) -> float:
    kind, d_prime, spread, n, n_songs, n_trials = STUDIES[name]
    odds = float(logit(PARADIGMS[kind].share_of(d_prime)))
    power = population_power(odds, PARADIGMS[kind].chance, spread, n_trials, 0.05, 1)
    return power(n, n_songs)


@pytest.mark.parametrize("name", STUDIES)
def test_studies_fitted_at_once_are_those_of_the_report(name: str) -> None:
    """The z of nine studies, by the model that is equal to R's."""
    kind, *_, n_trials = STUDIES[name]
    right = _answers(name, 9, 3)
    z = population_z(right.astype(float), n_trials, PARADIGMS[kind].chance)
    found = [each.pairs[0].p for each in _reported(right, n_trials, PARADIGMS[kind])]
    assert stats.norm.sf(z) == pytest.approx(found, abs=1e-4)


def test_listeners_who_are_all_alike_have_the_power_of_a_proportion() -> None:
    """Without a spread: z of a binomial share in log odds, of 100 listeners with 4 answers each."""
    p, n = expit(0.25), 400
    far, se = 0.25, 1 / np.sqrt(n * p * (1 - p))
    power = population_power(0.25, 0.5, 0.0, 4, 0.05, 2)
    assert power(100, 1) == pytest.approx(stats.norm.sf(1.645 - far / se), abs=0.03)


def test_the_table_has_simulated_power_for_the_songs_of_the_study_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exact power is told for other numbers of songs too; triangles are planned as ABX is."""
    for number in ("N_STUDIES", "N_WITH_SONGS"):
        monkeypatch.setattr(f"analysis.planning.population.{number}", 20)
    kind = answer_kind(TRIANGLE)
    claims = kind.claims(ChoicesToCome(2, [(0, 1)], 2, False), kind.believed({}), 1)
    grid = choice_grid(claims, 3)
    songs = grid.groupby("claim", sort=False)["n_songs"].unique().map(list).tolist()
    assert songs == [[1, 2, 3, 4, 8, 16]] * 3 + [[3]]
    assert "the population of such listeners" in claims[3].in_words


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_planned_power_of_the_mixed_logit_is_that_of_reported_studies(name: str) -> None:
    """400 studies each, within two points and two standard errors of a share."""
    kind, *_, n_trials = STUDIES[name]
    right = _answers(name, 400, 5)
    found = [each.pairs[0].p < 0.05 for each in _reported(right, n_trials, PARADIGMS[kind])]
    planned, simulated = _planned(name), sum(found) / 400
    error = 2 * np.sqrt(planned * (1 - planned) / 400)
    assert simulated == pytest.approx(planned, abs=0.02 + error)
