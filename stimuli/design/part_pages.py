"""The pages of one part for one participant: pages with all systems, divided pages, or trials.

Notes
-----
If a page has fewer stimuli than there are systems, a song has several pages, to which a lattice
design assigns the systems [2]_. The systems of a song are written in rows, stratum after stratum.
Each row has as many systems as there are pages. Each page gets one system of each row. From one
participant to the next, row *r* moves by *r* places. After as many participants as pages, the
systems are written into the rows in a new random order. The pages hold equally many systems of a
stratum, or some pages hold one system more than the other pages. With a prime number of pages, any
two systems of different rows are on the same page exactly once per round. With more rows than
pages, two systems of different rows are on the same page at most twice per round. The order of
systems on a divided page is a row of the Williams design for this number of systems. The positions
of systems on divided pages are balanced only by chance. A hidden reference and its anchors are on
each divided page of a song.

If a part has one mix or one pair per page, the part has as many rounds as a song has pages. Each
round has every song once, in a new random order. No song is repeated directly after itself if the
part has several songs.

References
----------
.. [2] F. Yates (1936), "A new method of arranging variety trials involving a large number of
   varieties", Journal of Agricultural Science 26, 424-455.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import gcd

import numpy as np

from stimuli.design.song_order import deal_songs, spread_over_rows
from stimuli.page_types.adaptive import AdaptiveOptions, Answered
from stimuli.page_types.base import Part
from stimuli.page_types.trials import Trial, TrialOptions, Turn
from stimuli.study.study import Study
from stimuli.williams import in_row, williams_rows

# Each purpose has its own random streams, so that no two streams of a study are equal.
(
    _FOR_SYSTEMS, _FOR_SONGS, _FOR_SONG_ORDER, _FOR_TRAINING, _FOR_BLOCKS, _FOR_TRIALS,
    _FOR_OWN_TRIALS, _FOR_ROUNDS,
) = range(8)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PartPage:
    """A page of a part: a song, its rated stimuli and its open stimuli."""

    song: str
    trial: Trial


@dataclass(frozen=True, slots=True)
class Draw:
    """Random draws of a part for one participant; they depend on the listener group, if any."""

    study: Study
    part: Part
    participant_index: int
    group: str | None

    def stream(
        self, purpose: int, number: int = 0, *, of_study: bool = False
    ) -> np.random.Generator:
        """Return the random stream for a purpose and number; groups share it if ``of_study``."""
        key = [self.study.seed, purpose, number]
        if self.group is not None and not of_study:
            key.append(_number_of(self.group))
        if self.part.name:
            key.append(_number_of(f"part\0{self.part.name}"))
        return np.random.default_rng(key)

    def shuffled(self, *, of_study: bool = False) -> list[str]:
        """Names of the rated stimuli, in the order that the designs use."""
        names = list(self.part.rated)
        self.stream(_FOR_SYSTEMS, of_study=of_study).shuffle(names)
        return names

    @property
    def n_per_page(self) -> int:
        """Number of rated stimuli on a page that has several stimuli."""
        return self.part.n_per_page(self.study.pages.stimuli_per_page)

    @property
    def n_pages(self) -> int:
        """Number of pages over which the stimuli of one song are divided."""
        return self.part.n_pages(self.study.pages.stimuli_per_page)


@dataclass(frozen=True, slots=True)
class _Dealt:
    """Number of earlier uses of a song, and the song's random place in the design."""

    times_before: int
    place: int


def training_page(draw: Draw) -> PartPage | None:
    """Training page of a part; None if the study has no training page."""
    study, options = draw.study, draw.part.options
    if study.training_song is None:
        return None
    random = draw.stream(_FOR_TRAINING, draw.participant_index)
    row = int(random.integers(2**31))
    if isinstance(options, TrialOptions):
        names = tuple(draw.shuffled(of_study=True))
        turn = Turn(names, row, 0, 0, random, random, draw.part.rated)
        trial = options.deal(turn)[0]
        return PartPage(study.training_song, replace(trial, replicate=0))
    order = in_row(draw.shuffled(of_study=True), row)
    fixed = options.fixed()
    others = [name for name in order if name not in fixed][: draw.n_per_page - len(fixed)]
    shown = tuple(name for name in order if name in fixed or name in others)
    return PartPage(study.training_song, Trial(shown, draw.part.references))


def rated_pages(draw: Draw) -> list[PartPage]:
    """Rated pages of a part: first each chosen song, then repeated songs as late as possible."""
    deal = _deal_songs(draw)
    n_again = draw.study.pages.repeated_songs
    again = {name: deal[name] for name in list(deal)[:n_again]}
    options = draw.part.options
    if isinstance(options, TrialOptions):
        return _trials(draw, options, deal, 0) + _trials(draw, options, again, 1)
    # Each use of a song has the next order of the design.
    return _full_pages(draw, deal, 0) + _full_pages(draw, again, 1)


