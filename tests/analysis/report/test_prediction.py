"""Objective measures in a report: a planted one is found, and every point is named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.report.context import ReportContext, ReportPaths
from analysis.report.write import write_report
from tests.analysis.report.test_report import SYSTEMS, ratings_of


def measures_of(ratings: pd.DataFrame) -> pd.DataFrame:
    """``planted`` is the mean rating bent by a cube, ``flat`` never changes."""
    means = ratings.groupby(["song", "system"])["rating"].mean()
    table = means.reset_index().assign(planted=lambda t: np.cbrt(t["rating"]), flat=1.0)
    return table[["song", "system", "planted", "flat"]]


@pytest.fixture(scope="module")
def ratings() -> pd.DataFrame:
    """Three songs by three systems, one attribute."""
    return ratings_of(attributes=("overall",))


@pytest.fixture(scope="module")
def written(ratings: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> ReportPaths:
    """A report with both measures."""
    out = tmp_path_factory.mktemp("measures")
    context = ReportContext(systems=SYSTEMS, measures=measures_of(ratings), pictures=False)
    return write_report(ratings, out, context, lambda *_: None)


def test_a_planted_measure_is_found(ratings: pd.DataFrame, written: ReportPaths) -> None:
    """By stimuli: correlations of 1 but for the fit; by systems: too few points for a cubic."""
    content = json.loads(written.results.read_text(encoding="utf-8"))
    rows = {(row["measure"], row["level"]): row["fit"] for row in content["report"]["predictions"]}
    fit = rows["planted", "stimuli"]
    assert fit["n"] == 9
    assert fit["pearson"]["value"] > 0.9999
    assert fit["spearman"]["value"] == pytest.approx(1.0)
    assert fit["rmse_star"]["value"] == 0.0
    songs = {(row["song"], row["system"]): row for row in content["attributes"]["overall"]["songs"]}
    means = ratings.groupby(["song", "system"])["rating"].agg(["mean", "sem", "size"])
    for point in fit["points"]:
        own = means.loc[point["song"], point["system"]]
        half = stats.t.ppf(0.975, own["size"] - 1) * own["sem"]
        assert point["rating"] == pytest.approx(own["mean"])
        assert point["half_width"] == pytest.approx(half)
        assert songs[point["song"], point["system"]]["mean"] == pytest.approx(point["rating"])
    assert rows["planted", "systems"]["why"] == "A prediction needs 4 points, and there are 3."
    assert "All points have the same measure" in rows["flat", "stimuli"]["why"]


def test_the_page_has_the_table_and_a_scatter_that_names_its_points(written: ReportPaths) -> None:
    """A heading of its own, the scope in words, songs as names, files beside it."""
    page = written.html.read_text(encoding="utf-8")
    assert '<section id="prediction"><h2>Objective measures beside the ratings</h2>' in page
    assert "by ITU-T P.1401, after a monotonic third-order polynomial" in " ".join(page.split())
    figure = json.loads(page.partition('id="spec-scatter-1">')[2].partition("</script>")[0])
    named = [text for each in figure["data"] for text in each.get("text", ())]
    assert sorted(named) == sorted(f"song{n}" for n in range(3) for _ in SYSTEMS)
    assert (written.figures / "scatter-1.html").exists()
    table = pd.read_csv(written.tables / "predictions.csv")
    assert list(table["measure"].unique()) == ["planted"]
    assert len(table) == 9


def test_without_measures_there_is_no_such_section(ratings: pd.DataFrame, tmp_path: Path) -> None:
    """Nothing is measured, so nothing is said."""
    context = ReportContext(systems=SYSTEMS, pictures=False)
    written = write_report(ratings, tmp_path, context, lambda *_: None)
    assert 'id="prediction"' not in written.html.read_text(encoding="utf-8")
