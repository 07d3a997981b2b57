"""Check of the planned power of preferences: simulated studies are analysed as in a report.

**Conventions.** The conventions are those of :mod:`analysis.planning.preferred`. One system is
better than the others, listeners have individual preferences, and both orders of a pair occur.
Davidson's model is fitted to each study, with an effect of the position on the page. The first pair
is tested by t, and all systems together by F. The standard errors are clustered by listener.

`python -m analysis.validation.planned_choices [n_draws]` prints planned and simulated shares for
docs/validation.md.
"""

import sys
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.choices.choice_model import Floats
from analysis.choices.davidson import fit_pairs
from analysis.choices.strengths import is_any_different, model_strengths
from analysis.mixed_model.power import ALPHA
from analysis.planning.preferred import log_odds_of, pair_rounds, strength_power, strengths_drawn
from analysis.statistics.estimable import NotEstimableError


@dataclass(frozen=True, slots=True)
class PreferenceStudy:
    """Size of a study, and the true values of the listeners in it."""

    n: int
    n_songs: int
    k: int
    share: float
    taste_sd: float
    ties: float

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """All pairs of the study's systems."""
        return list(combinations(range(self.k), 2))


STUDIES = {
    "P1": PreferenceStudy(20, 4, 3, 0.65, 0.5, 0.2),
    "P2": PreferenceStudy(16, 5, 2, 0.7, 0.8, 0.0),
    "P3": PreferenceStudy(24, 3, 4, 0.62, 0.3, 0.3),
}


def planned_shares(study: PreferenceStudy) -> tuple[float, float]:
    """Planned power for a pair, and for all systems together."""
    known = {"share": study.share, "taste_sd": study.taste_sd}
    strengths = strengths_drawn(20_000, study.k, known, 1)
    rounds = pair_rounds(strengths, study.pairs, study.ties, np.random.default_rng(1))
    power = strength_power(rounds, study.k)
    alpha = ALPHA / len(study.pairs)
    return power.of_pair(study.n, study.n_songs, alpha), power.of_all(study.n, study.n_songs)


def simulated_shares(study: PreferenceStudy, n_draws: int, seed: int = 1) -> tuple[float, float]:
    """Shares of simulated studies whose fit finds a difference: in the first pair, or at all."""
    found = [
        _finds(study, answered(study, np.random.default_rng([seed, d]))) for d in range(n_draws)
    ]
    pair, omnibus = np.mean(found, axis=0)
    return float(pair), float(omnibus)


def answered(study: PreferenceStudy, rng: np.random.Generator) -> pd.DataFrame:
    """Comparisons of one study in the form that `fit_pairs` needs, listener by listener."""
    gap = log_odds_of(study.share, study.taste_sd)
    rows = []
    for listener in range(study.n):
        own = rng.normal(0.0, study.taste_sd, study.k)
        own[0] += gap
        for song in range(study.n_songs):
            for place, pair in enumerate(study.pairs):
                a, b = pair if (listener + song + place) % 2 else pair[::-1]
                rows.append((f"P{listener:03}", f"s{a}", f"s{b}", _answer(own, a, b, study, rng)))
    return pd.DataFrame(rows, columns=["participant", "system_a", "system_b", "answer"])


def _answer(own: Floats, a: int, b: int, study: PreferenceStudy, rng: np.random.Generator) -> str:
    one, other = np.exp(own[a]), np.exp(own[b])
    tie = 2 * study.ties / (1 - study.ties) * np.sqrt(one * other)
    at = rng.random() * (one + other + tie)
    return "a" if at < one else "b" if at < one + other else "tie"


def _finds(study: PreferenceStudy, rows: pd.DataFrame) -> tuple[bool, bool]:
    systems = [f"s{index}" for index in range(study.k)]
    people = sorted(rows["participant"].unique())
    try:
        model = fit_pairs(rows, systems, people, with_order=True).model
        strengths = model_strengths(systems, model)
        p_pair = strengths.difference("s0", "s1").p
        p_all = is_any_different(strengths).p
    except NotEstimableError:
        return False, False
    return p_pair < ALPHA / len(study.pairs), p_all < ALPHA


def main(n_draws: int = 4000) -> None:
    """For each study, print the planned and the simulated shares."""
    for name, study in STUDIES.items():
        planned, simulated = planned_shares(study), simulated_shares(study, n_draws)
        told = (f"{a:.3f} / {b:.3f}" for a, b in zip(planned, simulated, strict=True))
        sys.stdout.write(f"| {name} | {n_draws} | {' | '.join(told)} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
