"""The expertise gate by hand at its edges, against R's analyses of variance, and in a report."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.findings.json_form import json_form
from analysis.findings.screening import ExpertiseGate
from analysis.ratings.expertise import gated, rules_of_gate
from analysis.ratings.table import check_ratings, read_ratings
from analysis.report.context import ReportContext
from analysis.report.write import write_report
from analysis.scale import Scale
from places import RATINGS
from tests.analysis.results_json import analyse
from tests.analysis.results_schema import CLOSED

POINTS = Scale(0.0, 100.0)
GOLDEN = json.loads((RATINGS / "golden.json").read_text())["repeats"]


def twice(by: dict[str, list[tuple[float, float]]]) -> pd.DataFrame:
    """Four participants' stimuli or so, each rated two times."""
    rows = [
        {"participant": who, "song": f"s{place}", "system": "x", "attribute": "o",
         "replicate": replicate, "rating": rating}
        for who, pairs in by.items()
        for place, pair in enumerate(pairs)
        for replicate, rating in enumerate(pair)
    ]  # fmt: skip
    return check_ratings(pd.DataFrame(rows))


SURE = [(10.0, 20.0), (40.0, 50.0), (60.0, 70.0), (80.0, 90.0)]
"""Repeats 10 apart: MS within = 4 x 50 / 4, so that the standard deviation is 7.0711."""
BLIND = [(30.0, 70.0), (70.0, 30.0), (30.0, 70.0), (70.0, 30.0)]
"""All four means are 50: F is 0."""


@pytest.mark.parametrize(("limit", "out"), [(7.07, True), (np.sqrt(50.0), False), (7.08, False)])
def test_reliability_at_its_edge(limit: float, out: bool) -> None:
    """At the limit a participant stays; above it goes, with value and limit."""
    found = gated(twice({"A": SURE}), ExpertiseGate(False, limit), POINTS, 1)
    assert [(one.participant, one.rule) for one in found] == [("A", "expertise_reliability")] * out
    for one in found:
        assert (one.value, one.threshold, one.unit) == (pytest.approx(50**0.5), limit, "points")


def test_who_tells_nothing_apart_goes() -> None:
    """F 0 lies at or below every floor; the sure one's F is the largest of 105 pairings."""
    found = gated(twice({"A": SURE, "B": BLIND}), ExpertiseGate(), POINTS, 1)
    assert [(one.participant, one.rule, one.value) for one in found] == [
        ("B", "expertise_discrimination", 0.0)
    ]
    assert found[0].why == (
        "Distinguishes repeated stimuli no better than chance: F 0.00, which is not above "
        f"{found[0].threshold:.2f}."
    )
    both = gated(twice({"B": BLIND}), ExpertiseGate(True, 5.0), POINTS, 1)
    assert [one.rule for one in both] == ["expertise_discrimination", "expertise_reliability"]


def test_three_repeats_cannot_judge() -> None:
    """Of 15 pairings one agrees as well as the best: nobody could pass, so nobody is asked."""
    ratings = twice({"A": BLIND[:3], "B": SURE})
    assert gated(ratings, ExpertiseGate(True, 1.0), POINTS, 1)[0].participant == "B"
    (rule,) = json_form(rules_of_gate(ratings, ExpertiseGate(), 1))
    assert (rule["applied"], rule["n_not_judged"]) == (True, 1)
    (rule,) = json_form(rules_of_gate(twice({"A": BLIND[:3]}), ExpertiseGate(), 1))
    assert rule["why"] == "Nobody rated 4 stimuli twice, so the gate can judge nobody."
    assert json_form(rules_of_gate(ratings, None, 1)) == []


def test_a_limit_is_the_same_share_of_another_scale() -> None:
    """.4 of 1 to 5 is a tenth of its range: 10 of 100."""
    assert gated(twice({"A": SURE}), ExpertiseGate(False, 0.4), Scale(1.0, 5.0), 1) == []
    assert gated(twice({"A": SURE}), ExpertiseGate(False, 0.2), Scale(1.0, 5.0), 1) != []


