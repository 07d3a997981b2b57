"""Page types with three recordings, one of which differs: how the answer is stored and checked."""

from __future__ import annotations

from stimuli.page_types.base import Answers
from stimuli.page_types.pairs import CHOSEN, OTHER

ATTRIBUTE = "odd_one"
"""Name under which the answers are stored, whatever the study's attributes are."""

N_INTERVALS = 3
UNANSWERED = "none of the three was chosen"


def odd_choice(chosen: int) -> dict[tuple[int, str], float]:
    """Answer that the stimulus in slot ``chosen`` (0, 1 or 2) differs from the others."""
    return {(slot, ATTRIBUTE): CHOSEN if slot == chosen else OTHER for slot in range(N_INTERVALS)}


def odd_fault(answers: Answers) -> str | None:
    """None if one value is 100 and the two others are 0; otherwise a sentence about the fault."""
    given = sorted(answers.values.values())
    wanted = [OTHER] * (N_INTERVALS - 1) + [CHOSEN]
    return None if given in ([], wanted) else "ratings: one of the three is 100, the others 0"
