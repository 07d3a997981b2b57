"""Who hears what in which order: balanced where balance is possible, random elsewhere.

Conventions
-----------
Everything follows from the study's seed and the participant's number (from 0): the same two
give the same session on any machine. Orders are tuples of names; the first is heard or shown
first.

Notes
-----
Stimuli on a page follow a Williams design [1]_: over as many participants as the design has rows,
every system stands once (twice for an odd number of systems) in each position, and follows each
other system equally often, so that position and carry-over fall on all systems alike. The
rows are dealt so that this holds for each song. Songs and their order
come from :mod:`stimuli.song_order`: a Williams design as well, where everybody rates all of them.

Where a page holds fewer stimuli than there are systems, a song comes on several pages that share
the systems out, by a lattice design [2]_. The systems of a song are written in rows as long as
there are pages, stratum after stratum; each page takes one of each row, and from one participant
to the next, row *r* moves on by *r* places; after as many participants as pages the rows are drawn
anew. Hence each page holds equally many of each stratum (or one more). With a prime number of
pages, any two systems of different rows meet exactly once in a round; where there are more rows
than pages, they meet twice at most. Each such page follows a row of the Williams design for its
size; which system gets which position is then even by chance, not by construction.

With ``balance_within: groups`` all of this holds within each group of listeners: every group has
its own pack of songs and numbers its own participants.

References
----------
.. [1] E. J. Williams (1949), "Experimental designs balanced for the estimation of residual
   effects of treatments", Australian Journal of Scientific Research A 2, 149-168.
.. [2] F. Yates (1936), "A new method of arranging variety trials involving a large number of
   varieties", Journal of Agricultural Science 26, 424-455.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from stimuli.song_order import deal_songs, zigzag
from stimuli.study import Study

PageKind = Literal["training", "rating"]

# What a random stream is for: streams of one study never meet.
_FOR_SYSTEMS, _FOR_SONGS, _FOR_SONG_ORDER, _FOR_TRAINING, _FOR_BLOCKS = range(5)


@dataclass(frozen=True, slots=True)
class PlannedPage:
    """One page of a session: a song, and its systems in the order of the stimuli on the page.

    ``replicate`` is 0 when the participant rates the song for the first time, 1 when it comes
    again. A training page is rated like any other, but kept out of the analysis.
    """

    kind: PageKind
    song: str
    systems: tuple[str, ...]
    replicate: int = 0


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """All pages of one participant, in order."""

    participant_index: int
    pages: tuple[PlannedPage, ...]


def williams_rows(n: int) -> tuple[tuple[int, ...], ...]:
    """Rows of a Williams design for ``n`` conditions, numbered from 0.

    Parameters
    ----------
    n
        Number of conditions, at least 1.

    Returns
    -------
    tuple
        ``n`` rows when ``n`` is even (or 1), ``2 n`` rows when it is odd: with an odd number no
        single square can be balanced for carry-over, so its mirror image is added.

    Raises
    ------
    ValueError
        ``n`` is below 1.

    Notes
    -----
    The first row is 0, 1, n−1, 2, n−2, …; row *i* adds *i* modulo *n*. The differences of
    neighbours in the first row are all different when ``n`` is even, hence every ordered pair
    occurs once.

    Examples
    --------
    >>> williams_rows(4)
    ((0, 1, 3, 2), (1, 2, 0, 3), (2, 3, 1, 0), (3, 0, 2, 1))
    """
    if n < 1:
        raise ValueError(f"a design needs at least one condition, not {n}")
    square = tuple(tuple((value + shift) % n for value in zigzag(n)) for shift in range(n))
    if n % 2 == 0 or n == 1:
        return square
    return square + tuple(row[::-1] for row in square)


@dataclass(frozen=True, slots=True)
class _Dealt:
    """How often a song was dealt before, and its own place in the design."""

    times_before: int
    place: int


def plan_session(study: Study, participant_index: int, group: str | None = None) -> SessionPlan:
    """Pages of one participant: training first, then the rated songs, then repeated songs.

    Parameters
    ----------
    study
        The study; its seed decides every draw.
    participant_index
        Number of the participant in the order of arrival, from 0; with ``group``, in the order of
        arrival in that group.
    group
        Listener group to balance within; None for the study as a whole.

    Raises
    ------
    ValueError
        ``participant_index`` is negative.
    """
    if participant_index < 0:
        raise ValueError(f"participants are numbered from 0, not {participant_index}")
    deal = _deal_songs(study, participant_index, group)
    names = list(deal)
    pages = _rating_pages(study, deal, 0, group)
    # A song comes again as late as possible, in the next order of the design.
    again = {name: deal[name] for name in names[: study.pages.repeated_songs]}
    pages += _rating_pages(study, again, 1, group)
    if study.training_song is not None:
        random = _stream(study, _FOR_TRAINING, participant_index, group)
        names_shown = _training_systems(study, int(random.integers(2**31)))
        pages.insert(0, PlannedPage("training", study.training_song, names_shown))
    return SessionPlan(participant_index, tuple(pages))


def pages_per_song(study: Study) -> int:
    """On how many pages the systems of one song are shared out."""
    return len(study.systems) // (study.pages.stimuli_per_page or len(study.systems))


def _rating_pages(
    study: Study, deal: Mapping[str, _Dealt], replicate: int, group: str | None
) -> list[PlannedPage]:
    """Pages of the songs dealt, in their order; the pages of one song lie far apart."""
    return [
        PlannedPage("rating", name, _systems(study, name, dealt, replicate, part, group), replicate)
        for part in range(pages_per_song(study))
        for name, dealt in deal.items()
    ]


def _deal_songs(study: Study, participant_index: int, group: str | None) -> dict[str, _Dealt]:
    """Songs of a participant in their order, each with what decides the order of its systems.

    A song's row is the number of times it was dealt before, which steps through the whole design
    song by song; a place of its own is added so that one participant meets different rows. That
    place is drawn apart from the order of songs: no place in the session goes with a row.
    """
    places = list(study.rated_songs)
    _stream(study, _FOR_SONGS, 0, group).shuffle(places)

    def shuffled(number: int) -> list[str]:
        names = list(study.rated_songs)
        _stream(study, _FOR_SONG_ORDER, number, group).shuffle(names)
        return names

    dealt = deal_songs(
        participant_index, study.pages.songs_per_participant or len(places), shuffled
    )
    return {each.song: _Dealt(each.times_before, places.index(each.song)) for each in dealt}


def _systems(
    study: Study, song: str, dealt: _Dealt, replicate: int, part: int, group: str | None
) -> tuple[str, ...]:
    """Systems of one page of a song, in the order of one row of the Williams design."""
    row = dealt.times_before + dealt.place + replicate
    if pages_per_song(study) == 1:
        return _in_row(_shuffled_systems(study, group), row)
    names, offset = _block(study, song, dealt.times_before + replicate, part, group)
    return _in_row(names, row + offset)


def _training_systems(study: Study, row: int) -> tuple[str, ...]:
    """Systems of the training page; the first of a row, where they do not all go on one page."""
    return _in_row(_shuffled_systems(study, None), row)[: study.pages.stimuli_per_page]


def _block(
    study: Study, song: str, turn: int, part: int, group: str | None
) -> tuple[list[str], int]:
    """Systems of page ``part`` of a song, the ``turn``-th time that it is dealt (from 0).

    With them comes what is added to the row of the Williams design on this page: drawn for each
    page and round, as anything regular would follow the lattice and leave positions uneven.
    """
    n_pages = pages_per_song(study)
    round_, step = divmod(turn, n_pages)
    place = study.rated_songs.index(song)
    random = _stream(study, _FOR_BLOCKS, round_ * len(study.rated_songs) + place, group)
    strata = [list(stratum.systems) for stratum in study.strata] or [list(study.systems)]
    for stratum in strata:
        random.shuffle(stratum)
    cards = [system for stratum in strata for system in stratum]
    offsets = random.integers(2 * len(cards) // n_pages, size=n_pages)
    block = []
    for row in range(len(cards) // n_pages):
        # rows as far apart as there are pages would move together but for the square
        moved = step * row + step**2 * (row // n_pages)
        block.append(cards[row * n_pages + (part - moved) % n_pages])
    return block, int(offsets[part])


def _shuffled_systems(study: Study, group: str | None) -> list[str]:
    names = list(study.systems)
    _stream(study, _FOR_SYSTEMS, 0, group).shuffle(names)
    return names


def _in_row(names: Sequence[str], row: int) -> tuple[str, ...]:
    """Names in the order of one row of the Williams design; rows repeat without end."""
    rows = williams_rows(len(names))
    return tuple(names[index] for index in rows[row % len(rows)])


def _stream(
    study: Study, purpose: int, number: int = 0, group: str | None = None
) -> np.random.Generator:
    """Return the random stream for one purpose, number and listener group."""
    key = [study.seed, purpose, number]
    if group is not None:
        key.append(int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big"))
    return np.random.default_rng(key)
