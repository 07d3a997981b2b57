"""`mixtrial import results` from the command line: what is written, and what is not."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from analysis.ratings.table import RatingsError, check_ratings, fingerprint, read_ratings
from mixtrial.commands import cli
from mixtrial.reporting.table_reader import read_table

TABLE = "participant;song;system;rating\n" + "".join(
    f"{who};{song};{system};{value}\n"
    for who, song, system, value in [
        ("A", "s", "x", "60,5"), ("A", "s", "=cmd|' /C calc'!A0", "40"),
        ("B", "s", "x", "<b>1</b>"),
    ]
)  # fmt: skip
GOOD = TABLE.replace("<b>1</b>", "12,25")


def run(*arguments: object) -> Result:
    """The command as it was called; what goes wrong is in `exception`."""
    return CliRunner().invoke(cli.app, ["import", "results", *map(str, arguments)])


def test_a_table_and_its_notes_are_written(tmp_path: Path) -> None:
    """The notes have the digest of the file and every assumption."""
    source, out = tmp_path / "lab.csv", tmp_path / "table.csv"
    source.write_text(GOOD, encoding="utf-8")
    done = run(source, "--out", out)
    assert done.exit_code == 0, done.output
    assert ",=cmd|' /C calc'!A0," in out.read_text("utf-8")
    notes = (tmp_path / "table.import.md").read_text("utf-8")
    assert hashlib.sha256(source.read_bytes()).hexdigest() in notes
    assert "* assumed: its cells stand between semicolons" in notes
    assert "* assumed: it has no column attribute: all ratings are of overall" in notes
    assert len(read_ratings(out)) == 3


def test_systems_that_begin_as_a_formula_are_the_same_in_file_table_and_report(
    tmp_path: Path,
) -> None:
    """Table and file give the same digest; the notes name what a spreadsheet would calculate."""
    source, out = tmp_path / "lab.csv", tmp_path / "table.csv"
    systems = ["+1", "-6dB", "=x", "@a"]
    rows = "".join(f"A,s,{system},o,{at + 60}\n" for at, system in enumerate(systems))
    source.write_text(f"participant,song,system,attribute,rating\n{rows}", encoding="utf-8")
    assert run(source, "--out", out).exit_code == 0
    reports = [read_table(path).tables.ratings for path in (source, out)]
    assert [sorted(set(table["system"])) for table in reports] == [systems, systems]
    assert fingerprint(check_ratings(reports[0])) == fingerprint(check_ratings(reports[1]))
    notes = (tmp_path / "table.import.md").read_text("utf-8")
    assert "as text alone: system +1, system -6dB, system =x, system @a." in notes


def test_what_is_written_reads_as_what_was_read(tmp_path: Path) -> None:
    """Imported again, the table is the same."""
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    source = tmp_path / "lab.csv"
    source.write_text(GOOD, encoding="utf-8")
    assert run(source, "--out", first).exit_code == 0
    assert run(first, "--out", second).exit_code == 0
    assert fingerprint(read_ratings(first)) == fingerprint(read_ratings(second))
    assert first.read_bytes() == second.read_bytes()


def test_nothing_is_written_where_something_is_wrong(tmp_path: Path) -> None:
    """One sentence; neither table nor notes, and no file half-written."""
    source, out = tmp_path / "lab.csv", tmp_path / "table.csv"
    source.write_text(TABLE, encoding="utf-8")
    done = run(source, "--out", out)
    assert isinstance(done.exception, RatingsError)
    assert re.search(r'Row 4 .*"<b>1</b>" is not a number', str(done.exception))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lab.csv"]


def test_several_files_become_one_table(tmp_path: Path) -> None:
    """One file per participant, as many tools write; the same file twice is refused."""
    for who in "AB":
        text = f"participant,song,system,attribute,rating\n{who},s,x,o,61\n{who},s,y,o,7\n"
        (tmp_path / f"{who}.csv").write_text(text, encoding="utf-8")
    (tmp_path / "again.csv").write_bytes((tmp_path / "A.csv").read_bytes())
    out = tmp_path / "table.csv"
    done = run(tmp_path / "A.csv", tmp_path / "B.csv", "--out", out)
    assert "4 rows of 2 participants" in done.stdout
    assert sorted(set(read_ratings(out)["participant"])) == ["A", "B"]
    again = run(tmp_path / "A.csv", tmp_path / "again.csv", "--out", out)
    assert "A.csv and again.csv are the same file" in str(again.exception)


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("lab.csv", "is one of the files to read"),
        ("t.txt", "must end in .csv"),
        ("nowhere/t.csv", "nowhere is not a folder"),
    ],
)
def test_what_was_read_is_never_written_over(tmp_path: Path, out: str, words: str) -> None:
    """Nor does the table go where no table is looked for."""
    source = tmp_path / "lab.csv"
    source.write_text(GOOD, encoding="utf-8")
    assert words in str(run(source, "--out", tmp_path / out).exception)
    assert source.read_text("utf-8") == GOOD


def test_a_scale_that_nobody_says_is_asked_for(tmp_path: Path) -> None:
    """As the report asks; given, it is in the table."""
    source, out = tmp_path / "mos.csv", tmp_path / "table.csv"
    source.write_text("participant,song,system,rating\nA,s,x,5\nA,s,y,1\n", encoding="utf-8")
    assert "Give the scale, such as --scale 1:5" in str(run(source, "--out", out).exception)
    assert run(source, "--out", out, "--scale", "1:5:1").exit_code == 0
    assert set(read_ratings(out)["scale_maximum"]) == {5.0}


def test_a_table_that_says_its_scale_goes_with_one_that_does_not(tmp_path: Path) -> None:
    """The scale given for the second is the first's own; another one is refused."""
    said, unsaid, out = (tmp_path / name for name in ("said.csv", "unsaid.csv", "table.csv"))
    head = "participant,song,system,rating"
    said.write_text(f"{head},scale_minimum,scale_maximum\nA,s,x,5,1,5\nA,s,y,1,1,5\n", "utf-8")
    unsaid.write_text(f"{head}\nB,s,x,5\nB,s,y,1\n", encoding="utf-8")
    assert "unsaid.csv does not state" in str(run(said, unsaid, "--out", out).exception)
    assert run(said, unsaid, "--out", out, "--scale", "1:5").exit_code == 0
    assert set(read_ratings(out)["scale_maximum"]) == {5.0}
    other = run(said, unsaid, "--out", out, "--scale", "0:10")
    assert "said.csv states its scale itself" in str(other.exception)


