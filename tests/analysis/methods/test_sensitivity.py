"""Variants of the analysis: z-scores, exclusions, one song or participant left out."""

from collections.abc import Iterator

import pandas as pd
import pytest

from analysis.methods.sensitivity import brief_model, leave_one_out, sensitivity_section, z_scored
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


@pytest.mark.parametrize("column", ["song", "participant"])
def test_leaving_one_out_equals_the_mean_without_it(rows: pd.DataFrame, column: str) -> None:
    """Complete ratings: plain means of the rest, each listener group counting the same."""
    found = leave_one_out(rows, column)
    level = sorted(rows[column].unique())[3]
    rest = rows[rows[column] != level]
    means = rest.pivot_table(index="group", columns="system", values="rating").mean()
    for row in (row for row in found if row["left_out"] == level):
        assert row["estimate"] == pytest.approx(means[row["a"]] - means[row["b"]])
    assert len(found) == 6 * len(rows[column].unique())


def test_leaving_one_out_of_an_incomplete_design_fits_the_model_again(rows: pd.DataFrame) -> None:
    """What is left out moves the primary analysis' own estimate, not that of another method."""
    few = rows[(rows["song"] < "song06") & (rows["participant"] < "P13")]
    half = few[few["song"].str[-1].astype(int) % 2 == few["participant"].str[-1].astype(int) % 2]
    found = leave_one_out(half, "song")
    without = brief_model(half[half["song"] != "song03"], "satterthwaite")["pairs"]
    expected = {(row["a"], row["b"]): row["estimate"] for row in without}
    for row in (row for row in found if row["left_out"] == "song03"):
        assert row["estimate"] == pytest.approx(expected[row["a"], row["b"]], rel=1e-6)
    # A plain mean would tell another story.
    plain = half[half["song"] != "song03"].pivot_table(
        index="participant", columns="system", values="rating"
    )
    a, b = without[0]["a"], without[0]["b"]
    assert abs((plain[a] - plain[b]).mean() - expected[a, b]) > 0.05


def test_exclusions_are_undone_in_their_variant(rows: pd.DataFrame) -> None:
    """With somebody excluded the full table's model is printed beside; without, it is absent."""
    rows = rows[rows["song"] < "song05"]
    kept = rows[rows["participant"] != "P01"]
    found = sensitivity_section(kept, rows, "satterthwaite")
    pair = found["no_exclusions"]["pairs"][0]
    means = rows.groupby("system")["rating"].mean()
    assert pair["estimate"] == pytest.approx(means["baseline"] - means["cnn"], rel=1e-6)
    assert "no_exclusions" not in sensitivity_section(rows, rows, "satterthwaite")
