"""Agreement of participants against R (psych) and published examples."""

import json

import numpy as np
import pytest

from analysis.findings.json_form import json_form
from analysis.methods.agreement import agreement_section, icc, krippendorff_alpha
from analysis.ratings.table import of_attribute, read_ratings
from analysis.statistics.estimable import NotEstimableError
from places import RATINGS

DATA = RATINGS
GOLDEN = json.loads((DATA / "golden.json").read_text())
FORMS = {
    "ICC1": "ICC(1,1)", "ICC2": "ICC(2,1)", "ICC3": "ICC(3,1)",
    "ICC1k": "ICC(1,k)", "ICC2k": "ICC(2,k)", "ICC3k": "ICC(3,k)",
}  # fmt: skip

# Shrout & Fleiss (1979), table 2: six targets, four judges.
SHROUT_FLEISS = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]


def test_all_six_forms_equal_psych() -> None:
    """Values, F tests and intervals of 40 stimuli rated by 30 participants."""
    rows = of_attribute(read_ratings(DATA / "synA_balanced.csv"), "overall")
    found = {row["form"]: row for row in json_form(agreement_section(rows))["icc"]}
    for golden in GOLDEN["icc_complete_cols"]["tab"]:
        row = found[FORMS[golden["type"]]]
        assert row["value"] == pytest.approx(golden["ICC"], rel=1e-10)
        assert row["f"] == pytest.approx(golden["F"], rel=1e-10)
        assert (row["df1"], row["df2"]) == (golden["df1"], golden["df2"])
        assert row["ci_low"] == pytest.approx(golden["lower bound"], rel=1e-9)
        assert row["ci_high"] == pytest.approx(golden["upper bound"], rel=1e-9)


def test_the_published_example() -> None:
    """Shrout and Fleiss print .17 .29 .71 .44 .62 .91."""
    values = [one.value for one in icc(SHROUT_FLEISS)]
    assert [round(value, 2) for value in values] == [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]


def test_krippendorffs_published_example() -> None:
    """Krippendorff (2011), 12 units and 4 observers with gaps: interval alpha .849."""
    none = np.nan
    table = np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, none, none, none],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, none, 3],
            [none, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, none],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, none],
        ]
    ).T
    assert krippendorff_alpha(table) == pytest.approx(0.849, abs=5e-4)


def test_perfect_agreement_has_alpha_one() -> None:
    """All observers alike: 1; ratings that never vary: not estimable."""
    assert krippendorff_alpha([[1, 1], [2, 2], [5, 5]]) == 1
    with pytest.raises(NotEstimableError, match="equal"):
        krippendorff_alpha([[3, 3], [3, 3]])


def test_one_participant_cannot_agree() -> None:
    """Said, not divided by zero."""
    with pytest.raises(NotEstimableError, match="two participants"):
        icc([[1.0], [2.0]])
