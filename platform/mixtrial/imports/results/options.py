"""Options that describe a results file: names of columns, values, decimal sign, words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

import pandas as pd

from analysis.ratings.dialects.decimal_signs import DecimalSign
from analysis.ratings.table import KNOWN_COLUMNS, RatingsError
from analysis.scale import Scale, number_text
from analysis.trial_columns import KINDS, THIRD, TRIAL_COLUMNS

BestEnd = Literal["first", "last"]
"""Place of the best in an order."""

PLACE, ORDER, PICKED, WINNER, LOSER = "place", "order", "picked", "winner", "loser"
"""Columns of choices in a form that is not ours: where a system stands, all of them in their order,
whether it was picked, and which of two was preferred."""

MAPPED = (
    *sorted(
        KNOWN_COLUMNS
        | {*TRIAL_COLUMNS, THIRD, "system_x", "correct", "time_s"}
        | {PLACE, ORDER, PICKED, WINNER, LOSER}
    ),
)
"""Columns that another column may be taken for: ours, and those of choices in another form."""


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """Options for reading a table from another source.

    Attributes
    ----------
    columns
        Columns of mixtrial, each with its name in the file.
    wide
        What the names of the rating columns stand for (such as ``system``), if each row has several
        ratings.
    decimal
        Decimal sign of the numbers; None if it can be seen from the numbers.
    labels
        Words of the scale from its lower end to its upper end, if ratings are words.
    renamed
        New names of values: for each column, the old name and the new name.
    only, without
        For each column, the values whose rows are kept, and the values whose rows are left out.
    best
        Whether the best system is first or last in a ranking, if the file does not say so.
    trials
        Kind of the trials, for a table that does not state it.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    wide: str | None = None
    decimal: DecimalSign | None = None
    labels: tuple[str, ...] = ()
    renamed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    without: Mapping[str, frozenset[str]] = field(default_factory=dict)
    best: BestEnd | None = None
    trials: str | None = None

    @property
    def as_written(self) -> tuple[str, ...]:
        """The given options in command-line form."""
        given: dict[str, Sequence[str | None]] = {
            "--map": [",".join(f"{ours}={theirs}" for ours, theirs in self.columns.items())],
            "--wide": [self.wide],
            "--decimal": [self.decimal],
            "--labels": [",".join(self.labels)],
            "--rename": [f"{column}.{old}={new}" for (column, old), new in self.renamed.items()],
            "--only": _as_pairs(self.only),
            "--without": _as_pairs(self.without),
            "--best": [self.best],
            "--trials": [self.trials],
        }
        return tuple(
            f"{option} {text}" for option, texts in given.items() for text in texts if text
        )

    def offered_by(self, rows: pd.DataFrame) -> dict[str, frozenset[str]]:
        """Values in the columns by which rows are kept or left out."""
        columns = [column for column in {**self.only, **self.without} if column in rows]
        return {column: frozenset(rows[column].str.strip()) for column in columns}

    def chosen(
        self, rows: pd.DataFrame, name: str
    ) -> tuple[pd.DataFrame, tuple[tuple[int, str], ...]]:
        """Rows that are kept; numbers of all other rows, with the option that left them out.

        Raises
        ------
        RatingsError
            The table lacks a column that an option names.
        """
        left_out: list[tuple[int, str]] = []
        for option, chosen in (("--only", self.only), ("--without", self.without)):
            for column, values in chosen.items():
                if column not in rows:
                    raise RatingsError(f"{option}: {name} has no column {column}.")
                kept = rows[column].str.strip().isin(values) == (option == "--only")
                said = f"{option} {' '.join(_as_pairs({column: values}))}"
                left_out += _gone(rows.index, rows.index[~kept], said)
                rows = rows[kept]
        return rows, tuple(left_out)

    def with_best_end(self, rows: pd.DataFrame, name: str) -> pd.DataFrame:
        """Trials from rankings; the answer is the better system, not the later system.

        Raises
        ------
        RatingsError
            The caller did not say whether the best system comes first or last in a ranking.
        """
        if self.best is None:
            raise RatingsError(
                f"{name} holds rankings, but does not say at which end the best is; use --best "
                "first (at the left) or --best last (at the right)."
            )
        if self.best == "last":
            return rows
        return rows.assign(answer=rows["answer"].map({"a": "b", "b": "a"}))

    def values_of_labels(self, scale: Scale | None) -> dict[str, str]:
        """The number of each word, in lower case; empty if no words were given.

        Raises
        ------
        RatingsError
            The number of values of the scale differs from the number of words.
        """
        if not self.labels:
            return {}
        if scale is None or scale.n_values != len(self.labels):
            n = len(self.labels)
            raise RatingsError(
                f"--labels has {n} words; also give a scale of {n} values, such as --scale 1:{n}:1."
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
    best: BestEnd | None = None,
    trials: str | None = None,
) -> ReadingOptions:
    """Options as the user writes them on the command line.

    Parameters
    ----------
    columns
        Text such as ``participant=subject,rating=score``.
    wide
        ``system``, or several columns of mixtrial in the order of the parts of a column name:
        ``song_system``.
    decimal
        As in `ReadingOptions`.
    labels
        Text such as ``Bad,Poor,Fair,Good,Excellent``.
    renamed
        Texts such as ``system.CNN=cnn``.
    only, without
        ``song=training`` each.
    best, trials
        As in `ReadingOptions`.

    Raises
    ------
    RatingsError
        A text does not have the required form, a word occurs twice, or the kind of trials does not
        exist.
    """
    if trials is not None and trials not in KINDS:
        raise RatingsError(f"--trials: There is no kind {trials}; choose {', '.join(KINDS)}.")
    given = dict(_pair("--map", text) for text in (columns or "").split(",") if text.strip())
    for ours in given:
        if ours not in MAPPED:
            raise RatingsError(f"--map: There is no column {ours}; choose {', '.join(MAPPED)}.")
    names: dict[tuple[str, str], str] = {}
    for text in renamed:
        place, new = _pair("--rename", text)
        column, _, old = place.partition(".")
        names[column, old] = new
    words = tuple(word.strip() for word in (labels or "").split(",") if word.strip())
    small = [word.casefold() for word in words]
    if twice := [word for word in words if small.count(word.casefold()) > 1]:
        raise RatingsError(f"--labels has the word {twice[0]} twice; use a word only once.")
    return ReadingOptions(
        given, wide, decimal, words, names, _sets("--only", only), _sets("--without", without),
        best, trials,
    )  # fmt: skip


