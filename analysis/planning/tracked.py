"""Width of a threshold's interval: listeners are simulated and analysed as in a report.

**Conventions.** Levels are numbered by rank; rank 1 is the easiest to hear. A step is the distance
from one level to the next level. At the threshold, a listener hears the difference in half of the
trials, and guesses in the others. The thresholds of the listeners are normally distributed around
the middle level. Near the threshold, the probability of hearing is a logistic function of the
level's rank.

Notes
-----
A pool of listeners is simulated by the rule of the part. A listener's threshold is the mean of the
thresholds of the listener's tracks, by reversals. A listener has no threshold if one of the
listener's tracks ends outside the levels. The listeners of each simulated study are drawn at random
from a pool of simulated listeners, with replacement. A pool is used because the thresholds take
only few different values, often with two peaks. In a small sample of thresholds, the spread
therefore differs from that of normally distributed values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit

from analysis.discrimination.thresholds import BEYOND, threshold_by_reversals
from analysis.planning.choice_plan import AnswerKind, Belief, ChoiceClaim, ChoicesToCome

Floats = NDArray[np.float64]

POOL = 300
"""Number of simulated listeners; fewer if each listener has several tracks."""
_MOST_TRACKS = 900
_N_STUDIES = 2000

_BELIEFS = {
    "half_width": Belief("half width that the interval shall have, in steps", 0.5, 0.05, 20.0),
    "threshold_sd": Belief("spread of listeners' thresholds, in steps", 1.0, 0.0, 20.0),
    "width": Belief("how slowly hearing passes into guessing, in steps", 0.5, 0.05, 10.0),
}


def _listeners(tracks: pd.DataFrame) -> list[float]:
    """Threshold of each listener as a rank of levels; NaN if a listener has no threshold."""
    own: dict[str, list[float]] = {}
    for (participant, _), rows in tracks.groupby(["participant", "track"], sort=False):
        at, averaged = rows["level_rank"].to_numpy(float), rows["averaged"].to_numpy(bool)
        ended = str(rows["ended"].iloc[-1])
        found = math.inf if ended in BEYOND else threshold_by_reversals(at, averaged, ended)
        own.setdefault(str(participant), []).append(found)
    known = [[value for value in each if not math.isnan(value)] for each in own.values()]
    return [float(np.mean(each)) if each and math.inf not in each else math.nan for each in known]


def chance_of_width(pool: Floats, n: int, half_width: float, rng: np.random.Generator) -> float:
    """Probability that Student's 95 % interval for n listeners is at most as wide as a limit.

    Parameters
    ----------
    pool
        Thresholds of the listeners in the pool; NaN if a listener has no threshold.
    n
        Number of listeners; they are drawn at random from the pool.
    half_width
        Largest width at which an interval is narrow enough.
    rng
        Source of chance.
    """
    drawn = pool[rng.integers(len(pool), size=(_N_STUDIES, n))]
    is_known = ~np.isnan(drawn)
    m = is_known.sum(axis=1)
    mean = np.where(is_known, drawn, 0.0).sum(axis=1) / np.maximum(m, 1)
    square = np.where(is_known, (drawn - mean[:, None]) ** 2, 0.0).sum(axis=1)
    df = np.maximum(m - 1, 1)
    half = stats.t.ppf(0.975, df) * np.sqrt(square / df / np.maximum(m, 1))
    return float(np.mean((m >= 2) & (half <= half_width)))


def _claims(given: ChoicesToCome, believed: Mapping[str, float], seed: int) -> list[ChoiceClaim]:
    tracks = given.tracks
    if tracks is None:
        raise ValueError(
            "A threshold can only be planned for a part whose trials adapt to the answers."
        )
    wanted, spread, width = (believed[name] for name in _BELIEFS)

    @cache
    def pool(n_tracks: int) -> Floats:
        rng = np.random.default_rng([seed, n_tracks])
        n = max(20, min(POOL, _MOST_TRACKS // n_tracks))
        places = np.arange(1.0, tracks.n_levels + 1.0)
        # quantiles of the normal distribution replace random draws, so that the spread is exactly
        # the assumed spread
        at = stats.norm.ppf((np.arange(n) + 0.5) / n) * spread + places.mean()
        walked = tracks.walk(expit((at[:, None] - places) / width), n_tracks, rng)
        return np.array(_listeners(walked))

    def power(n: int, n_songs: int) -> float:
        found = pool(n_songs * given.n_trials)
        return chance_of_width(found, n, wanted, np.random.default_rng([seed, n]))

    steps = "step" if wanted == 1 else "steps"
    return [
        ChoiceClaim(
            f"the mean threshold to be known within ±{wanted:g} {steps} between levels (95 % "
            "interval), around the middle of the levels",
            power,
            is_simulated=True,
        )
    ]


TRACKED = AnswerKind(
    "Student's interval over listeners of simulated tracks, by reversals", _BELIEFS, _claims
)
