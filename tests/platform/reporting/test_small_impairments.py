"""A test by BS.1116-3 from its study file to report and back: difference grades all the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from harbour_study import open_installation, write_study
from mixtrial.commands.cli import app
from mixtrial.dashboard.snapshot import take_snapshot
from mixtrial.exports.csv_text import download
from mixtrial.imports.results.options import reading_options
from mixtrial.imports.results.reading import read_results
from mixtrial.reporting.options import ReportOptions
from mixtrial.reporting.report_context import report_context
from mixtrial.reporting.study_reader import read_study
from mixtrial.reporting.table_reader import read_table
from mixtrial.server.installation import Installation
from mixtrial.simulation.in_process import simulate_participants

PARTS = """\
pages: {training: false, repeated_songs: 1}
attributes: [{name: overall, question: How impaired is it}]
parts:
  - {type: preference, pairs: [[cnn, baseline]]}
  - {type: bs1116, name: grades, reference: human, systems: [cnn, baseline, random]}
"""
N = 8


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Eight simulated listeners on three systems of three songs, one of them twice."""
    path = write_study(tmp_path_factory.mktemp("impairments"))
    path.write_text(path.read_text("utf-8") + PARTS, "utf-8")
    installation = open_installation(path)
    list(simulate_participants(installation, N, seed=4))
    yield installation
    installation.store.close()


@pytest.fixture(scope="module")
def table(installation: Installation) -> Path:
    """The exported ratings."""
    path = installation.settings.study_path.parent / "ratings.csv"
    path.write_text(download(installation, "ratings"), "utf-8")
    return path


def test_an_export_has_both_grades_and_says_what_is_compared_with_what(table: Path) -> None:
    """Two grades a page, in tenths from 1 to 5, one of them 5; the hidden reference is named."""
    rows = pd.read_csv(table)
    assert len(rows) == N * 2 * 3 * (3 + 1)
    pages = rows.groupby(["participant", "page_index"])["rating"]
    assert (pages.count() == 2).all()
    assert (pages.max() == 5.0).all()
    assert rows["rating"].between(1.0, 5.0).all()
    assert set(rows["graded_against"]) == {"human"}
    assert set(rows["scale_step"]) == {0.1}


def test_a_report_its_table_read_again_and_the_dashboard_have_the_same_differences(
    installation: Installation, table: Path
) -> None:
    """Of the study, of the exported table, and of a table that was imported and written."""
    ratings, context = report_context(
        read_study(installation), ReportOptions(without_simulated=False)
    )
    raw = pd.read_csv(table)
    graded = raw.pivot_table("rating", ["participant", "page_index"], raw["system"] == "human")
    differences = (graded[False] - graded[True]).round(9)
    keys = ["participant", "page_index"]
    found = ratings.set_index(keys)["rating"].sort_index()
    assert found.to_numpy().tolist() == differences.sort_index().to_numpy().tolist()
    assert set(ratings["system"]) == {"cnn", "baseline", "random"}
    assert context.leaves_out_guessers
    assert context.scale_labels[:5] == (
        "Very annoying", "Annoying", "Slightly annoying", "Perceptible, but not annoying",
        "Imperceptible",
    )  # fmt: skip
    out = table.with_name("again.csv")
    said = CliRunner().invoke(app, ["import", "results", str(table), "--out", str(out)])
    assert said.exit_code == 0, said.output
    for path in (table, out):
        again, _ = report_context(read_table(path), ReportOptions())
        again = again.assign(page_index=again["page_index"].astype(int)).set_index(keys)
        assert again["rating"].sort_index().tolist() == found.tolist()
    shown = take_snapshot(installation)
    assert sorted(shown.ratings()["rating"]) == sorted(found)
    assert (shown.scale.minimum, shown.scale.maximum) == (-4.0, 4.0)


def test_a_report_is_of_differences_and_names_the_post_screening(
    installation: Installation,
) -> None:
    """On the scale of differences, with the rule of clause 3.2.2; random mixes are far below 0."""
    path = installation.settings.study_path
    words = ["report", str(path), "--out", str(path.parent / "out"), "--no-pictures"]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0, said.output
    results = json.loads((path.parent / "out" / "results.json").read_text("utf-8"))
    assert results["settings"]["scale"] == {"minimum": -4.0, "maximum": 4.0, "step": 0.1}
    [rule] = [each for each in results["screening"]["rules"] if each["applied"]]
    assert rule["rule"] == "hidden_reference_told"
    described = results["attributes"]["overall"]["descriptives"]
    means = {row["system"]: row["mean"] for row in described}
    assert set(means) == {"cnn", "baseline", "random"}
    assert means["random"] < -1.5
    page = (path.parent / "out" / "report.html").read_text("utf-8")
    assert "ITU-R BS.1116-3" in page
    assert "a difference grade, the system" in page
    methods = (path.parent / "out" / "methods.md").read_text("utf-8")
    assert "The values are difference grades" in methods
    assert "nominally from −4 to 0" in methods
    assert "from −4 to 4" not in methods


def test_post_screening_is_a_key_of_the_study(tmp_path: Path) -> None:
    """Declared off, the report keeps everybody and says so, and the check names the departure."""
    path = write_study(tmp_path, n_songs=1)
    keys = "type: bs1116, reference: human, systems: [cnn], post_screening: false"
    path.write_text(path.read_text("utf-8") + f"parts: [{{{keys}}}]\n", "utf-8")
    installation = open_installation(path)
    list(simulate_participants(installation, 2, seed=1))
    _, context = report_context(read_study(installation), ReportOptions())
    installation.store.close()
    assert not context.leaves_out_guessers


def test_a_study_of_such_a_part_is_planned(installation: Installation) -> None:
    """``mixtrial plan`` answers for it as for any other part with ratings."""
    path = str(installation.settings.study_path)
    said = CliRunner().invoke(app, ["plan", path, "--draws", "100"])
    assert said.exit_code == 0, said.output


def test_webmushras_own_file_of_grades_reads_back_as_the_same_grades(
    installation: Installation, table: Path, tmp_path: Path
) -> None:
    """Both grades of each page, in the columns that webMUSHRA's `write.php` has."""
    path = tmp_path / "theirs.csv"
    path.write_text(download(installation, "webmushra_grades"), "utf-8")
    assert path.read_text("utf-8").splitlines()[0] == (
        "session_test_id,listener,group,device,trial_id,rating_reference,rating_non_reference,"
        "rating_reference_score,rating_non_reference_score,rating_time,choice_comment"
    )
    options = reading_options("participant=listener")
    read = read_results(path, options).rows
    ours = pd.read_csv(table, dtype=str)

    def grades(rows: pd.DataFrame) -> list[tuple[str, ...]]:
        numbers = rows["rating"].astype(float).map("{:.1f}".format)
        columns = (rows["participant"], rows["song"], rows["system"], numbers)
        return sorted(zip(*columns, strict=True))

    assert grades(read) == grades(ours)
