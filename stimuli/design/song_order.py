"""Songs of a participant and their order: a Williams design, or an approximation.

Conventions
-----------
Participants and songs are numbered from 0. The function ``shuffled`` draws the order of the songs
for each round. If there are *n* songs and each participant rates *m* of them, a round consists of
*n* participants.

Notes
-----
Songs are dealt to participants like cards from a pack, *m* cards per participant. The pack is the
list of all songs in a shuffled order. When all songs of the pack have been given to participants,
the pack is used again. At any time, the numbers of participants who got the different songs differ
by at most 1. With *g* = gcd(*n*, *m*), a whole number of passes through the pack is complete after
*n*/*g* participants. A round uses the pack
*g* times, each time in a new order. Each song that a participant gets is a *card* of this
participant. The song at place *k* of the pack becomes a card whose number *c* fulfils *c* mod *g* =
*k* mod *g*. Each time the pack is used again, all songs move by one place, in a cyclic Latin
square. In each round, every song occurs exactly once at each of the *m* places of the session.

The cards of a participant are sorted by their numbers in the order 0, 1, *m*−1, 2, *m*−2, … of a
Williams design [1]_. Other rounds use other rows of the Williams design. If all participants rate
all songs (*m* = *n*), the round is a whole design: every song also directly follows every other
song once. For an odd number of songs, a single Latin square cannot be balanced for carry-over. For
an odd number of songs, every second round is therefore the mirror image of the round before. Over a
round and its mirror image, every ordered pair of songs occurs twice.

If each participant rates only some songs, a balanced design does not exist in general. The songs
move in the pack each time the pack is used again, so that participants get new combinations of
songs. With :func:`spread_over_rows`, a participant has different orders of systems for different
songs. The place of a song in the session is not related to the order of systems for this song. For
example, each participant rates four songs with four systems: over four rounds, each place in the
session occurs equally often with each order of systems.

References
----------
.. [1] E. J. Williams (1949), "Experimental designs balanced for the estimation of residual
   effects of treatments", Australian Journal of Scientific Research A 2, 149-168.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import gcd

import numpy as np

from stimuli.williams import williams_rows, zigzag

EXCHANGES_TRIED = 30


@dataclass(frozen=True, slots=True)
class DealtSong:
    """A song of one participant, and the number of its earlier uses by other participants."""

    song: str
    times_before: int


def deal_songs(
    participant_index: int, n_each: int, shuffled: Callable[[int], Sequence[str]]
) -> tuple[DealtSong, ...]:
    """Songs of one participant, in the order of their pages.

    Parameters
    ----------
    participant_index
        Number of the participant, from 0.
    n_each
        Number of songs for a participant, at least 1 and at most all songs.
    shuffled
        Function that returns all songs in a random order; equal round numbers give equal orders.
    """
    songs = shuffled(0)
    n_songs = len(songs)
    round_, place = divmod(participant_index, n_songs)
    complete_odd = n_each == n_songs and n_songs % 2 == 1
    songs = shuffled(round_ // 2 if complete_odd else round_)
    pack_index, seat = divmod(place, n_songs // gcd(n_songs, n_each))
    orders = williams_rows(n_each)
    cards = orders[round_ % len(orders)] if n_each < n_songs else zigzag(n_each)
    if complete_odd and round_ % 2:
        cards = cards[::-1]
    return tuple(
        DealtSong(
            songs[_song_at((seat * n_each + card) % n_songs, pack_index, n_songs, n_each)],
            (participant_index * n_each + card) // n_songs,
        )
        for card in cards
    )


def spread_over_rows(
    places: Sequence[str], n_each: int, n_rows: int, random: np.random.Generator
) -> list[str]:
    """Order of all songs in which the songs of each participant have different rows of a design.

    Parameters
    ----------
    places
        The songs, sorted by their places in the design that gives the orders of systems. The row of
        a song is the place of the song in ``places`` plus the number of the song's earlier uses,
        modulo ``n_rows``.
    n_each
        Number of songs for a participant.
    n_rows
        Number of rows of the design for the orders of systems.
    random
        Random generator that orders the songs of the same row.

    Notes
    -----
    If each participant rates at most as many songs as there are rows, all songs of a participant
    are in different rows. Only a participant who gets both the end and the beginning of the
    pack can have two songs in the same row.
    """
    members = [list(places[row::n_rows]) for row in range(min(n_rows, len(places)))]
    for songs in members:
        random.shuffle(songs)
    exchanged = _exchange(len(places), n_each, n_rows)
    rows = _rows_by_number(len(places), n_each, n_rows)
    return [members[exchanged[row]].pop() for row in rows]


def _rows_by_number(n_songs: int, n_each: int, n_rows: int) -> list[int]:
    """Row of each song, by the song's number; neighbours in the pack have different rows."""
    step = gcd(n_songs, n_each)
    numbers = (divmod(number, n_songs // step) for number in range(n_songs))
    return [(row + step * column) % n_rows for row, column in numbers]


@lru_cache(maxsize=64)
def _exchange(n_songs: int, n_each: int, n_rows: int) -> tuple[int, ...]:
    """Permutation of the rows that combines cards and rows as evenly as possible.

    Several random permutations are tried, and the most even one is the result. The
    permutation of rows is computed for one round; in other rounds, the cards have other places in
    the session.
    """
    random = np.random.default_rng(0)
    n_used = min(n_rows, n_songs)
    n_longer = n_songs % n_rows if n_songs > n_rows else 0
    best, fewest = tuple(range(n_used)), float("inf")
    for _ in range(EXCHANGES_TRIED):
        exchanged = list(range(n_used))
        for part in (slice(0, n_longer), slice(n_longer, None)):
            exchanged[part] = random.permutation(exchanged[part]).tolist()
        counts = _cards_in_rows(exchanged, n_songs, n_each, n_rows)
        if sum(count**2 for count in counts.values()) < fewest:
            best, fewest = tuple(exchanged), sum(count**2 for count in counts.values())
    return best


def _cards_in_rows(
    exchanged: Sequence[int], n_songs: int, n_each: int, n_rows: int
) -> Counter[tuple[int, int]]:
    """How often each combination of a participant's card and a row occurs in one round."""
    rows = _rows_by_number(n_songs, n_each, n_rows)
    counts: Counter[tuple[int, int]] = Counter()
    for participant in range(n_songs):
        pack_index, seat = divmod(participant, n_songs // gcd(n_songs, n_each))
        for card in range(n_each):
            number = _song_at((seat * n_each + card) % n_songs, pack_index, n_songs, n_each)
            times_before = (participant * n_each + card) // n_songs
            counts[card, (exchanged[rows[number]] + times_before) % n_rows] += 1
    return counts


def _song_at(place: int, pack_index: int, n_songs: int, n_each: int) -> int:
    """Number of the song at a place of the pack in its use ``pack_index`` (first use: 0)."""
    n_rows = gcd(n_songs, n_each)
    n_columns = n_songs // n_rows
    row = (place % n_rows - pack_index) % n_rows
    column = (place // n_rows - row * pack_index) % n_columns
    return row * n_columns + column
