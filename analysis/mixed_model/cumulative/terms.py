"""Contribution of one rating to the likelihood of a cumulative link model; derivatives.

**Conventions.** The conventions are those of `analysis.mixed_model.cumulative.laplace`. The band of
a rating has a low and a high end; both are measured from the eta of the rating. F is the logistic
distribution.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Terms:
    """Contribution of each rating to -log L, computed from the ends of its band; derivatives.

    `log_p` is log(F(high) - F(low)), computed so that no digits are lost in the subtraction.
    `below` and `density` are F and its derivative, each at the low end and at the high end.
    `log_width` is log(1 - exp(low - high)).
    """

    low: Floats
    high: Floats
    log_p: Floats
    below: tuple[Floats, Floats]
    density: tuple[Floats, Floats]
    log_width: Floats

    @classmethod
    def between(cls, low: Floats, high: Floats) -> "Terms":
        """Log probability between two ends (measured from eta), with terms for its derivatives."""
        small_low, small_high = np.exp(-np.abs(low)), np.exp(-np.abs(high))
        width, both = np.log1p(-np.exp(low - high)), np.log((1 + small_low) * (1 + small_high))
        return cls(
            low,
            high,
            np.minimum(high, 0) - np.maximum(low, 0) + width - both,
            (_below(low, small_low), _below(high, small_high)),
            (small_low / (1 + small_low) ** 2, small_high / (1 + small_high) ** 2),
            width,
        )

    @property
    def score(self) -> Floats:
        """Derivative of -log_p with respect to eta."""
        return self.below[0] + self.below[1] - 1

    @property
    def weight(self) -> Floats:
        """Derivative of `score` with respect to eta."""
        return self.density[0] + self.density[1]

    def curvature(self) -> tuple[Floats, Floats, Floats]:
        """Second derivatives of -log_p: low end twice, both ends, high end twice."""
        (by_low, by_high), (f_low, f_high) = self.by_ends(), self.below
        return (
            by_low**2 - by_low * (1 - 2 * f_low),
            by_low * by_high,
            by_high**2 - by_high * (1 - 2 * f_high),
        )

    def slopes(self) -> tuple[Floats, Floats]:
        """Derivative of `weight` with respect to each end."""
        low, high = (d * (1 - 2 * f) for d, f in zip(self.density, self.below, strict=True))
        return low, high

    def by_ends(self) -> tuple[Floats, Floats]:
        """Derivative of `log_p` with respect to each end."""
        low, high, width = self.low, self.high, self.log_width
        return (
            -np.exp(log_expit(low) - log_expit(high) - width),
            np.exp(log_expit(-high) - log_expit(-low) - width),
        )


def _below(x: Floats, small: Floats) -> Floats:
    """F(x), computed from exp(-|x|), which the density and the logarithm of F need as well."""
    return np.where(x > 0, 1.0, small) / (1 + small)
