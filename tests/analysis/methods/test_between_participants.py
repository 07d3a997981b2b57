"""Labs and arms in the mixed model: R's numbers, and what cannot be told apart."""

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.factors import between_factors
from analysis.findings.attribute import Attribute
from analysis.findings.findings import Settings
from analysis.findings.json_form import json_form
from analysis.methods.base import MethodInput
from analysis.methods.between_participants import METHODS
from analysis.methods.lmm import lmm_section
from analysis.ratings.table import RatingsError, check_ratings, of_attribute, read_ratings
from analysis.scale import SCALE
from analysis.statistics.estimable import NotEstimableError
from places import RATINGS
from tests.analysis.results_json import analyse
from tests.analysis.results_schema import CLOSED

GOLDEN = json.loads((RATINGS / "golden_between.json").read_text())
SETTINGS = Settings(5.0, "satterthwaite", 1, None, None, None, 50)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """The synthetic ratings of two labs that cross the groups, as R's script makes them."""
    table = of_attribute(read_ratings(RATINGS / "synA_balanced.csv"), "overall")
    code = np.unique(table["participant"].to_numpy(dtype=str), return_inverse=True)[1]
    return table.assign(lab=np.where(code % 5 < 2, "north", "south"))


def given(rows: pd.DataFrame) -> MethodInput:
    """Input of a method from these ratings."""
    nothing = Attribute(SCALE, 5.0, "lmm", len(rows), rows["participant"].nunique())
    return MethodInput(rows, rows, sorted(rows["system"].unique()), SETTINGS, rows, nothing)


def test_a_model_with_labs_equals_r(rows: pd.DataFrame) -> None:
    """REML deviance, type III tests, marginal means and pairs of lab * system."""
    alone = rows.assign(group="all")
    found = json_form(lmm_section(alone, sorted(rows["system"].unique()), 5.0, "satterthwaite"))
    golden = GOLDEN["lab"]
    assert found["formula"].startswith("rating ~ lab * system + (1|participant)")
    assert found["reml_deviance"] == pytest.approx(golden["REMLcrit"], rel=1e-9)
    hold_tests(found["omnibus"], golden["anova3_satt"])
    for row, wanted in zip(found["emmeans"], golden["emm_satt"], strict=True):
        assert row["system"] == wanted["system"]
        assert row["mean"] == pytest.approx(wanted["emmean"], rel=1e-7)
        assert row["se"] == pytest.approx(wanted["SE"], rel=1e-5)
    for row, wanted in zip(found["pairs"], golden["pairs_satt"], strict=True):
        assert f"{row['a']} - {row['b']}" == wanted["contrast"]
        values = [row["estimate"], row["se"], row["df"], row["p"]]
        asked = [wanted["estimate"], wanted["SE"], wanted["df"], wanted["p.value"]]
        assert values == pytest.approx(asked, rel=1e-5)


def test_labs_stand_beside_listener_groups_as_in_r(rows: pd.DataFrame) -> None:
    """Group * system + lab * system: each interaction is tested beside the other."""
    found = json_form(lmm_section(rows, sorted(rows["system"].unique()), 5.0, "satterthwaite"))
    assert found["reml_deviance"] == pytest.approx(GOLDEN["group_and_lab"]["REMLcrit"], rel=1e-9)
    hold_tests(found["omnibus"], GOLDEN["group_and_lab"]["anova3_satt"])


def test_languages_split_participants_as_labs_do(rows: pd.DataFrame) -> None:
    """R's test under another name; a language of the stimuli is not a factor, nor an error."""
    alone = rows.assign(group="all").rename(columns={"lab": "language"})
    found = json_form(lmm_section(alone, sorted(rows["system"].unique()), 5.0, "satterthwaite"))
    golden = [
        {**row, "row": row["row"].replace("lab", "language")}
        for row in GOLDEN["lab"]["anova3_satt"]
    ]
    hold_tests(found["omnibus"], golden)
    of_songs = check_ratings(rows.drop(columns="lab").assign(language=rows["song"]))
    assert between_factors(of_songs) == ("group",)


