"""The declared test of expertise: requirements on the repeated ratings of each participant."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from stimuli.study_keys.faults import PlacedError
from stimuli.study_keys.keys import Number, StudyKeys

FEWEST_REPEATED = 4
"""With fewer, ratings at random would agree with themselves too often (see analysis)."""


class ExpertiseKeys(StudyKeys):
    """Requirements on repeated ratings; ``reliability_sd`` is in units of the scale."""

    discriminates: bool = True
    reliability_sd: Annotated[Number, Field(gt=0.0)] | None = None


def check_expertise(gate: ExpertiseKeys | None, n_repeated: int) -> None:
    """Raise ``PlacedError`` if the test of expertise is empty, or too few stimuli are repeated."""
    if gate is None:
        return
    place = ("analysis", "expertise")
    if not gate.discriminates and gate.reliability_sd is None:
        raise PlacedError("The expertise gate is empty; leave it out.", place)
    if n_repeated < FEWEST_REPEATED:
        raise PlacedError(
            f"The expertise gate needs {FEWEST_REPEATED} stimuli that each participant rates "
            f"twice, but there are {n_repeated}; raise repeated_songs under pages.",
            place,
        )
