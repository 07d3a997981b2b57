"""`effect_sizes`: how large each difference is, with bootstrap intervals."""

import numpy as np
import pandas as pd

from analysis.findings.pairs import EffectSizeRows, EffectSizes
from analysis.findings.sections import Interval
from analysis.methods.base import Method, MethodInput
from analysis.statistics.effect_sizes import paired_effects, pigeonhole
from analysis.statistics.estimable import section
from analysis.statistics.pairs import Pair, per_pair

MOST_PAIR_DRAWS = 5_000_000
"""Resamples of all pairs together, of which each pair has `FEWEST_DRAWS` at least."""
FEWEST_DRAWS = 1000


def draws_of_a_pair(n_systems: int, n_wanted: int) -> int:
    """How many resamples a pair gets: as many as wanted, fewer where there are many pairs."""
    n_pairs = max(1, n_systems * (n_systems - 1) // 2)
    return min(n_wanted, max(FEWEST_DRAWS, MOST_PAIR_DRAWS // n_pairs))


def effect_size_rows(
    rows: pd.DataFrame, listeners: pd.DataFrame, seed: int, n_draws: int
) -> EffectSizeRows:
    """Section `effect_sizes`: participants resampled, and participants with songs for points."""
    cells = rows.pivot_table(
        index="participant", columns=["system", "song"], values="rating", aggfunc="mean"
    )
    n_draws = draws_of_a_pair(rows["system"].nunique(), n_draws)
    songs = sorted(rows["song"].unique())
    by_song = {
        name: cells[name].reindex(columns=songs).to_numpy(dtype=float)
        for name in cells.columns.get_level_values(0).unique()
    }

    def test(pair: Pair) -> EffectSizes:
        effects = paired_effects(pair.x, pair.y, seed, n_draws)
        d = by_song[pair.a] - by_song[pair.b]
        d = d[:, np.isfinite(d).any(axis=0)]
        whole = section(lambda: Interval(*pigeonhole(d, seed, n_draws)))
        return EffectSizes(
            *pair.head,
            points=effects["points"],
            d_z=effects["d_z"],
            g_z=effects["g_z"],
            g_av=effects["g_av"],
            rank_biserial=effects["rank_biserial"],
            n_draws=n_draws,
            pigeonhole=whole,
        )

    return per_pair(listeners, test)


def _compute(given: MethodInput) -> EffectSizeRows:
    settings = given.settings
    return effect_size_rows(given.rows, given.cells, settings.seed, settings.n_bootstrap)


METHOD = Method(place=100, compute=_compute)
