"""`opinion_scores` and `subject_model`: mean votes, and the influence of listeners' habits."""

from analysis.methods.base import Method, MethodInput
from analysis.opinion.mean_scores import opinion_scores
from analysis.opinion.subject_model import subject_model


def _has_a_score(given: MethodInput) -> bool:
    return bool(given.settings.opinion_score)


METHODS = {
    "opinion_scores": Method(
        place=24,
        compute=lambda given: opinion_scores(given.shown, given.settings.opinion_score or ""),
        applies=_has_a_score,
    ),
    "subject_model": Method(
        place=26, compute=lambda given: subject_model(given.shown), applies=_has_a_score
    ),
}
