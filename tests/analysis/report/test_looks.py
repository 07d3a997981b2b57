"""Looks at answers before the end, as the report counts and prints them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.report.context import ReportContext
from analysis.report.sections.looks import Looking, NotedLook, looks_section
from analysis.report.sections.plan import DeclaredAnalysis
from analysis.report.write import write_report
from analysis.sequential.plan import SequentialPlan
from tests.analysis.results_schema import CLOSED

pytestmark = pytest.mark.usefixtures("analysed_once")

LOOKS = (
    NotedLook("means", 8, is_blind=True, status="open", at="2026-01-02T10:00:00.000Z"),
    NotedLook("report", 8, is_blind=False, status="paused", at="2026-01-02T11:00:00.000Z"),
    NotedLook("figures", 12, is_blind=True, status="open", at="2026-01-03T10:00:00.000Z"),
    NotedLook("report", 14, is_blind=False, status="closed", at="2026-01-05T10:00:00.000Z"),
)


def test_only_looks_before_the_study_was_closed_are_interim_ones() -> None:
    """Three of four, at 8 and 12 listeners; one of them with names."""
    found = looks_section(Looking(LOOKS), None)
    assert found is not None
    assert (found.n_interim, found.n_sizes, found.n_uncovered) == (3, 2, 1)
    assert [row.is_interim for row in found.noted] == [True, True, True, False]
    assert looks_section(Looking(), None) is None


@pytest.mark.parametrize(
    ("looks", "printed", "not_printed"),
    [
        (LOOKS, ["looked at", "figures in the explorer", "2026-01-02"], ["2026-01-05"]),
        (LOOKS[3:], ["Nobody looked at real participants' answers"], ["figures in"]),
        (None, [], ["Nobody looked", 'id="looks"']),
    ],
)
def test_the_report_lists_the_looks_that_could_sway(
    tmp_path: Path,
    looks: tuple[NotedLook, ...] | None,
    printed: list[str],
    not_printed: list[str],
) -> None:
    """Looks after the end are not printed; a table says nothing of looks."""
    rng = np.random.default_rng(1)
    index = pd.MultiIndex.from_product([list("pqrs"), list("ab"), list("xy")])
    rows = index.to_frame(index=False).set_axis(["participant", "song", "system"], axis=1)
    rows = rows.assign(attribute="overall", rating=rng.integers(20, 80, len(rows)))
    context = ReportContext(looking=Looking(looks), study_fingerprint="f" * 64, pictures=False)
    text = write_report(rows, tmp_path, context).html.read_text("utf-8")
    asked = text[text.index('<section id="question">') :]
    asked = asked[: asked.index("</section>")]
    assert all(each in asked for each in printed)
    assert not [each for each in not_printed if each in asked]


@pytest.mark.parametrize(
    ("plan", "printed"),
    [
        (SequentialPlan((("x", "y"),), (6, 9, 12), "pocock"), "alpha-spending function is Pocock"),
        (SequentialPlan((("x", "y"),), (6, 14), "pocock"), "alpha-spending function is Pocock"),
        (SequentialPlan((("x", "y"),), (13, 14), "pocock"), "The first look is due after"),
        (SequentialPlan(anytime=True), "The first look is due after"),
        (SequentialPlan((("x", "z"),), (6, 12), "pocock"), "cannot be given"),
    ],
)
def test_the_report_tells_what_the_declared_looks_say(
    tmp_path: Path, plan: SequentialPlan, printed: str
) -> None:
    """A table of all looks, when the first one is due, or why there is none; by the schema."""
    index = pd.MultiIndex.from_product([range(12), list("abc"), list("xy")])
    rows = index.to_frame(index=False).set_axis(["participant", "song", "system"], axis=1)
    noise = np.random.default_rng(1).normal(0, 8, len(rows))
    rows = rows.assign(
        participant=[f"p{n:02}" for n in rows["participant"]],
        rated_at=[f"2026-01-{n + 1:02}" for n in rows["participant"]],
        attribute="overall",
        rating=np.clip(40 + noise + 30 * (rows["system"] == "x"), 0, 100),
    )
    declared = DeclaredAnalysis("declared", contrasts=(("x", "y"),))
    looking = Looking((), plan=plan, is_closed=False)
    context = ReportContext(
        looking=looking, plan=declared, study_fingerprint="f" * 64, pictures=False
    )
    paths = write_report(rows, tmp_path, context)
    assert printed in " ".join(paths.html.read_text("utf-8").split())
    found = json.loads(paths.results.read_text("utf-8"))
    CLOSED.validate(found)
    told = found["report"]["looks"]["sequential"]
    if told.get("looks"):
        p_holm = told["looks"][-1]["contrasts"][0]["p_holm"]
        assert found["report"]["contrasts"]["overall"][0]["p_holm"] == p_holm
