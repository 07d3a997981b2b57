"""An archive holds all that its results need: the same numbers come out, byte for byte."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from harbour_study import build_stimuli, write_study

from db.records import StoreError
from db.store import open_store
from mixtrial import cli
from mixtrial.archive_folder import from_archive
from mixtrial.commands.archive import archive
from mixtrial.commands.report import report
from mixtrial.commands.simulate import simulate
from mixtrial.report_source import from_study
from mixtrial.settings import default_database_url
from mixtrial.study_facts import Choices

PLAN = (
    "pages: {repeated_songs: 1}\nanalysis: {primary: eq, contrasts: [[cnn, baseline]], margin: 7}\n"
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with a plan, built, with six simulated participants."""
    folder = tmp_path_factory.mktemp("study")
    path = write_study(folder)
    with path.open("a", encoding="utf-8") as file:
        file.write(PLAN)
    build_stimuli(folder)
    simulate(path, participants=6, seed=2)
    return path


@pytest.fixture(scope="module")
def packed(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of that study."""
    out = tmp_path_factory.mktemp("packed") / "archive"
    archive(study, out=out)
    return out


def report_on(source: Path, out: Path, **options: object) -> bytes:
    """The results.json of a report on a source."""
    report(source, out=out, pictures=False, **options)  # type: ignore[arg-type]
    return (out / "results.json").read_bytes()


def test_a_report_on_the_archive_is_the_study_s_byte_for_byte(
    study: Path, packed: Path, tmp_path: Path
) -> None:
    """Study, archive and the results packed into it agree to the last byte."""
    of_study = report_on(study, tmp_path / "a")
    assert report_on(packed, tmp_path / "b") == of_study
    assert (packed / "results" / "results.json").read_bytes() == of_study
    for name in ("report.html", "methods.md"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_an_archive_that_moved_gives_the_same(packed: Path) -> None:
    """Nothing in it points to where it was made."""
    ratings, context = from_archive(packed, Choices())
    moved = packed.rename(packed.with_name("moved"))
    try:
        again, same = from_archive(moved, Choices())
    finally:
        moved.rename(packed)
    pd.testing.assert_frame_equal(again, ratings)
    tables = ("manifest", "comments", "people", "planned", "trials")
    for name in tables:
        pd.testing.assert_frame_equal(getattr(same, name), getattr(context, name))
    without = dict.fromkeys(tables)
    assert replace(same, **without) == replace(context, **without)


def test_everything_that_was_promised_is_there(packed: Path) -> None:
    """Manifest, data, codebook, plan, results, environment; checksums that hold; no token."""
    files = {path.relative_to(packed).as_posix() for path in packed.rglob("*") if path.is_file()}
    assert files == {
        "SHA256SUMS", "archive.json", "study.yaml", "plan.json", "environment.txt",
        "data/ratings.csv", "data/listening.csv", "data/participants.csv", "data/pages.csv",
        "data/codebook.csv",
        "stimuli/manifest.csv", "stimuli/objective.csv",
        "results/results.json", "results/methods.md",
    }  # fmt: skip
    lines = (packed / "SHA256SUMS").read_text("utf-8").splitlines()
    assert len(lines) == len(files) - 1
    for line in lines:
        sha256, name = line.split("  ")
        assert hashlib.sha256((packed / name).read_bytes()).hexdigest() == sha256
    plan = json.loads((packed / "plan.json").read_text("utf-8"))
    assert plan["status"] == "declared"
    assert plan["declared"]["margin"] == 7
    assert "numpy==" in (packed / "environment.txt").read_text("utf-8")


def test_the_codebook_explains_every_column(packed: Path) -> None:
    """Each column of each table has a unit and a meaning."""
    book = pd.read_csv(packed / "data" / "codebook.csv", keep_default_na=False)
    for name, rows in book.groupby("table"):
        table = pd.read_csv(packed / "data" / f"{name}.csv")
        assert rows["column"].tolist() == list(table.columns)
    assert not (book["meaning"] == "").any()
    assert not (book["unit"] == "").any()


def test_options_come_before_what_the_archive_says(packed: Path, tmp_path: Path) -> None:
    """Another margin is used, and the report marks that it departs from the plan."""
    found = json.loads(report_on(packed, tmp_path / "a", margin=4.0))
    assert found["settings"]["margin"] == 4
    items = {item["what"]: item for item in found["report"]["plan"]["items"]}
    assert items["Equivalence margin"]["departs"] is True
    assert items["Attribute that answers"]["departs"] is False
    page = (tmp_path / "a" / "report.html").read_text("utf-8")
    assert "departs from the plan" in page


def test_a_file_that_was_changed_is_refused(
    packed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One rating altered, one file gone: one sentence, no report."""
    path = packed / "data" / "ratings.csv"
    content = path.read_bytes()
    words = ["mixtrial", "report", str(packed), "--out", str(tmp_path / "o"), "--no-pictures"]
    monkeypatch.setattr(sys, "argv", words)
    try:
        path.write_bytes(content.replace(b",cnn,", b",human,", 1))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 2
        assert "data/ratings.csv of the archive" in capsys.readouterr().err
        path.unlink()
        with pytest.raises(SystemExit):
            cli.main()
        assert "lacks data/ratings.csv" in capsys.readouterr().err
    finally:
        path.write_bytes(content)
    assert not (tmp_path / "o").exists()


def test_an_archive_overwrites_nothing(study: Path, tmp_path: Path) -> None:
    """A folder with something in it stays as it is."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(StoreError, match="is there already"):
        archive(study, out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_plan_that_changed_while_people_took_part_is_not_declared(tmp_path: Path) -> None:
    """On record before the first rating, changed between participants, or after all of them."""
    path = write_study(tmp_path)
    plain = path.read_text("utf-8")
    path.write_text(plain + "analysis: {margin: 5}\n", "utf-8")
    simulate(path, participants=3, seed=1)

    def status() -> str:
        plan = from_study(path, None, None, Choices())[1].plan
        assert plan is not None
        return plan.status

    assert status() == "declared"
    path.write_text(plain + "analysis: {margin: 9}\n", "utf-8")
    assert status() == "late"
    simulate(path, participants=2, seed=5)
    assert status() == "changed"
    path.write_text(plain, "utf-8")
    assert status() == "none"
    versions = open_store(default_database_url(path)).study_versions("harbour-lights")
    assert len(versions) == 3
