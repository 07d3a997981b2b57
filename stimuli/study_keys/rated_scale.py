"""The questions about every stimulus, and the scales on which they are answered.

Conventions
-----------
A :class:`Range` is an entry of the file, for the study, a part or an attribute; a
:class:`RatingScale` is the resulting scale, with its words. The study, the part and the attribute
can each have a range; the attribute's range comes first, then the part's range. If a range has its
own two ends, the ranges around it are ignored. A range without ends keeps the ends of the range
around it, and changes its step or its words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, PlainValidator, model_validator

from db.records.scale import DECIMALS, STEP_SLACK, Scale
from stimuli.study_keys.keys import FilledText, Name, Number, StudyKeys, Text

FEWEST_LABELS, MOST_LABELS = 2, 11
LABEL_SLACK = 1e-8
"""Of the scale: a value so near to a label is the label's."""
MOST_STEPS = 1000
"""More can neither be seen nor set."""
MOST_SPACED = 101
"""Each whole value from 0 to 100 can have its word."""

Words = tuple[str, ...]
End = Annotated[Number, Field(ge=-1e6, le=1e6)]


def _read_labels(value: Any) -> Words | dict[float, str] | None:
    """Words along a scale: a list of equally distant words, or a mapping from values to words."""
    if value is None:
        return None
    if not isinstance(value, list | tuple | dict):
        raise ValueError(
            "The key labels must be a list of words, or a word for each value (5: Excellent)."
        )
    if not FEWEST_LABELS <= len(value) <= MOST_LABELS:
        count = f"{FEWEST_LABELS} to {MOST_LABELS}"
        raise ValueError(
            f"The labels of a range must be {count} words, but there are {len(value)}."
        )
    words = value.values() if isinstance(value, dict) else value
    for word in words:
        if not isinstance(word, str) or not word.strip():
            raise ValueError(
                f"A label must be text, not {word!r}; put it in quotes if it is meant as text."
            )
    if isinstance(value, dict):
        return {_number(key): word.strip() for key, word in value.items()}
    return tuple(word.strip() for word in value)


def _number(key: Any) -> float:
    try:
        return float(key)
    except (TypeError, ValueError):
        raise ValueError(f"A label belongs to a value of the scale, not to {key!r}.") from None


def _as_written(labels: Words | dict[float, str] | None) -> Any:
    if isinstance(labels, dict):
        return {f"{value:g}": word for value, word in labels.items()}
    return None if labels is None else list(labels)


Labels = Annotated[
    Words | dict[float, str] | None, PlainValidator(_read_labels), PlainSerializer(_as_written)
]


class Range(StudyKeys):
    """Ends, step and words of a scale; a None means that the range around it sets this value.

    ``labels`` is either a list of words at equal distances, the word of the lowest value first, or
    a mapping from values to words.
    """

    minimum: End | None = None
    maximum: End | None = None
    step: Annotated[Number, Field(gt=0.0)] | None = None
    labels: Labels = None

    @model_validator(mode="after")
    def _has_both_ends(self) -> Range:
        if (self.minimum is None) != (self.maximum is None):
            lacks = "minimum" if self.minimum is None else "maximum"
            raise ValueError(f"This range has no {lacks}; give both ends, or neither.")
        return self


class Attribute(StudyKeys):
    """One question about every stimulus; the rating is a value of the question's scale."""

    name: Name
    label: FilledText | None = None
    question: FilledText
    low_label: Text | None = None
    high_label: Text | None = None
    range: Range | None = None

    @property
    def shown_label(self) -> str:
        """Short heading of the question: ``label``, or ``name`` with spaces for underscores."""
        return self.label or self.name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Label:
    """A word of a scale, and the value of the word."""

    value: float
    word: str


