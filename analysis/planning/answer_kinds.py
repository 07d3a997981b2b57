"""Kinds of choices for which a study can be planned, one file each."""

from collections.abc import Mapping

from analysis.discrimination.paradigms import PARADIGMS
from analysis.discrimination.thresholds import TRACK
from analysis.planning.choice_plan import AnswerKind
from analysis.planning.preferred import ORDERS, PAIRS, PICKS
from analysis.planning.told_apart import JUDGED, told_apart_kind
from analysis.planning.tracked import TRACKED
from analysis.trial_columns import BEST, PREFERENCE, RANKING, SAME_DIFFERENT

_KINDS: Mapping[str, AnswerKind] = {
    PREFERENCE: PAIRS,
    RANKING: ORDERS,
    BEST: PICKS,
    **{name: told_apart_kind(paradigm) for name, paradigm in PARADIGMS.items()},
    SAME_DIFFERENT: JUDGED,
    TRACK: TRACKED,
}


def answer_kind(answers: str) -> AnswerKind:
    """Results for which this kind of answers can be planned; their names are those of the analysis.

    Raises
    ------
    ValueError
        Nothing can.
    """
    if answers not in _KINDS:
        raise ValueError(
            f"Answers of the kind {answers} cannot be planned; ratings and {', '.join(_KINDS)} can."
        )
    return _KINDS[answers]
