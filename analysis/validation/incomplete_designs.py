"""False positives for pairs in incomplete designs: each page shows only some of the systems.

Studies are simulated as in :mod:`analysis.validation.monte_carlo`; the songs are fixed, and the
systems are equal. On each song, each listener hears a random selection of the systems.

`python -m analysis.validation.incomplete_designs [n_draws]` prints the table of docs/validation.md.
"""

from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.methods.lmm import fit_default
from analysis.mixed_model.inference import Inference
from analysis.ratings.table import cell_means
from analysis.statistics.paired import sign_flip, wilcoxon
from analysis.statistics.paired_t import paired_t
from analysis.statistics.pairs import pairs_of
from analysis.statistics.threads import one_blas_thread
from analysis.validation.monte_carlo import ALPHA, Scenario, rating_table, simulate

SYSTEMS = 24
SHOWN = 8
SCENARIO = Scenario("I0", "fixed songs, 8 of 24 systems a page", n_songs=10, noise=(1.0,) * SYSTEMS)

Booleans = NDArray[np.bool_]


def shown_at_random(n_listeners: int, n_songs: int, rng: np.random.Generator) -> Booleans:
    """Number of systems on a page: 8 of 24, drawn at random for each listener and song."""
    ranks = rng.random((n_listeners, n_songs, SYSTEMS)).argsort(axis=2).argsort(axis=2)
    return np.asarray(ranks < SHOWN)


def incomplete_ratings(seed: int) -> pd.DataFrame:
    """Ratings of one study; all systems are equal."""
    ratings = simulate(SCENARIO, seed)
    shown = shown_at_random(ratings.shape[0], ratings.shape[1], np.random.default_rng((seed, 1)))
    return rating_table(np.where(shown, ratings, np.nan)).dropna(subset=["rating"])


def pair_p_values(rows: pd.DataFrame, seed: int) -> dict[str, list[float]]:
    """P-values of neighbouring pairs by each test; p-values of the test of all systems.

    Parameters
    ----------
    rows
        Ratings of one study.
    seed
        Seed of the sign-flip test.
    """
    model = fit_default(rows).model
    inference = Inference(model)
    names = model.design.systems
    found = {"LMM omnibus": [inference.term_test("system").p]}
    wanted = set(pairwise(names))
    found["LMM pair"] = [inference.difference(a, b).p for a, b in pairwise(names)]
    pairs = [pair for pair in pairs_of(cell_means(rows)) if (pair.a, pair.b) in wanted]
    pairs = [pair for pair in pairs if len(pair.x) > 1 and np.ptp(pair.d) > 0]
    found["paired t, common songs"] = [float(paired_t(pair.x, pair.y).p) for pair in pairs]
    found["Wilcoxon, common songs"] = [wilcoxon(pair.d).p for pair in pairs]
    found["sign-flip, common songs"] = [sign_flip(pair.d, seed, 999)[0] for pair in pairs]
    return found


def incomplete_rates(n_draws: int, seed: int) -> dict[str, float]:
    """Share of p < .05 among neighbouring pairs and studies, by name of the test."""
    found: dict[str, list[float]] = {}
    with one_blas_thread():
        for draw in range(seed, seed + n_draws):
            for name, values in pair_p_values(incomplete_ratings(draw), draw).items():
                found.setdefault(name, []).extend(values)
    return {name: float(np.mean(np.array(values) < ALPHA)) for name, values in found.items()}


if __name__ == "__main__":
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    for test, rate in incomplete_rates(n, 1).items():
        sys.stdout.write(f"| {test} | {rate:.3f} |\n")
