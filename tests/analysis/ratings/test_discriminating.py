"""Whether a listener tells systems apart says nothing where hardly anybody does."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.ratings.participants import DOES_NOT_DISCRIMINATE, discriminating, participants
from analysis.ratings.table import check_ratings
from analysis.report.sections.data import flagged_of
from analysis.results import analyse

SYSTEMS = ("a", "b", "c")


def ratings_of(n_hearing: int, n_guessing: int, seed: int = 5) -> pd.DataFrame:
    """Eight songs each: some listeners rate the systems 20 points apart, the others alike."""
    random = np.random.default_rng(seed)
    rows = [
        (f"L{who:02}", f"s{song}", system, "overall",
         float(np.clip(50 + 20 * (who < n_hearing) * (at - 1) + random.normal(0, 8), 0, 100)))
        for who in range(n_hearing + n_guessing)
        for song in range(8)
        for at, system in enumerate(SYSTEMS)
    ]  # fmt: skip
    columns = ["participant", "song", "system", "attribute", "rating"]
    return check_ratings(pd.DataFrame(rows, columns=columns))


def test_nobody_is_flagged_where_no_system_differs() -> None:
    """19 listeners hear no difference: the report says so, once, of all of them."""
    table = ratings_of(0, 19)
    rows = participants(table, None, None, (), 1)
    by_hand = [
        stats.friedmanchisquare(*(own.loc[own["system"] == name, "rating"] for name in SYSTEMS))
        for _, own in table.groupby("participant")
    ]
    n = sum(found.pvalue <= 0.05 for found in by_hand)
    found = discriminating(rows)
    assert (found.n, found.n_judged) == (n, 19)
    assert found.is_chance
    assert not any(DOES_NOT_DISCRIMINATE in row.flags for row in rows)
    told = flagged_of(analyse(table, n_bootstrap=10))
    assert (told.n_judged, told.n_discriminating) == (19, n)


def test_those_who_do_not_hear_what_others_hear_are_flagged() -> None:
    """Where most tell the systems apart, who does not is told by name."""
    rows = participants(ratings_of(12, 4), None, None, (), 1)
    assert not discriminating(rows).is_chance
    flagged = {row.participant for row in rows if DOES_NOT_DISCRIMINATE in row.flags}
    assert flagged <= {"L12", "L13", "L14", "L15"}
    assert len(flagged) >= 3


def test_nothing_is_said_without_a_test_of_anybody() -> None:
    """One song each: no listener has a test, so that chance does not explain it either."""
    table = ratings_of(2, 2)
    found = discriminating(participants(table[table["song"] == "s0"], None, None, (), 1))
    assert (found.n_judged, found.is_chance) == (0, False)
