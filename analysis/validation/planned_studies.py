"""Planned studies and their simulation: true values, ratings, and estimates from a pilot.

**Conventions.** Latent ratings differ from the mean of the system by listener and by song. If the
scale has ends, the latent ratings are rounded to its steps and cut off at its ends. Values are
fractions of the range of the scale, unless they are stated in points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import expit, ndtr

from analysis.defaults import PrimaryModel
from analysis.mixed_model.cumulative.fit import LOGISTIC_SD, NODES, WEIGHTS
from analysis.scale import SCALE, Scale

Floats = NDArray[np.float64]

SD = {
    "participant": 10.0, "song": 6.0, "participant:system": 7.0, "song:system": 3.5,
    "participant:song": 5.0,
}  # fmt: skip
"""Latent standard deviations, in hundredths of the range."""


@dataclass(frozen=True)
class PlannedStudy:
    """A study to plan and to simulate; difference, margin, level, SDs: fractions of the range.

    `noise` is the residual SD of each system's latent ratings. `is_cut` is true if the scale has
    ends.
    """

    name: str
    about: str
    model: PrimaryModel = "lmm"
    scale: Scale = SCALE
    n: int = 20
    n_songs: int = 8
    difference: float = 0.08
    margin: float = 0.08
    level: float = 0.5
    noise: tuple[float, ...] = (0.14, 0.14, 0.14, 0.14)
    is_cut: bool = True

    @property
    def k(self) -> int:
        """Systems."""
        return len(self.noise)


def rated(study: PlannedStudy, shifts: Sequence[float], n: int, n_songs: int, seed: int) -> Floats:
    """Ratings of a study in points, shape (n, n_songs, k); shifts are fractions of the range."""
    rng = np.random.default_rng(seed)
    k = len(shifts)
    shapes = ((n, 1, 1), (1, n_songs, 1), (n, 1, k), (1, n_songs, k), (n, n_songs, 1))
    y = study.level + np.array(shifts) + np.zeros((n, n_songs, k))
    for sd, shape in zip(SD.values(), shapes, strict=True):
        y += rng.normal(0.0, sd / 100, shape)
    draw = rng.logistic if study.model == "ordinal" else rng.normal
    unit = LOGISTIC_SD if study.model == "ordinal" else 1.0
    y += draw(0.0, 1.0, y.shape) / unit * np.array(study.noise[:k])
    return study.scale.minimum + study.scale.range * _as_given(study, y)


def _steps(study: PlannedStudy) -> int:
    return (study.scale.n_values or 101) - 1


def _as_given(study: PlannedStudy, y: Floats) -> Floats:
    """Possible ratings, each as a fraction of the range."""
    if not study.is_cut:
        return y
    return np.asarray(np.clip(np.round(y * _steps(study)) / _steps(study), 0.0, 1.0))


def latent_difference(study: PlannedStudy) -> float:
    """Latent distance of two systems around the level, for a wanted difference of mean ratings."""
    if not study.is_cut:
        return study.difference
    steps = _steps(study)
    edges = (np.arange(steps) + 0.5)[:, None] / steps
    spread = np.sqrt(sum(sd**2 for sd in SD.values())) / 100
    own, is_logistic = study.noise[0], study.model == "ordinal"

    def mean(shift: float) -> float:
        z = (study.level + shift + spread * NODES - edges) / own
        above = expit(z * LOGISTIC_SD) if is_logistic else ndtr(z)
        return float(np.sum(above @ WEIGHTS)) / steps

    def gap(shift: float) -> float:
        return mean(shift / 2) - mean(-shift / 2) - study.difference

    return float(optimize.brentq(gap, 0.0, 2.0))


@cache
def believed(study: PlannedStudy) -> Mapping[str, float]:
    """Variances that the linear mixed model estimates, in points^2; true if unbounded."""
    unit = study.scale.range**2
    if not study.is_cut:
        known = {name: (sd / 100) ** 2 * unit for name, sd in SD.items()}
        return known | {"residual": float(np.mean(np.square(study.noise))) * unit}
    return variances_of(rated(study, [0.0] * study.k, 1000, 1000, 1))


def variances_of(y: Floats) -> dict[str, float]:
    """Variance components of complete ratings, from their mean squares."""
    n, s, k = y.shape
    square = mean_squares(y)
    e = square["residual"]
    return {
        "participant": (square["p"] - square["ps"] - square["pS"] + e) / (s * k),
        "song": (square["S"] - square["ss"] - square["pS"] + e) / (n * k),
        "participant:system": (square["ps"] - e) / s,
        "song:system": (square["ss"] - e) / n,
        "participant:song": (square["pS"] - e) / k,
        "residual": e,
    }


def mean_squares(y: Floats) -> dict[str, float]:
    """Mean squares of participants, songs, their interactions with systems, and the residual."""
    n, s, k = y.shape
    d = y - y.mean(axis=(0, 1))
    p, song = d.mean(axis=(1, 2)), d.mean(axis=(0, 2))
    ps = d.mean(axis=1) - p[:, None]
    ss = d.mean(axis=0) - song[:, None]
    both = d.mean(axis=2) - p[:, None] - song[None]
    rest = d - both[:, :, None] - (ps + p[:, None])[:, None] - (ss + song[:, None])[None]
    ddf = (n - 1) * (s - 1)
    return {
        "p": s * k * float(np.sum(p**2)) / (n - 1),
        "S": n * k * float(np.sum(song**2)) / (s - 1),
        "ps": s * float(np.sum(ps**2)) / ((n - 1) * (k - 1)),
        "ss": n * float(np.sum(ss**2)) / ((s - 1) * (k - 1)),
        "pS": k * float(np.sum(both**2)) / ddf,
        "residual": float(np.sum(rest**2)) / (ddf * (k - 1)),
    }
