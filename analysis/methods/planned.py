"""Planning by a model: future ratings are described by the equivalent balanced linear mixed model.

A method that can be primary has a function for planning in `Method.planned`. The variances are in
the model's unit (points or logits). The planner converts differences and margins.
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
        Variances by component, in points^2, as the linear mixed model finds them in ratings.
    n_systems
        Number of systems that are compared.
    scale
        Scale on which the systems are rated.
    level
        Mean rating around which the systems lie, in points; None: the middle of the scale.
    residual_sd
        Residual spread of each system, in points, if the spreads differ.
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
        Variances by component, in squares of the model's unit.
    n_systems
        Systems whose mean squares are pooled in the error of a difference.
    from_points, to_points
        Conversion of a difference between two systems from points to the model's unit, and back.
    told
        Share of the standard error of a difference that the model reports: below 1 if the model
        approximates its likelihood.
    """

    variance: Mapping[str, float]
    n_systems: int
    from_points: Callable[[float], float] = _same
    to_points: Callable[[float], float] = _same
    told: float = 1.0


def as_linear(given: RatingsToCome) -> PlannedModel:
    """Plan of the linear mixed model, in which all systems have the same variances."""
    return PlannedModel(given.variance, given.n_systems)
