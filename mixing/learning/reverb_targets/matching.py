"""Parameters of the delay network whose modelled decay is closest to a target decay.

A genetic search (differential evolution, scipy) varies nine parameters. The test of a candidate
takes only some tenths of a millisecond, because its decay is modelled and not rendered.

References
----------
R. Storn, K. Price: Differential evolution. J. Global Optimization 11, 341–359 (1997).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy.optimize import Bounds, differential_evolution

from mixing.effects.reverb import REVERB_RANGES
from mixing.learning.reverb_targets.blind import HeardReverb
from mixing.learning.reverb_targets.decay_model import (
    Float64,
    exponential_relief_db,
    modelled_relief_db,
)
from mixing.parameters import ReverbParameters

HEARD_RANGE_DB = 60.0  # frames more than this many dB below the loudest frame have no weight
N_GENERATIONS, POPULATION_PER_PARAMETER = 60, 6
_SEARCHED: dict[str, tuple[float, float]] = {
    **REVERB_RANGES,
    # The ranges below are narrower than the plug-in's: they are the ranges of real rooms. The Q of
    # a shelf filter hardly changes the levels of octave bands.
    "dry_wet": (0.01, 0.75),
    "reverb_time_s": (0.2, 9.0),
    "fade_in_s": (0.0, 0.3),
    "low_shelf_frequency_hz": (50.0, 1000.0),
    "low_shelf_gain_db_per_s": (-80.0, 6.0),
    "low_shelf_q": (0.3, 0.9),
    "high_shelf_frequency_hz": (1000.0, 16_000.0),
    "high_shelf_q": (0.3, 0.9),
}
_LOGARITHMIC = {"dry_wet", "reverb_time_s", "low_shelf_frequency_hz", "high_shelf_frequency_hz"}


@dataclass(frozen=True, slots=True)
class Match:
    """Parameters found by the search, and the mean error of their decay in dB."""

    parameters: ReverbParameters
    error_db: float


def match_relief(wanted_db: Float64, sample_rate: int, seed: int) -> Match:
    """Search for the network's parameters with the energy decay relief closest to ``wanted_db``.

    Parameters
    ----------
    wanted_db
        Energy decay relief (n_bands, n_frames), see
        :mod:`mixing.learning.reverb_targets.decay_model`.

    Notes
    -----
    The cost is the mean absolute difference in dB, weighted by ``clip((wanted − (max − 60)) / 30,
    0, 1)``. Room size, dry/wet ratio and tail level can compensate for each other.
    Several sets of parameters therefore sound similar, and the search returns one of these sets.
    """
    weight = np.clip((wanted_db - (wanted_db.max() - HEARD_RANGE_DB)) / 30, 0, 1)
    weight /= weight.sum()
    names = [field.name for field in fields(ReverbParameters)]
    low, high = np.array([_axis(name, np.array(_SEARCHED[name])) for name in names]).T

    def error_db(axes: Float64) -> float:
        relief = modelled_relief_db(_parameters(names, axes), sample_rate)
        return float((weight * np.abs(relief - wanted_db)).sum())

    found = differential_evolution(
        error_db,
        Bounds(low, high),
        maxiter=N_GENERATIONS,
        popsize=POPULATION_PER_PARAMETER,
        polish=False,
        rng=np.random.default_rng(seed),
    )
    return Match(_parameters(names, found.x), float(found.fun))


def match_heard(heard: HeardReverb, sample_rate: int, seed: int) -> Match:
    """Parameters of the network for an estimated reverb that decays evenly in every band."""
    relief = exponential_relief_db(heard.decay_time_s, heard.level_db)
    return match_relief(relief, sample_rate, seed)


def _axis(name: str, values: Float64) -> tuple[float, float]:
    """Bounds of a parameter for the search, on a linear or logarithmic axis."""
    low, high = np.log(values) if name in _LOGARITHMIC else values
    return float(low), float(high)


def _parameters(names: list[str], axes: Float64) -> ReverbParameters:
    """Reverb parameters for a point of the search."""
    natural = [
        float(np.exp(x)) if name in _LOGARITHMIC else float(x)
        for name, x in zip(names, axes, strict=True)
    ]
    return ReverbParameters(*natural)
