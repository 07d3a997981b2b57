"""Plan, contrasts, standing and behaviour in the report: by hand-made numbers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from analysis.figures.catalogue import participant_figures
from analysis.figures.listening import behaviour, histograms, screening
from analysis.figures.style import look_of
from analysis.findings.screening import ScreenedParticipant, Screening
from analysis.planning.advice import ClaimAdvice
from analysis.planning.arms import ArmAdvice
from analysis.planning.claims import ClaimToShow
from analysis.ratings.behaviour import PagesTaken, behaviour_of
from analysis.report.context import ReportContext
from analysis.report.sections.parameters import parameters_of
from analysis.report.sections.plan import (
    DeclaredAnalysis,
    Departure,
    PlanItem,
    PlannedSize,
    PlanningRecord,
    SeverityCounts,
    contrasts_of,
    plan_section,
    planning_section,
    standing_of,
)
from analysis.report.write import write_report
from analysis.statistics.one_sided import Claim, OneSidedClaim
from finding_records import attribute, record

pytestmark = pytest.mark.usefixtures("analysed_once")

PAIRS = [
    {"a": "x", "b": "y", "estimate": 4.0, "ci_low": 1.0, "ci_high": 7.0, "p": 0.02,
     "p_holm": 0.06, "tost_p": 0.3, "verdict": "inconclusive"},
    {"a": "x", "b": "z", "estimate": 1.0, "ci_low": -2.0, "ci_high": 4.0, "p": 0.5,
     "p_holm": 1.0, "tost_p": 0.01, "verdict": "equivalent"},
    {"a": "y", "b": "z", "estimate": -3.0, "ci_low": -6.0, "ci_high": 0.0, "p": 0.03,
     "p_holm": 0.06, "tost_p": 0.4, "verdict": "inconclusive"},
]  # fmt: skip
SECTION = attribute(lmm={"pairs": PAIRS})
PLANNING = record(
    PlanningRecord,
    computed_at="2026-01-03T00:00:00.000Z", difference=5.0, margin=4.0, alpha=0.05 / 3, n_tests=3,
    are_declared=True, seed=1, n_draws=4000, source="a <pilot>", n_songs=8, n_songs_each=4,
    n_for_equivalence=61, power_limit=0.413,
    planned=PlannedSize(30, 8, 4, 1.0, 7.26, 0.38, 0.12), model="ordinal", level=60.0,
    claims=[
        ClaimAdvice(44, 0.97, 6, ClaimToShow(Claim.NON_INFERIORITY, 4.0, 0.0, 0.0125, "x", "y")),
        ClaimAdvice(None, 0.6, 12, ClaimToShow(Claim.SUPERIORITY, 2.0, 7.0, 0.0125)),
    ],
    arms=ArmAdvice(2, 4, 0.0125, 128, None),
)  # fmt: skip
STANDING = standing_of(
    "a test of tests", 20, 5,
    [Departure("replicates", "ITU-R BS.1534-3", "4.1", "warning", "nothing twice <b>", "twice",
               "care")],
)  # fmt: skip


def test_declared_contrasts_are_adjusted_among_themselves() -> None:
    """Two contrasts: Holm doubles the smaller p only; one turns per tie into a difference."""
    first, second = contrasts_of(SECTION, [("x", "y"), ("z", "y")])
    assert (first.p_holm, first.verdict) == (pytest.approx(0.04), "different")
    # The second is written the other way round: estimate and interval turn.
    assert (second.estimate, second.ci_low, second.ci_high) == (3.0, 0.0, 6.0)
    assert second.p_holm == pytest.approx(0.04)
    (alone,) = contrasts_of(SECTION, [("x", "z")])
    assert (alone.p_holm, alone.verdict) == (0.5, "equivalent")
    assert contrasts_of(SECTION, [("x", "nobody")]) == []
    assert contrasts_of(attribute(), [("x", "y")]) == []


def test_a_plan_counts_its_departures() -> None:
    """An item departs when it was declared and done otherwise; silence is not a departure."""
    items = (PlanItem("m", "5", "5"), PlanItem("d", "kr", "s"), PlanItem("p", None, "overall"))
    found = plan_section(DeclaredAnalysis("declared", items=items, contrasts=(("x", "y"),)))
    assert found is not None
    assert [row.departs for row in found.items] == [False, True, False]
    assert found.n_departures == 1
    assert found.contrasts == (("x", "y"),)
    assert plan_section(None) is None


@pytest.mark.parametrize(
    ("computed", "first", "timing"),
    [
        ("2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z", "before"),
        ("2026-01-03T00:00:00.000Z", "2026-01-02T00:00:00.000Z", "after"),
        ("2026-01-03T00:00:00.000Z", None, "before"),
        (None, "2026-01-02T00:00:00.000Z", "unknown"),
    ],
)
def test_a_size_is_planned_only_before_the_first_rating(
    computed: str | None, first: str | None, timing: str
) -> None:
    """A computation that came later, or at an unknown time, is told as such."""
    found = planning_section(record(PlanningRecord, computed_at=computed), first)
    assert found is not None
    assert (found.computed_at, found.timing) == (computed, timing)
    assert planning_section(None, first) is None


def test_departures_are_counted_by_weight() -> None:
    """The list is kept as it is, with counts for the text."""
    assert STANDING.counts == SeverityCounts(error=0, warning=1, note=0)


def played() -> pd.DataFrame:
    """Two participants, one song, two systems, two attributes: eight rows of four stimuli."""
    rows = [
        (who, "s1", system, attribute, 50 + 10 * place, plays, time, 3)
        for who, time in (("A", 30.0), ("B", 50.0))
        for place, (system, plays) in enumerate((("x", 1), ("y", 4 if who == "A" else 0)))
        for attribute in ("overall", "eq")
    ]
    names = ["participant", "song", "system", "attribute", "rating", "plays", "time_s", "switches"]
    return pd.DataFrame(rows, columns=names).assign(group="all")


def test_behaviour_counts_each_stimulus_and_each_page_once() -> None:
    """Several attributes do not make several plays; medians and quartiles by hand."""
    found = behaviour_of(played(), ("x", "y"))
    assert found is not None
    x, y = found.systems
    assert (x.n, x.plays_median, x.share_never_played) == (2, 1.0, 0.0)
    assert (y.n, y.plays_median, y.share_never_played) == (2, 2.0, 0.5)
    assert found.pages == PagesTaken(
        n=2, time_median_s=40.0, time_q1_s=30.0, time_q3_s=50.0, switches_median=3.0
    )


@pytest.mark.parametrize(
    "table",
    [
        played().drop(columns=["plays", "time_s", "switches"]),
        played().assign(plays=0, time_s=np.nan, switches=0),
        played().assign(plays="", time_s="", switches=""),
    ],
    ids=["no columns", "silent", "empty cells"],
)
def test_without_records_nothing_is_said_of_behaviour(table: pd.DataFrame) -> None:
    """No columns, nobody played, empty cells: no section and no figure."""
    assert behaviour_of(table, ("x", "y")) is None
    kinds = [made.kind for made in participant_figures(table, Screening(), look_of(table))]
    assert kinds == []


def test_figures_of_behaviour_show_each_stimulus() -> None:
    """Dots: two stimuli a system, then two pages for time and two for switches."""
    dots = [
        trace for trace in behaviour(played(), look_of(played())).data if trace.type == "scatter"
    ]
    assert [sorted(trace.y) for trace in dots] == [[1, 1], [0, 4], [30, 50], [3, 3]]


def test_the_histogram_s_curve_is_the_normal_of_the_same_mean_and_spread() -> None:
    """Its height is n x bin width x density."""
    table = played().assign(rating=[20, 0, 60, 0, 40, 0, 80, 0])
    figure = histograms(table, "overall", look_of(table))
    bars, curve = figure.data[0], figure.data[1]
    assert (bars.y.sum(), bars.y[2], bars.y[4]) == (2, 1, 1)
    expected = 2 * 10 * norm.pdf(30, 30, np.std([20, 40], ddof=1))
    assert curve.y[30] == pytest.approx(expected)


def test_screening_uses_repeats_where_there_are_any() -> None:
    """Reliability against discrimination with repeats, spread against agreement without."""
    rows = [
        record(ScreenedParticipant, participant=f"P{k}", group="all", sd=10.0 + k, agreement=0.5)
        for k in range(3)
    ]
    look = look_of(played())
    assert list(screening(rows, look).data[0].x) == [10.0, 11.0, 12.0]
    again = [replace(row, reliability_sd=4.0, discrimination=9.0) for row in rows]
    again[1] = replace(again[1], flags=["flat"])
    plain, flagged, diagonal = screening(again, look).data
    assert (list(plain.x), list(plain.y)) == ([4.0, 4.0], [9.0, 9.0])
    assert list(flagged.text) == ["P1"]
    assert list(diagonal.x) == [0, 9.0]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """Page and results of a report with plan, standing, design and behaviour."""
    rng = np.random.default_rng(4)
    rows = [
        (f"P{k}", f"s{s}", system, "overall", round(50 + 9 * j + rng.normal(0, 7)), 2, 20.0 + s, 5)
        for k in range(6)
        for s in range(3)
        for j, system in enumerate("xyz")
    ]
    names = ["participant", "song", "system", "attribute", "rating", "plays", "time_s", "switches"]
    plan = DeclaredAnalysis(
        "declared", "a" * 64, "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z",
        (PlanItem("Equivalence margin", "±5 points", "±4 points"),), (("z", "x"),),
        one_sided=(
            OneSidedClaim(Claim.NON_INFERIORITY, "x", "z", 2.0),
            OneSidedClaim(Claim.SUPERIORITY, "z", "x", 2.5),
            OneSidedClaim(Claim.SUPERIORITY, "z", "w", 0.0),
        ),
    )  # fmt: skip
    context = ReportContext(
        plan=plan,
        planning=PLANNING,
        first_rating_at="2026-01-02T00:00:00.000Z",
        standing=STANDING,
        design=(("Order", "Williams & random"),),
        conditions=(("room", "listening room", "Quiet <i>"), ("level", "level at the ear", None)),
        pictures=False,
    )
    out = tmp_path_factory.mktemp("planned")
    write_report(pd.DataFrame(rows, columns=names), out, context)
    page = (out / "report.html").read_text("utf-8")
    return page, json.loads((out / "results.json").read_text("utf-8"))


def test_the_report_shows_what_was_declared_and_what_was_done(
    written: tuple[str, dict[str, Any]],
) -> None:
    """Status with dates, the departing item marked, the contrast with its own p."""
    page, results = written
    assert "on record before the first rating" in page
    assert "departs from the plan" in page
    (contrast,) = results["report"]["contrasts"]["overall"]
    pair = next(
        row for row in results["attributes"]["overall"]["lmm"]["pairs"]
        if {row["a"], row["b"]} == {"x", "z"}
    )  # fmt: skip
    assert contrast["p_holm"] == pair["p"]
    assert contrast["estimate"] == -pair["estimate"] > 0
    assert 'data-path="/report/contrasts/overall/0/p_holm"' in page
    assert (
        sum(results["report"]["contrast_counts"]["overall"].values()) == 2
    )  # one, and its verdict
    text = " ".join(page.split())
    assert "These contrasts were declared beforehand (Holm-adjusted over these only" in text
    assert "Declared contrasts: <data" in text


def test_claims_of_one_direction_are_told_in_words_of_their_size(
    written: tuple[str, dict[str, Any]],
) -> None:
    """18 points lie between z and x: that x is not inferior is not shown, that z is better is."""
    page, results = written
    text = " ".join(re.sub(r"<[^>]*>", "", page).split())
    assert "were declared beforehand (tested at .025; p is Holm-adjusted over these tests" in text
    assert "It is not shown that x is less than 2 points below z." in text
    assert "z is rated higher than x by more than 2.5 points." in text
    assert (
        "z against w could not be tested: The primary analysis does not compare z with w." in text
    )
    first, second, third = results["report"]["one_sided"]["overall"]
    assert second["p_holm"] == 2 * second["p"] < 0.025
    assert (first["verdict"], third["status"]) == ("not shown", "not estimable")
    assert 'data-path="/report/one_sided/overall/1/p_holm"' in page


def test_the_planned_size_is_told_with_its_level_and_its_time(
    written: tuple[str, dict[str, Any]],
) -> None:
    """Too late for a plan, for another file; numbers as they were kept."""
    page, results = written
    text = " ".join(page.split())
    assert "after the first rating (<time" in text
    assert "it was not planned beforehand" in text
    assert "variances: a &lt;pilot&gt;)" in text
    assert "The size of the study was computed for another version of the study file" in text
    assert 'data-path="/report/planning/alpha" data-style="p_cell">.017</data>' in text
    assert 'data-path="/report/planning/power_limit" data-style="percent">41 %</data>' in text
    assert results["report"]["planning"]["planned"]["n_participants"] == 30


def test_the_planned_size_names_model_claims_and_arms(
    written: tuple[str, dict[str, Any]],
) -> None:
    """The planned number of participants has its purpose beside it, or the reason for none."""
    text = " ".join(re.sub("<[^>]*>", "", written[0]).split())
    assert "simulated studies with 8 songs were generated (seed" in text
    assert "analysed with the cumulative link mixed model. The simulated ratings have the" in text
    assert (
        "Claim: x is not inferior to y by the margin of 4 points. The two systems are assumed to "
        "be equal. The test is one-sided, at .013. The claim is shown with a chance of 80 % by 44 "
        "participants." in text
    )
    assert (
        "Claim: one system is rated higher than another by more than 2 points. The true difference "
        "is assumed to be 7 points. The test is one-sided, at .013. No number of participants was "
        "found that gives a chance of 80 % to show the claim on these songs (with unlimited "
        "participants, the chance is 60 %)." in text
    )
    assert (
        "points between two arms is tested at .013. Over all systems together, a chance of 80 % "
        "needs 128 participants in all. In a single system, no number of participants was" in text
    )


def test_conditions_are_told_in_the_author_s_words_or_as_not_stated(
    written: tuple[str, dict[str, Any]],
) -> None:
    """A missing item is listed in its place and under the limits; words are escaped."""
    page, results = written
    assert "<dt>Listening room</dt><dd>Quiet &lt;i&gt;</dd>" in page
    assert '<dt>Level at the ear</dt><dd><span class="absent">not stated</span></dd>' in page
    assert "Not stated: level at the ear." in page
    assert results["report"]["conditions"]["not_stated"] == ["level at the ear"]


def test_design_departures_and_behaviour_have_their_place(
    written: tuple[str, dict[str, Any]],
) -> None:
    """Each section is there, listed in the contents, its texts escaped."""
    page, _ = written
    for anchor in ("design", "departures"):
        assert f'href="#{anchor}"' in page
        assert f'id="{anchor}"' in page
    assert "nothing twice &lt;b&gt;" in page
    assert "Williams &amp; random" in page
    assert "What participants played" in page
    assert 'id="figure-behaviour"' in page
    assert 'id="figure-screening"' in page


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("declared", "margin (declared: ±4 points; done: ±5 points)"),
        ("late", "was not declared beforehand"),
    ],
)
def test_the_methods_paragraph_tells_of_the_plan(
    status: Any, sentence: str, tmp_path: Path
) -> None:
    """Declared with its hash and what departs from it; or not declared."""
    items = (PlanItem("Equivalence margin", "±4 points", "±5 points"),)
    plan = DeclaredAnalysis(status, "a" * 64, "t0", "t1", items)
    write_report(played(), tmp_path, ReportContext(plan=plan, standing=STANDING, pictures=False))
    text = (tmp_path / "methods.md").read_text("utf-8")
    assert sentence in text
    assert "The method of this study is: a test of tests. The study departs from 1 of" in text


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("late", "This plan came after the first rating"),
        ("changed", "was changed while people took part"),
        ("none", "There is no dated plan for these ratings"),
    ],
)
def test_a_plan_that_does_not_count_says_why(status: Any, sentence: str, tmp_path: Path) -> None:
    """No plan is praised that came too late."""
    plan = replace(
        DeclaredAnalysis("declared", declared_at="t1", first_rating_at="t0"), status=status
    )
    context = ReportContext(plan=plan, pictures=False)
    write_report(played(), tmp_path, context)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert sentence in page
    assert "on record before the first rating" not in page


def test_mixing_parameters_are_read_from_the_manifest() -> None:
    """Bands in words, numbers as they are, null for gaps of a mix; damaged JSON gives no mix."""
    mix = {
        "eq": [{"frequency_hz": 500.0, "gain_db": -2.0, "q": 1.0}],
        "compression": {"threshold_db": -20.5, "ratio": 2.0},
        "level": {"relative_loudness_lu": -3.4},
    }
    manifest = pd.DataFrame(
        {"song": ["s", "s"], "system": ["a", "b"], "parameters": [json.dumps(mix), "{broken"]}
    )
    first, second = parameters_of(manifest)
    assert (first.eq, first.n_eq_bands) == ("500 Hz −2.0 dB", 1)
    assert (first.threshold_db, first.relative_loudness_lu) == (-20.5, -3.4)
    assert np.isnan(first.reverb_time_s)
    assert np.isnan(second.ratio)
    assert parameters_of(manifest.iloc[1:]) == []
    assert parameters_of(None) == parameters_of(manifest.drop(columns="parameters")) == []


def test_two_humps_are_told(tmp_path: Path) -> None:
    """Ratings at both ends of the scale: b is above 5/9, and the report says so."""
    rows = [
        (f"P{k}", f"s{s}", system, "overall", value + s + (k if system == "even" else 0))
        for k in range(8)
        for s in range(2)
        for system, value in (("torn", 5 if k % 2 else 92), ("even", 45))
    ]
    names = ["participant", "song", "system", "attribute", "rating"]
    write_report(pd.DataFrame(rows, columns=names), tmp_path, ReportContext(pictures=False))
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.count("may have two peaks") == 1
    assert page.index("torn</span> may have two peaks") > 0
