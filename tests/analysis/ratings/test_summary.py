"""Doubts about a table of ratings are told before anything is found in it."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from analysis.ratings.participants import participants
from analysis.ratings.summary import data_section
from analysis.scale import Scale, with_scale

SYSTEMS = "abc"


def table(rating: Callable[[int, int, int], float], n_songs: int = 6) -> pd.DataFrame:
    """Six listeners rate three systems on each song, by their numbers."""
    rows = [
        (f"P{who}", "all", f"s{song}", system, "best", rating(who, song, place))
        for who in range(6)
        for song in range(n_songs)
        for place, system in enumerate(SYSTEMS)
    ]
    names = ["participant", "group", "song", "system", "attribute", "rating"]
    return pd.DataFrame(rows, columns=names)


def one_of_three(who: int, song: int, place: int) -> float:
    """A choice of the best."""
    return float(place == (who * song) % 3)


def any_of_three(who: int, song: int, place: int) -> float:
    """Yes or no to each of them."""
    return float((who + song * place) % 3 == 0)


def a_rank(who: int, song: int, place: int) -> float:
    """1, 2 and 3 on every page."""
    return float((who * song + place) % 3 + 1)


def a_rating(who: int, song: int, place: int) -> float:
    """Any number."""
    return float((17 * who + 29 * song + 41 * place * who) % 101)


@pytest.mark.parametrize(
    ("rating", "two_values", "shared_out"),
    [
        (one_of_three, True, True),
        (any_of_three, True, False),
        (a_rank, False, True),
        (a_rating, False, False),
    ],
)
def test_ratings_that_are_not_free_are_told(
    rating: Callable[[int, int, int], float], two_values: bool, shared_out: bool
) -> None:
    """A choice is a rating of 0 or 1 that leaves none for the others; ranks sum up too."""
    told = " ".join(data_section(table(rating), []).warnings)
    assert ("The ratings of best have only two values" in told) == two_values
    assert ("have the same sum of best" in told) == shared_out


def test_nobody_is_flagged_for_one_value_where_there_are_two() -> None:
    """Two thirds of the choices are 0 by design: no sign of a careless listener."""
    rows = with_scale(table(one_of_three), Scale(0, 1, 1))
    flags = [flag for row in participants(rows, None, None, (), 1) for flag in row.flags]
    assert "identical" not in flags
