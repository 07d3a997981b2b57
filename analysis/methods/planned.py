"""Planning by a model: the balanced linear mixed model that is equivalent to future ratings.

If a method can be primary, its function for planning is `Method.planned`. The variances are in the
unit of the model (points or logits). The planner converts differences and margins into the unit of
the model.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from analysis.scale import SCALE, Scale


@dataclass(frozen=True, slots=True)
class RatingsToCome:
    """Assumptions about future ratings.

    Attributes
    ----------
    variance
        Variances by component, in points^2, as the linear mixed model would estimate them.
    n_systems
        Number of systems that are compared.
    scale
        Scale on which the systems are rated.
    level
        Mean rating in the middle of the systems, in points; None: the middle of the scale.
    residual_sd
        Residual SD of each system, in points, if the systems differ in spread.
    """

    variance: Mapping[str, float]
    n_systems: int
    scale: Scale = SCALE
    level: float | None = None
    residual_sd: Mapping[str, float] = field(default_factory=dict)


def _same(points: float) -> float:
    return points


@dataclass(frozen=True, slots=True)
class PlannedModel:
    """The balanced linear mixed model that is equivalent to a model's differences.

    Attributes
    ----------
    variance
        Variances by component, in the squared unit of the model.
    n_systems
        Number of systems whose mean squares are pooled in the error of a difference.
    from_points, to_points
        Conversion of a difference of two systems from points to the unit of the model, and back.
    told
        Ratio of the standard error that the model reports for a difference to the true standard
        error: below 1 if the model approximates its likelihood.
    """

    variance: Mapping[str, float]
    n_systems: int
    from_points: Callable[[float], float] = _same
    to_points: Callable[[float], float] = _same
    told: float = 1.0


def as_linear(given: RatingsToCome) -> PlannedModel:
    """Plan of the linear mixed model, in which all systems have the same variances."""
    return PlannedModel(given.variance, given.n_systems)
