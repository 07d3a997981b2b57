"""Which songs somebody rates, and in which order: a Williams square, or as near as can be.

Conventions
-----------
Songs are numbered from 0 in an order that ``shuffled`` draws for each round. Participants are
numbered from 0 too. With *n* songs of which each participant rates *m*, a round is *n*
participants.

Notes
-----
Songs are dealt like cards from a pack that is used round and round, *m* to a participant, so
that no song is ever rated by two participants more than another. With *g* = gcd(*n*, *m*), the deal
and the pack end together after *n*/*g* participants, and the pack is laid anew: a round is *g*
packs. The song that lies at place *k* of the pack is card *k* mod *g* (and every *g*-th after that)
of whoever gets it; from one pack of the round to the next, all songs move on by one place, by a
cyclic Latin square. Hence, in a round, every song comes exactly once in each of the *m* places of
the session.

The cards of a participant are heard in the order 0, 1, *m*−1, 2, *m*−2, … of a Williams design
[1]_. Where everybody rates all songs (*m* = *n*), the round is the whole design: each song also
comes right after each other song once. For an odd number the next round is its mirror image,
as a single square cannot be balanced for carry-over, and every ordered pair comes twice in the two.
With fewer songs each no such design exists in general. Then songs of one residue also move
against those of another from pack to pack, like the rows of a lattice, so that companions change.

References
----------
.. [1] E. J. Williams (1949), "Experimental designs balanced for the estimation of residual
   effects of treatments", Australian Journal of Scientific Research A 2, 149-168.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import gcd


@dataclass(frozen=True, slots=True)
class DealtSong:
    """A song of one participant, and how often it was dealt to others before."""

    song: str
    times_before: int


def deal_songs(
    participant_index: int, n_each: int, shuffled: Callable[[int], Sequence[str]]
) -> tuple[DealtSong, ...]:
    """Songs of one participant in the order in which they are heard.

    Parameters
    ----------
    participant_index
        Number of the participant, from 0.
    n_each
        How many songs a participant rates, at least 1 and at most all.
    shuffled
        All songs in an order drawn for the number handed in, the same for the same number.
    """
    songs = shuffled(0)
    n_songs = len(songs)
    round_, place = divmod(participant_index, n_songs)
    complete_odd = n_each == n_songs and n_songs % 2 == 1
    songs = shuffled(round_ // 2 if complete_odd else round_)
    pack_index, seat = divmod(place, n_songs // gcd(n_songs, n_each))
    cards = zigzag(n_each)
    if complete_odd and round_ % 2:
        cards = cards[::-1]
    return tuple(
        DealtSong(
            songs[_song_at((seat * n_each + card) % n_songs, pack_index, n_songs, n_each)],
            (participant_index * n_each + card) // n_songs,
        )
        for card in cards
    )


def zigzag(n: int) -> tuple[int, ...]:
    """First row of a Williams design, numbered from 0: 0, 1, n−1, 2, n−2 and so on.

    Examples
    --------
    >>> zigzag(5)
    (0, 1, 4, 2, 3)
    """
    return tuple((step + 1) // 2 if step % 2 else (n - step // 2) % n for step in range(n))


def _song_at(place: int, pack_index: int, n_songs: int, n_each: int) -> int:
    """Number of the song at a place of the pack, in one of the packs of a round."""
    n_rows = gcd(n_songs, n_each)
    n_columns = n_songs // n_rows
    row = (place % n_rows - pack_index) % n_rows
    column = (place // n_rows - row * pack_index) % n_columns
    return row * n_columns + column
