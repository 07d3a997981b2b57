"""The proof of balance: counts of everything that should occur equally often.

Conventions
-----------
A table of slots has one row for each stimulus of a rated page. The columns are ``participant``,
``group``, ``song``, ``replicate``, ``page_index``, ``system``, ``position`` (from 1), and, if the
study has parts, ``part`` and ``role``. The table of balance has one row per criterion. The table of
balance names no system, so that it can be read while a study is blind. Each part of a study is
counted separately; the name of the part is written before the criterion. For pages with pairs, the
table counts how often each pair occurs, in each order of its two mixes, and with each mix as X. For
pages with single mixes, the table counts the orders of the mixes. The count does not depend on the
way in which the plans were made. The order of songs is the order of their first pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise, permutations, product
from typing import Any

import numpy as np
import pandas as pd

from stimuli.page_types.base import Part
from stimuli.page_types.trials import TrialOptions
from stimuli.study.study import Study

BALANCE_COLUMNS = ("among", "criterion", "cells", "fewest", "most", "mean")
EVERYBODY = "everybody"


def balance_table(slots: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Balance of songs, systems, positions and neighbours over participants.

    Parameters
    ----------
    slots
        Table of slots: one row for each stimulus on the rated pages of the counted participants.
    study
        The study to which the slots belong, with its songs, systems and strata.

    Returns
    -------
    DataFrame
        Table with the columns ``BALANCE_COLUMNS``. For each criterion, the table has one row for
        all participants together and one row for each listener group. A row gives the number of
        cells, and the smallest, largest and mean number of occurrences of a cell. Combinations that
        never occur are counted as 0. If ``fewest == most``, the balance is perfect. While the last
        round of the design is not complete, the smallest possible difference between ``most`` and
        ``fewest`` is 1.
    """
    rows: list[tuple[Any, ...]] = []
    for among in (EVERYBODY, *(group.name for group in study.groups)):
        theirs = slots if among == EVERYBODY else slots[slots["group"] == among]
        if len(theirs) == 0 and among != EVERYBODY:
            continue
        for part in study.page_parts:
            mine = theirs[theirs["part"] == part.name] if study.parts else theirs
            rows += [
                (among, f"{part.name}: {name}" if part.name else name, *numbers)
                for name, *numbers in _criteria_of(mine, study, part)
            ]
    return pd.DataFrame(rows, columns=list(BALANCE_COLUMNS))


def _criteria_of(slots: pd.DataFrame, study: Study, part: Part) -> list[tuple[Any, ...]]:
    """Criteria of one part: name, number of cells, smallest, largest and mean count of a cell."""
    rated = slots[slots["role"] == "rated"] if study.parts else slots
    if part.options.is_adaptive:
        return _place_criteria(rated, part)
    if isinstance(part.options, TrialOptions):
        if part.options.compared(part.systems):
            return _pair_criteria(slots, part, part.options)
        # with one mix per page, the order of the pages replaces the order of mixes on a page
        rated = rated.assign(position=rated["page_index"], page_index=0)
    return _page_criteria(rated, study, part)


def _page_criteria(slots: pd.DataFrame, study: Study, part: Part) -> list[tuple[Any, ...]]:
    songs, systems = part.songs, part.rated
    pages = _pages(slots)
    longest = max((len(order) for _, order in pages), default=0)
    places = range(longest)
    first = slots[slots["replicate"] == 0].drop_duplicates(["participant", "song"])
    sessions = _runs(first, ["participant"], "page_index", "song")
    session_places = range(max(map(len, sessions), default=0))
    counts = {
        "participants of a song": (first["song"], songs),
        "song in a place of the session": (
            (cell for order in sessions for cell in enumerate(order)),
            product(session_places, songs),
        ),
        "song right after another": (
            (pair for order in sessions for pair in pairwise(order)),
            permutations(songs, 2),
        ),
        "presentations of a system": ((name for _, order in pages for name in order), systems),
        "presentations of a system of a song": (
            ((song, name) for song, order in pages for name in order),
            product(songs, systems),
        ),
        "system in a position on the page": (
            (cell for _, order in pages for cell in enumerate(order)),
            product(places, systems),
        ),
        "system in a position, song by song": (
            ((song, *cell) for song, order in pages for cell in enumerate(order)),
            product(songs, places, systems),
        ),
        "system right after another": (
            (pair for _, order in pages for pair in pairwise(order)),
            permutations(systems, 2),
        ),
    }
    if longest < len(systems):
        counts["two systems on one page"] = (
            (pair for _, order in pages for pair in combinations(sorted(order), 2)),
            combinations(sorted(systems), 2),
        )
    rows = [(name, *_spread(seen, cells)) for name, (seen, cells) in counts.items()]
    return rows + _strata_rows(pages, study)


