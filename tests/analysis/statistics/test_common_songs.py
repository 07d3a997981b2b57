"""Pairs are compared on songs that a listener rated both systems of; values worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.findings.json_form import json_form
from analysis.methods.friedman import friedman_section
from analysis.methods.paired_t import paired_t_rows
from analysis.ratings.table import cell_means, participant_means
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.pairs import common_means, pairs_of


def rows(*cells: tuple[str, str, str, float]) -> pd.DataFrame:
    """Ratings as (participant, song, system, rating)."""
    return pd.DataFrame(cells, columns=["participant", "song", "system", "rating"])


INCOMPLETE = rows(
    ("P1", "s1", "a", 10), ("P1", "s2", "a", 50), ("P1", "s1", "b", 20),
    ("P2", "s1", "a", 30), ("P2", "s1", "b", 36), ("P2", "s2", "a", 70), ("P2", "s2", "b", 72),
    ("P3", "s1", "a", 40), ("P3", "s2", "b", 99),
)  # fmt: skip
"""P1 has both of one song, P2 of two, P3 of none."""


def test_a_pair_is_compared_on_songs_with_both_systems() -> None:
    """P1 differs by 10 − 20, not by (10 + 50) / 2 − 20; P3 does not count."""
    (pair,) = pairs_of(cell_means(INCOMPLETE))
    assert list(pair.participants) == ["P1", "P2"]
    assert pair.x.tolist() == [10.0, 50.0]
    assert pair.d.tolist() == [-10.0, -4.0]
    (found,) = json_form(paired_t_rows(cell_means(INCOMPLETE)))
    assert (found["n"], found["estimate"]) == (2, -7.0)
    assert found["se"] == pytest.approx(3.0, rel=1e-12)


def test_repeats_are_averaged_before_songs() -> None:
    """A song rated three times counts once: (20 + 50) / 2, not (10 + 20 + 30 + 50) / 4."""
    table = rows(*(("P1", "s1", "a", value) for value in (10, 20, 30)), ("P1", "s2", "a", 50))
    assert participant_means(table).loc["P1", "a"] == 35.0
    assert cell_means(table).loc["P1", ("a", "s1")] == 20.0


def test_tests_of_all_systems_take_songs_with_all_of_them() -> None:
    """A third system on the second song alone leaves that song of P2, and nobody else."""
    more = pd.concat([INCOMPLETE, rows(("P2", "s2", "c", 5), ("P3", "s2", "c", 5))])
    means = common_means(cell_means(more))
    assert means.loc["P2"].tolist() == [70.0, 72.0, 5.0]
    assert means.loc[["P1", "P3"]].isna().all(axis=None)
    with pytest.raises(NotEstimableError, match="rated every system on the same song"):
        json_form(friedman_section(means, seed=1))


def test_two_listeners_with_no_song_in_common_are_not_compared() -> None:
    """Both rated both systems, but on different songs."""
    table = rows(
        ("P1", "s1", "a", 10), ("P1", "s2", "b", 50), ("P2", "s1", "b", 20), ("P2", "s2", "a", 9)
    )
    (found,) = json_form(paired_t_rows(cell_means(table)))
    assert found["status"] == "not estimable"
    assert found["why"] == "Fewer than two participants rated both a and b on the same song."


def test_in_a_complete_design_common_songs_are_all_songs() -> None:
    """Means of pairs, of all systems and of each system are the same."""
    rng = np.random.default_rng(3)
    table = rows(
        *((f"P{k}", f"s{s}", name, float(rng.integers(0, 100)))
          for k in range(5) for s in range(4) for name in "abc")
    )  # fmt: skip
    own = participant_means(table)
    np.testing.assert_allclose(common_means(cell_means(table)), own, rtol=1e-12)
    for pair in pairs_of(cell_means(table)):
        np.testing.assert_allclose(pair.d, own[pair.a] - own[pair.b], rtol=1e-12)
