"""The declared looks (interim tests): their numbers of participants, and the spending of alpha."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field

from stimuli.study_keys.faults import PlacedError
from stimuli.study_keys.keys import StudyKeys, Whole

LEAST_LOOK = 6
"""With fewer participants the mixed model's p does not support a decision."""

MODEL_OF_LOOKS = "lmm"
"""The primary model whose contrasts declared looks test; no other's error rates are known there."""

Spending = Literal["obrien_fleming", "pocock"]


class LooksKeys(StudyKeys):
    """The key ``looks``: numbers of participants for interim tests; the last is the planned end."""

    at: Annotated[tuple[Whole, ...], Field(min_length=2)]
    spending: Spending


def check_looks(looks: LooksKeys | None, anytime: bool, model: str | None) -> None:
    """Raise ``PlacedError`` if the numbers of ``looks`` do not rise, or the first is too small.

    The key ``looks`` cannot be used together with ``anytime``, or with a primary ``model`` for
    which mixtrial has no interim test.
    """
    if looks is None:
        return
    place = ("analysis", "looks", "at")
    if anytime:
        raise PlacedError(
            "The keys looks and anytime exclude each other; declare one of them.",
            ("analysis", "anytime"),
        )
    if model not in (None, MODEL_OF_LOOKS):
        raise PlacedError(
            f"Looks test the contrasts of the model {MODEL_OF_LOOKS}, not of {model}; leave model "
            "out, or declare anytime instead of looks.",
            ("analysis", "model"),
        )
    for before, after in pairwise(looks.at):
        if after <= before:
            raise PlacedError(
                f"Looks must rise, but {after} comes after {before}; give numbers of participants, "
                "such as [12, 24, 36].",
                place,
            )
    if looks.at[0] < LEAST_LOOK:
        raise PlacedError(
            f"The first look is at {looks.at[0]} participants, but no look may come before "
            f"{LEAST_LOOK}, because the intervals of the mixed model are not reliable before.",
            place,
        )
