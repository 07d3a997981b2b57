"""Style of all figures: colours, symbols, order, the rating axis, and the background.

Conventions
-----------
Ratings run along the scale of their attribute. In every figure, systems, groups and songs have the
order of the :class:`Look`, never the order of their scores. Because the order of systems, groups
and songs is constant, readers can compare figures easily. Each system has its own colour **and**
its own symbol. References and anchors are grey.

References
----------
.. [1] Okabe, M., & Ito, K. (2008). Color universal design. https://jfly.uni-koeln.de/color/
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student_t

from analysis.figures.drawing import Drawing
from analysis.scale import SCALE, Scale, scales_of
from analysis.wording import SONGS_AND_MIXES, Wording

SCALE_LABELS = ("Bad", "Poor", "Fair", "Good", "Excellent")
FONT = "Inter, 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"
INK = "#1c2530"
MUTED = "#5b6673"
GRID = "#e3e7ec"
WIDTH_PX = 900
COLUMN_WIDTH_PX = 400
"""Width at which the smallest letters (10 px) have 6 points in a journal's column of 85 mm."""

# Eight colours of Okabe and Ito, without black, which is used for text; yellow is last because it
# is hard to see on white.
BLUE, ORANGE, GREEN, PINK = "#0072B2", "#E69F00", "#009E73", "#CC79A7"
VERMILION, SKY, OLIVE = "#D55E00", "#56B4E9", "#B8A800"
COLOURS = (BLUE, ORANGE, GREEN, PINK, VERMILION, SKY, OLIVE)
_GROUP_COLOURS = (VERMILION, "#2f8fc4", "#7d7200", "#8f3f6e", "#00765a")
# Because there are eight symbols but only seven colours, two systems of the same colour have
# different symbols.
SYMBOLS = (
    "circle", "square", "triangle-up", "cross", "star", "pentagon", "triangle-down", "hexagon",
)  # fmt: skip
_GREYS = ("#6f7782", "#a3abb5", "#8d959f")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_MARKS = re.compile(r"(^|[_\s-])(hidden[_\s-]?)?(reference|anchor)([_\s-]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Look:
    """Order and wording that are the same in all figures of a report.

    Parameters
    ----------
    systems, groups, songs
        Names of the systems in the order in which they are drawn.
    scale_labels
        Words of the rating scale, from the lowest to the highest; empty if participants saw no
        words.
    are_intervals
        Whether each word names a range of values, as in BS.1534-3. The word is then in the middle
        of its range. False: the words name points of the scale, from one end to the other. None:
        words name ranges only if they are the words of BS.1534-3.
    labels
        Words that readers see in place of the names of groups and attributes. A name without an
        entry is shown unchanged.
    marks
        Systems that are a reference or an anchor; their names need not show this.
    apart
        Reference and anchors that are shown but not compared; they come last in figures.
    scales
        Scale of each attribute; an attribute without an entry has the scale from 0 to 100.
    wording
        Words for songs and mixes.
    own_labels
        Words of the scale, for attributes that have their own scale.
    """

    systems: tuple[str, ...]
    groups: tuple[str, ...] = ()
    songs: tuple[str, ...] = ()
    scale_labels: tuple[str, ...] = SCALE_LABELS
    labels: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    are_intervals: bool | None = None
    scales: Mapping[str, Scale] = field(default_factory=dict)
    wording: Wording = SONGS_AND_MIXES
    own_labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def compared(self) -> tuple[str, ...]:
        """Systems that the tests and models compare."""
        return tuple(system for system in self.systems if system not in self.apart)

    def with_apart(self, apart: Sequence[str]) -> Look:
        """Return the look in which the given systems come last, because they are not compared."""
        last = tuple(system for system in self.systems if system in apart)
        first = tuple(system for system in self.systems if system not in apart)
        return replace(self, systems=first + last, apart=last)

    def of(self, attribute: str) -> Look:
        """Return the look for the figures of one attribute, with the words of its scale."""
        words = self.own_labels.get(attribute)
        return self if words is None else replace(self, scale_labels=words, are_intervals=False)

    def scale(self, attribute: str) -> Scale:
        """Return the scale on which an attribute was rated."""
        return self.scales.get(attribute, SCALE)

    def is_mark(self, system: str) -> bool:
        """Return whether a system is a reference or an anchor."""
        return system in self.marks or is_mark(system)

    def label(self, name: str) -> str:
        """Return the words that readers see for a name."""
        return self.labels.get(name, name)

    def colour(self, system: str) -> str:
        """Return the system's colour, grey for a reference or an anchor."""
        marks = [name for name in self.systems if self.is_mark(name)]
        if system in marks:
            return _GREYS[marks.index(system) % len(_GREYS)]
        others = [name for name in self.systems if name not in marks]
        return COLOURS[others.index(system) % len(COLOURS)]

    def symbol(self, system: str) -> str:
        """Return the marker of the system, by which readers recognise the system without colour."""
        return SYMBOLS[self.systems.index(system) % len(SYMBOLS)]

    def group_colour(self, group: str) -> str:
        """Return the colour of a listener group; the first systems have other colours."""
        return _GROUP_COLOURS[self.groups.index(group) % len(_GROUP_COLOURS)]

    def group_symbol(self, group: str) -> str:
        """Return the marker of a listener group in figures."""
        return SYMBOLS[self.groups.index(group) % len(SYMBOLS)]

    def group_dash(self, group: str) -> str:
        """Return the line style of a listener group."""
        return _DASHES[self.groups.index(group) % len(_DASHES)]


def is_mark(system: str) -> bool:
    """Return whether a system's name is the name of a reference or an anchor."""
    return _MARKS.search(system) is not None


def look_of(
    ratings: pd.DataFrame,
    systems: Sequence[str] = (),
    groups: Sequence[str] = (),
    scale_labels: Sequence[str] = SCALE_LABELS,
    labels: Mapping[str, str] | None = None,
    marks: Sequence[str] = (),
    are_intervals: bool | None = None,
    own_labels: Mapping[str, tuple[str, ...]] | None = None,
) -> Look:
    """Order of names in a table of ratings: the given names, then the others in sorted order."""
    return Look(
        systems=ordered(ratings["system"], systems),
        groups=ordered(ratings["group"], groups) if "group" in ratings else (),
        songs=ordered(ratings["song"]),
        scale_labels=tuple(scale_labels),
        labels=dict(labels or {}),
        marks=tuple(marks),
        are_intervals=are_intervals,
        scales=scales_of(ratings) if "attribute" in ratings else {},
        own_labels=dict(own_labels or {}),
    )


def ordered(names: Iterable[object], given: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the names without repetitions: those in ``given`` first, then the others, sorted."""
    column = names if isinstance(names, pd.Series) else pd.Series(list(names), dtype=object)
    present = {str(name) for name in column.dropna().unique()}
    first = tuple(name for name in dict.fromkeys(given) if name in present)
    return first + tuple(sorted(present.difference(first), key=_natural))


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort key by which numbers in names are in numerical order: ``song2`` before ``song10``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def participant_means(ratings: pd.DataFrame, attribute: str) -> pd.DataFrame:
    """Mean rating of each participant for each system over all songs, with the column group.

    Each participant has one mean per system, even if participants rated different numbers of songs.
    Each song has the same weight, even if it was rated several times.
    """
    rows = ratings[ratings["attribute"] == attribute].dropna(subset=["rating"])
    keys = ["participant", "group", "system"] if "group" in rows else ["participant", "system"]
    how: dict[str, Any] = {"sort": True, "observed": True, "dropna": False}
    songs = rows.groupby([*keys, "song"], **how)["rating"].mean()
    return songs.groupby(keys, **how).mean().reset_index()


def mean_interval(values: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Mean, and half the width of its t interval; the half width is NaN for a single value."""
    n = len(values)
    if n < 2:
        return (float(values[0]) if n else float("nan")), float("nan")
    error = float(np.std(values, ddof=1)) / np.sqrt(n)
    return float(np.mean(values)), float(student_t.ppf(0.5 + level / 2, n - 1) * error)


def jitter(count: int, width: float) -> np.ndarray:
    """Offsets within ±``width``; they look random, but every call gives the same offsets.

    The offsets are multiples of the golden ratio, modulo one. Multiples of the golden ratio are
    evenly spread, and they need no random generator.
    """
    places: np.ndarray = np.mod(np.arange(1, count + 1) * 0.618034, 1.0)
    return width * (2 * places - 1)


def paper(figure: Drawing, height_px: int) -> None:
    """Give the figure the report's layout: font, white background, thin grid, margins."""
    figure.update_layout(
        template="none",
        width=None,
        height=height_px,
        autosize=True,
        font={"family": FONT, "size": 13, "color": INK},
        paper_bgcolor="white",
        plot_bgcolor="white",
        margin={"l": 84, "r": 24, "t": 36, "b": 56},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 12}},
        hoverlabel={"font": {"family": FONT, "size": 12}, "bgcolor": "white"},
        dragmode=False,
    )
    title = {"font": {"size": 12, "color": MUTED}}
    figure.update_xaxes(
        showgrid=False, zeroline=False, linecolor=GRID, ticks="", fixedrange=True, automargin=True,
        title=title,
    )  # fmt: skip
    figure.update_yaxes(
        gridcolor=GRID, zeroline=False, linecolor=GRID, ticks="", fixedrange=True, automargin=True,
        title=title,
    )  # fmt: skip