def test_the_gate_goes_by_r_s_mean_squares() -> None:
    """Who goes at 10 points is whoever has a residual mean square above 100 in R."""
    rows = read_ratings(RATINGS / "synR_repeats.csv")
    found = gated(rows, ExpertiseGate(False, 10.0), POINTS, 1)
    wanted = {who for who, row in GOLDEN["per_assessor"].items() if row["MS_err"] > 100}
    assert {one.participant for one in found} == wanted
    assert 0 < len(wanted) < 12


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Ten participants who hear the difference of two systems, and three who answer at random."""
    rng = np.random.default_rng(6)
    rows = []
    for k in range(13):
        for s in range(4):
            for system, level in (("x", 30.0), ("y", 60.0)):
                for again in range(2):
                    sure = level + 4 * s + rng.normal(0, 5)
                    rating = rng.uniform(0, 100) if k >= 10 else sure
                    rows.append((f"P{k:02}", f"s{s}", system, "overall", again, round(rating)))
    names = ["participant", "song", "system", "attribute", "replicate", "rating"]
    return pd.DataFrame(rows, columns=names)


def test_the_report_shows_the_model_with_and_without_the_gate(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    """Those who guess are excluded by name; beside the main model stands the one with them."""
    write_report(
        table, tmp_path, ReportContext(expertise=ExpertiseGate(True, 15.0), pictures=False)
    )
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))
    CLOSED.validate(results)
    out = {row["participant"] for row in results["data"]["excluded"]}
    assert out == {"P10", "P11", "P12"}
    section = results["attributes"]["overall"]["expertise"]
    assert section["n_excluded"] == 3
    everybody = analyse(table, n_bootstrap=50)["attributes"]["overall"]["lmm"]
    assert section["without"]["omnibus"] == everybody["omnibus"]["system"]
    text = told(tmp_path)
    assert "Rule applied: expertise discrimination (after the idea of ITU-R BS.2300)." in text
    assert "Without the expertise gate. The declared gate excluded 3 participants." in text
    assert "No pair changes to the other side of .05 (Holm)" in text
    methods = (tmp_path / "methods.md").read_text("utf-8")
    assert "The screening (expertise discrimination, expertise reliability) excluded" in methods


def told(folder: Path) -> str:
    """Words of a report's page."""
    page = (folder / "report.html").read_text("utf-8")
    return " ".join(re.sub(r"<[^>]*>", "", page).split())


def null_study(rng: np.random.Generator) -> tuple[Any, Any]:
    """Differences of two equal systems, and F over 4 songs x 2 systems x 2 repeats, of 30."""
    taste = rng.normal(0, 8, (30, 1, 2, 1))
    song = rng.normal(0, 6, (30, 4, 1, 1))
    y = taste + song + rng.normal(0, 10, (30, 4, 2, 2))
    cell = y.mean(axis=3)
    between = 2 * ((cell - cell.mean(axis=(1, 2), keepdims=True)) ** 2).sum(axis=(1, 2)) / 7
    within = ((y - cell[..., None]) ** 2).sum(axis=(1, 2, 3)) / 8
    return cell[:, :, 0].mean(axis=1) - cell[:, :, 1].mean(axis=1), between / within


def test_a_gate_favours_none_of_two_equal_systems() -> None:
    """Those who pass F > 2 differ by a paired t in 5 +- 1 % of 4000 null studies."""
    rng = np.random.default_rng(1)
    n_found = 0
    for _ in range(4000):
        d, f = null_study(rng)
        kept = d[f > 2]
        t = kept.mean() / (kept.std(ddof=1) / np.sqrt(len(kept))) if len(kept) > 2 else 0.0
        n_found += abs(t) > stats.t.ppf(0.975, max(1, len(kept) - 1))
    assert n_found / 4000 == pytest.approx(0.05, abs=0.01)
