"""Several results files as one table, and the scale of its ratings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from analysis.ratings.names import refuse_names_that_look_alike
from analysis.ratings.table import RatingsError, check_ratings
from analysis.scale import COLUMNS, SCALE, Scale, likely_scales, with_scale
from analysis.trials import check_trials
from mixtrial.imports.results.columns import is_of_trials
from mixtrial.imports.results.reading import Imported


def as_one_table(imported: Sequence[Imported], scale: Scale | None) -> pd.DataFrame:
    """Checked rows of all results files.

    Parameters
    ----------
    imported
        Content of each file.
    scale
        Scale for ratings from files that state no scale.

    Raises
    ------
    RatingsError
        A file is given twice, some files hold ratings and others choices, the scale of a file is
        not known, or the files cannot be analysed together as one table.
    """
    seen: dict[str, str] = {}
    for each in imported:
        if each.sha256 in seen:
            raise RatingsError(f"{seen[each.sha256]} and {each.name} are the same file.")
        seen[each.sha256] = each.name
    kinds = {is_of_trials(each.rows) for each in imported}
    if len(kinds) > 1:
        raise RatingsError(
            "Some of the files hold ratings and others choices; import them separately."
        )
    if kinds == {True}:
        rows = pd.concat(_with_people_apart(imported)).fillna("")
        refuse_names_that_look_alike(rows)
        check_trials(rows)
        return rows.reset_index(drop=True)
    tables = zip(_with_people_apart(imported), imported, strict=True)
    parts = [on_its_scale(rows, scale, each.name)[0] for rows, each in tables]
    rows = pd.concat(parts) if len(parts) > 1 else parts[0]
    others = [str(name) for name in rows if name not in COLUMNS]
    rows = rows.fillna(dict.fromkeys(others, ""))
    refuse_names_that_look_alike(rows)
    return check_ratings(rows)


def _with_people_apart(imported: Sequence[Imported]) -> list[pd.DataFrame]:
    """Rows of each results file.

    If an invented participant name also occurs in another file, it gets the digest of its file as
    an addition.
    """
    people = [set(each.rows["participant"]) for each in imported]
    n_files = Counter(name for each in people for name in each)
    return [
        each.rows.assign(participant=each.rows["participant"] + f"-{each.sha256[:8]}")
        if each.names_made_up and any(n_files[name] > 1 for name in names)
        else each.rows
        for each, names in zip(imported, people, strict=True)
    ]


def on_its_scale(rows: pd.DataFrame, given: Scale | None, name: str) -> tuple[pd.DataFrame, bool]:
    """Rows, and whether their scale is from 0 to 100. Any other scale is added to the rows.

    Parameters
    ----------
    rows
        Cells as text.
    given
        The scale that the user named.
    name
        Name of the file.

    Raises
    ------
    RatingsError
        The table and the user state different scales; or neither of them states a scale, and the
        ratings do not show it.
    """
    said = [rows[column] for column in COLUMNS if column in rows]
    says = any((column != "").any() for column in said)
    if says and given is not None and not _is_said(said, given):
        raise RatingsError(f"{name} states its scale itself; leave --scale out.")
    if says:
        return rows, _is_said(said, SCALE)
    if given is not None:
        return (rows, True) if given == SCALE else (with_scale(rows, given), False)
    _refuse_unclear(pd.to_numeric(rows.get("rating", pd.Series(dtype=str)), errors="coerce"), name)
    return rows, True


def _is_said(said: Sequence[pd.Series], scale: Scale) -> bool:
    """Whether the columns of a table state the given scale and no other."""
    wanted = dict(zip(COLUMNS, (scale.minimum, scale.maximum, scale.step), strict=True))
    numbers = [pd.to_numeric(cells, errors="coerce").dropna() for cells in said]
    return all(set(cells) <= {wanted[str(cells.name)]} for cells in numbers)


def _refuse_unclear(ratings: pd.Series, name: str) -> None:
    outside = ratings[(ratings < SCALE.minimum) | (ratings > SCALE.maximum)]
    if len(outside):
        raise RatingsError(
            f"{name}, row {outside.index[0]}: The rating {outside.iloc[0]:g} is outside the scale "
            f"{SCALE.ends_in_words}. If all ratings have another scale, give its ends, such as "
            "--scale 0:200."
        )
    if likely := likely_scales(ratings):
        ends = f"{ratings.min():g} and {ratings.max():g}"
        options = ", ".join(f"--scale {scale.option}" for scale in likely)
        raise RatingsError(
            f"{name} does not state the scale of its ratings. All its ratings are between {ends}, "
            f"so several scales are possible. Give the scale, such as {options} (or "
            f"{likely[0].option}:1 with a step of 1), or --scale {SCALE.option} if 100 is the "
            "maximum."
        )
