"""The scale of ratings (one for each attribute); the columns of a table that contain it.

**Conventions.** Each row of a table contains its scale, in the columns `scale_minimum`,
`scale_maximum` and `scale_step`; if the step is empty, any value between the ends is possible. If a
table has no columns for the scale, the scale is `SCALE`. Rules for all scales use fractions of the
range. The fraction 0.9, for example, is 90 on 0 to 100, and 4.6 on 1 to 5.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

COLUMNS = ("scale_minimum", "scale_maximum", "scale_step")
"""Columns of a table that define the scale of a row's rating."""

# decimal places of a share or value; later digits contain only rounding errors
_DIGITS = 9
_OFF_STEP = 1e-6  # tolerance for values between the steps of a scale, as a fraction of a step


@dataclass(frozen=True, slots=True)
class Scale:
    """A rating scale; values in points are in the unit of this scale.

    The module `db.records.scale` has a similar class for stored values. The classes for scales in
    the two modules are separate on purpose. The class in this module is for tables from any
    program, and refuses an impossible scale. The class in `db.records.scale` is for scales in study
    files. The class for study files only tests whether a value is on the scale, because errors are
    reported with the line of the file.

    Attributes
    ----------
    minimum, maximum
        Its ends.
    step
        Step between adjacent values; None: every value between the ends is possible.

    Raises
    ------
    ValueError
        The two ends of the scale are equal, or the distance between them is not a whole number of
        steps.
    """

    minimum: float = 0.0
    maximum: float = 100.0
    step: float | None = None

    def __post_init__(self) -> None:
        """Refuse a scale if its ends and its step contradict each other."""
        if not (math.isfinite(self.minimum) and math.isfinite(self.maximum)):
            raise ValueError("A scale needs two ends.")
        if self.minimum >= self.maximum:
            ends = f"{self.minimum:g} and {self.maximum:g}"
            raise ValueError(f"The lower end of a scale must be below the upper one, not {ends}.")
        if self.step is not None and not self._is_divided():
            raise ValueError(f"Steps of {self.step:g} do not lead exactly {self.ends_in_words}.")

    def _is_divided(self) -> bool:
        count = self.range / self.step if self.step and self.step > 0 else 0.0
        return count >= 1 and math.isclose(count, round(count), rel_tol=1e-9)

    @property
    def range(self) -> float:
        """Distance between the ends, in points."""
        return self.maximum - self.minimum

    @property
    def n_values(self) -> int | None:
        """Number of possible values; None if any value between the ends is possible."""
        return None if self.step is None else round(self.range / self.step) + 1

    @property
    def decimals(self) -> int:
        """Decimals of a mean: one on a scale of 0 to 100, two on 1 to 5, three on 0 to 1."""
        return min(6, max(1, 1 + round(2 - math.log10(self.range))))

    @property
    def ends_in_words(self) -> str:
        """Scale in words, for use in a sentence: "from 0 to 100"."""
        return f"from {number_text(self.minimum)} to {number_text(self.maximum)}"

    @property
    def in_words(self) -> str:
        """Ends and step of the scale in words, for example "1 to 5 in steps of 1"."""
        steps = "" if self.step is None else f" in steps of {self.step:g}"
        return self.ends_in_words.removeprefix("from ") + steps

    @property
    def option(self) -> str:
        """As `mixtrial report --scale` takes it."""
        return ":".join(f"{value:g}" for value in (self.minimum, self.maximum, self.step) if
                        value is not None)  # fmt: skip

    def share(self, value: float) -> float:
        """Position of a value between the ends: 0 at the lower end, 1 at the upper end."""
        return (value - self.minimum) / self.range

    def at(self, share: float) -> float:
        """Value that is above the lower end by a given fraction of the range.

        Examples
        --------
        >>> Scale(1, 5).at(0.9), Scale().at(0.9)
        (4.6, 90.0)
        """
        return round(self.minimum + share * self.range, _DIGITS)

    def points(self, share: float) -> float:
        """Distance in points that is a given fraction of the range.

        Examples
        --------
        >>> Scale(1, 5).points(0.05), Scale().points(0.05)
        (0.2, 5.0)
        """
        return round(share * self.range, _DIGITS)


SCALE = Scale()
"""The scale of a table that declares none."""

USUAL_SCALES = (
    Scale(0, 1), Scale(1, 5), Scale(1, 7), Scale(0, 10), Scale(1, 10), Scale(-3, 3),
)  # fmt: skip
"""Common rating scales with all values inside 0 to 100 or close to it."""


def number_text(value: float) -> str:
    """A number of a scale as text for a sentence, with a typographic minus sign."""
    return f"{value:g}".replace("-", "−")


def scale_from_text(text: str) -> Scale:
    """Scale as it is written on the command line: `1:5`, `1:5:1`, `-3:3`.

    Raises
    ------
    ValueError
        The text does not describe a scale, or the scale is not valid.
    """
    parts = text.split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) not in (2, 3):
        raise ValueError(f"{text} is not a scale; write it as 1:5, or with its step as 1:5:1.")
    return Scale(*numbers)


def likely_scales(ratings: pd.Series) -> tuple[Scale, ...]:
    """Usual scales on which all given ratings are possible; empty if there is none."""
    low, high = float(ratings.min()), float(ratings.max())
    return tuple(s for s in USUAL_SCALES if s.minimum <= low and high <= s.maximum)


