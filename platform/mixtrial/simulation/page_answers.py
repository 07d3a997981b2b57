"""Answers of a simulated participant on a page, from the participant's preferences for the mixes.

Conventions
-----------
Answers are ratings as the autosave message has them. The page type converts a listener's own
ratings into answers (``PartOptions.simulated``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NotRequired, TypedDict

from mixtrial.simulation.listener_model import Listener, ListenerModel, planted_mean
from stimuli.page_types.simulated import SimulatedPage
from stimuli.study.study import Study


class Rating(TypedDict):
    """One rating of an autosave message."""

    slot: int
    attribute: str
    value: float


class Event(TypedDict):
    """One event of an autosave message."""

    t_ms: float
    kind: str
    slot: NotRequired[int]
    value: NotRequired[float]


class PageSave(TypedDict):
    """An autosave message without ``token``, ``page``, ``epoch`` and ``seq``."""

    final: bool
    ratings: list[Rating]
    events: list[Event]


@dataclass(frozen=True, slots=True)
class AskedPage:
    """A page for a simulated participant: the systems of the rated stimuli, then the references."""

    song: str
    part: str
    systems: tuple[str, ...]
    references: tuple[str, ...] = ()

    @property
    def n_slots(self) -> int:
        """Number of stimuli that can be played on the page."""
        return len(self.systems) + len(self.references)


def answers_to(
    page: AskedPage, listener: Listener, model: ListenerModel, study: Study
) -> list[Rating]:
    """All ratings of a page, as in a final save."""
    part = study.part(page.part)
    values = part.options.simulated(
        SimulatedPage(
            systems=page.systems,
            references=page.references,
            attributes=part.attributes,
            scales=part.scales,
            rate=partial(model.rate_stimulus, listener, page.song, attributes=part.attributes),
            mean=planted_mean,
            discrimination=listener.discrimination,
            random=listener.random,
            rated=part.rated,
        )
    )
    return [
        {"slot": slot, "attribute": attribute, "value": value}
        for (slot, attribute), value in values.items()
    ]
