"""A psychometric function fitted to the trials of one track, by maximum likelihood.

**Conventions.** ``x`` increases with difficulty. ``x`` is the rank or the value of a level. If
large values are easy, ``x`` is minus the value. Shares and probabilities are between 0 and 1.

Notes
-----
The chance of a right answer at ``x`` is

    p(x) = g + (1 - g - l) / (1 + exp((x - m) / s))

where ``g`` is the guess rate of the paradigm, ``l`` a lapse rate of at most :data:`MOST_LAPSES`
[1]_, ``m`` the middle and ``s`` the width. The threshold is the ``x`` at which p equals 0.5 ** (1 /
n), the share of right answers at which an n-down/1-up rule settles [2]_. The fitted curve and the
reversals of the track therefore estimate the same threshold. The middle of the curve is at most one
step outside the range of the levels. The width of the curve is at least a tenth of a step and at
most the range of the levels.

References
----------
.. [1] F. A. Wichmann and N. J. Hill (2001), "The psychometric function: I. Fitting, sampling, and
   goodness of fit", Perception & Psychophysics 63, 1293-1313.
.. [2] H. Levitt (1971), "Transformed up-down methods in psychoacoustics", Journal of the Acoustical
   Society of America 49, 467-477.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from analysis.discrimination.paradigms import PARADIGMS
from analysis.trial_columns import TRIANGLE

Floats = NDArray[np.float64]

MOST_LAPSES = 0.05


@dataclass(frozen=True, slots=True)
class Curve:
    """A fitted psychometric function, with the log-likelihood of the trials."""

    middle: float
    width: float
    lapses: float
    guess: float
    log_likelihood: float

    def share(self, x: float | Floats) -> Floats:
        """Probability of a right answer at ``x``."""
        return _share(np.asarray(x, dtype=float), self.middle, self.width, self.lapses, self.guess)

    def threshold(self, target: float) -> float:
        """The ``x`` with a share ``target`` of right answers; NaN if there is no such ``x``."""
        odds = (target - self.guess) / (1.0 - self.lapses - target)
        return self.middle - self.width * float(np.log(odds)) if odds > 0.0 else float("nan")


def target_share(down: int) -> float:
    """Share of right answers around which an n-down/1-up rule stays.

    A step to a harder level needs ``down`` right answers in succession; their probability is p **
    down. Steps up and steps down are equally frequent when p ** down is one half.

    Examples
    --------
    >>> [round(100 * target_share(down), 1) for down in (1, 2, 3, 4)]
    [50.0, 70.7, 79.4, 84.1]
    """
    return float(0.5 ** (1.0 / down))


def fitted_curve(
    x: Floats, right: Floats, places: Floats, guess: float = PARADIGMS[TRIANGLE].chance
) -> Curve | None:
    """Maximum likelihood fit to the trials of a track.

    Parameters
    ----------
    x, right
        Level of each trial, and its answer (1 for right, 0 for wrong), shape (n_trials,).
    places
        Values of all levels, ascending, shape (n_levels,).
    guess
        Probability of a right guess; the default is for finding the odd one among three stimuli.

    Returns
    -------
    Curve or None
        None if all answers are right or if all are wrong; the position of the curve is then
        unknown.
    """
    if len(x) == 0 or right.min() == right.max():
        return None
    steps = np.diff(places)
    step, span = float(np.median(steps)), float(places[-1] - places[0])
    at, index = np.unique(x, return_inverse=True)
    n = np.bincount(index).astype(float)
    k = np.bincount(index, weights=right)

    def loss(theta: Floats) -> float:
        p = _share(at, theta[0], float(np.exp(theta[1])), theta[2], guess)
        return -float(np.sum(k * np.log(p) + (n - k) * np.log1p(-p)))

    bounds = [
        (places[0] - step, places[-1] + step),
        (np.log(step / 10.0), np.log(span)),
        (0.0, MOST_LAPSES),
    ]
    middles, widths = np.linspace(*bounds[0], 41), np.linspace(*bounds[1], 9)
    grid = np.array([(m, w) for m in middles for w in widths])
    p = _share(at[:, None], grid[:, 0], np.exp(grid[:, 1]), 0.01, guess)
    losses = -(k @ np.log(p) + (n - k) @ np.log1p(-p))
    start = [*grid[int(np.argmin(losses))], 0.01]
    best = minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    middle, width, lapses = (float(value) for value in best.x)
    return Curve(middle, float(np.exp(width)), lapses, guess, -float(best.fun))


def _share(
    x: Floats, middle: float | Floats, width: float | Floats, lapses: float, guess: float
) -> Floats:
    heard = expit(-(x - middle) / width)
    share = guess + (1.0 - guess - lapses) * heard
    return np.clip(share, 1e-12, 1.0 - 1e-12)
