"""Input of methods: the ratings, and what was worked out of them before."""

import pandas as pd
import pytest

from analysis.findings.attribute import Attribute
from analysis.findings.findings import Settings
from analysis.findings.sections import NotEstimable
from analysis.methods import base
from analysis.methods.base import MethodInput
from analysis.ratings.table import of_attribute, read_ratings
from analysis.scale import SCALE
from places import RATINGS


def test_what_was_worked_out_of_the_ratings_stays_for_the_next_method(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cells, means and groups are those of before; the sections found are one more."""
    rows = of_attribute(read_ratings(RATINGS / "synA_balanced.csv"), "overall")
    systems = sorted(rows["system"].unique())
    nothing = Attribute(SCALE, 5.0, "lmm", len(rows), rows["participant"].nunique())
    settings = Settings(5.0, "satterthwaite", 1, None, None, None, 50)
    first = MethodInput(rows, rows, systems, settings, rows, nothing)
    means, groups = first.means, first.groups

    def again(_rows: pd.DataFrame) -> pd.DataFrame:
        raise AssertionError("the cells were worked out again")

    monkeypatch.setattr(base, "cell_means", again)
    following = first.with_section("friedman", NotEstimable("nothing"))
    assert following.means is means
    assert following.cells is first.cells
    assert following.groups is groups
    assert following.found == nothing.extended("friedman", NotEstimable("nothing"))
    assert first.found == nothing
