"""Objective measures in the report: means by hand, the reference left out, gaps allowed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.report.context import ReportContext
from analysis.report.sections.objective import COMPARISONS, objective_of
from analysis.report.write import write_report

pytestmark = pytest.mark.usefixtures("analysed_once")


def manifest() -> pd.DataFrame:
    """Two songs, three systems; every distance of random is 2 and 4, of baseline 1 and unknown."""
    values = {
        ("a", "human"): 0.0, ("a", "random"): 2.0, ("a", "baseline"): 1.0,
        ("b", "human"): 0.0, ("b", "random"): 4.0, ("b", "baseline"): np.nan,
    }  # fmt: skip
    rows = [
        {"song": song, "system": system, "integrated_lufs": -23.0, "true_peak_dbtp": -3.0,
         "lra_lu": 6.0, "duration_s": 12.5, "reference": "human"}
        | dict.fromkeys(COMPARISONS, value)
        for (song, system), value in values.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_each_system_has_the_mean_of_its_songs() -> None:
    """(2 + 4) / 2 is 3; a song that could not be measured is left out of the mean."""
    objective = objective_of(manifest())
    assert objective is not None
    assert objective.reference == "human"
    means = {row.system: row.bark_distance_db for row in objective.systems}
    assert means == {"random": 3.0, "baseline": 1.0}
    assert len(objective.rows) == 4
    unknown = [row for row in objective.rows if np.isnan(row.stft_distance)]
    assert [(row.song, row.system) for row in unknown] == [("b", "baseline")]


def test_without_measures_there_is_no_section() -> None:
    """No manifest, one without the columns, or nothing but the reference."""
    assert objective_of(None) is None
    assert objective_of(manifest().drop(columns="bark_distance_db")) is None
    assert objective_of(manifest().query("system == 'human'")) is None


@pytest.mark.filterwarnings("ignore::UserWarning")  # so few ratings: statsmodels says so
def test_the_report_shows_them_beside_the_stimuli(tmp_path: Path, analysed_once: None) -> None:
    """In the page as a table with its caution, in tables/ with every song."""
    rng = np.random.default_rng(1)
    ratings = pd.DataFrame(
        [
            {"participant": f"p{p}", "song": song, "system": system, "attribute": "overall",
             "rating": float(np.clip(50 + 10 * place + rng.normal(0, 8), 0, 100))}
            for p in range(8)
            for song in ("a", "b")
            for place, system in enumerate(("random", "baseline", "human"))
        ]
    )  # fmt: skip
    context = ReportContext(manifest=manifest(), pictures=False)
    paths = write_report(ratings, tmp_path, context)
    html = paths.html.read_text("utf-8")
    assert "Objective measures" in html
    assert "but cannot replace ratings" in html
    assert 'data-path="/report/objective/systems/0/bark_distance_db"' in html
    table = pd.read_csv(paths.tables / "objective.csv")
    assert list(table["system"]) == ["random", "baseline", "random", "baseline"]
    without = write_report(ratings, tmp_path / "plain", ReportContext(pictures=False))
    assert "Objective measures" not in without.html.read_text("utf-8")