def set_apart(figure: Drawing, look: Look) -> None:
    """Draw a line on the x axes that separates the compared systems from all other systems."""
    if look.apart:
        place = len(look.compared) - 0.5
        for row, col in figure.axes:
            figure.add_vline(place, {"color": MUTED, "width": 1, "dash": "dot"}, row, col)


def plain(text: str) -> str:
    """Return a name without markup and line breaks, so that plotly shows it unchanged."""
    cleaned = " ".join(str(text).split())
    return cleaned.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def short(text: str, length: int = 22) -> str:
    """Return a name for an axis, shortened with an ellipsis if it is longer than ``length``."""
    return plain(text if len(text) <= length else text[: length - 1] + "…")


def wrapped(text: str, length: int, n_lines: int = 3) -> str:
    """Return a name for an axis, wrapped into lines of about ``length`` characters."""
    lines = textwrap.wrap(text, max(6, length), break_on_hyphens=True) or [""]
    if len(lines) > n_lines:
        lines = [*lines[: n_lines - 1], short(" ".join(lines[n_lines - 1 :]), max(6, length))]
    return "<br>".join(plain(line) for line in lines)


def faint(colour: str, alpha: float) -> str:
    """Return a hexadecimal colour with an opacity."""
    red, green, blue = (int(colour[index : index + 2], 16) for index in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"
