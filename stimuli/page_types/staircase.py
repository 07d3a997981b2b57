"""``staircase``: listeners find the odd one of three sounds; right answers make the task harder.

Each level is a system; the levels differ from the reference by different amounts. Each page plays
the reference twice and one level once, in a random order. Listeners answer which of the three
sounds differs from the others. After ``down`` right answers in a row, the next level is one step
harder to hear. After a wrong answer, the next level is one step easier. A track (the trials of one
song) approaches the level at which a listener gives ``down`` right answers in a row with a
probability of one half [1]_. Before the first reversal of a track, a step is ``first_step`` levels.

Notes
-----
Three intervals (3-AFC oddity) are suitable for impairments that are just noticeable. Listeners need
not know the kind of difference, and guesses are right in only a third of the trials. With three
intervals, thresholds are less biased and less variable than with two intervals [2]_.

A track ends after ``reversals`` reversals or ``max_trials`` trials. A track also ends if the rule
requires, three times in a row, a step beyond the easiest or the hardest level. After a step beyond
the last level, the level stays the same, but the direction of the step still counts for the
reversals. The position of the odd sound on the page comes from a shuffled list that contains each
position twice. The odd sound is therefore at each position equally often, and listeners cannot
predict its position.

References
----------
.. [1] H. Levitt (1971), "Transformed up-down methods in psychoacoustics", Journal of the Acoustical
   Society of America 49, 467-477.
.. [2] R. S. Schlauch and R. M. Rose (1990), "Two-, three-, and four-interval forced-choice
   staircase procedures: estimator bias and efficiency", Journal of the Acoustical Society of
   America 88, 732-740.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from stimuli.page_types.adaptive import AdaptiveOptions, Answered, TrackStep
from stimuli.page_types.base import REFERENCE, Answers, Part, check_names, check_reference
from stimuli.page_types.odd_one import ATTRIBUTE, N_INTERVALS, UNANSWERED, odd_choice, odd_fault
from stimuli.page_types.simulated import SimulatedPage
from stimuli.page_types.trials import Trial, Turn
from stimuli.study_keys.faults import PlacedError, nearest
from stimuli.study_keys.keys import Name, Number, StudySong, Whole

WISHES_BEYOND = 3
"""Number of successive steps beyond one end of the levels that ends a track."""

SPREAD_RANKS = 0.5
"""How fast a simulated listener passes from hearing a difference to guessing, in levels."""


class Options(AdaptiveOptions):
    """Keys of a staircase.

    ``levels`` are the part's systems from the easiest to hear to the hardest, by default all except
    the reference. ``level_values`` are the values of the levels on the study's own scale, such as
    dB. ``start`` is the first level. ``discard`` is the number of first reversals that are not used
    for the threshold.
    """

    answers: ClassVar[str] = "track"
    source: ClassVar[str] = "Levitt (1971), J. Acoust. Soc. Am. 49, 467-477"
    trials_title: ClassVar[str] = "Tracks so far"
    trials_lead: ClassVar[str] = "How far the tracks have come; by chance a third is right."

    type: Literal["staircase"] = "staircase"
    reference: Name = REFERENCE
    levels: tuple[Name, ...] = ()
    level_values: tuple[Number, ...] = ()
    start: Name = ""
    down: Annotated[Whole, Field(ge=1, le=4)] = 2
    first_step: Annotated[Whole, Field(ge=1, le=8)] = 1
    reversals: Annotated[Whole, Field(ge=2, le=30)] = 8
    discard: Annotated[Whole, Field(ge=0, le=28)] = 2
    max_trials: Annotated[Whole, Field(ge=4, le=200)] = 40
    open_reference: Annotated[bool, Field(strict=True)] = False

    @property
    def method(self) -> str:
        """Name in a report."""
        return (
            f"adaptive staircase, {self.down}-down/1-up, three-interval oddity "
            f"(threshold at {100 * self.target_share:.1f} % right)"
        )

    @property
    def target_share(self) -> float:
        """Share p of right answers to which a track converges (p to the power ``down`` is 0.5)."""
        return math.exp(-math.log(2.0) / self.down)

    @property
    def balanced(self) -> str:
        """Places."""
        return "the recording that differs as often in each of the three places"

    @property
    def on_a_page(self) -> str:
        """Three sounds, and the rule for the level of the differing sound."""
        beside = ", the reference open beside" if self.open_reference else ""
        return (
            "three sounds of one song a page, twice the reference and once a level"
            f"{beside}; the level follows the answers before ({self.down}-down/1-up, first step "
            f"{self.first_step}), until {self.reversals} reversals or {self.max_trials} trials"
        )

    @property
    def most_trials(self) -> int:
        """The study's limit."""
        return self.max_trials

    @property
    def down_before_up(self) -> int:
        """The study's setting."""
        return self.down

    @property
    def values_of_levels(self) -> tuple[float, ...]:
        """The study's setting."""
        return self.level_values

    def levels_of(self, rated: Sequence[str]) -> tuple[str, ...]:
        """All systems of the part except the reference."""
        return tuple(name for name in rated if name != self.reference)

    def made(self) -> tuple[str, ...]:
        """Return the reference if it is a file."""
        return (REFERENCE,) if self.reference == REFERENCE else ()

    def rated(self, systems: Sequence[str]) -> tuple[str, ...]:
        """Return the levels in order, and the reference."""
        levels = self.levels or tuple(name for name in systems if name != self.reference)
        return (*levels, self.reference)

    def open_references(self) -> tuple[str, ...]:
        """Return the reference if it can be played openly."""
        return (self.reference,) if self.open_reference else ()

    def n_at_once(self, name: str, systems: Sequence[str]) -> int:  # noqa: ARG002
        """The reference is at two of three positions (and perhaps open, too); the level at one."""
        return 2 + self.open_reference if name == self.reference else 1

    def n_pages_with(self, name: str, systems: Sequence[str], n_pages: int) -> int:  # noqa: ARG002
        """Largest number of pages of a track with a stimulus; reversals limit it for levels.

        Between two runs of trials at the same level, the track changes direction. A run of trials
        at a level has at most ``down`` trials. At the easiest or the hardest level, a run of trials
        can last until the track ends.
        """
        levels = self.rated(systems)[:-1]
        if name == self.reference:
            return self.max_trials
        visits = self.reversals + 1
        if name in (levels[0], levels[-1]):
            visits = WISHES_BEYOND * (self.reversals // 2 + 1)
        return min(self.max_trials, visits * self.down)

    def answered(self, attributes: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002
        """One answer."""
        return (ATTRIBUTE,)

    def n_answers(self, n_rated: int, attributes: Sequence[str]) -> int:  # noqa: ARG002
        """One choice is the answer for all three sounds."""
        return 1

    def heard_slots(self, n_rated: int) -> range:
        """All three sounds, and the open reference if the page has one."""
        return range(n_rated + self.open_reference)

    def next_trial(self, turn: Turn, answered: Sequence[Answered]) -> Trial | None:
        """Trial at the track's next level; the position of the level comes from a random stream."""
        levels = self.levels_of(turn.listed)
        rank = self._first_rank(levels)
        if answered:
            steps, next_rank = self._walk(answered, levels)
            if steps and steps[-1].ended:
                return None
            rank = next_rank
        shown = [self.reference] * N_INTERVALS
        shown[self._place(turn, len(answered))] = levels[rank - 1]
        return Trial(tuple(shown), self.open_references(), turn.replicate)

    def steps(self, answered: Sequence[Answered], levels: Sequence[str]) -> list[TrackStep]:
        """The given trials as steps, without trials at levels that the study no longer has."""
        return self._walk(answered, levels)[0]

    def _walk(
        self, answered: Sequence[Answered], levels: Sequence[str]
    ) -> tuple[list[TrackStep], int]:
        """Steps of a track for its trials, and the rank of the level for the next trial."""
        steps: list[TrackStep] = []
        rank = self._first_rank(levels)
        run = n_reversals = n_beyond = direction = 0
        for trial in answered:
            level = next((name for name in trial.systems if name != self.reference), "")
            if level not in levels:
                continue
            rank = levels.index(level) + 1
            is_right = trial.systems[trial.chosen] == level
            run = run + 1 if is_right else 0
            wish = -1 if not is_right else 1 if run == self.down else 0  # 1: to a harder level
            is_reversal = wish != 0 and direction not in (0, wish)
            n_reversals += is_reversal
            if wish:
                run, direction = 0, wish
                is_beyond = not 1 <= rank + wish <= len(levels)
                n_beyond = n_beyond + 1 if is_beyond and not is_reversal else int(is_beyond)
                step = self.first_step if n_reversals == 0 else 1
                next_rank = min(max(rank + wish * step, 1), len(levels))
            else:
                next_rank = rank
            ended = self._end(n_reversals, n_beyond, wish, len(steps) + 1)
            is_averaged = is_reversal and n_reversals > self.discard
            steps.append(TrackStep(level, rank, is_right, is_reversal, is_averaged, ended))
            rank = next_rank
            if ended:
                break
        return steps, rank

    def _end(
        self, n_reversals: int, n_beyond: int, wish: int, n_trials: int
    ) -> Literal["", "reversals", "hardest", "easiest", "trials"]:
        """Reason why a track ends after ``n_trials`` trials; empty if the track goes on."""
        if n_beyond == WISHES_BEYOND:
            return "hardest" if wish > 0 else "easiest"
        if n_reversals == self.reversals:
            return "reversals"
        return "trials" if n_trials == self.max_trials else ""

    def _first_rank(self, levels: Sequence[str]) -> int:
        return levels.index(self.start) + 1 if self.start in levels else 1

    def _place(self, turn: Turn, trial: int) -> int:
        """Position of the differing sound in a trial (from 0); the same at every call."""
        pack = [*range(N_INTERVALS)] * 2
        n_packs = math.ceil(self.max_trials / len(pack))
        places: list[int] = []
        for _ in range(n_packs * (turn.replicate + 1)):
            places += turn.own.permutation(pack).tolist()
        return places[n_packs * turn.replicate * len(pack) + trial]

    def check(self, part: Part, songs: Sequence[StudySong], systems: Sequence[str]) -> None:
        """Raise ``PlacedError`` if the rule cannot be applied to the levels."""
        levels = part.rated[:-1]
        check_names(self.levels, systems, "levels", "level", part.name)
        check_reference(self.reference, part, songs, systems)
        self._check_levels(part, levels)
        told = f"The part {part.name!r}"
        if self.discard >= self.reversals or (self.reversals - self.discard) % 2:
            raise PlacedError(
                f"{told} averages {self.reversals - self.discard} of {self.reversals} reversals. "
                "The number that is averaged must be even, because upper and lower reversals "
                "alternate.",
                ("discard",),
            )
        least = math.ceil(self.reversals / 2) * (self.down + 1)
        if self.max_trials < least:
            raise PlacedError(
                f"{told} asks for {self.reversals} reversals in {self.max_trials} trials, but "
                f"{self.down}-down/1-up needs at least {least} trials; raise max_trials.",
                ("max_trials",),
            )

    def _check_levels(self, part: Part, levels: Sequence[str]) -> None:
        told, values = f"The part {part.name!r}", self.level_values
        if self.reference in self.levels:
            raise PlacedError(
                f"{told} has its reference {self.reference!r} among the levels, but a level must "
                "differ from the reference.",
                ("levels", self.levels.index(self.reference)),
            )
        if self.levels and self.systems:
            raise PlacedError(f"{told} names levels and systems; leave out systems.", ("systems",))
        if len(levels) < 2:
            raise PlacedError(
                f"{told} has only {len(levels)} level besides its reference; a staircase needs at "
                "least two.",
                ("levels",),
            )
        if values and len(values) != len(levels):
            raise PlacedError(
                f"{told} has {len(values)} level_values for {len(levels)} levels.",
                ("level_values",),
            )
        if list(values) not in (sorted(set(values)), sorted(set(values), reverse=True)):
            raise PlacedError(
                f"The level_values of the part {part.name!r} must rise or fall from each level to "
                "the next.",
                ("level_values",),
            )
        if self.start and self.start not in levels:
            hint = nearest(self.start, levels) or f" There are {', '.join(levels)}."
            raise PlacedError(
                f"{told} starts at {self.start!r}, which is not one of its levels.{hint}",
                ("start",),
            )
        if self.first_step >= len(levels):
            raise PlacedError(
                f"The first_step of the part {part.name!r} is {self.first_step}, which is larger "
                f"than all of its {len(levels)} levels; lower it.",
                ("first_step",),
            )

    def _value_fault(self, answers: Answers) -> str | None:
        """Check that one of the three values is 100, and the others are 0."""
        return odd_fault(answers)

    def _missing(self, answers: Answers, asked: Sequence[str]) -> str | None:  # noqa: ARG002
        """Every trial must be answered; the key ``must_move`` has no influence."""
        return None if answers.values else f"The page is not complete: {UNANSWERED}."

    def simulated(self, page: SimulatedPage) -> dict[tuple[int, str], float]:
        """The probability that a listener hears a level is a logistic function of the level's rank.

        The rank that is heard in half of the trials comes from :func:`planted_rank`.
        """
        levels = self.levels_of(page.rated)
        place = next(at for at, name in enumerate(page.systems) if name != self.reference)
        rank = levels.index(page.systems[place]) + 1
        middle = planted_rank(len(levels), page.discrimination)
        chance = 1.0 / (1.0 + math.exp((rank - middle) / SPREAD_RANKS))
        is_heard = page.random.random() < chance
        return odd_choice(place if is_heard else int(page.random.integers(N_INTERVALS)))


def planted_rank(n_levels: int, discrimination: float = 1.0) -> float:
    """Rank of the level that a simulated listener hears in half of the trials."""
    return (n_levels + 1) / 2 + (discrimination - 1.0) * n_levels / 4
