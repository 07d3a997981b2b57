"""Mappings from an objective measure to the rating scale: monotonic cubic and logistic curve.

**Conventions.** For each point, x is the measure and y is the mean rating. In the observed range of
x, a mapping only increases or only decreases. A mapping increases or decreases; the direction with
the smaller squared error is used. The variable t is 0 at the smallest x and 1 at the largest x. If
a cubic is monotonic in this range, its slope can be written as a sum of squares: (a + b t)^2 + (c
t)^2 + d^2 t (1 - t) (Lukacs). The best cubic can therefore be searched without constraints.

References
----------
.. [1] ITU-T P.1401 (01/2020), clause 7.4: mapping functions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from analysis.statistics.estimable import NotEstimableError

Floats = NDArray[np.float64]
MappingName = Literal["none", "third_order", "logistic"]
DEFAULT_MAPPING: MappingName = "third_order"
N_PARAMETERS: dict[MappingName, int] = {"none": 1, "third_order": 4, "logistic": 4}
"""Degrees of freedom that a mapping takes from the errors; without a mapping, one is taken."""
MAPPING_NAMES: dict[MappingName, str] = {
    "none": "no mapping",
    "third_order": "a monotonic third-order polynomial",
    "logistic": "a logistic curve",
}


@dataclass(frozen=True, slots=True)
class Mapped:
    """The measure after conversion to the rating scale, and the curve that converts it."""

    predicted: Floats
    curve: Callable[[Floats], Floats]


def mapped(x: Floats, y: Floats, name: MappingName) -> Mapped:
    """The measure after its conversion to the rating scale.

    Parameters
    ----------
    x, y
        Measure and mean rating, shape (n,).
    name
        Of the mapping.

    Raises
    ------
    NotEstimableError
        There are too few points, or all points have the same measure.
    """
    if name == "none":
        return Mapped(x, lambda at: at)
    needed = N_PARAMETERS[name] + 1
    if len(x) < needed:
        raise NotEstimableError(
            f"{MAPPING_NAMES[name].capitalize()} needs {needed} points, and there are {len(x)}."
        )
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        raise NotEstimableError(
            "All points have the same measure, or all points have the same rating."
        )
    low, span = float(x.min()), float(np.ptp(x))
    middle, spread = float(y.mean()), float(y.std())
    t, z = (x - low) / span, (y - middle) / spread
    fit = _cubic if name == "third_order" else _logistic
    rising, falling = fit(t, z), fit(t, -z)
    sign = 1.0 if rising[0] <= falling[0] else -1.0
    own = rising[1] if sign > 0 else falling[1]

    def curve(at: Floats) -> Floats:
        return np.asarray(middle + spread * sign * own((at - low) / span))

    return Mapped(curve(x), curve)


def _cubic(t: Floats, z: Floats) -> tuple[float, Callable[[Floats], Floats]]:
    """The best cubic that never decreases between 0 and 1; its squared error comes first."""

    def rise(p: Floats, at: Floats) -> Floats:
        a, b, c, d = p
        linear, square = a**2, a * b + d**2 / 2
        return np.asarray(linear * at + square * at**2 + (b**2 + c**2 - d**2) * at**3 / 3)

    def rest(p: Floats) -> Floats:
        shape = rise(p, t)
        return np.asarray(z - z.mean() - (shape - shape.mean()))

    starts = [(1.0, 0.0, 0.1, 1.0), (0.5, 1.0, 0.1, 0.1), (1.5, -1.5, 0.1, 0.1), (0.1, 0.1, 1, 1)]
    best = _best(rest, starts)
    offset = float(np.mean(z - rise(best[1], t)))
    return best[0], lambda at: offset + rise(best[1], at)


def _logistic(t: Floats, z: Floats) -> tuple[float, Callable[[Floats], Floats]]:
    """The best increasing logistic curve with free end values; its squared error comes first."""

    def value(p: Floats, at: Floats) -> Floats:
        low, height, slope, middle = p
        return np.asarray(low + np.exp(height) / (1 + np.exp(-np.exp(slope) * (at - middle))))

    def rest(p: Floats) -> Floats:
        return np.asarray(z - value(p, t))

    low, height = float(z.min()), float(np.log(np.ptp(z)))
    starts = [(low, height, slope, middle) for slope in (1.0, 2.5) for middle in (0.25, 0.5, 0.75)]
    best = _best(rest, starts)
    return best[0], lambda at: value(best[1], at)


def _best(
    rest: Callable[[Floats], Floats], starts: Sequence[tuple[float, ...]]
) -> tuple[float, Floats]:
    with np.errstate(over="ignore"):
        found = [
            least_squares(rest, start, xtol=1e-14, ftol=1e-14, gtol=1e-12, max_nfev=4000)
            for start in starts
        ]
    least = min(found, key=lambda each: float(each.cost))
    return 2 * float(least.cost), np.asarray(least.x)
