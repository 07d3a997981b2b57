"""Another tool's file as a table with mixtrial's columns; nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from analysis.ratings.dialects.cells import NoTableError
from analysis.ratings.dialects.decimal_signs import is_missing
from analysis.ratings.dialects.long_table import known_name, with_decimal_points, with_known_names
from analysis.ratings.table import KNOWN_COLUMNS, RatingsError
from analysis.scale import COLUMNS, Scale
from analysis.trial_columns import HEARD, THIRD, TRIAL_COLUMNS
from mixtrial.imports.results.format import RATING_KEYS
from mixtrial.imports.results.options import ReadingOptions

ONE_ATTRIBUTE = "overall"
"""Attribute of a table that has none."""

OTHER_NAMES = {
    "participant": ("subject", "listener", "rater", "user", "userid", "session_uuid", "assessor",
                    "worker", "id", "name"),
    "song": ("item", "track", "trial", "trial_id", "excerpt", "sample", "page", "utterance",
             "file"),
    "system": ("condition", "method", "model", "codec", "version", "algorithm", "stimulus"),
    "rating": ("score", "mos", "value", "response", "answer", "vote", "grade"),
}  # fmt: skip
"""Names of our columns in other tables: suggested in a remedy, never used unless named."""

_NUMBER = r"[+\-−]?[\d.,]*\d[\d.,]*"
"""A number with either decimal sign."""


def is_of_trials(rows: pd.DataFrame) -> bool:
    """Whether each row is a choice between two systems, or an answer about their difference."""
    return {*HEARD} <= set(rows.columns) and not {"answer", "correct"}.isdisjoint(rows.columns)


def with_mapped_columns(rows: pd.DataFrame, given: Mapping[str, str], name: str) -> pd.DataFrame:
    """Rows in which the columns named by ``--map`` have the names that mixtrial uses.

    Raises
    ------
    RatingsError
        A column named in ``--map`` does not exist, two columns could be the same column of
        mixtrial, or two columns have the same name.
    """
    _refuse_same_names(rows, name)
    known = KNOWN_COLUMNS | {*TRIAL_COLUMNS, THIRD, "system_x", "correct"}
    theirs = {ours: _column(rows, asked, name) for ours, asked in given.items()}
    taken = {ours: rows[column] for ours, column in theirs.items()}
    rows = rows.drop(
        columns=[column for column in dict.fromkeys(theirs.values()) if column not in theirs]
    )
    rows = rows.assign(**taken)
    own = [str(column) for column in rows if column not in theirs]
    for ours in sorted(known):
        alike = [column for column in own if known_name(column, known) == ours]
        if len(alike) > 1 and ours not in theirs:
            raise RatingsError(
                f"{name}: The columns {' and '.join(alike)} could both be the {ours}; choose one, "
                f"such as --map {ours}={alike[0]}."
            )
    return with_known_names(rows, known)


def _refuse_same_names(rows: pd.DataFrame, name: str) -> None:
    """Refuse two columns with the same name, because no option could distinguish them."""
    columns = [str(column) for column in rows]
    twice = next((column for column in columns if columns.count(column) > 1), None)
    if twice is None:
        return
    places = [str(at) for at, column in enumerate(columns, 1) if column == twice]
    which = f"columns {', '.join(places[:-1])} and {places[-1]}"
    if not twice:
        raise RatingsError(f"{name}: Its {which} have no name; name or remove them in the table.")
    raise RatingsError(f"{name}: Its {which} have the same name {twice}; rename one in the table.")


def _column(rows: pd.DataFrame, asked: str, name: str) -> str:
    columns = [str(column) for column in rows]
    alike = [column for column in columns if column.casefold() == asked.casefold()]
    found = asked if asked in columns else alike[0] if len(alike) == 1 else None
    if found is None:
        raise RatingsError(f"--map: {name} has no column {asked} (found: {', '.join(columns)}).")
    return found


def unfolded(
    rows: pd.DataFrame, answers: Mapping[str, Mapping[str, str]], wide: str | None, name: str,
    words: Mapping[str, str],
) -> tuple[pd.DataFrame, tuple[str, ...]]:  # fmt: skip
    """One rating per row, and the columns that were used as ratings.

    Parameters
    ----------
    rows
        Rows with mixtrial's columns, as far as these columns are known.
    answers
        Columns of ratings, and the meaning of each column if the format gives it.
    wide
        What the names of the rating columns stand for, if the user says so: ``system``, or several
        words such as ``song_system``.
    name
        Name of the file.
    words
        Words of the scale, in lower case.

    Raises
    ------
    RatingsError
        No column holds ratings, or a column of ratings has a cell that is not a rating.
    """
    if wide is not None:
        answers = named_answers(rows, wide, name)
    if not answers:
        return rows, ()
    ratings = [column for column in answers if _holds_ratings(rows[column], words)]
    others = [column for column in answers if column not in ratings]
    if others and wide is not None:
        raise RatingsError(
            f"{name}: The column {others[0]} holds no numbers, so it is not a rating. Remove it "
            "from the file, or name it: --map group=" + others[0]
        )
    if not ratings:
        raise RatingsError(f"{name}: None of its columns holds ratings.")
    kept = rows.drop(columns=[column for column in answers if column in rows])
    long = pd.concat(
        [kept.assign(**answers[column], rating=rows[column]) for column in ratings]
    ).sort_index(kind="stable")
    shown = ", ".join(ratings[:8]) + (", …" if len(ratings) > 8 else "")
    found = _found(answers.values()) if wide is not None else ""
    return long, (f"{len(ratings)} columns hold ratings: {shown}{found}",)


def named_answers(rows: pd.DataFrame, wide: str, name: str) -> dict[str, dict[str, str]]:
    """The columns to which ``--wide`` applies, with the meaning of each column.

    Raises
    ------
    RatingsError
        ``--wide`` applies to no column, or the name of a column has more parts than ``wide``.
    """
    keys = wide.split("_")
    odd = next((key for key in keys if key not in ("participant", "song", "system", "attribute")),
               None)  # fmt: skip
    if odd is not None or len(set(keys)) < len(keys):
        raise RatingsError(
            f"--wide: {wide} must be system, song or attribute, or several of them such as "
            "song_system."
        )
    known = KNOWN_COLUMNS | {"time_s", "comment"}
    found = {}
    for column in (str(column) for column in rows if column not in known):
        pieces = column.split("_") if len(keys) > 1 else [column]
        if len(pieces) > len(keys):
            raise RatingsError(
                f"--wide {wide}: The column {column} of {name} has more parts between _ than "
                f"{wide}. Write - instead of _ within a part (my-model), and in columns without "
                "ratings."
            )
        if len(pieces) == len(keys):
            found[column] = dict(zip(keys, pieces, strict=True))
    if not found:
        raise RatingsError(f"--wide {wide}: {name} has no column with such a name.")
    return found


def _found(answers: Iterable[Mapping[str, str]]) -> str:
    """Values that occur in the names of the columns, each listed once.

    This list lets the user see whether a covariate was taken for a song by mistake.
    """
    values: dict[str, dict[str, None]] = {}
    for answer in answers:
        for key, value in answer.items():
            values.setdefault(key, {})[value] = None
    return "".join(f"; {key}s: {', '.join(found)}" for key, found in values.items())


def said_as_ratings(cells: pd.Series, words: Mapping[str, str]) -> tuple[pd.Series, pd.Series]:
    """Non-empty cells, and for each of them whether it is a number or a word of the scale.

    Parameters
    ----------
    cells
        Cells of one column, as text.
    words
        Words of the scale, in lower case.
    """
    said = cells[~is_missing(cells)].str.strip()
    return said, said.str.fullmatch(_NUMBER) | said.str.casefold().isin(list(words))


def _holds_ratings(cells: pd.Series, words: Mapping[str, str]) -> bool:
    said, is_rating = said_as_ratings(cells, words)
    return len(said) > 0 and bool(is_rating.all())


def words_for_ratings(rows: pd.DataFrame) -> pd.Series | None:
    """Ratings that words stand for; None if fewer than half of the non-empty cells are words."""
    if "rating" not in rows:
        return None
    said, is_rating = said_as_ratings(rows["rating"], {})
    words = said[~is_rating & said.str.fullmatch(r"[^\W\d_]{2}.*")]
    return words if 2 * len(words) >= len(said) > 0 else None


def with_values(rows: pd.DataFrame, options: ReadingOptions, scale: Scale | None,
                name: str, times: Sequence[str] = ()) -> pd.DataFrame:  # fmt: skip
    """Rows in which ratings and the given columns of times are written with a decimal point.

    Raises
    ------
    RatingsError
        The decimal sign of a number is not clear.
    """
    words = options.values_of_labels(scale)
    try:
        rows = with_decimal_points(rows, ("rating", *COLUMNS, *times), options.decimal)
    except NoTableError as error:
        raise RatingsError(f"{name}: {error}") from None
    if words and "rating" in rows:
        rows = rows.assign(rating=rows["rating"].map(lambda cell: words.get(cell.casefold(), cell)))
    return rows


def with_new_names(rows: pd.DataFrame, options: ReadingOptions, name: str) -> pd.DataFrame:
    """Rows in which values are renamed as the options say.

    Raises
    ------
    RatingsError
        A value that an option names does not occur in the table.
    """
    for (column, old), new in options.renamed.items():
        sides = [each for each in (column, f"{column}_a", f"{column}_b") if each in rows]
        if not any((rows[each].str.strip() == old).any() for each in sides):
            raise RatingsError(f"--rename: {name} has no {column or 'column'} {old}.")
        rows = rows.copy()
        for each in sides:
            rows[each] = rows[each].where(rows[each].str.strip() != old, new)
    return rows


def with_needed_columns(rows: pd.DataFrame, name: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows with all columns that are needed, and what was assumed about these columns.

    Raises
    ------
    RatingsError
        A column is missing; the error message has the option that names this column.
    """
    if is_of_trials(rows):
        return _with_part_and_question(rows)
    missing = [key for key in RATING_KEYS if key not in rows and key != "attribute"]
    if missing:
        raise RatingsError(missing_columns(rows, missing, name))
    if "attribute" in rows:
        return rows, ()
    return rows.assign(attribute=ONE_ATTRIBUTE), (
        f"it has no column attribute: all ratings are of {ONE_ATTRIBUTE}",
    )


def _with_part_and_question(rows: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Trials of a table without parts and questions; all trials get the same part and question."""
    told = f"it has no column attribute: all choices are of {ONE_ATTRIBUTE}"
    filled = {"part": "", "attribute": ONE_ATTRIBUTE}
    lacking = {key: cell for key, cell in filled.items() if key not in rows}
    return rows.assign(**lacking), ((told,) if "attribute" in lacking else ())


def missing_columns(rows: pd.DataFrame, missing: Sequence[str], name: str) -> str:
    """Sentence about columns that a table lacks; it has the option that names them."""
    columns = [str(column) for column in rows]
    own = {column.lower(): column for column in columns}
    taken = [next((own[name] for name in OTHER_NAMES.get(key, ()) if name in own), "COLUMN")
             for key in missing]  # fmt: skip
    told = ",".join(f"{key}={column}" for key, column in zip(missing, taken, strict=True))
    found = ", ".join(columns[:20]) + (", …" if len(columns) > 20 else "")
    others = ", or use --wide system if each system has a column, or --trials KIND for choices"
    wide = others if "rating" in missing else ""
    return (
        f"{name} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)} (found: "
        f"{found}); name them by --map {told}{wide}."
    )