def _deal_songs(draw: Draw) -> dict[str, _Dealt]:
    """Songs of a participant in order, with the numbers that set each song's order of systems.

    The row of a song in the design is the number of its earlier uses, so that each song goes
    through the whole design. A random number is added to the row, so that the songs of a
    participant have different rows. The random number is drawn independently of the order of songs,
    so that the row of a song is not related to its place in the session. If each participant rates
    only some of the songs, new random numbers are drawn each time every song has gone through whole
    designs. Without new random numbers, two songs with equal rows would never be in the same
    session.
    """
    songs = draw.part.songs
    n_each = min(draw.study.pages.songs_per_participant or len(songs), len(songs))
    is_spread = n_each < len(songs) and not isinstance(draw.part.options, TrialOptions)
    n_rows = len(williams_rows(draw.n_per_page))
    period = n_rows // gcd(n_rows, n_each) if is_spread else 0

    def placed(round_: int) -> list[str]:
        names = list(songs)
        draw.stream(_FOR_SONGS, round_ // period if is_spread else 0).shuffle(names)
        return names

    def shuffled(round_: int) -> list[str]:
        random = draw.stream(_FOR_SONG_ORDER, round_)
        if is_spread:
            return spread_over_rows(placed(round_), n_each, n_rows, random)
        names = list(songs)
        random.shuffle(names)
        return names

    dealt = deal_songs(draw.participant_index, n_each, shuffled)
    places = placed(draw.participant_index // len(songs))
    return {each.song: _Dealt(each.times_before, places.index(each.song)) for each in dealt}


def _full_pages(draw: Draw, deal: Mapping[str, _Dealt], replicate: int) -> list[PartPage]:
    """Pages of the songs in order; the pages of one song are far apart."""
    return [
        PartPage(
            song,
            Trial(_systems(draw, song, dealt, replicate, page), draw.part.references, replicate),
        )
        for page in range(draw.n_pages)
        for song, dealt in deal.items()
    ]


def _systems(draw: Draw, song: str, dealt: _Dealt, replicate: int, page: int) -> tuple[str, ...]:
    """Systems of one page of a song, in the order of one row of the Williams design."""
    row = dealt.times_before + dealt.place + replicate
    if draw.n_pages == 1:
        return in_row(draw.shuffled(), row)
    names, offset = _block(draw, song, dealt.times_before + replicate, page)
    return in_row(names, row + offset)


def _block(draw: Draw, song: str, turn: int, page: int) -> tuple[list[str], int]:
    """Systems of page ``page`` of a song at the song's ``turn``-th use (from 0).

    The function also returns the number to add to the row of the Williams design on this page. The
    number to add is drawn at random for each page and round. Numbers in a regular order would
    follow the pattern in which systems are divided over pages, so that the positions of systems
    would be unbalanced.
    """
    study, part, n_pages = draw.study, draw.part, draw.n_pages
    round_, step = divmod(turn, n_pages)
    random = draw.stream(_FOR_BLOCKS, round_ * len(part.songs) + part.songs.index(song))
    fixed = part.options.fixed()
    dealt = [name for name in part.rated if name not in fixed]
    named = [[name for name in stratum.systems if name in dealt] for stratum in study.strata]
    strata = named or [dealt]
    for stratum in strata:
        random.shuffle(stratum)
    cards = [system for stratum in strata for system in stratum]
    n_shown = len(cards) // n_pages + len(fixed)
    offsets = random.integers(2 * n_shown, size=n_pages)
    block = []
    for row in range(len(cards) // n_pages):
        # without the squared term, rows whose numbers differ by n_pages would move equally far
        moved = step * row + step**2 * (row // n_pages)
        block.append(cards[row * n_pages + (page - moved) % n_pages])
    return [*block, *fixed], int(offsets[page])


def _trials(
    draw: Draw, options: TrialOptions, deal: Mapping[str, _Dealt], replicate: int
) -> list[PartPage]:
    """Trials of the chosen songs, round by round; only some page types repeat songs."""
    if replicate and not options.repeats_songs:
        return []
    names = tuple(draw.shuffled())
    trials = {
        song: options.deal(_turn(draw, names, song, dealt, replicate))
        for song, dealt in deal.items()
    }
    random = draw.stream(_FOR_ROUNDS, 2 * draw.participant_index + replicate)
    pages: list[PartPage] = []
    order = list(deal)
    for round_ in range(max((len(each) for each in trials.values()), default=0)):
        if round_:
            last = order[-1]
            random.shuffle(order)
            if order[0] == last:
                order.append(order.pop(0))
        pages += [PartPage(song, trials[song][round_]) for song in order]
    return pages


def _turn(draw: Draw, names: tuple[str, ...], song: str, dealt: _Dealt, replicate: int) -> Turn:
    """A song for a participant, with the random streams of the song's trials."""
    number = draw.part.songs.index(song)
    own = draw.participant_index * len(draw.part.songs) + number
    return Turn(
        names, dealt.times_before, dealt.place, replicate,
        draw.stream(_FOR_TRIALS, number), draw.stream(_FOR_OWN_TRIALS, own), draw.part.rated,
    )  # fmt: skip


def next_trial(
    draw: Draw, options: AdaptiveOptions, song: str, replicate: int, answered: Sequence[Answered]
) -> Trial | None:
    """Next trial of a song's adaptive track after the given answers; None if the track is over."""
    turn = _turn(draw, tuple(draw.shuffled()), song, _Dealt(0, 0), replicate)
    return options.next_trial(turn, answered)


def _number_of(text: str) -> int:
    """Return a 64-bit number for a text; the number is part of a random seed."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