def refuse_unknown_values(
    options: ReadingOptions, offered: Sequence[Mapping[str, frozenset[str]]]
) -> None:
    """Refuse a value of ``--only`` or ``--without`` that no file has; a typo would go unnoticed.

    Parameters
    ----------
    options
        Options as the user gave them.
    offered
        Results of `ReadingOptions.offered_by` for each file.

    Raises
    ------
    RatingsError
        No file has the value; the error message names the most similar value.
    """
    for option, chosen in (("--only", options.only), ("--without", options.without)):
        for column, values in chosen.items():
            there = sorted(frozenset().union(*(each.get(column, ()) for each in offered)) - {""})
            odd = min(values - set(there), default=None)
            if odd is not None:
                listed = ", ".join(there[:20]) + (", …" if len(there) > 20 else "")
                raise RatingsError(
                    f"{option}: No {column} is called {odd}{_nearest(odd, there)} (found: "
                    f"{listed})."
                )


def _nearest(asked: str, there: Sequence[str]) -> str:
    by_letters = {value.casefold(): value for value in there}
    near = get_close_matches(asked.casefold(), by_letters, n=1)
    return f"; the nearest is {by_letters[near[0]]}" if near else ""


def _gone(rows: pd.Index, gone: pd.Index, said: str) -> list[tuple[int, str]]:
    """Numbers of the rows that lose some or all of their ratings, each with the reason."""
    had, lost = Counter(map(int, rows)), Counter(map(int, gone))
    return [
        (row, said if n == had[row] else f"{n} of its {had[row]} ratings, {said}")
        for row, n in sorted(lost.items())
    ]


def _as_pairs(chosen: Mapping[str, frozenset[str]]) -> list[str]:
    return [f"{column}={value}" for column, values in chosen.items() for value in sorted(values)]


def _sets(option: str, texts: Iterable[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for text in texts:
        column, value = _pair(option, text)
        found.setdefault(column, set()).add(value)
    return {column: frozenset(values) for column, values in found.items()}


def _pair(option: str, text: str) -> tuple[str, str]:
    left, sign, right = (part.strip() for part in text.partition("="))
    if not (left and sign and right):
        raise RatingsError(f"{option}: {text} is not of the form NAME=NAME.")
    return left, right
