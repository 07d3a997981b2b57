"""A table from elsewhere: on which scale it stands, and what is not read without asking."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from analysis.findings.attribute import Attribute
from analysis.findings.sections import PairNames
from analysis.ratings.table import RatingsError, check_ratings
from analysis.report.sections.answer import between_people
from analysis.results import analyse
from analysis.scale import COLUMNS, Scale, scales_of
from mixtrial.reporting.study_data import StudyFacts
from mixtrial.reporting.table_reader import read_table

HEADER = "participant,song,system,attribute,rating"


def written(folder: Path, *lines: str, header: str = HEADER) -> Path:
    """Path of a CSV file with these lines."""
    path = folder / "mos.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_short_scale_is_asked_for_and_never_guessed(tmp_path: Path) -> None:
    """The sentence names the likely scales and the option."""
    table = written(tmp_path, "A,s,x,overall,1", "A,s,y,overall,5", "B,s,x,overall,")
    with pytest.raises(
        RatingsError, match=r"scales are possible\. Give the scale, such as --scale"
    ):
        read_table(table)
    with pytest.raises(RatingsError, match="or --scale 0:100 if 100 is the maximum"):
        read_table(table)


def test_a_rating_outside_0_to_100_is_told_with_its_row_and_the_option(tmp_path: Path) -> None:
    """It may be a slip, or another scale; given, the scale is taken."""
    table = written(tmp_path, "A,s,x,overall,36.5", "A,s,y,overall,100.5")
    with pytest.raises(RatingsError, match=r"mos\.csv, row 3: The rating 100\.5 .* --scale 0:200"):
        read_table(table)
    assert len(read_table(table, Scale(0, 200)).tables.ratings) == 2


def test_a_file_that_was_read_is_told_with_its_digest(tmp_path: Path) -> None:
    """As what it was read, what was assumed, and that a plain table is nothing special."""
    table = written(tmp_path, "A;s;x;36,5", "A;s;y;60", header="Participant;Song;System;Rating")
    [file] = read_table(table).facts.files
    assert file.sha256 == hashlib.sha256(table.read_bytes()).hexdigest()
    assert file.read_as == (
        "mos.csv is a table: its cells stand between semicolons; it has no column attribute: all "
        "ratings are of overall"
    )
    assert not file.is_usual
    [plain] = read_table(written(tmp_path, "A,s,x,overall,61")).facts.files
    assert plain.is_usual


def test_a_scale_that_is_given_stands_on_every_row(tmp_path: Path) -> None:
    """Words of another scale are not put beside its numbers."""
    table = written(tmp_path, "A,s,x,overall,1", "A,s,y,overall,5")
    data = read_table(table, Scale(1, 5, 1))
    assert scales_of(check_ratings(data.tables.ratings)) == {"overall": Scale(1, 5, 1)}
    assert data.facts.scale_labels == ()


def test_points_of_100_can_be_few(tmp_path: Path) -> None:
    """Said with the option; the table is then as any other."""
    data = read_table(written(tmp_path, "A,s,x,overall,1", "A,s,y,overall,5"), Scale())
    assert not set(COLUMNS) & set(data.tables.ratings)
    assert data.facts.scale_labels == StudyFacts("").scale_labels


@pytest.mark.parametrize(
    ("ends", "scale"), [("1,5,1", Scale(1, 5, 1)), ("0,100,", Scale()), ("0.0,100.0,", Scale())]
)
def test_a_table_that_says_its_scale_is_never_asked(
    tmp_path: Path, ends: str, scale: Scale
) -> None:
    """As `mixtrial export` writes it; the usual words stay with the usual scale alone."""
    header = f"{HEADER},{','.join(COLUMNS)}"
    table = written(tmp_path, f"A,s,x,overall,1,{ends}", f"A,s,y,overall,5,{ends}", header=header)
    data = read_table(table)
    assert scales_of(check_ratings(data.tables.ratings)) == {"overall": scale}
    assert bool(data.facts.scale_labels) == (scale == Scale())
    with pytest.raises(RatingsError, match=r"mos\.csv states its scale itself; leave --scale out"):
        read_table(table, Scale(0, 10))


def test_choices_are_not_asked_for_a_scale_and_need_no_group(tmp_path: Path) -> None:
    """A table of trials has none of both."""
    header = "participant,part,trial_kind,song,attribute,system_a,system_b,answer"
    trials = read_table(written(tmp_path, "A,p,preference,s,o,x,y,a", header=header)).tables.trials
    assert trials is not None
    assert len(trials) == 1


def test_names_that_only_look_alike_are_refused_in_a_file(tmp_path: Path) -> None:
    """Both are told."""
    with pytest.raises(RatingsError, match='systems "cnn" and "CNN"'):
        read_table(written(tmp_path, "A,s,cnn,overall,61", "A,s,CNN,overall,55"))


def test_a_pair_that_nobody_rated_both_of_is_marked_between_people() -> None:
    """One of three systems was rated by everybody, the two others by one half each."""
    rows = [
        (f"P{who}", f"s{song}", system, "overall",
         float((37 * who + 53 * song * song + 11 * len(system) * (who + 2)) % 89))
        for who in range(6) for song in range(4)
        for system in ("human", "cnn" if who < 3 else "baseline")
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=HEADER.split(","))
    section = analyse(table, n_bootstrap=20).attributes["overall"]
    assert isinstance(section, Attribute)
    assert between_people(section) == [PairNames("baseline", "cnn")]
