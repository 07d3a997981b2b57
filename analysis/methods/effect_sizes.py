"""`effect_sizes`: size of each difference, with bootstrap intervals."""

from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.findings.pairs import EffectSizeRows, EffectSizes
from analysis.findings.sections import Interval, NotEstimable
from analysis.methods.base import Method, MethodInput
from analysis.statistics.effect_sizes import paired_effects, pigeonhole
from analysis.statistics.estimable import section
from analysis.statistics.pairs import PairBlock, per_block

Floats = NDArray[np.float64]

MOST_PAIR_DRAWS = 5_000_000
"""Largest number of resamples of all pairs together; each pair has at least `FEWEST_DRAWS`."""
FEWEST_DRAWS = 1000


def draws_of_a_pair(n_systems: int, n_wanted: int) -> int:
    """Number of bootstrap resamples per pair: the requested number, or fewer for many pairs."""
    n_pairs = max(1, n_systems * (n_systems - 1) // 2)
    return min(n_wanted, max(FEWEST_DRAWS, MOST_PAIR_DRAWS // n_pairs))


def effect_size_rows(cells: pd.DataFrame, seed: int, n_draws: int) -> EffectSizeRows:
    """Section `effect_sizes`: participants are resampled; for effects in points, songs as well."""
    n_rated = cells.dropna(axis=1, how="all").columns.get_level_values(0).nunique()
    n_draws = draws_of_a_pair(n_rated, n_draws)

    def test(pairs: PairBlock) -> list[EffectSizes]:
        effects = paired_effects(pairs.x, pairs.y, seed, n_draws)
        whole = _pigeonholes(pairs.by_song, seed, n_draws)
        return [
            EffectSizes(
                *head,
                points=sizes["points"],
                d_z=sizes["d_z"],
                g_z=sizes["g_z"],
                g_av=sizes["g_av"],
                rank_biserial=sizes["rank_biserial"],
                n_draws=n_draws,
                pigeonhole=interval,
            )
            for head, sizes, interval in zip(pairs.heads, effects, whole, strict=True)
        ]

    return per_block(cells, test)


def _pigeonholes(d: Floats, seed: int, n_draws: int) -> list[Interval | NotEstimable]:
    """Intervals for the pairs; a pair uses the songs on which both systems were rated."""
    rated = np.isfinite(d).any(axis=1)
    found: list[Interval | NotEstimable] = [Interval(np.nan, np.nan)] * len(d)
    for songs in np.unique(rated, axis=0):
        alike = np.flatnonzero((rated == songs).all(axis=1))
        own = d[alike][:, :, songs]
        told = section(partial(pigeonhole, own, seed, n_draws))
        for order, place in enumerate(alike.tolist()):
            found[place] = told if isinstance(told, NotEstimable) else Interval(*told[order])
    return found


def _compute(given: MethodInput) -> EffectSizeRows:
    return effect_size_rows(given.cells, given.settings.seed, given.settings.n_bootstrap)


METHOD = Method(place=100, compute=_compute)
