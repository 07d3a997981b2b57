"""Fixed effects without one participant: those of the model of the others' ratings."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.mixed_model.build import build_design
from analysis.mixed_model.design import Design, contrast_row
from analysis.mixed_model.projection import project
from analysis.mixed_model.without_one import without_each
from analysis.ratings.table import read_ratings
from places import RATINGS

GROUPED = ("group", "system", "group:system")
RESIDUAL = 150.0


@pytest.mark.parametrize(
    ("name", "fixed"),
    [
        ("unbalanced_groups", GROUPED),
        ("unbalanced_small", ("system",)),
        ("synR_repeats", GROUPED),
    ],
)
def test_sums_without_one_give_what_the_others_alone_give(
    name: str, fixed: tuple[str, ...]
) -> None:
    """Ratings missing, groups, repeats, a variance at zero: the same means of the systems."""
    rows = read_ratings(RATINGS / f"{name}.csv")
    design = build_design(rows, fixed=fixed)
    variance = dict(zip(design.components, (90.0, 0.0, 40.0, 25.0, 10.0, 5.0), strict=False))

    def differences(of: Design, coefficients: np.ndarray) -> np.ndarray:
        means = [contrast_row(of, system=system) @ coefficients for system in design.systems]
        return np.asarray(np.subtract.outer(means, means))

    phi = np.array([variance[component] for component in design.components])
    for who, found in zip(design.participants, without_each(design, phi, RESIDUAL), strict=True):
        rest = build_design(rows[rows["participant"] != who], fixed=fixed)
        of_rest = np.array([variance[component] for component in rest.components])
        expected = project(rest, of_rest, RESIDUAL).coefficients
        assert found is not None
        assert differences(design, found) == pytest.approx(differences(rest, expected), abs=1e-9)


def test_each_song_is_left_out_where_songs_are_more() -> None:
    """A block a song: the coefficients of the model of the other songs."""
    names = {"participant": "song", "song": "participant"}
    rows = read_ratings(RATINGS / "unbalanced_small.csv").rename(columns=names)
    design = build_design(rows)
    assert len(design.songs) > len(design.participants)
    variance = dict(zip(design.components, (90.0, 0.0, 40.0, 25.0, 10.0), strict=False))
    phi = np.array([variance[component] for component in design.components])
    for song, found in zip(design.songs, without_each(design, phi, RESIDUAL), strict=True):
        rest = build_design(rows[rows["song"] != song])
        of_rest = np.array([variance[component] for component in rest.components])
        expected = project(rest, of_rest, RESIDUAL).coefficients
        assert found is not None
        assert found[1:] == pytest.approx(expected[1:], abs=1e-9)


def test_whoever_alone_heard_a_system_cannot_be_left_out() -> None:
    """The others carry no coefficient of it."""
    rows = read_ratings(RATINGS / "unbalanced_small.csv")
    first, system = rows["participant"].min(), rows["system"].max()
    alone = rows[(rows["system"] != system) | (rows["participant"] == first)]
    design = build_design(alone)
    found = list(without_each(design, np.ones(len(design.components)), RESIDUAL))
    assert [one is None for one in found] == [who == first for who in design.participants]
