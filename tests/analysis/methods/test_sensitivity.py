"""Variants of the analysis: z-scores, exclusions, one song or participant left out."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from analysis.findings.json_form import json_form
from analysis.findings.models import MixedModel
from analysis.methods.lmm import default_design, lmm_section
from analysis.methods.sensitivity import leave_one_out, sensitivity_section, z_scored
from analysis.mixed_model.projection import project
from analysis.ratings.table import of_attribute, read_ratings
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.threads import one_blas_thread
from places import RATINGS

DATA = RATINGS


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small matrices: further BLAS threads only wait for each other."""
    with one_blas_thread():
        yield


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Complete synthetic ratings of one attribute."""
    return of_attribute(read_ratings(DATA / "synA_balanced.csv"), "overall")


def test_z_scores_put_everybody_on_one_scale(rows: pd.DataFrame) -> None:
    """Mean 0 and standard deviation 1 for each participant."""
    scored = z_scored(rows).groupby("participant")["rating"]
    assert scored.mean().abs().max() < 1e-12
    assert scored.std().sub(1).abs().max() < 1e-12


def test_a_constant_participant_has_no_z_scores(rows: pd.DataFrame) -> None:
    """The participant is named."""
    flat = rows.copy()
    flat.loc[flat["participant"] == "P07", "rating"] = 50.0
    with pytest.raises(NotEstimableError, match="ratings of P07 do not vary"):
        z_scored(flat)


def differences(ratings: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Differences of all systems, of the means over groups of the groups' means."""
    means = ratings.pivot_table(index=by, columns="system", values="rating").groupby("group").mean()
    mean = means.mean()
    return pd.DataFrame(np.subtract.outer(mean.array, mean.array), mean.index, mean.index)


@pytest.mark.parametrize("column", ["song", "participant"])
def test_leaving_one_out_keeps_the_lowest_and_the_highest_mean_of_the_rest(
    rows: pd.DataFrame, column: str
) -> None:
    """Complete ratings: plain means of the rest, with equal weights for the listener groups."""
    levels = sorted(rows[column].unique())
    rests = {name: differences(rows[rows[column] != name], ["group"]) for name in levels}
    found = json_form(leave_one_out(rows, column, model_of(rows)))
    assert len(found) == 2 * 6
    for low, high in zip(found[::2], found[1::2], strict=True):
        expected = {name: rest.loc[low["a"], low["b"]] for name, rest in rests.items()}
        for row, end in ((low, min), (high, max)):
            assert row["left_out"] == end(expected, key=expected.__getitem__)
            assert row["estimate"] == pytest.approx(end(expected.values()))


def model_of(ratings: pd.DataFrame) -> MixedModel:
    """Section of the mixed model, as the findings have it."""
    return lmm_section(ratings, sorted(ratings["system"].unique()), 5.0, "satterthwaite")


def test_leaving_one_out_of_an_incomplete_design_is_least_squares_with_the_variances_found(
    rows: pd.DataFrame,
) -> None:
    """Against the textbook's formula over all ratings, b = (X'V^-1 X)^-1 X'V^-1 y."""
    few = rows[(rows["song"] < "song06") & (rows["participant"] < "P13")].assign(group="all")
    half = few[few["song"].str[-1].astype(int) % 2 == few["participant"].str[-1].astype(int) % 2]
    model = model_of(half)
    for row in json_form(leave_one_out(half, "song", model)):
        rest = half[half["song"] != row["left_out"]]
        v = np.eye(len(rest)) * model.variance["residual"]
        for name, variance in model.variance.items():
            if name != "residual":
                level = rest[name.split(":")].agg("/".join, axis=1).to_numpy()
                v += variance * (level[:, None] == level)
        x = pd.get_dummies(rest["system"]).astype(float)
        xv = x.to_numpy().T @ np.linalg.inv(v)
        mean = pd.Series(np.linalg.solve(xv @ x.to_numpy(), xv @ rest["rating"]), x.columns)
        assert row["estimate"] == pytest.approx(mean[row["a"]] - mean[row["b"]], rel=1e-8)


