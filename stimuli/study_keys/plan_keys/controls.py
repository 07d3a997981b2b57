"""Declared controls of a crowd test (ITU-T P.808): gold questions, trapping pages, environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from stimuli.study_keys.faults import PlacedError, nearest
from stimuli.study_keys.keys import Name, Number, StudyKeys, Whole


class ControlKeys(StudyKeys):
    """A rated stimulus whose right answer is known; ``within`` is the tolerance in scale units.

    ``attribute`` is None if the known answer applies to every question about the stimulus.
    """

    song: Name
    system: Name
    answer: Number
    within: Annotated[Number, Field(ge=0.0)] = 0.0
    attribute: Name | None = None


class EnvironmentKeys(StudyKeys):
    """A part whose choices have known answers, and how many of them must be right."""

    part: Name
    better: Name
    needed: Annotated[Whole, Field(ge=1)]


class ControlsKeys(StudyKeys):
    """Controls of a crowd test, which decide whose answers are counted.

    ``gold`` lists stimuli whose right answer is known; ``traps`` lists recordings that tell
    participants which answer to give. A participant is still counted with at most ``gold_missed``
    wrong answers to gold questions and ``traps_missed`` wrong answers to traps. The answers about
    gold stimuli and traps are not analysed.
    """

    gold: tuple[ControlKeys, ...] = ()
    traps: tuple[ControlKeys, ...] = ()
    gold_missed: Annotated[Whole, Field(ge=0)] = 0
    traps_missed: Annotated[Whole, Field(ge=0)] = 0
    environment: EnvironmentKeys | None = None


def check_controls(
    controls: ControlsKeys | None,
    known: Mapping[str, Sequence[str]],
    choices: Mapping[str, Sequence[str]],
) -> None:
    """Raise ``PlacedError`` if controls require nothing, or name what the study does not have.

    Parameters
    ----------
    controls
        Controls as the plan declares them.
    known
        The study's names, under the keys ``song``, ``system`` and ``attribute``.
    choices
        For each part in which listeners choose the better of two mixes: its name and its systems.
    """
    if controls is None:
        return
    place = ("analysis", "controls")
    if not (controls.gold or controls.traps or controls.environment):
        raise PlacedError("The controls are empty; leave them out.", place)
    for key in ("gold", "traps"):
        for index, each in enumerate(getattr(controls, key)):
            for what, names in known.items():
                _check_name(getattr(each, what), names, what, (*place, key, index))
    if controls.environment is not None:
        where = (*place, "environment")
        _check_name(controls.environment.part, tuple(choices), "part of choices", where)
        systems = choices[controls.environment.part]
        _check_name(controls.environment.better, systems, "system of that part", where)


def _check_name(
    name: str | None, names: Sequence[str], what: str, place: tuple[str | int, ...]
) -> None:
    if name is not None and name not in names:
        there = f"There are {', '.join(names)}" if names else "There is none"
        hint = nearest(name, names) or f" {there}."
        raise PlacedError(
            f"The controls name the {what} {name!r}, which the study lacks.{hint}",
            place,
        )
