"""Simulated studies, fitted by the mixed model: how often it finds what is there."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.mixed_model.build import build_design
from analysis.mixed_model.fit import fit
from analysis.mixed_model.inference import Inference
from analysis.mixed_model.power import simulated_ratings


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
