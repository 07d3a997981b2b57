"""What is said of a file besides the file: names of columns, values, decimal sign, words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from analysis.ratings.dialects.decimal_signs import DecimalSign
from analysis.ratings.table import KNOWN_COLUMNS, RatingsError
from analysis.scale import Scale, number_text
from analysis.trials import TRIAL_COLUMNS

MAPPED = (*sorted(KNOWN_COLUMNS | {*TRIAL_COLUMNS, "correct", "time_s"}),)
"""Columns of ours that another column may be taken for."""


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How a table of another make is to be read.

    Attributes
    ----------
    columns
        Our columns, and the name that each has in the file.
    wide
        What the further columns stand for where a row has many ratings, such as ``system``.
    decimal
        Sign before decimals; None: the numbers tell.
    labels
        Words of the scale from its lower end up, where ratings are words.
    renamed
        New names of values, by column and old name.
    only, without
        Values that are kept, and left out, by column.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    wide: str | None = None
    decimal: DecimalSign | None = None
    labels: tuple[str, ...] = ()
    renamed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    without: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def values_of_labels(self, scale: Scale | None) -> dict[str, str]:
        """The number of each word, in small letters; none where no words were given.

        Raises
        ------
        RatingsError
            The scale has not one value a word.
        """
        if not self.labels:
            return {}
        if scale is None or scale.n_values != len(self.labels):
            n = len(self.labels)
            raise RatingsError(
                f"--labels has {n} words; give a scale of {n} values with them, such as "
                f"--scale 1:{n}:1"
            )
        step = scale.step or 0.0
        return {
            word.casefold(): number_text(scale.minimum + at * step).replace("−", "-")
            for at, word in enumerate(self.labels)
        }


def reading_options(
    columns: str | None = None,
    wide: str | None = None,
    decimal: DecimalSign | None = None,
    labels: str | None = None,
    renamed: Iterable[str] = (),
    only: Iterable[str] = (),
    without: Iterable[str] = (),
) -> ReadingOptions:
    """Options as they are written on a command line.

    Parameters
    ----------
    columns
        ``participant=subject,rating=score``.
    wide
        ``system``, or several of ours as the names of the columns have them: ``song_system``.
    decimal
        As in `ReadingOptions`.
    labels
        ``Bad,Poor,Fair,Good,Excellent``.
    renamed
        ``system.CNN=cnn`` each.
    only, without
        ``song=training`` each.

    Raises
    ------
    RatingsError
        One of them is not written so.
    """
    given = dict(_pair("--map", text) for text in (columns or "").split(",") if text.strip())
    for ours in given:
        if ours not in MAPPED:
            raise RatingsError(f"--map: there is no column {ours}; there are {', '.join(MAPPED)}")
    names: dict[tuple[str, str], str] = {}
    for text in renamed:
        place, new = _pair("--rename", text)
        column, _, old = place.partition(".")
        names[column, old] = new
    words = tuple(word.strip() for word in (labels or "").split(",") if word.strip())
    return ReadingOptions(
        given, wide, decimal, words, names, _sets("--only", only), _sets("--without", without)
    )


def _sets(option: str, texts: Iterable[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for text in texts:
        column, value = _pair(option, text)
        found.setdefault(column, set()).add(value)
    return {column: frozenset(values) for column, values in found.items()}


def _pair(option: str, text: str) -> tuple[str, str]:
    left, sign, right = (part.strip() for part in text.partition("="))
    if not (left and sign and right):
        raise RatingsError(f"{option}: {text} is not of the form NAME=NAME")
    return left, right