def hold_tests(omnibus: dict[str, Any], golden: list[dict[str, Any]]) -> None:
    """Every fixed term's F, degrees of freedom and p are R's."""
    of_r = {re.sub(r"^system:(\w+)$", r"\1:system", row["row"]): row for row in golden}
    assert set(omnibus) == set(of_r)
    for name, test in omnibus.items():
        wanted = of_r[name]
        assert (test["f"], test["df1"]) == pytest.approx(
            (wanted["F value"], wanted["NumDF"]), rel=1e-5
        )
        assert test["df2"] == pytest.approx(wanted["DenDF"], rel=1e-4)


def test_the_section_has_each_lab_s_means_as_emmeans_does(rows: pd.DataFrame) -> None:
    """Means of each system in each lab with their limits; the sizes are counted."""
    found = json_form(METHODS["labs"].compute(given(rows.assign(group="all"))))
    for row, wanted in zip(found["means"], GOLDEN["lab"]["by_lab"], strict=True):
        assert (row["lab"], row["system"]) == (wanted["lab"], wanted["system"])
        limits = [row["estimate"], row["ci_low"], row["ci_high"]]
        asked = [wanted["emmean"], wanted["lower.CL"], wanted["upper.CL"]]
        assert limits == pytest.approx(asked, rel=1e-5)
    assert [level["n_participants"] for level in found["levels"]] == [12, 18]
    assert found["n_songs_in_common"] == 10
    overall = found["level_pairs"][0]
    assert (overall["a"], overall["b"], overall["system"]) == ("north", "south", None)
    assert overall["p"] == pytest.approx(found["main_effect"]["p"])  # two labs: t^2 = F
    assert len(found["level_pairs"]) == 1 + 4


def test_arms_are_such_a_factor_too(rows: pd.DataFrame) -> None:
    """The same model under the name of arms."""
    arms = rows.rename(columns={"lab": "arm"}).assign(group="all")
    found = json_form(METHODS["arms"].compute(given(arms)))
    golden = next(row for row in GOLDEN["lab"]["anova3_satt"] if row["row"] == "lab:system")
    assert found["interaction"]["f"] == pytest.approx(golden["F value"], rel=1e-5)
    assert not METHODS["labs"].applies(given(arms))


def test_groups_that_are_the_labs_are_left_out(rows: pd.DataFrame) -> None:
    """Where a group is a lab, the model keeps the labs and says why it has no groups."""
    same = rows.assign(group=rows["lab"].str.upper())
    found = json_form(lmm_section(same, sorted(rows["system"].unique()), 5.0, "satterthwaite"))
    assert found["formula"].startswith("rating ~ lab * system")
    assert (
        found["why_no_groups"]
        == "For at least one combination of lab and system, there are no ratings."
    )


def test_labs_that_heard_other_systems_cannot_be_in_the_model(rows: pd.DataFrame) -> None:
    """The section says which combination is missing."""
    some = rows[~((rows["lab"] == "north") & (rows["system"] == "cnn"))].assign(group="all")
    with pytest.raises(NotEstimableError, match="at least one combination of lab and system"):
        json_form(METHODS["labs"].compute(given(some)))


def test_findings_with_labs_keep_to_the_schema(rows: pd.DataFrame) -> None:
    """All sections, on a part of the participants."""
    some = rows[rows["participant"].isin(sorted(rows["participant"].unique())[:8])]
    found = analyse(some.assign(group="all"), n_bootstrap=50)
    CLOSED.validate(found)
    assert found["attributes"]["overall"]["labs"]["status"] == "ok"


def test_nobody_is_in_two_labs() -> None:
    """One person's ratings come from one lab."""
    table = pd.DataFrame(
        {"participant": ["A", "A"], "song": ["s", "t"], "system": "x", "attribute": "o",
         "rating": [1, 2], "lab": ["north", "south"]}
    )  # fmt: skip
    with pytest.raises(RatingsError, match="Participant A is in more than one lab: north and sou"):
        check_ratings(table)
