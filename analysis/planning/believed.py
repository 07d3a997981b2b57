"""What is assumed about ratings before they exist, and how the primary model describes it.

**Conventions.** Each component has a variance in points^2, as in the linear mixed model.
The variances are taken from one codec test, or from a pilot's results.json.
"""

from collections.abc import Mapping

from analysis.defaults import MODEL_NAMES
from analysis.methods.planned import PlannedModel, RatingsToCome
from analysis.methods.registry import methods
from analysis.mixed_model.power import DEFAULT_VARIANCE
from analysis.planning.grid import COMPONENTS
from analysis.ratings.table import RatingsError
from analysis.scale import SCALE, Scale


def planned_model(name: str, given: RatingsToCome) -> PlannedModel:
    """Variances of future ratings, in the unit of the primary model `name`; the unit.

    Raises
    ------
    ValueError
        The model does not exist, or the given values do not allow a plan with it.
    """
    if name not in MODEL_NAMES:
        raise ValueError(f"There is no model {name!r}; choose {', '.join(MODEL_NAMES)}.")
    plan = methods()[name].planned
    if plan is None:
        raise ValueError(f"A study cannot be planned with the model {name}.")
    return plan(given)


def default_variance(scale: Scale) -> dict[str, float]:
    """Variances of one codec test, converted to the range of another scale.

    Ratings are rounded to a step if the step is wider than a hundredth of the range. Rounding to
    a step adds step^2 / 12 to the residual variance (Sheppard's correction).
    """
    square = (scale.range / SCALE.range) ** 2
    found = {name: square * value for name, value in DEFAULT_VARIANCE.items()}
    found["residual"] += max(0.0, (scale.step or 0.0) ** 2 - square) / 12
    return found


def fitted_variance(
    results: Mapping[str, object], attribute: str | None = None
) -> tuple[str, dict[str, float]]:
    """An attribute's name in a results.json, and the variances in its mixed model.

    Parameters
    ----------
    results
        The content of the results.json of a pilot study.
    attribute
        Name of the attribute; None: ``overall`` if the file has it, otherwise the first attribute.

    Raises
    ------
    RatingsError
        The file does not have the attribute, or the attribute's model could not be estimated.
    """
    sections = results.get("attributes")
    if not isinstance(sections, Mapping) or not sections:
        raise RatingsError("This file is not a results.json: it has no key 'attributes'.")
    name = attribute or ("overall" if "overall" in sections else next(iter(sections)))
    if name not in sections:
        raise RatingsError(f"The results have no attribute {name!r}; choose {list(sections)}.")
    model = sections[name].get("lmm")
    variance = model.get("variance") if isinstance(model, Mapping) else None
    if not isinstance(variance, Mapping) or "residual" not in variance:
        raise RatingsError(
            f"The results hold no variances of {name}, because its model was not estimable."
        )
    found = {key: float(value) for key, value in variance.items()}
    absent = [part for part in COMPONENTS[:2] if part not in found]
    if absent:
        raise RatingsError(
            f"The pilot is too small for a plan: it cannot separate {' and '.join(absent)}."
        )
    return name, found


def fitted_spreads(results: Mapping[str, object], attribute: str) -> dict[str, float]:
    """Residual SD of each system from `lmm_unequal` in a results.json; empty without this model."""
    sections = results.get("attributes")
    section = sections.get(attribute) if isinstance(sections, Mapping) else None
    model = section.get("lmm_unequal") if isinstance(section, Mapping) else None
    spreads = model.get("residual_sd") if isinstance(model, Mapping) else None
    return {name: float(sd) for name, sd in spreads.items()} if spreads else {}
