"""The cumulative link mixed model against R's ordinal."""

import json

import numpy as np
import pandas as pd
import pytest

from analysis.methods.ordinal import ordinal_section
from analysis.ratings.table import of_attribute, read_ratings
from analysis.statistics.estimable import NotEstimableError
from places import RATINGS

DATA = RATINGS
GOLDEN = json.loads((DATA / "golden.json").read_text())["clmm"]


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Complete synthetic ratings of one attribute."""
    return of_attribute(read_ratings(DATA / "synA_balanced.csv"), "overall")


def test_the_model_equals_ordinals_clmm(rows: pd.DataFrame) -> None:
    """Log-likelihood to 1e-6, coefficients and standard deviations to 1e-4, LR test, errors."""
    found = ordinal_section(rows)
    golden = {row["row"]: row for row in GOLDEN["coef"]}
    assert found["log_likelihood"] == pytest.approx(GOLDEN["logLik"], rel=1e-8)
    expected = [golden[name]["Estimate"] for name in ("1|2", "2|3", "3|4", "4|5")]
    assert found["thresholds"] == pytest.approx(expected, rel=1e-4)
    for place, row in enumerate(found["coefficients"][:3], start=1):
        assert row["estimate"] == pytest.approx(golden[f"system{place}"]["Estimate"], rel=1e-4)
        assert row["se"] == pytest.approx(golden[f"system{place}"]["Std. Error"], rel=1e-3)
    assert found["sd"] == pytest.approx(GOLDEN["sd"], rel=1e-4)
    assert found["lr"] == pytest.approx(GOLDEN["lr"], rel=1e-5)
    assert sum(row["estimate"] for row in found["coefficients"]) == pytest.approx(0, abs=1e-9)


def test_a_monotone_change_of_the_scale_within_bands_changes_nothing(rows: pd.DataFrame) -> None:
    """Only the band counts: ratings moved to the middle of their bands give the same answer."""
    few = rows[rows["participant"] < "P07"]
    middle = 10 + 20 * np.searchsorted([20, 40, 60, 80], few["rating"].to_numpy())
    one, two = ordinal_section(few), ordinal_section(few.assign(rating=middle))
    assert one["log_likelihood"] == two["log_likelihood"]


def test_too_little_is_named(rows: pd.DataFrame) -> None:
    """One band, one song, or a system that is always at an end."""
    with pytest.raises(NotEstimableError, match="one band"):
        ordinal_section(rows.assign(rating=50.0))
    with pytest.raises(NotEstimableError, match="only one song"):
        ordinal_section(rows[rows["song"] == "song01"])
    ends = rows.assign(rating=rows["rating"].where(rows["system"] != "cnn", 100.0))
    with pytest.raises(NotEstimableError, match="All ratings of cnn fall in the highest band"):
        ordinal_section(ends)
