"""How far the names of systems move Satterthwaite's denominator: as far as lmerTest's."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.defaults import KENWARD_ROGER, SATTERTHWAITE
from analysis.findings.models import FTest
from analysis.methods.lmm import fit_default
from analysis.mixed_model.inference import Inference
from analysis.ratings.table import of_attribute, read_ratings
from places import RATINGS, ROOT

GOLDEN = json.loads((RATINGS / "golden_names.json").read_text("utf-8"))


def unbalanced(part: str) -> pd.DataFrame:
    """A part of the synthetic set, as the script of the answers takes it."""
    rows = of_attribute(read_ratings(RATINGS / "synA_balanced.csv"), "overall")
    drawn = np.arange(1, len(rows) + 1) * 7919 % 1000 / 1000
    if part == "gaps":
        return rows[drawn < 2 / 3]
    systems = sorted(rows["system"].unique())
    if part == "rare":
        share = dict(zip(systems, (0.95, 0.3, 0.9, 0.1), strict=True))
        return rows[drawn < rows["system"].map(share)]
    return rows[(rows["system"] != systems[3]) | (rows["song"] == "song01")]


def in_order(rows: pd.DataFrame, order: list[str], method: str) -> FTest:
    """F test of systems whose names are in this order."""
    names = {name: f"{place}_{name}" for place, name in enumerate(order)}
    renamed = rows.assign(system=rows["system"].map(names), group="all")
    return Inference(fit_default(renamed).model, method).term_test("system")


@pytest.mark.parametrize("part", sorted(GOLDEN))
def test_degrees_of_freedom_move_with_the_names_of_systems_as_lmertests_do(part: str) -> None:
    """Three orders each, the extremes of all 24; F and Kenward-Roger's denominator stay."""
    rows = unbalanced(part)
    tests = [in_order(rows, each["order"], SATTERTHWAITE) for each in GOLDEN[part]]
    assert [one.df2 for one in tests] == pytest.approx([r["df2"] for r in GOLDEN[part]], rel=1e-5)
    assert [one.f for one in tests] == pytest.approx([r["f"] for r in GOLDEN[part]], rel=1e-6)
    kenward_roger = [in_order(rows, each["order"], KENWARD_ROGER).df2 for each in GOLDEN[part]]
    assert kenward_roger == pytest.approx([kenward_roger[0]] * 3, rel=1e-8)


def test_the_document_says_how_far_they_move() -> None:
    """Its numbers are those of R; so is how far a p of .05 moves."""
    text = " ".join((ROOT / "docs" / "statistics.md").read_text("utf-8").split())
    df2 = {part: sorted(each["df2"] for each in rows) for part, rows in GOLDEN.items()}
    low, high = df2["gaps"][0], df2["gaps"][-1]
    assert f"changed the denominator degrees of freedom from {low:.3f} to {high:.3f}." in text
    moved = []
    for part, words in (
        (
            "rare",
            "91 and 11 % of their ratings, the denominator degrees of freedom were ",
        ),
        ("one_song", "only one song for one system, the denominator degrees of freedom were "),
    ):
        low, high = df2[part][0], df2[part][-1]
        assert re.search(rf"{words}between {low:.1f} and {high:.1f}\b", text)
        limits = stats.f.isf(0.05, 3, [low, high])
        moved.append(np.max(np.abs(stats.f.sf(limits, 3, [high, low]) - 0.05)))
    first, second = (f"{each:.4f}".removeprefix("0") for each in moved)
    for moves, span in ((first, "58.5 to 62.9"), (second, "35.4 to 38.0")):
        assert f"with {span} degrees of freedom, a *p* of .05 changes by {moves} over" in text
    counts = unbalanced("rare")["system"].value_counts().sort_index() / 3
    assert [round(count) for count in counts] == [95, 30, 91, 11]
