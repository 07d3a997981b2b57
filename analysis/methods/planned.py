"""Planning by a model: the balanced linear mixed model equivalent to future ratings.

A method that can be the primary method has a function for planning, `Method.planned`. The variances
are in the unit of the model (points or logits). The planner converts differences and margins to the
unit of the model.
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
        Variance of each component in points^2, as a linear mixed model would estimate it.
    n_systems
        Number of systems that are compared.
    scale
        Scale on which the systems are rated.
    level
        Mean rating halfway between the systems, in points; None: the middle of the scale.
    residual_sd
        Residual SD of each system, in points, if these differ between systems.
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
    """The balanced linear mixed model that gives the same differences as a model.

    Attributes
    ----------
    variance
        Variances by component, in the squared unit of the model.
    n_systems
        Number of systems whose mean squares are averaged for the error of a difference.
    from_points, to_points
        Conversion of a difference between two systems: from points to the unit of the model, and
        back.
    told
        Standard error of a difference as the model reports it, divided by the true standard error;
        below 1 if the model approximates its likelihood.
    """

    variance: Mapping[str, float]
    n_systems: int
    from_points: Callable[[float], float] = _same
    to_points: Callable[[float], float] = _same
    told: float = 1.0


def as_linear(given: RatingsToCome) -> PlannedModel:
    """Plan of the linear mixed model; all systems have the same variances."""
    return PlannedModel(given.variance, given.n_systems)
