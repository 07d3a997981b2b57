"""Tables of choices in other formats; ``--map`` and ``--trials`` say what the columns mean.

If a page has places, an order or a choice of the best, it is divided into pairs, which are stored
like mixtrial's own trials. For such a pair, nobody knows which of the two systems was played first.
The two systems of such a pair are therefore sorted by name; otherwise the pairs could show a false
order effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pandas as pd

from analysis.ratings.dialects.decimal_signs import is_missing, quoted
from analysis.ratings.dialects.long_table import ROW_NUMBERS
from analysis.ratings.table import RatingsError
from analysis.trial_columns import BEST, HEARD, PREFERENCE, RANKING
from mixtrial.imports.results.choices.pages import (
    Page,
    Values,
    kind_of_picks,
    pages_of,
    pairs_of,
    with_picks,
    with_places,
    without_unanswered,
)
from mixtrial.imports.results.choices.told_trials import Told, completed
from mixtrial.imports.results.columns import is_of_trials, missing_columns, named_answers
from mixtrial.imports.results.options import (
    LOSER,
    ORDER,
    PICKED,
    PLACE,
    WINNER,
    ReadingOptions,
)

_PAGE = ("participant", "part", "song", "attribute", "replicate", "page_index", "page_order")
"""Columns that tell pages apart, as far as a table has them."""
_CELL = "cell"
_SIGNS = (">", ";", "|", ",")
"""Text that may be between the systems of an order, the surest first."""
_UNKNOWN_ORDER = (
    "it does not say which system was heard first: pairs stand in the order of their names"
)


def as_trials(rows: pd.DataFrame, options: ReadingOptions, name: str) -> Told:
    """Rows in the form of mixtrial's trials, if the options say that they are choices.

    Parameters
    ----------
    rows
        Rows with mixtrial's columns, as far as these columns are known.
    options
        Options that describe the results file.
    name
        Name of the file.

    Raises
    ------
    RatingsError
        A row can be read in two ways, or it is not a choice; the error message names the option
        that settles this.
    """
    given = [key for key in _FORMS if key in options.columns]
    if len(given) > 1:
        raise RatingsError(f"--map: {name} has {' and '.join(given)}; name only one of them.")
    if (WINNER in options.columns) != (LOSER in options.columns):
        raise RatingsError(
            f"--map: Name both {WINNER}=COLUMN and {LOSER}=COLUMN. If two columns hold the systems "
            "and a third one the winner, use --map system_a=COLUMN,system_b=COLUMN,answer=COLUMN "
            f"--trials {PREFERENCE}."
        )
    if given:
        kinds, read = _FORMS[given[0]]
        _refuse_other_kind(options, kinds, given[0])
        return read(_with_song(rows, name, given[0]), options, name)
    if options.wide is not None and options.trials is not None:
        kinds = (RANKING, BEST, PREFERENCE)
        _refuse_other_kind(options, kinds, "--wide")
        return _wide(rows, options, name)
    if is_of_trials(rows):
        return completed(rows, options, name)
    if options.trials is not None:
        raise RatingsError(missing_columns(
            rows, [each for each in (*HEARD, "correct") if each not in rows], name
        ))  # fmt: skip
    return rows, ()


def _refuse_other_kind(options: ReadingOptions, kinds: Sequence[str], form: str) -> None:
    if options.trials is not None and options.trials not in kinds:
        raise RatingsError(
            f"--trials {options.trials}: {form} is only possible with {' or '.join(kinds)}."
        )


def _with_song(rows: pd.DataFrame, name: str, form: str) -> pd.DataFrame:
    needed = ["participant", "song", *(["system"] if form in (PLACE, PICKED) else [])]
    if missing := [each for each in needed if each not in rows]:
        raise RatingsError(missing_columns(rows, missing, name))
    return rows


def _of_places(rows: pd.DataFrame, options: ReadingOptions, name: str) -> Told:
    return _of_pages(_long_pages(rows, PLACE, name), options, RANKING)


def _of_picks(rows: pd.DataFrame, options: ReadingOptions, name: str) -> Told:
    pages = _long_pages(rows, PICKED, name)
    return _of_pages(pages, options, options.trials or kind_of_picks(pages))


def _long_pages(rows: pd.DataFrame, cell: str, name: str) -> list[Page]:
    return pages_of(rows, [key for key in _PAGE if key in rows], cell, name)


def _wide(rows: pd.DataFrame, options: ReadingOptions, name: str) -> Told:
    """Rows of a table with one column per system."""
    wide, kind = options.wide or "", options.trials or ""
    if "system" not in wide.split("_"):
        raise RatingsError(f"--wide {wide}: For choices use --wide system or --wide song_system.")
    answers = named_answers(rows, wide, name)
    kept = rows.drop(columns=list(answers))
    long = pd.concat(
        [kept.assign(**answer, **{_CELL: rows[column]}) for column, answer in answers.items()]
    ).sort_index(kind="stable")
    _with_song(long, name, PLACE)
    keys = [key for key in ("song", "attribute") if key in long]
    at = pd.Series(long.index, index=long.index)
    found, told = _of_pages(pages_of(long, keys, _CELL, name, [at]), options, kind)
    systems = dict.fromkeys(answer["system"] for answer in answers.values())
    return found, (f"columns of systems: {', '.join(systems)}", *told)


def _of_orders(rows: pd.DataFrame, options: ReadingOptions, name: str) -> Told:
    """Rows of a table in which a cell lists the systems, the best system first."""
    cells = rows[ORDER].str.strip()
    sign = next((each for each in _SIGNS if cells.str.contains(each, regex=False).any()), None)
    if sign is None:
        row, cell = next(iter(cells.items()))
        raise RatingsError(
            f"{name}, row {row}: {quoted(cell)} is not a ranking; write a>b>c, or separate the "
            "systems by ; or | or a comma."
        )
    pages = []
    for (row, cell), (_, others) in zip(cells.items(), rows.iterrows(), strict=True):
        listed = [each.strip() for each in cell.split(sign)] if cell else []
        where = f"{name}, row {row}"
        _refuse_odd_order(listed, cell, where)
        places = {system: str(at) for at, system in enumerate(listed, 1)}
        pages.append(Page(where, int(str(row)), _texts(others.drop(ORDER)), places))
    _refuse_parts_of_orders(pages)
    told = (f"its orders have {quoted(sign)} between systems",)
    found, assumed = _of_pages(pages, options, RANKING)
    return found, (*told, *assumed)


def _refuse_odd_order(listed: Sequence[str], cell: str, where: str) -> None:
    if any("=" in each or "~" in each for each in listed):
        raise RatingsError(
            f"{where}: {quoted(cell)} has a tie, which a ranking cannot have. Give each system its "
            "own place, or leave the row out."
        )
    if "" in listed or any("<" in each for each in listed) or len(listed) == 1:
        raise RatingsError(f"{where}: {quoted(cell)} is not a ranking of systems; write a>b>c.")
    twice = next((each for each in listed if listed.count(each) > 1), None)
    if twice is not None:
        raise RatingsError(f"{where}: {quoted(cell)} names {twice} twice; name each system once.")


def _refuse_parts_of_orders(pages: Sequence[Page]) -> None:
    """Refuse a ranking in which a system is missing that other rankings of the song have."""
    longest: dict[str, frozenset[str]] = {}
    for page in pages:
        song, systems = str(page.about["song"]), frozenset(page.cells)
        longest[song] = max(longest.get(song, frozenset()), systems, key=len)
    for page in pages:
        left_out = longest[str(page.about["song"])] - set(page.cells)
        if page.cells and left_out:
            raise RatingsError(
                f"{page.where}: The ranking lacks {', '.join(sorted(left_out))}, which other "
                "rankings have. Were these systems not on the page, or not ranked? Rank all "
                "systems, or write one row per system of the page and give its place: --map "
                "place=COLUMN."
            )


def _of_pages(pages: Sequence[Page], options: ReadingOptions, kind: str) -> Told:
    """Trials made from pages, with the assumptions that were made."""
    answered, n_unanswered = without_unanswered(pages)
    is_first_best = options.best != "last"
    values_of: Callable[[Page], Values] = (
        partial(with_places, is_first_best=is_first_best) if kind == RANKING else with_picks
    )
    pairs = [pair for page in answered for pair in pairs_of(page, kind, values_of)]
    end = "first" if is_first_best else "last"
    told = (
        *([f"the {end} place is the best"] if kind == RANKING else []),
        _UNKNOWN_ORDER,
        *([f"pages without any answer were left out: {n_unanswered}"] if n_unanswered else []),
    )
    if not pairs:
        raise RatingsError(f"{pages[0].where} and all other rows hold no choice.")
    return _with_repeats(_table(pairs), told, is_by_pair=kind == PREFERENCE)


def _texts(cells: pd.Series) -> dict[str, str]:
    return {str(key): str(value) for key, value in cells.items()}


def _table(pairs: Sequence[tuple[int, Mapping[str, str]]]) -> pd.DataFrame:
    index = pd.Index([row for row, _ in pairs], name=ROW_NUMBERS)
    return pd.DataFrame([dict(trial) for _, trial in pairs], index=index)


def _with_repeats(rows: pd.DataFrame, told: tuple[str, ...], is_by_pair: bool) -> Told:
    """Trials with numbered pages, if otherwise two trials of a song could not be distinguished.

    Parameters
    ----------
    rows
        One pair per row; all pairs of a page have the same page number.
    told
        Assumptions that were made so far.
    is_by_pair
        Whether each page asks about only one pair; if so, two pages of a song are repeats only if
        they have the same pair.
    """
    if "replicate" in rows or "page_index" in rows:
        return rows, told
    keys = [key for key in _PAGE if key in rows and key != "page_order"]
    pages = [*keys, *(HEARD if is_by_pair else ())]
    seen: dict[tuple[str, ...], dict[int, int]] = {}
    repeats = []
    for row, key in zip(rows.index, rows[pages].itertuples(index=False, name=None), strict=True):
        of_song = seen.setdefault(tuple(key), {})
        repeats.append(of_song.setdefault(int(row), len(of_song)))
    if not any(repeats):
        return rows, told
    again = "pages of a song that come again are repeats, in the order of the file"
    return rows.assign(replicate=[str(each) for each in repeats]), (*told, again)


def _won(rows: pd.DataFrame, _options: ReadingOptions, name: str) -> Told:
    """Rows of a table with one column for the winner and one for the loser."""
    pairs = []
    for row, cells in rows.iterrows():
        winner, loser = (str(cells[each]).strip() for each in (WINNER, LOSER))
        if is_missing(pd.Series([winner, loser])).any() or winner == loser:
            raise RatingsError(
                f"{name}, row {row}: {WINNER} and {LOSER} must be two systems. For no preference, "
                "write the answer tie: --map system_a=COLUMN,system_b=COLUMN,answer=COLUMN "
                f"--trials {PREFERENCE}."
            )
        a, b = sorted((winner, loser))
        trial = {
            **_texts(cells.drop([WINNER, LOSER])),
            "trial_kind": PREFERENCE,
            "system_a": a,
            "system_b": b,
            "answer": "a" if winner == a else "b",
        }
        pairs.append((int(str(row)), trial))
    return _with_repeats(_table(pairs), (_UNKNOWN_ORDER,), is_by_pair=True)


_FORMS: Mapping[
    str, tuple[tuple[str, ...], Callable[[pd.DataFrame, ReadingOptions, str], Told]]
] = {
    PLACE: ((RANKING,), _of_places),
    ORDER: ((RANKING,), _of_orders),
    PICKED: ((PREFERENCE, BEST), _of_picks),
    WINNER: ((PREFERENCE,), _won),
}
"""Kinds of trials that a form can hold, and how it is read, by the column that names it."""
