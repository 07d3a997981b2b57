"""Common parts of page types: the keys of every part, and the methods that the program calls.

Conventions
-----------
A part of a study is a group of keys under ``parts``; its type is a class of one file of this
package, found by :mod:`stimuli.page_types.registry`. Page types belong to two families. On a page
of the first family, listeners hear several mixes, for example with a slider for each. The second
family, :class:`~stimuli.page_types.trials.TrialOptions`, has many pages with one mix or one pair
each. A ``Part`` is a part of a study in which every missing key has its default. Code that depends
on the page type calls methods of :class:`PartOptions`.

A stimulus that is not the mix of any system has one of the names ``MADE_NAMES``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from db.records.participation import RATINGS, SlotRole
from stimuli.page_types.simulated import SimulatedPage
from stimuli.study_keys.default_texts import default_labels
from stimuli.study_keys.faults import PlacedError, nearest
from stimuli.study_keys.keys import Name, Number, StudyKeys, StudySong
from stimuli.study_keys.rated_scale import Range, RatingScale
from stimuli.study_keys.recommendations import NO_REFERENCE

REFERENCE, LOW_ANCHOR, MID_ANCHOR = "reference", "low_anchor", "mid_anchor"
CUTOFF_HZ: Mapping[str, float] = {LOW_ANCHOR: 3500.0, MID_ANCHOR: 7000.0}
"""Upper end of the passband of each anchor."""

DRY_NAMES = ("dry_mix", "dry_vocal", "dry_backing")
MADE_NAMES = (REFERENCE, LOW_ANCHOR, MID_ANCHOR, *DRY_NAMES)
"""Names of the stimuli that the build makes itself; no system of a study may be called so."""

DryName = Literal["dry_mix", "dry_vocal", "dry_backing"]
Scale = Literal["slider", "labels"]
HEARD_SLACK = 0.02
"""Less than asked by so little was heard as asked: browsers round, and nobody may be shut out."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of a page, in the form in which the browser sends them.

    ``values`` holds the rating for each slot (position on the page) and each attribute. The first
    ``n_rated`` slots of the page hold rated stimuli; the other slots hold references.
    ``attributes`` are the attributes of the part, and ``scales`` holds the scale of each attribute.
    ``heard`` tells how much of each excerpt was played, as a share from 0 to 1, for the slots that
    the browser sent.
    """

    n_rated: int
    attributes: tuple[str, ...]
    scales: Mapping[str, RatingScale]
    values: Mapping[tuple[int, str], float]
    is_final: bool
    heard: Mapping[int, float] = field(default_factory=dict)


class PartOptions(StudyKeys, ABC):
    """Keys of every part; a page type adds its own keys and must define ``method``.

    ``songs``, ``systems`` and ``attributes`` are empty if the part does not set them and the
    defaults apply.

    Attributes
    ----------
    answers
        Kind of the answers: ``ratings``, or the name that the analysis uses for trials of this page
        type.
    name_intervals
        Whether each word along the scale names an interval of values instead of one value. All
        intervals have the same width.
    open_role
        Sound that is played openly and not rated: a ``reference``, or the ``x`` that listeners
        should recognise.
    source
        Recommendation or paper that defines the method, as a report cites it.
    volume_slot
        Number (from 0) of the stimulus with which participants set the volume; a negative number
        counts from the end.
    repeats_songs
        Whether the key ``repeated_songs`` can be used; false if the page type repeats trials by
        itself.
    trials_title, trials_lead
        Title and description that the dashboard shows for the choices of this page type.
    """

    answers: ClassVar[str] = RATINGS
    name_intervals: ClassVar[bool] = False
    open_role: ClassVar[SlotRole] = "reference"
    source: ClassVar[str] = ""
    volume_slot: ClassVar[int] = 0
    repeats_songs: ClassVar[bool] = True
    trials_title: ClassVar[str] = ""
    trials_lead: ClassVar[str] = ""

    type: str
    name: Name = ""
    songs: tuple[Name, ...] = ()
    systems: tuple[Name, ...] = ()
    attributes: tuple[Name, ...] = ()
    range: Range | None = None
    must_listen: Annotated[Number, Field(ge=0.0, le=1.0)] = 0.0
    must_move: Annotated[bool, Field(strict=True)] = True
    playback: Literal["loop", "once"] = "loop"
    on_switch: Literal["keep", "restart"] = "keep"

    @field_validator("songs", "systems", "attributes", mode="before")
    @classmethod
    def _named_or_left_out(cls, names: Any, info: ValidationInfo) -> Any:
        if isinstance(names, list) and not names:
            raise ValueError(
                f"{info.field_name} of a part is an empty list; leave the key out to use all."
            )
        return names

    @property
    @abstractmethod
    def method(self) -> str:
        """Name of the method in a report, without the recommendation's name."""

    @property
    def name_of_test(self) -> str:
        """Sentence that names the test; empty if the report names it by reference and anchors."""
        return f"The method was: {self.method}; this is not MUSHRA."

    @property
    def opinion_score(self) -> str:
        """Name of the mean rating of all listeners and items, such as MOS; empty without a name."""
        return ""

    @property
    def balanced(self) -> str:
        """Text for a report: what occurs equally often on pages of this type."""
        return (
            "mixes on a page by a Williams design, so that each system stands equally often in "
            "each position and follows each other one equally often"
        )

    @property
    def besides(self) -> str:
        """Text for a report: what a page has besides the mixes; empty if a page has only mixes."""
        names = ", ".join(self.open_references()).replace("_", " ")
        return f"with {names} open beside" if names else ""

    @property
    def practice_lead(self) -> str:
        """Key (in the survey's texts) of the sentence above the page type's practice page."""
        return "practice_lead_other"

    @property
    def compared_with(self) -> str:
        """The open reference to which listeners compare a mix; empty if only the mix is rated."""
        return ""

    @property
    def graded_against(self) -> str:
        """Hidden reference of each page, if grades are analysed minus the reference's grade."""
        return ""

    @property
    def leaves_out_guessers(self) -> bool:
        """Whether the report excludes listeners who cannot recognise the hidden reference."""
        return False

    @property
    def is_blocked(self) -> bool:
        """Whether the mixes of a song can be divided over pages (``stimuli_per_page``)."""
        return True

    @property
    def is_adaptive(self) -> bool:
        """Whether the content of a page depends on earlier answers."""
        return False

    @property
    def may_tie(self) -> bool:
        """Whether "no preference" is a possible answer to a choice."""
        return False

    @property
    def on_a_page(self) -> str:
        """Text for a report about one page; empty if mixes and pairs say enough about the page."""
        return ""

    def usual_attributes(self, attributes: Sequence[str]) -> tuple[str, ...]:
        """Default attributes of a part: ``overall`` if the study has it, otherwise the first."""
        return ("overall",) if "overall" in attributes else tuple(attributes[:1])

    def made(self) -> tuple[str, ...]:
        """Names of the stimuli that the build must make for this part."""
        return self.open_references()

    def rated(self, systems: Sequence[str]) -> tuple[str, ...]:
        """Names of the rated stimuli: the systems, and stimuli that the page type itself adds."""
        return tuple(systems)

    def fixed(self) -> tuple[str, ...]:
        """Names of rated stimuli that are on every page of a song."""
        return ()

    def marks(self) -> dict[str, str]:
        """Which of ``reference``, ``mid_anchor`` and ``low_anchor`` are rated stimuli."""
        return {}

    def open_references(self) -> tuple[str, ...]:
        """Names of stimuli that are played openly and not rated."""
        return ()

    def heard_twice(self, systems: Sequence[str]) -> tuple[str, ...]:
        """Names of stimuli that one page can play twice: openly, and as rated stimuli.

        A comparison of the two audio files must not reveal that they hold the same sound.
        """
        return tuple(name for name in self.open_references() if name in self.rated(systems))

    def n_at_once(self, name: str, systems: Sequence[str]) -> int:
        """Largest number of times that one page plays a given stimulus."""
        return 2 if name in self.heard_twice(systems) else 1

    def n_pages_with(self, name: str, systems: Sequence[str], n_pages: int) -> int:  # noqa: ARG002
        """On how many of the ``n_pages`` pages of a song a given stimulus is played."""
        return n_pages if name in (*self.fixed(), *self.open_references()) else 1

    def n_hearings(self, name: str, systems: Sequence[str], n_pages: int) -> int:
        """Largest number of times that a stimulus is played on all pages of a song together."""
        return self.n_pages_with(name, systems, n_pages) * self.n_at_once(name, systems)

    def browser_options(self) -> dict[str, Any]:
        """Keys of the page type that the browser needs."""
        return {}

    @property
    def usual_range(self) -> Range | None:
        """Scale that the page type sets instead of the study; None if the study's scale applies."""
        return None

    def role_of(self, system: str) -> SlotRole:  # noqa: ARG002
        """Role of a stimulus on a page: ``rated``, or compared with a rated stimulus only."""
        return "rated"

    def usual_words(self, language: str) -> tuple[str, ...]:
        """Words along the scale, used if the study itself sets no words."""
        return default_labels(language)

    def check(self, part: Part, songs: Sequence[StudySong], systems: Sequence[str]) -> None:
        """Raise ``PlacedError`` (with a place relative to the part) if the keys are inconsistent.

        ``songs`` are all songs that the part plays, including the training song. ``systems`` are
        all systems of the study.
        """

    def fault(self, answers: Answers) -> str | None:
        """Sentence about a fault of an answer; None if the answer can be stored."""
        asked = self.answered(answers.attributes)
        for slot, attribute in answers.values:
            if attribute not in asked:
                return "ratings: this page does not ask about this attribute."
            if slot >= answers.n_rated:
                return "ratings: a reference is not rated."
        fault = self._value_fault(answers)
        if fault is None and answers.is_final:
            fault = self._missing(answers, asked) or self._unheard(answers)
        return fault

    def answered(self, attributes: Sequence[str]) -> tuple[str, ...]:
        """Names under which the answers of a page are stored."""
        return tuple(attributes)

    def n_answers(self, n_rated: int, attributes: Sequence[str]) -> int:
        """Number of answers on a page with ``n_rated`` stimuli."""
        return n_rated * len(self.answered(attributes))

    def heard_slots(self, n_rated: int) -> Sequence[int]:
        """Slots to which ``must_listen`` applies: rated stimuli and the reference, no dry stems."""
        is_open = any(name not in DRY_NAMES for name in self.open_references())
        return range(n_rated + is_open)

    def _unheard(self, answers: Answers) -> str | None:
        """Sentence on a final save: stimuli not played enough; None if all were played enough."""
        least = self.must_listen - HEARD_SLACK
        slots = self.heard_slots(answers.n_rated)
        n_unheard = sum(answers.heard.get(slot, 0.0) < least for slot in slots)
        if n_unheard == 0:
            return None
        return f"The page is not complete: {n_unheard} recordings were not heard for long enough."

    def _value_fault(self, answers: Answers) -> str | None:
        """Sentence about an impossible value; None if all values are possible."""
        for (_, attribute), value in answers.values.items():
            scale = answers.scales.get(attribute, RatingScale())
            if not scale.minimum <= value <= scale.maximum:
                return f"ratings: {value:g} is outside the scale, {scale}."
            if not scale.is_on_step(value):
                return f"ratings: {value:g} is between two steps of the scale, {scale}."
            if self.has_labels and not scale.is_labelled(value):
                return "ratings: a value is between two labels."
        return None

    def _missing(self, answers: Answers, asked: Sequence[str]) -> str | None:
        """Sentence on a final save: which answers are missing; None if the answers are complete."""
        n_missing = answers.n_rated * len(asked) - len(answers.values)
        if self.must_move and n_missing > 0:
            return f"The page is not complete: {n_missing} ratings are missing."
        return None

    def simulated(self, page: SimulatedPage) -> dict[tuple[int, str], float]:
        """Answers of a simulated listener, as in ``values`` of :class:`Answers`."""
        return {
            (slot, attribute): self.given(page.scales[attribute], points)
            for slot, system in enumerate(page.systems)
            for attribute, points in page.rate(system).items()
        }

    def given(self, scale: RatingScale, points: float) -> float:
        """Value that a page would give for a number of points (0-100), on the page's scale."""
        value = scale.at_points(points)
        return scale.nearest_label(value) if self.has_labels else value

    @property
    def has_labels(self) -> bool:
        """Whether listeners rate by choosing a word instead of moving a slider."""
        return self.browser_options().get("scale") == "labels"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a study with its defaults filled in.

    ``name`` is empty for the only part of a study that declares no parts. ``scale`` is the scale of
    attributes without their own scale. ``scales`` holds one scale for each attribute of the study,
    with the words at its ends.
    """

    options: PartOptions
    name: str
    songs: tuple[str, ...]
    systems: tuple[str, ...]
    attributes: tuple[str, ...]
    scale: RatingScale
    scales: Mapping[str, RatingScale]

    def analysed(self, scale: RatingScale) -> RatingScale:
        """Scale of the values that are analysed: ratings, or differences between ratings."""
        return scale.of_differences() if self.options.graded_against else scale

    @property
    def type(self) -> str:
        """Name of the page type."""
        return self.options.type

    @property
    def has_ratings(self) -> bool:
        """Whether answers on pages of this type are values on a scale instead of choices."""
        return self.options.answers == RATINGS

    @property
    def rated(self) -> tuple[str, ...]:
        """Names of the rated stimuli, including stimuli that the build makes."""
        return self.options.rated(self.systems)

    @property
    def references(self) -> tuple[str, ...]:
        """Names of stimuli that are played openly and not rated."""
        return self.options.open_references()

    def n_per_page(self, stimuli_per_page: int | None) -> int:
        """Number of rated stimuli per page; all rated stimuli if the study sets no number."""
        return min(stimuli_per_page or len(self.rated), len(self.rated))

    def n_pages(self, stimuli_per_page: int | None) -> int:
        """Number of pages over which the stimuli of one song are divided."""
        n_fixed, n_shown = len(self.options.fixed()), self.n_per_page(stimuli_per_page)
        if n_shown == len(self.rated):
            return 1
        return (len(self.rated) - n_fixed) // (n_shown - n_fixed)

    def n_hearings(self, name: str, stimuli_per_page: int | None) -> int:
        """Largest number of times that a song's pages play a stimulus; 0 if no page plays it."""
        if not self.n_at_once(name):
            return 0
        n_pages = self.n_pages(stimuli_per_page)
        return self.options.n_hearings(name, self.systems, n_pages)

    def n_at_once(self, name: str) -> int:
        """Largest number of times that one page plays a stimulus; 0 if no page plays it."""
        if name not in (*self.rated, *self.references):
            return 0
        return self.options.n_at_once(name, self.systems)


