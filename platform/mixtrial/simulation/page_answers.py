"""What a simulated participant answers on a page of each type, from their preferences of its mixes.

Conventions
-----------
Answers are ratings as the autosave message has them. A scale of labels takes the nearest label. Of
a pair, the mix that was liked better in this hearing is preferred; a difference below
``TIE_POINTS`` is none, where ties are allowed. X of an ABX trial is recognised the more often the
farther the planted means of the two lie apart, and guessed otherwise. The hidden reference of a
MUSHRA page is recognised and rated near 100.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mixtrial.simulation.listener_model import Listener, ListenerModel, planted_mean
from stimuli.page_types.base import Part
from stimuli.study.study import Study

TIE_POINTS = 3.0
ABX_POINTS = 12.0
"""Distance of planted means at which X is recognised in 63 % of trials and guessed in the rest."""

REFERENCE_POINTS = 4.0
"""How far below 100 a recognised hidden reference is rated, as a standard deviation."""

Rating = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AskedPage:
    """A page as a simulated participant gets it: systems of the rated slots, then references."""

    song: str
    part: str
    systems: tuple[str, ...]
    references: tuple[str, ...] = ()

    @property
    def n_slots(self) -> int:
        """Everything that can be heard on the page."""
        return len(self.systems) + len(self.references)


def answers_to(
    page: AskedPage, listener: Listener, model: ListenerModel, study: Study
) -> list[Rating]:
    """All ratings of a page, as a final save holds them."""
    part = study.part(page.part)
    if part.type == "abx":
        return _abx(page, listener, part)
    heard = [
        model.rate_stimulus(listener, page.song, system, part.attributes) for system in page.systems
    ]
    if part.type == "preference":
        return _preference(heard, listener, part)
    ratings: list[Rating] = [
        {"slot": slot, "attribute": attribute, "value": value}
        for slot, values in enumerate(heard)
        for attribute, value in values.items()
    ]
    if part.type == "mushra":
        _recognise_reference(ratings, page, listener)
    if part.options.browser_options().get("scale") == "labels":
        n_steps = len(part.options.labels(study.scale_labels, study.language)) - 1
        for rating in ratings:
            rating["value"] = round(rating["value"] * n_steps / 100) * 100 / n_steps
    return ratings


def _preference(heard: Sequence[dict[str, float]], listener: Listener, part: Part) -> list[Rating]:
    ratings = []
    for attribute in part.attributes:
        gap = heard[0][attribute] - heard[1][attribute]
        if part.options.browser_options()["ties"] and abs(gap) < TIE_POINTS:
            pair = (50.0, 50.0)
        elif gap == 0.0:
            pair = _choice(int(listener.random.integers(2)))
        else:
            pair = _choice(0 if gap > 0 else 1)
        ratings += _both(attribute, pair)
    return ratings


def _abx(page: AskedPage, listener: Listener, part: Part) -> list[Rating]:
    one, other = (planted_mean(system) for system in page.systems)
    distance = abs(one - other) * listener.discrimination / ABX_POINTS
    x = page.systems.index(page.references[0])
    is_known = listener.random.random() < 1.0 - math.exp(-distance)
    chosen = x if is_known else int(listener.random.integers(2))
    return _both(part.options.answered(part.attributes)[0], _choice(chosen))


def _choice(chosen: int) -> tuple[float, float]:
    return (100.0, 0.0) if chosen == 0 else (0.0, 100.0)


def _both(attribute: str, pair: tuple[float, float]) -> list[Rating]:
    return [
        {"slot": slot, "attribute": attribute, "value": value} for slot, value in enumerate(pair)
    ]


def _recognise_reference(ratings: list[Rating], page: AskedPage, listener: Listener) -> None:
    hidden = page.systems.index(page.references[0])
    for rating in ratings:
        if rating["slot"] == hidden:
            miss = abs(listener.random.normal(0.0, REFERENCE_POINTS / listener.discrimination))
            rating["value"] = float(max(0, round(100.0 - miss)))
