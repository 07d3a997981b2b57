"""Declared one-sided claims: a system is not worse than another, or is better by a margin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from stimuli.study_keys.faults import PlacedError, nearest
from stimuli.study_keys.keys import Name, Number, StudyKeys


class OneSidedKeys(StudyKeys):
    """One entry of ``one_sided``: ``system`` compared with ``to``; ``margin`` is in scale units.

    ``non_inferiority`` claims: if ``system`` is worse than ``to``, it is worse by less than the
    margin. ``superiority`` claims: ``system`` is better than ``to`` by more than the margin, which
    can be 0.
    """

    test: Literal["non_inferiority", "superiority"]
    system: Name
    to: Name
    margin: Annotated[Number, Field(ge=0.0)]


def check_one_sided(tests: Sequence[OneSidedKeys], systems: Sequence[str], key: str) -> None:
    """Raise ``PlacedError`` if a test names no system of the study, or occurs twice."""
    seen: set[tuple[str, str, str]] = set()
    for index, test in enumerate(tests):
        place = ("analysis", key, index)
        for name in (test.system, test.to):
            if name not in systems:
                hint = nearest(name, systems) or f" There are {', '.join(systems)}."
                raise PlacedError(
                    f"{key} names the system {name!r}, which the study lacks.{hint}", place
                )
        what = f"The {test.test.replace('_', '-')} test of {test.system} against {test.to}"
        if test.system == test.to:
            raise PlacedError(f"{what} compares a system with itself.", place)
        if (test.test, test.system, test.to) in seen:
            raise PlacedError(f"{what} is declared twice.", place)
        if test.test == "non_inferiority" and test.margin == 0:
            raise PlacedError(
                f"{what} needs a margin above 0; for a margin of 0 declare a test of superiority.",
                place,
            )
        seen.add((test.test, test.system, test.to))