CHOICES = "participant,song,system,rating\nA,training,x,60\nA,s,x,61\nB,training,x,62\nB,s,y,63\n"


def test_rows_that_an_option_leaves_out_stand_in_the_notes_with_their_numbers(
    tmp_path: Path,
) -> None:
    """As do all options that were given."""
    source, out = tmp_path / "lab.csv", tmp_path / "table.csv"
    source.write_text(CHOICES.replace("song", "Piece"), encoding="utf-8")
    done = run(
        source, "--out", out, "--without", "song=training", "--map", "song=piece",
        "--rename", "system.y=z", "--decimal", "point",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "2 rows were left out" in done.stderr
    notes = (tmp_path / "table.import.md").read_text("utf-8").splitlines()
    assert "* 4 rows read, 2 left out, 2 rows written" in notes
    assert [line for line in notes if line.startswith("* row ")] == [
        "* row 2 was left out: --without song=training",
        "* row 4 was left out: --without song=training",
    ]
    assert [line for line in notes if line.startswith("* told: ")] == [
        "* told: --map song=piece", "* told: --decimal point", "* told: --rename system.y=z",
        "* told: --without song=training",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--without", "song=Training"),
         "--without: No song is called Training; the nearest is training (found: s, training)"),
        (("--only", "participant=Z"), "--only: No participant is called Z (found: A, B)"),
        (("--only", "song=s", "--without", "song=s"), "leave no row"),
        (("--labels", "Bad,bad,Good"), "--labels has the word Bad twice"),
    ],
)  # fmt: skip
def test_an_option_that_would_do_nothing_or_take_all_is_refused(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    """A typo is told with what there is."""
    source = tmp_path / "lab.csv"
    source.write_text(CHOICES, encoding="utf-8")
    assert words in str(run(source, "--out", tmp_path / "table.csv", *options).exception)
    assert [path.name for path in tmp_path.iterdir()] == ["lab.csv"]


def test_a_value_may_stand_in_one_of_several_files(tmp_path: Path) -> None:
    """A file of which nothing is left is not a fault."""
    for who in "AB":
        text = f"participant,song,system,rating\n{who},s,x,61\n{who},s,y,7\n"
        (tmp_path / f"{who}.csv").write_text(text, encoding="utf-8")
    out = tmp_path / "table.csv"
    done = run(tmp_path / "A.csv", tmp_path / "B.csv", "--out", out, "--without", "participant=A")
    assert done.exit_code == 0, done.output
    assert set(read_ratings(out)["participant"]) == {"B"}
    notes = (tmp_path / "table.import.md").read_text("utf-8")
    assert "* 2 rows read, 2 left out, 0 rows written" in notes


def test_ratings_of_a_wide_row_that_are_left_out_are_counted(tmp_path: Path) -> None:
    """The row itself is kept."""
    source, out = tmp_path / "lab.csv", tmp_path / "table.csv"
    source.write_text("participant,song,x,y,z\nA,s,60,7,9\n", encoding="utf-8")
    done = run(source, "--out", out, "--wide", "system", "--only", "system=x")
    assert done.exit_code == 0, done.output
    notes = (tmp_path / "table.import.md").read_text("utf-8")
    assert "* row 2 was left out: 2 of its 3 ratings, --only system=x" in notes


def test_no_address_of_anybody_comes_into_the_table(tmp_path: Path) -> None:
    """Neither as a name, nor within a longer cell, nor in a comment; each is told."""
    source, out = tmp_path / "lab.csv", tmp_path / "table.csv"
    source.write_text(
        "participant,song,system,rating,contact,comment,kept\n"
        "me@x.org,s,x,60,,loud,1.2.3\nyou@x.org,s,x,61,me@x.org or phone,ask you@x.org,b\n"
        "me@x.org,s,y,62,,from 192.0.2.7,c\n",
        encoding="utf-8",
    )
    done = run(source, "--out", out)
    assert done.exit_code == 0, done.output
    table = read_ratings(out)
    assert table["participant"].tolist() == ["1", "2", "1"]
    assert table["kept"].tolist() == ["1.2.3", "b", "c"]
    assert table["comment"].tolist() == [
        "loud", "ask (address left out)", "from (address left out)",
    ]  # fmt: skip
    notes = (tmp_path / "table.import.md").read_text("utf-8")
    for text in (out.read_text("utf-8"), notes, done.output):
        assert "@" not in text
        assert "192.0" not in text
    assert "* assumed: addresses were left out: contact" in notes
    assert "participants have addresses for names: they are numbered in their order" in notes
    assert fingerprint(table) == fingerprint(check_ratings(read_table(source).tables.ratings))


def test_numbers_in_place_of_addresses_are_of_one_file_alone(tmp_path: Path) -> None:
    """Number 1 of two files is two people, as far as is known; that is told."""
    for who, value in (("me", 61), ("you", 57)):
        text = f"participant,song,system,rating\n{who}@x.org,s,x,{value}\n"
        (tmp_path / f"{who}.csv").write_text(text, encoding="utf-8")
    out = tmp_path / "table.csv"
    done = run(tmp_path / "me.csv", tmp_path / "you.csv", "--out", out)
    assert done.exit_code == 0, done.output
    assert read_ratings(out)["participant"].nunique() == 2
    assert "none of its participants is taken for one of another file" in done.stderr