@dataclass(frozen=True, slots=True)
class RatingScale(Scale):
    """A scale with the words along it, from the lowest to the highest.

    ``are_intervals`` means that each word names an interval of values; all intervals are equally
    wide, as on the scale of BS.1534-3 (clause 5.4). If a word names an interval, its value is the
    middle of this interval.
    """

    labels: tuple[Label, ...] = ()
    are_intervals: bool = False

    @property
    def words(self) -> Words:
        """The labels of the scale without their values."""
        return tuple(label.word for label in self.labels)

    @property
    def spaced_words(self) -> Words:
        """Words for equally distant values of the scale; empty for a value without a word.

        If this would need more than ``MOST_SPACED`` words in a row, only the two ends keep their
        words.
        """
        if self.are_intervals:
            return self.words
        at = {label.value: label.word for label in self.labels}
        for n_words in range(max(2, len(at)), MOST_SPACED + 1):
            grid = [label.value for label in _spaced(self, ("",) * n_words, are_intervals=False)]
            if at.keys() <= set(grid):
                return tuple(at.get(value, "") for value in grid)
        return (at.get(self.minimum, ""), at.get(self.maximum, ""))

    def of_differences(self) -> RatingScale:
        """Scale of the differences from the highest value: symmetrical, with 0 in its middle."""
        labels = tuple(
            Label(round(label.value - self.maximum, DECIMALS), label.word) for label in self.labels
        )
        return RatingScale(-self.span, self.span, self.step, labels)

    def fault(self) -> str | None:
        """Sentence that says why nobody can rate on this scale; None if participants can rate."""
        if self.minimum >= self.maximum:
            return (
                f"The range runs from {self.minimum:g} to {self.maximum:g}; its minimum must be "
                "less than its maximum."
            )
        if self.n_steps is not None and not self._has_whole_steps(self.n_steps):
            return (
                f"The step {self.step:g} does not divide the range from {self.minimum:g} to "
                f"{self.maximum:g} into whole steps (at most {MOST_STEPS})."
            )
        for label in self.labels:
            if not self.minimum <= label.value <= self.maximum:
                return (
                    f"The label {label.word!r} is at {label.value:g}, outside the scale from "
                    f"{self.minimum:g} to {self.maximum:g}."
                )
        return None

    def _has_whole_steps(self, n_steps: float) -> bool:
        return 1 <= round(n_steps) <= MOST_STEPS and abs(n_steps - round(n_steps)) <= STEP_SLACK

    def is_labelled(self, value: float) -> bool:
        """Whether a value of the scale has a word."""
        return any(abs(label.value - value) <= LABEL_SLACK * self.span for label in self.labels)

    def nearest_label(self, value: float) -> float:
        """Value of the label nearest to a value; of two equally near, the upper label's value."""
        return min(self.labels, key=lambda label: (abs(label.value - value), -label.value)).value

    def label_between_steps(self) -> Label | None:
        """The lowest label between two steps, which nobody can choose; None if there is none."""
        return next((label for label in self.labels if not self.is_on_step(label.value)), None)

    def unlabelled(self) -> float | None:
        """The lowest possible value without a label; None if all values have labels."""
        if self.step is None or self.n_steps is None:
            return None
        there = {round(label.value, DECIMALS) for label in self.labels}
        values = (self.minimum + self.step * number for number in range(round(self.n_steps) + 1))
        return next((value for value in values if round(value, DECIMALS) not in there), None)


def scale_of(
    ranges: tuple[Range | None, ...], usual: Words, name_intervals: bool = False
) -> RatingScale:
    """Scale that several ranges give together; the ranges go from the study to the attribute.

    Parameters
    ----------
    ranges
        The ranges of the study, the part and the attribute, in this order; None if one of them has
        no range.
    usual
        Words that are used if no range declares words.
    name_intervals
        Whether words at equal distances name equal intervals, in which participants can give every
        value.
    """
    ends, labels = Scale(), None
    for each in ranges:
        if each is None:
            continue
        if each.minimum is not None and each.maximum is not None:
            ends, labels = Scale(each.minimum, each.maximum, each.step), None
        elif each.step is not None:
            ends = Scale(ends.minimum, ends.maximum, each.step)
        labels = labels if each.labels is None else each.labels
    keys = (ends.minimum, ends.maximum, ends.step)
    if isinstance(labels, Mapping):
        placed = tuple(Label(value, labels[value]) for value in sorted(labels))
        return RatingScale(*keys, placed)
    words = usual if labels is None else labels
    are_intervals = name_intervals and ends.step is None
    return RatingScale(*keys, _spaced(ends, words, are_intervals), are_intervals)


def _spaced(scale: Scale, words: Words, are_intervals: bool) -> tuple[Label, ...]:
    n = len(words)
    shares = [(at + 0.5) / n if are_intervals else at / (n - 1) for at in range(n)]
    return tuple(
        Label(round(scale.minimum + scale.span * share, DECIMALS), word)
        for share, word in zip(shares, words, strict=True)
    )


def with_end_words(scale: RatingScale, attribute: Attribute) -> RatingScale:
    """The scale with the two words that an attribute sets for the ends of the scale."""
    low, *_, high = scale.labels
    low_value = low.value if scale.are_intervals else scale.minimum
    high_value = high.value if scale.are_intervals else scale.maximum
    words = {label.value: label.word for label in scale.labels}
    words |= {low_value: attribute.low_label} if attribute.low_label else {}
    words |= {high_value: attribute.high_label} if attribute.high_label else {}
    return replace(scale, labels=tuple(Label(value, words[value]) for value in sorted(words)))
