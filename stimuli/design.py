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
rows are dealt so that this holds for each song. The order of songs is drawn anew for each
participant.

References
----------
.. [1] E. J. Williams (1949), "Experimental designs balanced for the estimation of residual
   effects of treatments", Australian Journal of Scientific Research A 2, 149-168.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from stimuli.study import Study

PageKind = Literal["training", "rating"]

# What a random stream is for: streams of one study never meet.
_FOR_SYSTEMS, _FOR_SONGS, _FOR_SONG_ORDER, _FOR_TRAINING = range(4)


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
    first = [(step + 1) // 2 if step % 2 else (n - step // 2) % n for step in range(n)]
    square = tuple(tuple((value + shift) % n for value in first) for shift in range(n))
    if n % 2 == 0 or n == 1:
        return square
    return square + tuple(row[::-1] for row in square)


def plan_session(study: Study, participant_index: int) -> SessionPlan:
    """Pages of one participant: training first, then the rated songs, then repeated songs.

    Parameters
    ----------
    study
        The study; its seed decides every draw.
    participant_index
        Number of the participant in the order of arrival, from 0.

    Raises
    ------
    ValueError
        ``participant_index`` is negative.
    """
    if participant_index < 0:
        raise ValueError(f"participants are numbered from 0, not {participant_index}")
    deal = _deal_songs(study, participant_index)
    names = list(deal)
    _stream(study, _FOR_SONG_ORDER, participant_index).shuffle(names)
    pages = [PlannedPage("rating", name, _systems(study, deal[name])) for name in names]
    # A song comes again as late as possible, in the next order of the design.
    pages += [
        PlannedPage("rating", name, _systems(study, deal[name] + 1), replicate=1)
        for name in names[: study.pages.repeated_songs]
    ]
    if study.training_song is not None:
        row = int(_stream(study, _FOR_TRAINING, participant_index).integers(2**31))
        pages.insert(0, PlannedPage("training", study.training_song, _systems(study, row)))
    return SessionPlan(participant_index, tuple(pages))


def _deal_songs(study: Study, participant_index: int) -> dict[str, int]:
    """Songs of a participant, each with the row of the design that orders its systems.

    Songs are dealt like cards from a shuffled pack that is used round and round, so that no
    song is ever rated by two participants more than another. A song's row is the number of
    times it was dealt before, which steps through the whole design song by song; the song's
    own place in the pack is added so that one participant meets different rows.
    """
    pack = list(study.rated_songs)
    _stream(study, _FOR_SONGS).shuffle(pack)
    n_dealt = study.pages.songs_per_participant or len(pack)
    first_card = participant_index * n_dealt
    deal = {}
    for card in range(first_card, first_card + n_dealt):
        times_before, place = divmod(card, len(pack))
        deal[pack[place]] = times_before + place
    return deal


def _systems(study: Study, row: int) -> tuple[str, ...]:
    """Names of the systems in the order of one row of the design; rows repeat without end."""
    names = list(study.systems)
    _stream(study, _FOR_SYSTEMS).shuffle(names)
    rows = williams_rows(len(names))
    return tuple(names[index] for index in rows[row % len(rows)])


def _stream(study: Study, purpose: int, participant_index: int = 0) -> np.random.Generator:
    """Return the random stream for one purpose and participant."""
    return np.random.default_rng([study.seed, purpose, participant_index])
