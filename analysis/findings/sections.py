"""Common parts of all findings: missing numbers, and sections that cannot be estimated.

**Conventions.** Every record is a frozen dataclass whose fields are the keys of `results.json`. A
number that does not exist is NaN in the record and `null` in the file. A field made by
:func:`absent` is left out of the file if it is None. A field made by :func:`computed` is also left
out of the file if it is None, but every complete analysis computes the field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, WithJsonSchema

T = TypeVar("T")


def _or_nan(value: object) -> object:
    return float("nan") if value is None else value


Number = Annotated[float, BeforeValidator(_or_nan), WithJsonSchema({"type": ["number", "null"]})]
"""A number; NaN if it does not exist."""

P = Annotated[
    float,
    BeforeValidator(_or_nan),
    WithJsonSchema({"type": ["number", "null"], "minimum": 0, "maximum": 1}),
]
"""A probability; NaN if it does not exist."""

Count = Annotated[int, Field(ge=0)]


def absent() -> Any:
    """Field of a record that is left out of the file if its value is None."""
    return field(default=None, metadata={"absent": True})


def computed() -> Any:
    """Field that every complete analysis has; it is None and has no key until it is computed."""
    return field(default=None, metadata={"absent": True, "computed": True})


@dataclass(frozen=True, slots=True)
class Section:
    """A computed section."""

    status: Literal["ok"] = field(default="ok", kw_only=True)


@dataclass(frozen=True, slots=True)
class NotEstimable:
    """Reason why a section or a row cannot be estimated; it is stored in place of the numbers."""

    why: str
    status: Literal["not estimable"] = field(default="not estimable", kw_only=True)


@dataclass(frozen=True, slots=True)
class PairNotEstimable(NotEstimable):
    """A pair without numbers; `n` participants rated both systems."""

    a: str = field(kw_only=True)
    b: str = field(kw_only=True)
    n: Count | None = field(default=None, kw_only=True, metadata={"absent": True})
    group: str | None = field(default=None, kw_only=True, metadata={"absent": True})


@dataclass(frozen=True, slots=True)
class Interval:
    """Limits of 95 %."""

    ci_low: Number
    ci_high: Number


@dataclass(frozen=True)
class Estimate:
    """A value with 95 % interval."""

    value: Number
    ci_low: Number
    ci_high: Number


@dataclass(frozen=True, slots=True)
class PairNames:
    """Two systems; a is before b in the alphabet."""

    a: str
    b: str


@dataclass(frozen=True, slots=True)
class TrialCounts:
    """Number of trials of a part, for one attribute."""

    part: str
    attribute: str
    n_trials: Count
    n_participants: Count
    n_songs: Count


def estimated(part: T | NotEstimable | None) -> T | None:
    """The section if it has numbers; otherwise None."""
    return None if isinstance(part, NotEstimable) else part


def rows_of(part: Sequence[T | NotEstimable] | NotEstimable | None) -> list[T]:
    """Rows of a list that have numbers; none if the list is missing or not estimable."""
    return [row for row in estimated(part) or () if not isinstance(row, NotEstimable)]
