"""Check that participants can rate on the scales that a study declares."""

from __future__ import annotations

from stimuli.page_types.base import Part
from stimuli.study.study import Study
from stimuli.study_keys.faults import PlacedError
from stimuli.study_keys.rated_scale import RatingScale
from stimuli.study_keys.yaml_source import Place


def check_scales(study: Study) -> None:
    """Raise ``PlacedError`` if a range is empty, or if a page has no words to choose from."""
    _refuse_fault(study.scale, ("range",))
    for index, part in enumerate(study.page_parts):
        place: Place = ("parts", index) if study.parts else ()
        if part.options.range is not None and not part.has_ratings:
            raise PlacedError(
                f"The part {part.name!r} asks for choices, which have no scale; leave range out.",
                (*place, "range"),
            )
        _refuse_fault(part.scale, (*place, "range"))
        if part.has_ratings:
            _check_attributes(study, part, place)


def _check_attributes(study: Study, part: Part, place: Place) -> None:
    for index, attribute in enumerate(study.attributes):
        if attribute.name not in part.attributes:
            continue
        scale = part.scales[attribute.name]
        has_own = attribute.range is not None
        _refuse_fault(scale, ("attributes", index, "range"))
        if not part.options.has_labels:
            continue
        bare, between = scale.unlabelled(), scale.label_between_steps()
        if bare is not None:
            raise PlacedError(
                f"The part {part.name!r} has labels to choose from, but {bare:g} on the scale "
                f"{scale} has no label; give each step a label, or set scale: slider.",
                ("attributes", index, "range") if has_own else (*place, "scale"),
            )
        if between is not None:
            raise PlacedError(
                f"The part {part.name!r} has labels to choose from, but the label {between.word!r} "
                f"is at {between.value:g}, which is not a value of the scale {scale}; move it, or "
                "set scale: slider.",
                ("attributes", index, "range") if has_own else (*place, "scale"),
            )


def _refuse_fault(scale: RatingScale, place: Place) -> None:
    fault = scale.fault()
    if fault is not None:
        raise PlacedError(fault, place)
