"""Which kinds of choices can be planned, each by what its own file says of it."""

from collections.abc import Mapping

from analysis.planning.choice_plan import AnswerKind
from analysis.planning.preferred import ORDERS, PAIRS, PICKS
from analysis.planning.told_apart import IDENTIFIED
from analysis.trial_columns import ABX, BEST, PREFERENCE, RANKING

_KINDS: Mapping[str, AnswerKind] = {
    PREFERENCE: PAIRS,
    RANKING: ORDERS,
    BEST: PICKS,
    ABX: IDENTIFIED,
}


def answer_kind(answers: str) -> AnswerKind:
    """What can be planned of answers of this kind, as the analysis calls them.

    Raises
    ------
    ValueError
        Nothing can.
    """
    if answers not in _KINDS:
        raise ValueError(
            f"answers of the kind {answers} cannot be planned; those of ratings and of "
            f"{', '.join(_KINDS)} can"
        )
    return _KINDS[answers]