def test_without_a_model_one_is_left_out_of_the_mean_differences_of_participants() -> None:
    """Systems A and B of three listeners, of whom one never rated B."""
    rated = {"P1": (50.0, 40.0), "P2": (60.0, 56.0), "P3": (70.0, 55.0), "P4": (90.0, None)}
    table = pd.DataFrame(
        {"participant": name, "group": "all", "song": "s", "system": system, "rating": value}
        for name, values in rated.items()
        for system, value in zip("AB", values, strict=True)
    ).dropna()
    low, high = json_form(leave_one_out(table, "participant", None))
    assert (low["left_out"], low["estimate"]) == ("P3", 7.0)
    assert (high["left_out"], high["estimate"]) == ("P2", 12.5)


def test_each_of_many_songs_is_left_out_where_participants_are_fewer() -> None:
    """101 songs, a rating missing: the ends are those of the model of the others' ratings."""
    table = many_songs("pqr", 101).iloc[1:]
    model = model_of(table)
    low, high = leave_one_out(table, "song", model)
    for end in (low, high):
        rest = default_design(table[table["song"] != end.left_out])[0]
        phi = np.array([model.variance[name] for name in rest.components])
        b = project(rest, phi, model.variance["residual"]).coefficients
        assert end.estimate == pytest.approx(2 * b[1], rel=1e-9)  # sum-to-zero codes
    assert low.estimate < high.estimate


def test_with_as_many_participants_many_songs_are_left_out_of_complete_designs_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One song beyond the limit: means where all is rated; a rating missing, no numbers."""
    monkeypatch.setattr("analysis.methods.sensitivity.MOST_SONGS", 6)
    table = many_songs("pqrstuv", 7)
    assert len(leave_one_out(table, "song", model_of(table))) == 2
    with pytest.raises(NotEstimableError, match="There are more than 6 songs"):
        leave_one_out(table.iloc[1:], "song", model_of(table.iloc[1:]))


def many_songs(participants: str, n_songs: int) -> pd.DataFrame:
    """Ratings of systems a and b."""
    rng = np.random.default_rng(3)
    names = [
        (who, song, system) for who in participants for song in range(n_songs) for system in "ab"
    ]
    table = pd.DataFrame(names, columns=["participant", "song", "system"]).astype({"song": str})
    return table.assign(group="all", attribute="overall", rating=rng.normal(50, 9, len(table)))


def test_exclusions_are_undone_in_their_variant(rows: pd.DataFrame) -> None:
    """With somebody excluded the full table's model is printed beside; without, it is absent."""
    rows = rows[rows["song"] < "song05"]
    kept = rows[rows["participant"] != "P01"]
    found = json_form(sensitivity_section(kept, rows, model_of(kept), "satterthwaite"))
    pair = found["no_exclusions"]["pairs"][0]
    means = rows.groupby("system")["rating"].mean()
    assert pair["estimate"] == pytest.approx(means["baseline"] - means["cnn"], rel=1e-6)
    assert "no_exclusions" not in json_form(
        sensitivity_section(rows, rows, model_of(rows), "satterthwaite")
    )


def test_a_pair_that_nobody_rated_on_one_song_has_no_range() -> None:
    """Three listeners rate a and b on one song and c alone on the other: only a - b has one."""
    rows = [
        (who, song, system, value)
        for who in ("p", "q", "r")
        for song, system, value in (("s", "a", 3.0), ("s", "b", 1.0), ("t", "c", 2.0))
    ]
    table = pd.DataFrame(rows, columns=["participant", "song", "system", "rating"])
    table = table.assign(group="all", attribute="overall")
    found = leave_one_out(table, "participant", None)
    assert [(row.a, row.b, row.estimate) for row in found] == [("a", "b", 2.0)] * 2
