"""After the practice page: how the scale was used there. Shown once, stored nowhere.

Nothing is said of how good the ratings are: only how far they spread, and what was left out.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from db.records.participation import RatingValue
from mixtrial.participation.page_order import practised_page
from mixtrial.survey.frame import card, draw_frame, draw_heading
from mixtrial.survey.screens import progress_share
from mixtrial.survey.visit import Visit
from stimuli.study.study import Study
from stimuli.study_keys.rated_scale import RatingScale

LITTLE = 0.25
"""Of the scale; ratings that lie closer together than this use little of it."""


@dataclass(frozen=True, slots=True)
class ScaleUse:
    """Ratings of one attribute on the practice page, lowest first, and their scale."""

    attribute: str
    values: tuple[float, ...]
    scale: RatingScale

    @property
    def spread(self) -> float:
        """Share of the scale between the lowest and the highest."""
        return (self.values[-1] - self.values[0]) / self.scale.span

    @property
    def shares(self) -> tuple[float, ...]:
        """Places of the ratings on the scale, 0 to 1."""
        return tuple((value - self.scale.minimum) / self.scale.span for value in self.values)


def scale_uses(
    ratings: Sequence[RatingValue], scales: Mapping[str, RatingScale]
) -> tuple[ScaleUse, ...]:
    """How the scale was used, attribute by attribute; one with fewer than two ratings is left out.

    Parameters
    ----------
    ratings
        Of the practice page.
    scales
        Of the attributes, by their names, in the order of the study.
    """
    uses = []
    for name, scale in scales.items():
        values = tuple(sorted(rating.value for rating in ratings if rating.attribute == name))
        if len(values) > 1:
            uses.append(ScaleUse(name, values, scale))
    return tuple(uses)


def feedback_due(visit: Visit) -> tuple[ScaleUse, ...]:
    """What is to be shown before the present page; empty when nothing is, or it was seen."""
    study, participant = visit.installation.study, visit.participant
    practised = practised_page(participant)
    if not study.pages.training_feedback or practised is None:
        return ()
    if st.session_state.get(_key(visit)):
        return ()
    store = visit.installation.store
    if store.page_state(visit.token, participant.page_index, opening=False).epoch > 0:
        return ()
    part = study.part(participant.pages[practised].part)
    if not part.has_ratings:
        return ()
    ratings = store.page_state(visit.token, practised, opening=False).ratings
    return scale_uses(ratings, part.scales)


def draw_feedback(visit: Visit, uses: Sequence[ScaleUse]) -> None:
    """Draw how the scale was used."""
    study, text = visit.installation.study, visit.locale.text
    draw_frame(visit.locale, study.title, text("practice"), progress_share(visit.participant))
    draw_heading(text("feedback_heading"), text("feedback_lead"))
    with card("feedback"):
        for use in uses:
            of = {"low": use.values[0], "high": use.values[-1]}
            of |= {"minimum": use.scale.minimum, "maximum": use.scale.maximum}
            words = text("feedback_range", **{end: f"{value:g}" for end, value in of.items()})
            st.html(_strip(_label_of(study, use.attribute), words, use))
        if any(use.spread < LITTLE for use in uses):
            st.html(f'<p class="mx-note">{html.escape(text("feedback_little"))}</p>')
        onwards = text("continue") if study.parts else text("feedback_continue")
        if st.button(onwards, type="primary"):
            st.session_state[_key(visit)] = True
            st.rerun()


def _strip(label: str, words: str, use: ScaleUse) -> str:
    """HTML of one attribute: a bar of the scale, a mark for each rating, and the same in words."""
    marks = "".join(f'<i style="left:{100 * share:.1f}%"></i>' for share in use.shares)
    first, last = html.escape(use.scale.words[0]), html.escape(use.scale.words[-1])
    return (
        f'<div class="mx-use"><p><b>{html.escape(label)}</b> <span>{html.escape(words)}</span></p>'
        f'<div class="mx-strip" dir="ltr" aria-hidden="true">{marks}</div>'
        f'<p class="mx-ends" dir="ltr" aria-hidden="true"><span>{first}</span>'
        f"<span>{last}</span></p></div>"
    )


def _label_of(study: Study, name: str) -> str:
    return next(each.shown_label for each in study.attributes if each.name == name)


def _key(visit: Visit) -> str:
    return f"feedback-{visit.token}-{visit.participant.page_index}"
