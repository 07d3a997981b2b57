"""Future ratings under the cumulative link mixed model: latent logistic values cut into bands.

**Conventions.** Logits are measured from the middle of the systems' effects, which is 0. If a
linear mixed model is fitted to latent ratings, its residual variance is nearly Var(Y | u), averaged
over the random effects u. A random factor has the latent variance tau_k^2. The linear model finds
nearly m'^2 tau_k^2 for it, where m' is the change of the mean rating (points) per logit. The latent
ratings are chosen so that the linear model would find the assumed variances.

References
----------
.. [1] Whitehead (1993), Sample size calculations for ordered categorical data, Statistics in
   Medicine 12, 2257-2271 (the information of a rating about a shift).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.special import expit

from analysis.methods.planned import RatingsToCome
from analysis.mixed_model.cumulative.fit import LOGISTIC_SD

Floats = NDArray[np.float64]

FARTHEST = 60.0
"""Largest difference in logits that is considered."""
MOST_ROUNDS = 200
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(81)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
WIDEST = 60.0
"""Largest latent spread of the random effects in logits; ratings cannot show a larger spread."""


@dataclass(frozen=True)
class LatentRatings:
    """Thresholds between bands (logits), mean ratings of bands (points), SDs of random effects."""

    thresholds: Floats
    value_of_band: Floats
    spread: float = 0.0

    def _shares(self, effect: float) -> Floats:
        """Share of ratings in each band; a column is one value (node) of the random effects."""
        below = expit(self.thresholds[:, None] - effect - self.spread * NODES)
        return np.asarray(np.diff(below, axis=0, prepend=0.0, append=1.0))

    def information(self) -> float:
        """Fisher information of a rating about the effect of its system, over listeners and songs.

        Returns
        -------
        float
            The information is the mean over random effects of sum_c p_c (F'(a_c) + F'(b_c)), where
            band c is from a_c to b_c. The information is at most 1 / 3, the information of the
            latent rating.
        """
        p = self._shares(0.0)
        below = np.cumsum(p, axis=0)
        slope = below * (1 - below)
        both = slope + np.concatenate([np.zeros((1, len(NODES))), slope[:-1]])
        return float(np.sum(p * both, axis=0) @ WEIGHTS)

    def mean(self, effect: float) -> float:
        """Mean rating in points, for an effect in logits."""
        return float(self.value_of_band @ self._shares(effect) @ WEIGHTS)

    def residual_variance(self) -> float:
        """Variance, in points^2, of ratings of one listener for one song and system."""
        p = self._shares(0.0)
        first, second = self.value_of_band @ p, self.value_of_band**2 @ p
        return float((second - first**2) @ WEIGHTS)

    def to_points(self, logits: float) -> float:
        """Difference of two systems in points; they are equally far above and below the middle."""
        return self.mean(logits / 2) - self.mean(-logits / 2)

    def from_points(self, points: float) -> float:
        """Difference of two systems in logits; they are equally far above and below the middle.

        Raises
        ------
        ValueError
            The scale is too short for a difference of this size.
        """
        if self.to_points(FARTHEST) <= points:
            raise ValueError(
                f"Around the mean rating, the scale has no room for two systems {points:g} points "
                "apart."
            )
        found = optimize.brentq(lambda d: self.to_points(d) - points, 0.0, FARTHEST)
        return float(found)

    def points_per_logit(self) -> float:
        """How much the mean rating changes per logit of the effect, at the middle."""
        return self.to_points(1e-3) / 1e-3

    def with_spread(self, random: float) -> "LatentRatings":
        """The same thresholds; random effects chosen so that mean ratings have a required variance.

        Raises
        ------
        ValueError
            The required variance cannot be reached with any random effects.
        """
        now = replace(self, spread=1.0)
        for _ in range(MOST_ROUNDS):
            spread = min(WIDEST, float(np.sqrt(random)) / max(1e-9, now.points_per_logit()))
            if abs(spread - now.spread) < 1e-8 and spread < WIDEST:
                return now
            now = replace(now, spread=(spread + now.spread) / 2)
        raise ValueError(f"Ratings on this scale cannot have a variance of {random:.3g} points^2.")


def latent_ratings(
    given: RatingsToCome, ends: Floats, values: Floats
) -> tuple[LatentRatings, Mapping[str, float]]:
    """Latent ratings for which the linear mixed model would find the assumed variances.

    Parameters
    ----------
    given
        Of the ratings.
    ends
        Upper ends of all bands except the last, as fractions of the range of the scale.
    values
        Mean rating of each band, in points.

    Returns
    -------
    tuple
        The latent ratings, and the variance of each random effect in logits^2.

    Raises
    ------
    ValueError
        Ratings on this scale cannot have variances as large as assumed.
    """
    scale = given.scale
    level = scale.at(0.5) if given.level is None else given.level
    edges = scale.minimum + np.asarray(ends) * scale.range - level
    own = ("residual", "participant:song:system")
    residual = sum(float(given.variance.get(name, 0.0)) for name in own)
    random = {name: float(each) for name, each in given.variance.items() if name not in own}
    usual = LOGISTIC_SD / np.sqrt(residual)

    def at(log_factor: float) -> LatentRatings:
        per_point = usual * np.exp(log_factor)
        return LatentRatings(edges * per_point, values).with_spread(sum(random.values()))

    def excess(log_factor: float) -> float:
        return at(log_factor).residual_variance() - residual

    found = at(_root(excess))
    slope = found.points_per_logit()
    return found, {name: each / slope**2 for name, each in random.items()}


def _root(excess: Callable[[float], float]) -> float:
    """Zero of a decreasing function; the search begins at a steep part."""
    for low in np.arange(0.75, -3.0, -0.25):
        if excess(float(low)) > 0:
            return float(optimize.brentq(excess, float(low), float(low) + 0.25))
    raise ValueError(
        "Ratings on this scale, with this mean, cannot have so large a residual variance."
    )
