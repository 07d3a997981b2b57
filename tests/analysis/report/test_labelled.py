"""Labels of systems and songs: readers see them everywhere, data keep the names."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.findings.models import RandomEffect
from analysis.report.context import ReportContext, ReportPaths
from analysis.report.labelled import labelled_results, labels_of
from analysis.report.write import write_report
from analysis.trial_columns import TRIAL_COLUMNS
from tests.analysis.report.test_report import Page, ratings_of

NAMES = {"random": "sys_r", "baseline": "sys_b", "human": "sys_reference"}
LABELS = {"sys_r": "Chance <1>", "sys_b": "The rules", "sys_reference": "An engineer"}
"""In another order of the alphabet than their names."""


TITLES = {"song0": "Zart & leise", "song1": "Am Morgen", "song2": "Mittag"}


def reported(out: Path, labels: dict[str, str], titles: dict[str, str]) -> ReportPaths:
    """Report of ratings, choices, comments and stimuli, with a hidden reference."""
    ratings = ratings_of(n_participants=6, attributes=("overall",))
    ratings["system"] = ratings["system"].map(NAMES)
    trial = {
        "participant": "P1", "group": "group0", "song": "song0", "part": "taste",
        "trial_kind": "preference", "attribute": "", "system_a": "sys_r",
        "system_b": "sys_b", "answer": "b",
    }  # fmt: skip
    trials = pd.DataFrame([trial]).reindex(columns=[*TRIAL_COLUMNS], fill_value="")
    context = ReportContext(
        systems=tuple(NAMES.values()),
        system_labels=labels,
        song_labels=titles,
        reference="sys_reference",
        with_roles=True,
        comments=pd.DataFrame({"song": ["song0"], "system": ["sys_b"], "comment": ["fine"]}),
        trials=trials,
        manifest=pd.DataFrame(
            {"song": "song0", "system": list(LABELS), "integrated_lufs": -23.0,
             "true_peak_dbtp": -3.0, "lra_lu": 6.0, "duration_s": 12.5}
        ),
        pictures=False,
    )  # fmt: skip
    return write_report(ratings, out, context)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[ReportPaths, ReportPaths]:
    """The same report with and without labels."""
    folder = tmp_path_factory.mktemp("labels")
    plain = reported(folder / "plain", {}, {})
    return reported(folder / "labelled", LABELS, TITLES), plain


def test_readers_see_labels_and_never_names(reports: tuple[ReportPaths, ReportPaths]) -> None:
    """On the page, in its figures and in the paragraph on methods; escaped like any text."""
    labelled, plain = reports
    for path in (labelled.html, labelled.methods):
        text = path.read_text("utf-8")
        assert not [name for name in LABELS if name in text]
        assert "The rules" in text
        assert not [name for name in TITLES if name in text]
    page = labelled.html.read_text("utf-8")
    assert "Zart &amp; leise" in page
    assert "Zart & leise" not in page.replace('"Zart & leise', "")  # in figures' data alone
    assert "Chance <1>" not in labelled.html.read_text("utf-8")
    assert "sys_b" in plain.html.read_text("utf-8")


def test_terms_of_the_model_are_labelled_too() -> None:
    """Inside their brackets, and no song or group that is called as a system is."""
    term = {"term": "group[sys_b]:system[sys_b]", "song": "sys_b"}
    assert labelled_results({"fixed": [term]}, {"system": LABELS}) == {
        "fixed": [{"term": "group[sys_b]:system[The rules]", "song": "sys_b"}]
    }
    context = ReportContext(group_labels={"pro": "Engineers"}, system_labels=LABELS)
    found = labelled_results(
        [{"term": "group[pro]:system[sys_b]", "group": "pro"}], labels_of(context, [])
    )
    assert found == [{"term": "group[Engineers]:system[The rules]", "group": "pro"}]


def test_choices_of_a_plan_are_told_in_labels() -> None:
    """Names that stand alone in a text are labels there; a word that holds one stays."""
    context = ReportContext(
        system_labels={"a": "Codec 1", "cnn": "Ours"}, attribute_labels={"overall": "Quality"}
    )
    told = [{"what": "Contrasts", "declared": "a − cnn; cnn_b − a", "used": "overall, over-all"}]
    assert labelled_results(told, labels_of(context, [])) == [
        {"what": "Contrasts", "declared": "Codec 1 − Ours; cnn_b − Codec 1",
         "used": "Quality, over-all"}
    ]  # fmt: skip


def test_effects_of_songs_go_by_their_titles() -> None:
    """A level of a random term is a song under ``song`` and a person under ``participant``."""
    effect = RandomEffect("song0", 1.0, 0.5)
    found = labelled_results({"song": [effect], "participant": [effect]}, {"song": TITLES})
    assert (found["song"][0].level, found["participant"][0].level) == ("Zart & leise", "song0")


def test_data_keep_the_names(reports: tuple[ReportPaths, ReportPaths]) -> None:
    """results.json and tables are the same with labels as without, and so is every number."""
    labelled, plain = reports
    assert labelled.results.read_text("utf-8") == plain.results.read_text("utf-8")
    files = sorted(path.name for path in plain.tables.iterdir())
    assert files == sorted(path.name for path in labelled.tables.iterdir())
    for name in files:
        assert (labelled.tables / name).read_bytes() == (plain.tables / name).read_bytes()
    numbers = [Page(each.html.read_text("utf-8")).numbers for each in reports]
    assert numbers[0] == numbers[1]


def test_songs_of_one_title_go_by_their_names() -> None:
    """Two takes of a song would be one in every figure."""
    context = ReportContext(song_labels={"take_1": "Amber", "take_2": "Amber"})
    assert labels_of(context, ["take_1", "take_2"]) == {}
    assert labels_of(context, ["take_1", "birch"])["song"] == context.song_labels
