"""Pairs of systems: the pairs that are compared, and the side of each system.

Notes
-----
For all pairs, the first system of (i, j) is on side A if i + j is odd, otherwise the second system.
Each system is thus on both sides equally often, or once more on one of the two sides. The two mixes
of each pair exchange sides from one participant to the next, and again after each round of the
design. On which side a mix is depends neither on when its pair is played nor on the pairs before
and after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from stimuli.page_types.base import Part
from stimuli.page_types.trials import TrialOptions
from stimuli.study_keys.faults import PlacedError, nearest
from stimuli.study_keys.keys import Name, StudySong

CHOSEN, OTHER = 100.0, 0.0
"""A choice, as stored: values of the two slots."""

Pair = Annotated[tuple[Name, ...], Field(min_length=2, max_length=2)]


def _all_is_none(value: Any) -> Any:
    """Return the list of pairs; return None for the word ``all``."""
    if value is None or value == "all":
        return None
    if isinstance(value, str):
        raise ValueError(f"The key 'pairs' must be 'all' or a list of pairs, not {value!r}.")
    return value


Pairs = Annotated[
    Annotated[tuple[Pair, ...], Field(min_length=1)] | None, BeforeValidator(_all_is_none)
]
"""The pairs of a part, None for all that its systems make."""


class PairOptions(TrialOptions):
    """A page type with a choice between two mixes on a page; ``pairs`` lists the pairs."""

    pairs: Pairs = None

    def compared(self, systems: Sequence[str]) -> list[tuple[str, str]]:
        """Pairs as listed, or all possible pairs of the systems."""
        return pairs_of(self.pairs, systems)

    def n_answers(self, n_rated: int, attributes: Sequence[str]) -> int:  # noqa: ARG002
        """One choice is the answer for both mixes."""
        return len(self.answered(attributes))

    def check(
        self,
        part: Part,
        songs: Sequence[StudySong],  # noqa: ARG002
        systems: Sequence[str],  # noqa: ARG002
    ) -> None:
        """Raise ``PlacedError`` if the pairs are impossible."""
        check_pairs(self.pairs, part)


def choice(attribute: str, chosen: int) -> dict[tuple[int, str], float]:
    """Answer that the stimulus in slot ``chosen`` (0 or 1) is chosen."""
    return {(slot, attribute): CHOSEN if slot == chosen else OTHER for slot in (0, 1)}


def pairs_of(pairs: Pairs, systems: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs that a part compares, in a fixed order; for None, all pairs of ``systems``."""
    if pairs is None:
        return [
            (one, other) if (i + j) % 2 else (other, one)
            for (i, one), (j, other) in combinations(enumerate(systems), 2)
        ]
    return [
        (one, other) if number % 2 else (other, one) for number, (one, other) in enumerate(pairs)
    ]


def check_pairs(pairs: Pairs, part: Part) -> None:
    """Raise ``PlacedError`` if pairs are impossible, have an unknown name, or occur twice."""
    if len(part.systems) < 2:
        raise PlacedError(
            f"The part {part.name!r} compares pairs, but has only one system.", ("systems",)
        )
    if pairs is None:
        return
    seen: set[frozenset[str]] = set()
    for index, pair in enumerate(pairs):
        for name in pair:
            if name not in part.systems:
                hint = nearest(name, part.systems) or f" There are {', '.join(part.systems)}."
                raise PlacedError(
                    f"The part {part.name!r} pairs the system {name!r}, which it lacks.{hint}",
                    ("pairs", index),
                )
        if len(set(pair)) < 2 or frozenset(pair) in seen:
            fault = "is listed twice" if frozenset(pair) in seen else "pairs a system with itself"
            raise PlacedError(
                f"The pair {pair[0]} – {pair[1]} of the part {part.name!r} {fault}",
                ("pairs", index),
            )
        seen.add(frozenset(pair))
