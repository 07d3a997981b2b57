"""``by_participant`` and ``by_song``: one participant per row, for JASP, jamovi and SPSS.

Conventions
-----------
The name of a column consists of part (if there are several), attribute, system and song, joined by
underscores. :mod:`mixtrial.exports.variable_names` changes this name into a name that the programs
accept. Each column stands for certain ratings; a cell holds the mean of these ratings of one
participant. Repeats of a song are averaged first. A cell without ratings is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import product
from typing import NamedTuple

import pandas as pd

from mixtrial.exports.column_meanings import MEANINGS
from mixtrial.exports.table import Export, Meanings
from mixtrial.exports.variable_names import variable_names
from mixtrial.server.installation import Installation
from stimuli.study.study import Study

ABOUT = ("participant", "participant_kind", "group", "arm", "device", "finished")
"""Sentences about a participant before the ratings."""


class Cell(NamedTuple):
    """The ratings that one column stands for; ``song`` is empty for the mean of all songs."""

    part: str
    attribute: str
    system: str
    song: str


def cells_of(study: Study, by_song: bool) -> list[Cell]:
    """All possible cells of a study, in the study's order."""
    return [
        Cell(part.name, *each)
        for part in study.page_parts
        if part.has_ratings
        for each in product(part.attributes, part.rated, part.songs if by_song else ("",))
    ]


def columns_of(study: Study, by_song: bool) -> dict[Cell, str]:
    """Column name of each cell."""
    cells = cells_of(study, by_song)
    is_one_part = len({cell.part for cell in cells}) == 1
    told = [cell[1:] if is_one_part else cell for cell in cells]
    names = ["_".join(filter(None, each)) for each in told]
    return dict(zip(cells, variable_names(names, ABOUT), strict=True))


def layout(ratings: pd.DataFrame, installation: Installation, by_song: bool) -> pd.DataFrame:
    """Selected rows of the long table of ratings, converted to one row per participant."""
    keys = ["part", "attribute", "system", "song"]
    means = ratings.groupby(["participant", *keys], observed=True)["rating"].mean().reset_index()
    if not by_song:
        means = means.groupby(["participant", *keys[:3]])["rating"].mean().reset_index()
        means["song"] = ""
    cells = [Cell(*row) for row in means[keys].itertuples(index=False, name=None)]
    columns = _with_others(columns_of(installation.study, by_song), cells)
    long = means.assign(column=[columns[cell] for cell in cells])
    wide = long.pivot_table("rating", "participant", "column")
    wide = wide.reindex(columns=[name for name in columns.values() if name in wide])
    about = [name for name in ABOUT if name in ratings]
    people = ratings[about].drop_duplicates("participant")
    return people.merge(wide.reset_index().rename_axis(columns=None), on="participant")


def _with_others(columns: dict[Cell, str], cells: Iterable[Cell]) -> dict[Cell, str]:
    """Columns of the table; some can be for cells of an earlier version of the study file."""
    others = sorted(set(cells) - set(columns))
    names = ["_".join(filter(None, cell)) for cell in others]
    taken = (*ABOUT, *columns.values())
    return columns | dict(zip(others, variable_names(names, taken), strict=True))


def meanings(study: Study, columns: Iterable[str], by_song: bool) -> Meanings:
    """Unit and meaning of the columns of ratings."""
    found = {name: cell for cell, name in columns_of(study, by_song).items()}
    return {name: _meaning(found[name], study) for name in columns if name in found}


def _meaning(cell: Cell, study: Study) -> tuple[str, str]:
    of = f"song {cell.song}" if cell.song else "mean over songs"
    part = f", part {cell.part}" if cell.part else ""
    return MEANINGS["rating"][0], f"{cell.attribute} of {study.shown(cell.system)}{part}, {of}"


def has_ratings(study: Study) -> bool:
    """Whether a part of the study has ratings."""
    return any(part.has_ratings for part in study.page_parts)


def _export(title: str, remark: str, place: int, by_song: bool) -> Export:
    lay: Callable[[pd.DataFrame, Installation], pd.DataFrame] = partial(layout, by_song=by_song)
    return Export(
        title=title,
        remark=remark,
        place=place,
        rows=lambda installation: installation.store.ratings(installation.study.identifier),
        is_by_page=True,
        layout=lay,
        meanings=partial(meanings, by_song=by_song),
        is_offered=has_ratings,
    )


EXPORTS = {
    "by_participant": _export(
        "Ratings by participant", "one participant per row, for JASP, jamovi, SPSS", 82, False
    ),
    "by_song": _export(
        "Ratings by participant and song", "the same with a column for each song", 84, True
    ),
}