RATED_BESIDE = (
    "The mixes of a page were rated beside each other without a given reference: a multi-stimulus "
    f"rating (compare {NO_REFERENCE})."
)
"""Name of a test of several mixes without a reference."""


def with_stems(method: str, references: Sequence[str]) -> str:
    """Name of a method; if the page has dry stems, the name mentions them."""
    return f"{method}, dry stems heard openly" if references else method


def check_names(names: Sequence[str], known: Sequence[str], key: str, what: str, part: str) -> None:
    """Raise ``PlacedError`` if a list of a part has an unknown name, or the same name twice."""
    for index, name in enumerate(names):
        if name not in known:
            hint = nearest(name, known) or f" There are {', '.join(known)}."
            raise PlacedError(
                f"The part {part!r} names the {what} {name!r}, which the study lacks.{hint}",
                (key, index),
            )
        if name in names[:index]:
            raise PlacedError(f"The part {part!r} names the {what} {name!r} twice.", (key, index))


def check_reference(
    reference: str, part: Part, songs: Sequence[StudySong], systems: Sequence[str]
) -> None:
    """Raise ``PlacedError`` if a hidden reference is missing, or there is no system to compare.

    ``songs`` and ``systems`` are as in :meth:`PartOptions.check`.
    """
    if reference not in (*systems, REFERENCE):
        hint = nearest(reference, systems) or f" There are {', '.join(systems)}."
        raise PlacedError(
            f"The part {part.name!r} has the reference {reference!r}, which is not among "
            f"the systems.{hint}",
            ("reference",),
        )
    if not set(part.systems) - {reference}:
        raise PlacedError(
            f"The part {part.name!r} has no system to rate besides its reference.", ("systems",)
        )
    if reference != REFERENCE:
        return
    for song in songs:
        if song.reference is None:
            raise PlacedError(
                f"The part {part.name!r} needs a reference. Name one of the systems (reference: "
                f"human), or add reference: FILE to the song {song.name!r}.",
                ("reference",),
            )
