"""Variants of the analysis: z-scores, exclusions, one song or participant left out."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from analysis.estimable import NotEstimableError
from analysis.ratings import of_attribute, read_ratings
from analysis.sensitivity import leave_one_out, sensitivity_section, z_scored
from analysis.threads import one_blas_thread

DATA = Path(__file__).parent / "data" / "ratings"


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
    """Complete ratings: the estimate is the difference of plain means of the rest."""
    found = leave_one_out(rows, column)
    level = sorted(rows[column].unique())[3]
    rest = rows[rows[column] != level].groupby("system")["rating"].mean()
    for row in (row for row in found if row["left_out"] == level):
        assert row["estimate"] == pytest.approx(rest[row["a"]] - rest[row["b"]])
    assert len(found) == 6 * len(rows[column].unique())


def test_exclusions_are_undone_in_their_variant(rows: pd.DataFrame) -> None:
    """With somebody excluded the full table's model is printed beside; without, it is absent."""
    rows = rows[rows["song"] < "song05"]
    kept = rows[rows["participant"] != "P01"]
    found = sensitivity_section(kept, rows, "satterthwaite")
    pair = found["no_exclusions"]["pairs"][0]
    means = rows.groupby("system")["rating"].mean()
    assert pair["estimate"] == pytest.approx(means["baseline"] - means["cnn"], rel=1e-6)
    assert "no_exclusions" not in sensitivity_section(rows, rows, "satterthwaite")
