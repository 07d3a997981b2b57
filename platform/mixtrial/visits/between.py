"""Pages between the pages of a study: a check, feedback, questions, a break.

Conventions
-----------
Feedback and breaks are over once the page after them was opened; nothing else is stored of them.
The code that draws one of these pages notes in the session that the participant has left it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.records.participation import RatingValue
from mixtrial.participation.headphone_check import headphone_check_of
from mixtrial.participation.page_order import is_break_due, practised_page
from mixtrial.participation.questionnaire_times import due_occasion
from mixtrial.visits.visit import Visit
from stimuli.study_keys.rated_scale import RatingScale


@dataclass(frozen=True, slots=True)
class ScaleUse:
    """Ratings of one attribute on the practice page, lowest first, and their scale."""

    attribute: str
    values: tuple[float, ...]
    scale: RatingScale

    @property
    def spread(self) -> float:
        """Share of the scale between the lowest and the highest rating."""
        return (self.values[-1] - self.values[0]) / self.scale.span

    @property
    def shares(self) -> tuple[float, ...]:
        """Positions of the ratings on the scale, from 0 to 1."""
        return tuple((value - self.scale.minimum) / self.scale.span for value in self.values)


def scale_uses(
    ratings: Sequence[RatingValue], scales: Mapping[str, RatingScale]
) -> tuple[ScaleUse, ...]:
    """How the participant used the scale, for each attribute with at least two ratings.

    Parameters
    ----------
    ratings
        Ratings of the practice page.
    scales
        Scales of the attributes, by their names, in the order of the study.
    """
    uses = []
    for name, scale in scales.items():
        values = tuple(sorted(rating.value for rating in ratings if rating.attribute == name))
        if len(values) > 1:
            uses.append(ScaleUse(name, values, scale))
    return tuple(uses)


def feedback_due(visit: Visit) -> tuple[ScaleUse, ...]:
    """Use of the scale that is shown before the current page; empty if nothing is shown."""
    study, participant = visit.installation.study, visit.participant
    practised = practised_page(participant)
    if not study.pages.training_feedback or practised is None or _was_opened(visit):
        return ()
    part = study.part(participant.pages[practised].part)
    if not part.has_ratings:
        return ()
    store = visit.installation.store
    ratings = store.page_state(visit.token, practised, opening=False).ratings
    return scale_uses(ratings, part.scales)


def break_due(visit: Visit) -> bool:
    """Whether a break comes before the current page."""
    break_after = visit.installation.study.pages.break_after
    return is_break_due(visit.participant, break_after) and not _was_opened(visit)


def asks_first(visit: Visit) -> bool:
    """Whether a headphone check or questions must be answered before the current page."""
    study, participant = visit.installation.study, visit.participant
    check = headphone_check_of(study, participant)
    if check is not None and (check.outcome == "open" or check.is_stopping(study)):
        return True
    return due_occasion(study, participant) is not None


def comes_between(visit: Visit) -> bool:
    """Whether anything comes between the page just finished and the current page."""
    return asks_first(visit) or break_due(visit) or bool(feedback_due(visit))


def _was_opened(visit: Visit) -> bool:
    store = visit.installation.store
    index = visit.participant.page_index
    return store.page_state(visit.token, index, opening=False).epoch > 0
