"""What a planned study requires, and whether a larger number of listeners can help at all.

**Conventions.** The conventions are those of :mod:`analysis.planning.grid`. Everything in this
module is computed by formulas, without simulation. Power is for a two-sided test of one pair at the
given level, or for a claim. A power of 80 % counts as enough.

In reading order: `advice`, `sentences`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.methods.planned import PlannedModel
from analysis.mixed_model.power import (
    ALPHA,
    MOST_PARTICIPANTS,
    WANTED_POWER,
    power_of_difference,
    power_of_equivalence,
)
from analysis.planning.arms import ArmAdvice
from analysis.planning.claims import ClaimToShow
from analysis.planning.grid import Precision, Size, components, fewest

MANY_SONGS = 1000
SONGS_HOLD = 0.7
"""From this share of the variance on, more listeners hardly help."""

Power = Callable[[Precision], float]
"""Power as a function of the precision of a difference."""


@dataclass(frozen=True, slots=True)
class Needed:
    """Numbers of participants and of songs that one claim requires.

    ``n_participants`` is the smallest number of participants with 80 % power; None if 500 are not
    enough. ``limit`` is the power with an infinite number of participants. ``n_songs`` is the
    smallest number of songs with which infinitely many participants have 80 % power; None if 1000
    are not enough.
    """

    n_participants: int | None
    limit: float
    n_songs: int | None


@dataclass(frozen=True, slots=True)
class ClaimAdvice(Needed):
    """A one-sided claim, and the numbers of participants and songs that it requires."""

    shown: ClaimToShow


@dataclass(frozen=True, slots=True)
class Advice:
    """Numbers of participants and songs that a study with the given songs requires.

    ``n_for_…``: smallest number of participants with 80 % power; None if 500 are not enough.
    ``power_limit``, ``equivalence_limit``: power with infinitely many participants.
    ``songs_for_…``: smallest number of songs with which infinitely many participants have 80 %
    power; None if 1000 are not enough. ``n_these_songs``: smallest number of participants for a
    paired test on listener means; None if 500 are not enough, or if blocks are incomplete.
    ``floor``: standard error that remains even with infinitely many participants. ``song_share``:
    with 30 participants, the share of the variance that the songs cause.
    """

    n_songs: int
    n_songs_each: int
    difference: float
    margin: float
    floor: float
    n_these_songs: int | None
    song_share: float
    n_for_difference: int | None
    power_limit: float
    songs_for_difference: int | None
    n_for_equivalence: int | None
    equivalence_limit: float
    songs_for_equivalence: int | None
    claims: Sequence[ClaimAdvice] = ()
    arms: ArmAdvice | None = None


def advice(
    model: PlannedModel,
    n_songs: int,
    n_own: int,
    difference: float,
    margin: float,
    alpha: float = ALPHA,
    claims: Sequence[ClaimToShow] = (),
    arms: ArmAdvice | None = None,
) -> Advice:
    """What a study with the given songs requires, and whether more listeners can help at all.

    Parameters
    ----------
    model
        From `analysis.planning.grid.planned_model`.
    n_songs, n_own
        Number of songs in the study, and number of songs per participant.
    difference, margin
        In points.
    alpha
        Level of the two-sided test of a pair; level of each of the two one-sided tests of
        equivalence.
    claims
        One-sided claims to be shown by the study (superiority or non-inferiority).
    arms
        Result of `analysis.planning.arms.arm_advice`, if the study has arms.
    """
    far, within = model.from_points(difference), model.from_points(margin)

    def finds(at: Precision) -> float:
        return power_of_difference(far, at.se, at.df, 2 * at.level(alpha / 2))

    def equals(at: Precision) -> float:
        return power_of_equivalence(within, at.se, at.df, at.level(alpha))

    def needed(power: Power) -> Needed:
        return _needed(model, n_songs, n_own, power)

    found, equal = needed(finds), needed(equals)
    floor = float(np.sqrt(2 * components(model.variance)[1] / n_songs))
    size = Size(30, n_songs, n_own, model.n_systems)
    return Advice(
        n_songs=n_songs,
        n_songs_each=n_own,
        difference=difference,
        margin=margin,
        floor=model.to_points(floor),
        n_these_songs=_participants_for_these_songs(model, n_songs, n_own, far, alpha),
        song_share=(floor / size.se(model.variance)) ** 2,
        n_for_difference=found.n_participants,
        power_limit=found.limit,
        songs_for_difference=found.n_songs,
        n_for_equivalence=equal.n_participants,
        equivalence_limit=equal.limit,
        songs_for_equivalence=equal.n_songs,
        claims=[_claim_advice(claim, model, needed) for claim in claims],
        arms=arms,
    )


def _claim_advice(
    claim: ClaimToShow, model: PlannedModel, needed: Callable[[Power], Needed]
) -> ClaimAdvice:
    found = needed(lambda at: claim.power(model, at))
    return ClaimAdvice(found.n_participants, found.limit, found.n_songs, claim)


def _needed(model: PlannedModel, n_songs: int, n_own: int, power: Power) -> Needed:
    def limit(songs: int) -> float:
        return _limit(model, songs, power)

    def at(n: int) -> float:
        return power_at(Size(n, n_songs, n_own, model.n_systems), model, power)

    return Needed(fewest(at, 2, MOST_PARTICIPANTS), limit(n_songs), fewest(limit, 2, MANY_SONGS))


def power_at(size: Size, model: PlannedModel, power: Power) -> float:
    """Power of a study of this size; 0 if it is too small to be analysed."""
    if not size.can_be_analysed():
        return 0.0
    return power(size.precision(model))


def _limit(model: PlannedModel, n_songs: int, power: Power) -> float:
    """Power with infinitely many participants; the error then comes only from the songs."""
    ss = components(model.variance)[1]
    if ss == 0:
        return 1.0
    df = (n_songs - 1) * (model.n_systems - 1)
    return power(Precision(float(np.sqrt(2 * ss / n_songs)), float(df), model.told))


def _participants_for_these_songs(
    model: PlannedModel, n_songs: int, n_own: int, difference: float, alpha: float
) -> int | None:
    if n_own < n_songs:
        return None  # the listeners heard different songs, so their means cannot be compared
    ps, _, e = components(model.variance)
    each = 2 * (ps + e / n_songs)
    return fewest(
        lambda n: power_of_difference(difference, float(np.sqrt(each / n)), n - 1.0, alpha),
        2,
        MOST_PARTICIPANTS,
    )


def sentences(found: Advice) -> list[str]:
    """Result of :func:`advice` as sentences; the warnings begin with ``More listeners``."""
    songs, d, m = found.n_songs, found.difference, found.margin
    two_sided = (
        Needed(found.n_for_difference, found.power_limit, found.songs_for_difference),
        Needed(found.n_for_equivalence, found.equivalence_limit, found.songs_for_equivalence),
    )
    asked = [
        (f"a difference of {d:g} points to be found", two_sided[0]),
        (f"two equal systems to be shown equivalent within ±{m:g} points", two_sided[1]),
        *((claim.shown.in_words, claim) for claim in found.claims),
    ]
    told = [_sentence(songs, what, needed) for what, needed in asked]
    if found.n_these_songs is not None:
        told.append(
            f"For these {songs} songs alone, not songs like them, {found.n_these_songs} "
            f"participants give a chance of 80 % for a difference of {d:g} points to be found."
        )
    if found.song_share >= SONGS_HOLD:
        told.append(
            f"More listeners help little: with 30 of them, {100 * found.song_share:.0f} % of "
            "the variance of a difference comes from the choice of songs. Add songs."
        )
    return told + _of_arms(found.arms, d)


def _sentence(songs: int, what: str, needed: Needed) -> str:
    if needed.n_participants is not None:
        return (
            f"With {songs} songs like these, {needed.n_participants} participants give a chance of "
            f"80 % for {what}."
        )
    if needed.limit >= WANTED_POWER:
        return (
            f"More listeners hardly help: with {songs} songs, more than {MOST_PARTICIPANTS} "
            f"participants would be needed for {what}."
        )
    enough = (
        f"{needed.n_songs} songs or more would do."
        if needed.n_songs
        else "No number of songs would do."
    )
    return (
        f"More listeners cannot help: with {songs} songs, endless participants give a chance of "
        f"{100 * needed.limit:.0f} % for {what}, because systems suit some songs better than "
        f"others (song × system). {enough}"
    )


def _of_arms(arms: ArmAdvice | None, difference: float) -> list[str]:
    if arms is None:
        return []
    over_all, in_one = (
        f"more than {MOST_PARTICIPANTS} participants" if n is None else f"{n} participants"
        for n in (arms.n_over_all_systems, arms.n_in_one_system)
    )
    told = (
        f"Arms compare people: evenly split over {arms.n_arms} arms, {over_all} in all give a "
        f"chance of 80 % for a difference of {difference:g} points between two arms to be found "
        f"over all systems together, {in_one} for one in a single system (at .05 / {arms.n_tests}, "
        "the strictest step over all contrasts of arms)."
    )
    return [told]