def with_scale(table: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """Table in which every row has the given scale."""
    values = (scale.minimum, scale.maximum, math.nan if scale.step is None else scale.step)
    return table.assign(**dict(zip(COLUMNS, values, strict=True)))


def with_own_scales(table: pd.DataFrame) -> pd.DataFrame:
    """Table whose scale columns contain numbers; if all are empty, the columns are removed.

    If only some attributes have a scale, the scale of the others is `SCALE`.

    Raises
    ------
    ValueError
        An attribute has more than one scale, or an impossible scale.
    """
    if not set(COLUMNS[:2]) <= set(table.columns):
        return table.drop(columns=[name for name in COLUMNS if name in table])
    given = pd.DataFrame({name: _cells(table, name) for name in COLUMNS})
    if given.isna().all(axis=None):
        return table.drop(columns=[name for name in COLUMNS if name in table])
    code, names = pd.factorize(table["attribute"])
    of_first = _first_of_each(code, len(names))
    first = given.iloc[of_first]
    differs = ~_equal(given.to_numpy(), first.to_numpy()[code]).all(axis=1)
    if differs.any():
        twice = names[code[np.flatnonzero(differs)[0]]]
        raise ValueError(f"The attribute {twice} has more than one scale.{_parts(table)}.")
    scales = [_as_scale(str(name), row) for name, (_, row) in zip(names, first.iterrows(),
                                                                  strict=True)]  # fmt: skip
    ends = {
        name: np.array([getattr(scale, field) for scale in scales], dtype=float)[code]
        for name, field in zip(COLUMNS, ("minimum", "maximum", "step"), strict=True)
    }
    return table.assign(**ends)


def _first_of_each(code: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """For each of n codes, the position of the first row that has it."""
    first = np.empty(n, dtype=np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]
    return first


def _equal(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray((one == other) | (np.isnan(one) & np.isnan(other)))


def _parts(table: pd.DataFrame) -> str:
    """Advice for a table with several parts of a study; empty for other tables."""
    names = [str(name) for name in table["part"].unique()] if "part" in table else []
    if len(names) < 2:
        return ""
    return (
        f" The table has the parts {', '.join(names)}: take one of them (--part in mixtrial "
        "report, --only part=NAME in mixtrial import results)."
    )


def _cells(table: pd.DataFrame, name: str) -> pd.Series:
    """Column as numbers; NaN for empty cells."""
    if name not in table:
        return pd.Series(math.nan, index=table.index)
    if table[name].dtype == float:
        return table[name]
    text = table[name].astype(str).str.strip()
    try:
        return pd.to_numeric(text.where(~text.isin(["", "nan", "None"]))).astype(float)
    except ValueError:
        raise ValueError(f"The column {name} holds a value that is not a number.") from None


def _as_scale(attribute: str, row: pd.Series) -> Scale:
    minimum, maximum, step = (float(row[name]) for name in COLUMNS)
    if math.isnan(minimum) and math.isnan(maximum):
        return SCALE
    try:
        return Scale(minimum, maximum, None if math.isnan(step) else step)
    except ValueError as error:
        raise ValueError(f"The scale of {attribute} is not possible. {error}") from None


def off_scale(table: pd.DataFrame, ratings: pd.Series) -> tuple[int, str] | None:
    """The first row whose rating is not on the scale, and the error; None if all are valid."""
    minimum, maximum, step = _ends(table)
    outside = (ratings < minimum) | (ratings > maximum)
    count = (ratings - minimum) / step
    between = (count - count.round()).abs() > _OFF_STEP
    rows = np.flatnonzero((outside | between).to_numpy())
    if not len(rows):
        return None
    row = int(rows[0])
    scale, rating = scale_of(table.iloc[[row]]), f"the rating {ratings.iloc[row]:g}"
    if outside.iloc[row]:
        return row, f"{rating} lies outside the scale {scale.ends_in_words}"
    return row, f"{rating} lies between two values of the scale {scale.in_words}"


def scale_of(rows: pd.DataFrame) -> Scale:
    """Scale that all rows have in common, for example rows of one attribute of a table."""
    if rows.empty or not set(COLUMNS) <= set(rows.columns):
        return SCALE
    minimum, maximum, step = (float(rows[name].iloc[0]) for name in COLUMNS)
    return Scale(minimum, maximum, None if math.isnan(step) else step)


def scales_of(table: pd.DataFrame) -> dict[str, Scale]:
    """Scale of each attribute in a table that has passed the checks."""
    return {str(name): scale_of(rows) for name, rows in table.groupby("attribute", sort=True)}


def shares(rows: pd.DataFrame) -> pd.Series:
    """Ratings as fractions of the range: 0 at the lower end of the scale, 1 at the upper end."""
    minimum, maximum, _ = _ends(rows)
    return ((rows["rating"] - minimum) / (maximum - minimum)).round(_DIGITS)


def _ends(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    """For each row, the lower end, the upper end and the step of its scale (NaN without steps)."""
    usual = dict(zip(COLUMNS, (SCALE.minimum, SCALE.maximum, math.nan), strict=True))
    minimum, maximum, step = (
        rows[name].astype(float) if name in rows else pd.Series(value, index=rows.index)
        for name, value in usual.items()
    )
    return minimum, maximum, step


def on_one_scale(table: pd.DataFrame) -> tuple[pd.DataFrame, Scale]:
    """Ratings of all attributes on a common scale; this scale.

    If all attributes have the same scale, it is the common scale. If attributes have different
    scales, each rating is converted to per cent of its scale's range.
    """
    scales = set(scales_of(table).values())
    if len(scales) <= 1:
        return table, next(iter(scales), SCALE)
    rating = 100 * shares(table)
    return with_scale(table.assign(rating=rating), SCALE), SCALE