def _place_criteria(slots: pd.DataFrame, part: Part) -> list[tuple[Any, ...]]:
    """Number of planned pages of adaptive tracks for each position of the stimulus that differs."""
    places: list[int] = []
    songs: list[str] = []
    for song, systems in _pages(slots):
        places += [at for at, name in enumerate(systems) if systems.count(name) == 1]
        songs.append(song)
    n_places = max(places, default=-1) + 1
    counts: dict[str, tuple[Iterable[Any], Iterable[Any]]] = {
        "trials of a song": (songs, part.songs),
        "what differs in a place of the page": (places, range(n_places)),
    }
    return [(name, *_spread(seen, cells)) for name, (seen, cells) in counts.items()]


def _pair_criteria(slots: pd.DataFrame, part: Part, options: TrialOptions) -> list[tuple[Any, ...]]:
    """How often each pair occurs, how often in each order, and how often with each mix as X."""
    trials = _pages(slots)
    pairs = options.compared(part.systems)
    sides = [side for pair in pairs for side in options.arrangements(pair)]
    n_rated = len(sides[0])
    ordered = "pair on its sides" if n_rated == 2 else "pair in its arrangements"
    counts: dict[str, tuple[Iterable[Any], Iterable[Any]]] = {
        "presentations of a pair of a song": (
            ((song, frozenset(shown[:n_rated])) for song, shown in trials),
            product(part.songs, map(frozenset, pairs)),
        ),
        ordered: ((shown[:n_rated] for _, shown in trials), sides),
        f"{ordered}, song by song": (
            ((song, shown[:n_rated]) for song, shown in trials),
            product(part.songs, sides),
        ),
    }
    if options.open_role == "x":
        counts["X is A, X is B"] = ((shown.index(shown[2]) for _, shown in trials), (0, 1))
        counts["X of a pair on its sides"] = (
            ((shown[:2], shown.index(shown[2])) for _, shown in trials),
            product(sides, (0, 1)),
        )
    return [(name, *_spread(seen, cells)) for name, (seen, cells) in counts.items()]


def _pages(slots: pd.DataFrame) -> list[tuple[str, tuple[str, ...]]]:
    """Song of each page, and the systems of the page in the order of their positions."""
    keys = ["participant", "song", "replicate", "page_index"]
    songs = _runs(slots, keys, "position", "song")
    return [
        (song[0], systems)
        for song, systems in zip(songs, _runs(slots, keys, "position", "system"), strict=True)
    ]


def _runs(rows: pd.DataFrame, keys: Sequence[str], order: str, what: str) -> list[tuple[str, ...]]:
    """Values of a column for each combination of the keys, in the order of another column."""
    if rows.empty:
        return []
    run = np.zeros(len(rows), dtype=np.int64)
    for key in keys:
        code, values = pd.factorize(rows[key])
        run = run * len(values) + code
    at = np.lexsort((rows[order].to_numpy(), run))
    ends = np.flatnonzero(np.diff(run[at])) + 1
    code, values = pd.factorize(rows[what])
    names = np.array([str(value) for value in values], dtype=object)[code[at]].tolist()
    bounds = [0, *ends.tolist(), len(names)]
    return [tuple(names[start:end]) for start, end in pairwise(bounds)]


def _strata_rows(
    pages: Sequence[tuple[str, tuple[str, ...]]], study: Study
) -> list[tuple[Any, ...]]:
    """Rows with the number of systems of each stratum on a page."""
    rows = []
    for stratum in study.strata:
        held = [sum(name in stratum.systems for name in order) for _, order in pages]
        if held:
            mean = sum(held) / len(held)
            rows.append(
                (
                    f"of stratum {stratum.name} on a page",
                    len(held),
                    min(held),
                    max(held),
                    mean,
                )
            )
    return rows


def _spread(seen: Iterable[Any], cells: Iterable[Any]) -> tuple[int, int, int, float]:
    """Number of cells, and the smallest, largest and mean number of occurrences of a cell.

    If several items share a cell, ``cells`` contains the cell once per item. The count of the cell
    is then divided between the items.
    """
    counts, shared = Counter(seen), Counter(cells)
    if not shared:
        return 0, 0, 0, 0.0
    fewest = min(counts[cell] // times for cell, times in shared.items())
    most = max(-(-counts[cell] // times) for cell, times in shared.items())
    n_cells = shared.total()
    return n_cells, fewest, most, sum(counts[cell] for cell in shared) / n_cells
