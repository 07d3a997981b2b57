"""What a planned study needs, and whether more listeners can help it at all.

**Conventions.** As :mod:`analysis.planning.grid`; here all is closed form. Power is that of one
pair, two-sided at the level given; "enough" is a chance of 80 %.

In reading order: `advice`, `sentences`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from analysis.mixed_model.power import (
    ALPHA,
    MOST_PARTICIPANTS,
    WANTED_POWER,
    power_of_difference,
    power_of_equivalence,
)
from analysis.planning.grid import Size, components

MANY_SONGS = 1000
SONGS_HOLD = 0.7
"""From this share of the variance on, more listeners hardly help."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What a study of these songs needs.

    ``n_for_…``: fewest participants with 80 % power, None where 500 are not enough;
    ``power_limit``, ``equivalence_limit``: power with endless participants; ``songs_for_…``: fewest
    songs with which endless participants reach 80 % (None beyond 1000); ``n_these_songs``: fewest
    participants for a paired test on listener means (None with incomplete blocks or beyond 500);
    ``floor``: standard error that participants cannot lower; ``song_share``: its share of the
    variance with 30 participants.
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


def advice(
    variance: Mapping[str, float],
    k: int,
    n_songs: int,
    n_own: int,
    difference: float,
    margin: float,
    alpha: float = ALPHA,
) -> Advice:
    """What a study of these songs needs, and whether more listeners can help at all.

    Parameters
    ----------
    variance, k
        As `planning_grid`.
    n_songs, n_own
        Songs of the study, and of each participant.
    difference, margin
        In points.
    alpha
        Level at which one pair is tested, two-sided.
    """
    ss = components(variance)[1]

    def finds(se: float, df: float) -> float:
        return power_of_difference(difference, se, df, alpha)

    def equals(se: float, df: float) -> float:
        return power_of_equivalence(margin, se, df)

    def limit(songs: int, power: Callable[[float, float], float]) -> float:
        return _limit(ss, songs, k, power)

    floor = float(np.sqrt(2 * ss / n_songs))
    return Advice(
        n_songs=n_songs,
        n_songs_each=n_own,
        difference=difference,
        margin=margin,
        floor=floor,
        n_these_songs=_participants_for_these_songs(variance, n_songs, n_own, difference, alpha),
        song_share=(floor / Size(30, n_songs, n_own, k).se(variance)) ** 2,
        n_for_difference=_fewest_participants(variance, k, n_songs, n_own, finds),
        power_limit=limit(n_songs, finds),
        songs_for_difference=_fewest(lambda songs: limit(songs, finds), 2, MANY_SONGS),
        n_for_equivalence=_fewest_participants(variance, k, n_songs, n_own, equals),
        equivalence_limit=limit(n_songs, equals),
        songs_for_equivalence=_fewest(lambda songs: limit(songs, equals), 2, MANY_SONGS),
    )


def _limit(ss: float, n_songs: int, k: int, power: Callable[[float, float], float]) -> float:
    """Power with endless participants: only songs blur the difference."""
    if ss == 0:
        return 1.0
    return power(float(np.sqrt(2 * ss / n_songs)), float((n_songs - 1) * (k - 1)))


def _fewest_participants(
    variance: Mapping[str, float],
    k: int,
    n_songs: int,
    n_own: int,
    power: Callable[[float, float], float],
) -> int | None:
    def at(n: int) -> float:
        size = Size(n, n_songs, n_own, k)
        return (
            power(size.se(variance), size.satterthwaite(variance))
            if size.can_be_analysed()
            else 0.0
        )

    return _fewest(at, 3, MOST_PARTICIPANTS)


def _participants_for_these_songs(
    variance: Mapping[str, float], n_songs: int, n_own: int, difference: float, alpha: float
) -> int | None:
    if n_own < n_songs:
        return None  # listeners heard different songs, so their means are not comparable
    ps, _, e = components(variance)
    each = 2 * (ps + e / n_songs)
    return _fewest(
        lambda n: power_of_difference(difference, float(np.sqrt(each / n)), n - 1.0, alpha),
        3,
        MOST_PARTICIPANTS,
    )


def _fewest(power_at: Callable[[int], float], low: int, high: int) -> int | None:
    """Smallest number with 80 % power, by bisection: power rises with size."""
    if power_at(high) < WANTED_POWER:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power_at(middle) >= WANTED_POWER else (middle + 1, high)
    return low


def sentences(found: Advice) -> list[str]:
    """Say in words what :func:`advice` found; warnings begin with ``More listeners``."""
    songs, d, m = found.n_songs, found.difference, found.margin
    told = []
    for what, people, limit, enough in (
        (f"a difference of {d:g} points to be found",
         found.n_for_difference, found.power_limit, found.songs_for_difference),
        (f"two equal systems to be shown equivalent within ±{m:g} points",
         found.n_for_equivalence, found.equivalence_limit, found.songs_for_equivalence),
    ):  # fmt: skip
        start = f"With {songs} songs like these, {people} participants give"
        if people is not None:
            told.append(f"{start} a chance of 80 % for {what}.")
        elif limit < WANTED_POWER:
            told.append(
                f"More listeners cannot help: with {songs} songs, endless participants give a "
                f"chance of {100 * limit:.0f} % for {what}, because systems suit some songs "
                f"better than others (song × system). "
                + (
                    f"{enough} songs or more would do."
                    if enough
                    else "No number of songs would do."
                )
            )
        else:
            told.append(
                f"More listeners hardly help: with {songs} songs, more than {MOST_PARTICIPANTS} "
                f"participants would be needed for {what}."
            )
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
    return told
