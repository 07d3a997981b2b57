"""A rating on its way from the study file's scale through page, database and export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.ratings.table import check_ratings
from analysis.scale import scales_of
from harbour_study import open_installation, write_study
from mixtrial.commands.cli import app
from mixtrial.exports.csv_text import download
from mixtrial.participation.autosave import AutosaveError, save
from mixtrial.participation.enrolment import enrol
from mixtrial.reporting.options import ReportOptions
from mixtrial.reporting.report_context import report_context
from mixtrial.reporting.table_reader import read_table
from mixtrial.server.installation import Installation
from mixtrial.simulation.in_process import simulate_participants

SCALES = """\
range: {minimum: 1, maximum: 5, step: 1, labels: {5: Excellent, 4: Good, 3: Fair, 2: Poor, 1: Bad}}
attributes:
  - {name: overall, question: How good is it}
  - {name: change, question: Better, range: {minimum: -3, maximum: 3, step: 0.5}}
  - {name: warmth, question: How warm, range: {minimum: 0, maximum: 1}}
pages: {training: false}
analysis: {margin: 0.25}
parts:
  - {type: mushra, reference: human}
  - {type: acr, attributes: [overall, warmth]}
  - {type: ape, attributes: [overall, change, warmth]}
  - {type: preference, pairs: [[cnn, baseline]]}
"""
STEPS = {"overall": (1, 5, 1), "change": (-3, 3, 0.5), "warmth": (0, 1, None)}


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A study of three scales."""
    path = write_study(tmp_path, n_songs=2)
    path.write_text(path.read_text("utf-8") + SCALES, "utf-8")
    installation = open_installation(path)
    yield installation
    installation.store.close()


def test_each_exported_rating_lies_on_the_scale_that_stands_beside_it(
    installation: Installation,
) -> None:
    """Simulated listeners use whole steps and labels; a continuous scale has no step; choices stay.

    The hidden reference is found: near the top of the scale, and above the low anchor.
    """
    list(simulate_participants(installation, 6, seed=1))
    path = installation.settings.study_path
    out = path.parent / "ratings.csv"
    said = CliRunner().invoke(app, ["export", str(path), "--out", str(out)])
    assert said.exit_code == 0, said.output
    table = pd.read_csv(out)
    assert set(table["part"]) == {"mushra", "acr", "ape"}
    for name, (minimum, maximum, step) in STEPS.items():
        rows = table[table["attribute"] == name]
        assert (rows["scale_minimum"] == minimum).all()
        assert (rows["scale_maximum"] == maximum).all()
        assert (rows["scale_step"].isna() if step is None else rows["scale_step"] == step).all()
        assert rows["rating"].between(minimum, maximum).all()
        assert rows["rating"].nunique() > 3
        if step is not None:
            assert ((rows["rating"] - minimum) % step == 0).all()
    mushra = table[table["part"] == "mushra"].groupby("system")["rating"].mean()
    assert mushra["human"] > 4.5 > 2.5 > mushra["low_anchor"]
    trials = installation.store.trials(installation.study.identifier)
    assert set(trials["answer"]) <= {"a", "b", "tie"}


def test_a_report_is_in_the_units_of_the_study_and_so_is_one_of_its_table(
    installation: Installation,
) -> None:
    """The scale is the declared one, and the margin of the plan is in its points."""
    list(simulate_participants(installation, 6, seed=1))
    path = installation.settings.study_path
    table = path.parent / "ratings.csv"
    table.write_text(download(installation, "ratings"), "utf-8")
    ratings, _ = report_context(read_table(table), ReportOptions(part="ape"))
    scales = {name: asdict(scale) for name, scale in scales_of(check_ratings(ratings)).items()}
    ends = ("minimum", "maximum", "step")
    assert scales == {name: dict(zip(ends, own, strict=True)) for name, own in STEPS.items()}
    words = ["report", str(path), "--part", "acr", "--out", str(path.parent / "out")]
    said = CliRunner().invoke(app, [*words, "--no-pictures"])
    assert said.exit_code == 0, said.output
    results = json.loads((path.parent / "out" / "results.json").read_text("utf-8"))
    assert results["settings"]["scale"] == {"minimum": 1.0, "maximum": 5.0, "step": 1.0}
    assert results["settings"]["margin"] == 0.25
    page = (path.parent / "out" / "report.html").read_text("utf-8")
    assert "1 to 5 in steps of 1" in page


def saved(installation: Installation, **values: float) -> dict[str, Any]:
    """Save the first page of the axes as a browser does, and return how it comes back."""
    token = enrol(installation).token
    store = installation.store
    store.record_consent(token, "v1", True)
    store.record_questionnaire(token, "hobbyist", "headphones")
    store.record_volume(token, 0.5)
    participant = store.find_participant(token)
    assert participant is not None
    index = next(page.index for page in participant.pages if page.part == "ape")
    state = store.page_state(token, index)
    ratings = [{"slot": 0, "attribute": name, "value": value} for name, value in values.items()]
    body = {"token": token, "page": index, "epoch": state.epoch, "seq": 1, "ratings": ratings}
    save(installation, json.dumps(body))
    stored = store.page_state(token, index, opening=False).ratings
    return {each.attribute: each.value for each in stored}


def test_a_page_takes_the_values_of_its_questions_scales_and_no_other(
    installation: Installation,
) -> None:
    """Each question has bounds and steps of its own, whatever the others have."""
    given = {"overall": 4.0, "change": -2.5, "warmth": 0.123}
    assert saved(installation, **given) == given
    for name, value, sentence in (
        ("overall", 0.0, "ratings: 0 is outside the scale, 1 to 5, step 1"),
        ("overall", 63.0, "ratings: 63 is outside the scale"),
        ("overall", 2.5, "ratings: 2.5 is between two steps of the scale, 1 to 5, step 1"),
        ("change", 2.75, "ratings: 2.75 is between two steps"),
        ("warmth", 1.01, "ratings: 1.01 is outside the scale, 0 to 1"),
    ):
        with pytest.raises(AutosaveError, match=sentence):
            saved(installation, **{name: value})


def test_the_codebook_says_in_which_units_ratings_are(installation: Installation) -> None:
    """They are those of the scale, whose ends are in the table."""
    list(simulate_participants(installation, 1, seed=1))
    book = download(installation, "codebook")
    assert "ratings,rating,points of the scale,the rating" in book
    assert "ratings,scale_minimum,points of the scale,the least rating" in book
