"""Number of listeners for a part with choices: its claims, and their power by study size.

**Conventions.** A *round* is the set of all questions about one song that one listener answers.
More songs mean only that each listener answers the questions more often. Results of choices are
valid only for the songs of the study; for this reason, only the listeners are treated as a sample.
Each kind of answers has its own claims and its own assumptions
(:mod:`analysis.planning.answer_kinds`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.mixed_model.power import MOST_PARTICIPANTS, WANTED_POWER
from analysis.planning.grid import fewest

PEOPLE = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100, 120, 160, 200)
"""Numbers of listeners in the table."""
LEAST = 2
"""Listeners of the smallest study; a model that needs more listeners has no power in it."""
_ON = 8
"""Number of larger sizes that must also suffice: the power of exact tests rises and falls."""

Power = Callable[[int, int], float]
"""Power as a function of the number of listeners and of the songs of each listener."""


@dataclass(frozen=True, slots=True)
class Belief:
    """An assumption about the answers: what it means, its default and its limits."""

    what: str
    default: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class TracksToCome:
    """Adaptive tracks of a part: in a track, the next trial depends on earlier answers.

    Attributes
    ----------
    n_levels
        Levels in order, from the easiest to the hardest difference.
    walk
        Function that returns the trials of simulated tracks, in the columns that thresholds need,
        without level values. The first argument is the probability that each listener hears the
        difference at each level, shape (n_listeners, n_levels). The other two arguments are the
        number of tracks per listener and the random generator.
    """

    n_levels: int
    walk: Callable[[NDArray[np.float64], int, np.random.Generator], pd.DataFrame]


@dataclass(frozen=True, slots=True)
class ChoicesToCome:
    """Questions that each listener answers in a part of the study.

    Attributes
    ----------
    n_systems
        Number of systems that are compared.
    pairs
        Indices of the two systems of each pair; empty if all systems are on one page.
    n_trials
        Number of questions about each pair or page, for each song.
    may_tie
        Whether the answer "no preference" is possible.
    tracks
        The adaptive tracks, if trials depend on earlier answers; otherwise None.
    """

    n_systems: int
    pairs: Sequence[tuple[int, int]]
    n_trials: int
    may_tie: bool
    tracks: TracksToCome | None = None


@dataclass(frozen=True, slots=True)
class ChoiceClaim:
    """A claim to be shown by the study: a sentence, and the power of the study.

    Whether the power is simulated. Simulated power is computed only for the number of songs in the
    study.
    """

    in_words: str
    power: Power
    is_simulated: bool = False


@dataclass(frozen=True, slots=True)
class AnswerKind:
    """A kind of answers: the method of its analysis, its assumptions and its claims."""

    method: str
    beliefs: Mapping[str, Belief]
    claims: Callable[[ChoicesToCome, Mapping[str, float], int], Sequence[ChoiceClaim]]

    def believed(self, given: Mapping[str, float]) -> dict[str, float]:
        """All assumptions of this kind of answers; given values are used in place of the defaults.

        Raises
        ------
        ValueError
            The assumption does not exist, or its value is outside the limits.
        """
        for name, value in given.items():
            if name not in self.beliefs:
                raise ValueError(
                    f"This plan has no assumption {name!r}; choose {', '.join(self.beliefs)}."
                )
            of = self.beliefs[name]
            if not of.low <= value <= of.high:
                raise ValueError(
                    f"{name} must be between {of.low:g} and {of.high:g}, not {value:g}."
                )
        return {name: given.get(name, of.default) for name, of in self.beliefs.items()}


@dataclass(frozen=True, slots=True)
class BelievedNumber:
    """An assumption, and the value that the plan uses for it."""

    name: str
    what: str
    value: float


@dataclass(frozen=True, slots=True)
class PlannedClaim:
    """Requirements of a claim.

    ``n_participants`` is the smallest number from which on every number of participants has at
    least 80 % power; None if 500 are not enough. ``most`` is the power with 500 participants.
    ``planned`` is the power with the planned number of participants; None if no number was planned.
    ``n_smallest`` is a smaller number of participants that also has 80 % power, although some
    larger numbers do not; None if there is no such number.
    """

    in_words: str
    n_participants: int | None
    most: float
    planned: float | None
    n_smallest: int | None = None


@dataclass(frozen=True, slots=True)
class ChoicePlan:
    """What a study of choices requires, and the assumptions of this plan."""

    method: str
    beliefs: Sequence[BelievedNumber]
    claims: Sequence[PlannedClaim]
    n_participants: int | None


def choice_plan(
    kind: AnswerKind,
    beliefs: Mapping[str, float],
    claims: Sequence[ChoiceClaim],
    n_songs: int,
    n_participants: int | None,
) -> ChoicePlan:
    """Number of listeners required for each claim.

    Parameters
    ----------
    kind
        Of the answers.
    beliefs
        From `AnswerKind.believed`.
    claims
        Parameters of the kind of answers; they contain the given assumptions.
    n_songs
        Number of songs for each listener.
    n_participants
        Planned number of listeners.
    """

    def needed(claim: ChoiceClaim) -> PlannedClaim:
        def at(n: int) -> float:
            return claim.power(n, n_songs)

        planned = None if n_participants is None else at(n_participants)
        enough, most = _fewest(at), at(MOST_PARTICIPANTS)
        smallest = None if claim.is_simulated else _smallest(at, enough)
        return PlannedClaim(claim.in_words, enough, most, planned, smallest)

    known = [BelievedNumber(key, of.what, beliefs[key]) for key, of in kind.beliefs.items()]
    return ChoicePlan(kind.method, known, [needed(claim) for claim in claims], n_participants)


def _fewest(power: Callable[[int], float]) -> int | None:
    """Smallest n such that n listeners, and every larger number, have 80 % power."""
    n = fewest(power, LEAST, MOST_PARTICIPANTS)
    while n is not None and n < MOST_PARTICIPANTS:
        short = [step for step in range(1, _ON + 1) if power(n + step) < WANTED_POWER]
        if not short:
            break
        n += short[-1] + 1
    return n


def _smallest(power: Callable[[int], float], enough: int | None) -> int | None:
    """Smallest number of listeners with 80 % power; gaps up to `_ON` are ignored; else None."""
    found, n = None, (enough or LEAST) - 1
    while n >= LEAST and (found or enough or 0) - n <= _ON:
        if power(n) >= WANTED_POWER:
            found = n
        n -= 1
    return found


def choice_grid(claims: Sequence[ChoiceClaim], n_songs: int) -> pd.DataFrame:
    """Power by study size: columns n_participants, n_songs (per listener), claim and power."""
    songs = sorted({1, 2, 4, 8, 16, n_songs})
    rows = [
        (people, number, claim.in_words, claim.power(people, number))
        for claim in claims
        for number in ([n_songs] if claim.is_simulated else songs)
        for people in PEOPLE
    ]
    return pd.DataFrame(rows, columns=["n_participants", "n_songs", "claim", "power"])


def choice_sentences(found: ChoicePlan, n_songs: int) -> list[str]:
    """Result of :func:`choice_plan` as sentences."""
    told = [_sentence(claim, n_songs) for claim in found.claims]
    told += [
        f"Planned are {found.n_participants} participants. Chance for {claim.in_words}: "
        f"{100 * claim.planned:.0f} %."
        for claim in found.claims
        if claim.planned is not None
    ]
    known = "; ".join(f"{each.what}: {each.value:g} ({each.name})" for each in found.beliefs)
    return [*told, f"Planned by {found.method}. Believed: {known}."]


def _sentence(claim: PlannedClaim, n_songs: int) -> str:
    songs = "1 song" if n_songs == 1 else f"{n_songs} songs"
    if claim.n_participants is not None:
        return (
            f"With {songs} each, {claim.n_participants} participants give a chance of "
            f"80 % for {claim.in_words}."
        ) + (
            f" {claim.n_smallest} would do as well, but not every number from there on."
            if claim.n_smallest is not None
            else ""
        )
    return (
        f"More listeners hardly help: with {songs} each, {MOST_PARTICIPANTS} participants "
        f"give a chance of {100 * claim.most:.0f} % for {claim.in_words}."
    )
