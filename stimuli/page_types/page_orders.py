"""Common parts of page types in which listeners order all mixes of a page or choose the best."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from stimuli.page_types.base import Answers, Part, PartOptions
from stimuli.page_types.simulated import SimulatedPage
from stimuli.study_keys.faults import PlacedError
from stimuli.study_keys.keys import StudySong


class OrderOptions(PartOptions):
    """Keys of a page on which listeners order the mixes; each place has its own stored value.

    Attributes
    ----------
    asks
        Words for the action of participants in the part, as in "puts mixes in order".
    """

    asks: ClassVar[str]

    @abstractmethod
    def values_of_places(self, n: int) -> list[float]:
        """Stored values of n ordered mixes, starting with the best mix."""

    def n_answers(self, n_rated: int, attributes: Sequence[str]) -> int:  # noqa: ARG002
        """One order of all mixes for each question of a page."""
        return len(self.answered(attributes))

    def check(
        self,
        part: Part,
        songs: Sequence[StudySong],  # noqa: ARG002
        systems: Sequence[str],  # noqa: ARG002
    ) -> None:
        """Raise ``PlacedError`` if there are too few mixes to put in order."""
        if len(part.systems) < 2:
            raise PlacedError(
                f"The part {part.name!r} {self.asks}, but has only one system.", ("systems",)
            )

    def simulated(self, page: SimulatedPage) -> dict[tuple[int, str], float]:
        """For each question, this page's mixes in the order in which the listener liked them."""
        heard = [page.rate(system) for system in page.systems]
        values: dict[tuple[int, str], float] = {}
        for attribute in page.attributes:
            liked = [ratings[attribute] for ratings in heard]
            order = sorted(range(len(heard)), key=liked.__getitem__, reverse=True)
            for slot, value in zip(order, self.values_of_places(len(heard)), strict=True):
                values[slot, attribute] = value
        return values


def given_of(answers: Answers) -> dict[str, list[float]]:
    """Values of the answers to each question, the highest value first."""
    found: dict[str, list[float]] = {}
    for (_, attribute), value in answers.values.items():
        found.setdefault(attribute, []).append(value)
    return {attribute: sorted(values, reverse=True) for attribute, values in found.items()}
