"""Reading and checking of rating tables."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.ratings.table import (
    RatingsError,
    check_ratings,
    fingerprint,
    of_attribute,
    participant_means,
    read_ratings,
)

HEADER = "participant,group,song,system,attribute,rating"


def written(folder: Path, *lines: str, header: str = HEADER) -> Path:
    """Path of a CSV file with these lines."""
    path = folder / "ratings.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_plain_table_is_read_with_its_texts_kept(tmp_path: Path) -> None:
    """Participant "007" stays text, ratings are numbers, extra columns stay behind the six."""
    header = "rating,participant,song,system,attribute,comment"
    frame = read_ratings(
        written(tmp_path, '53.5,007,one,cnn,overall,"loud, bright"', header=header)
    )
    assert list(frame.columns) == [
        "participant", "group", "song", "system", "attribute", "rating", "comment",
    ]  # fmt: skip
    assert frame.loc[0].tolist() == ["007", "all", "one", "cnn", "overall", 53.5, "loud, bright"]


def test_missing_cells_are_allowed(tmp_path: Path) -> None:
    """An empty rating is a missing cell and takes no part in a mean."""
    frame = read_ratings(
        written(
            tmp_path,
            "A,pro,one,cnn,overall,",
            "A,pro,two,cnn,overall,40",
            "A,pro,one,x,overall,NA",
            "A,pro,two,x,overall,10",
        )
    )
    assert frame["rating"].isna().sum() == 2
    assert participant_means(of_attribute(frame, "overall")).loc["A"].tolist() == [40.0, 10.0]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["A,pro,one,cnn,overall,5O"], r'Row 2 \(participant A, song one.*"5O" is not a number'),
        (["A,pro,one,cnn,overall," + "5O" * 10_000], r'rating "(5O){30}…" is not a number'),
        (["A,pro,one,cnn,overall,5", "B,pro,one,cnn,overall,101"], r"Row 3 \(participant B.*101"),
        (["A,pro,one,cnn,overall,-1"], "outside the scale"),
        (["A,pro,one,cnn,overall,inf"], "outside the scale"),
        (["A,pro,one,cnn,overall,5", "A,pro,one,cnn,overall,6"], "Rows 2 and 3 .*participant A"),
        (
            ["A,pro,one,cnn,overall,5", "A,new,two,cnn,overall,6"],
            "A is in more than one group: new and pro",
        ),
        (["A,pro,,cnn,overall,5"], "Row 2 has no song"),
        (["A,pro,one,cnn,overall,"], "every rating cell is empty"),
        ([], "no rows"),
    ],
)
def test_bad_tables_are_refused_with_one_sentence(
    tmp_path: Path, lines: list[str], words: str
) -> None:
    """The message names the row and the participant, in one sentence."""
    with pytest.raises(RatingsError, match=words) as caught:
        read_ratings(written(tmp_path, *lines))
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    """The message says which columns lack and which were found."""
    with pytest.raises(RatingsError, match=r"lacks the columns song, system \(found: participant"):
        read_ratings(written(tmp_path, header="participant,attribute,rating"))


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    """Missing, empty, binary and folder: a sentence each."""
    with pytest.raises(RatingsError, match="There is no rating file"):
        read_ratings(tmp_path / "nothing.csv")
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    with pytest.raises(RatingsError, match="empty"):
        read_ratings(empty)
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"participant,rating\n\xff\xfe\x00,1\n")
    with pytest.raises(RatingsError, match="not a readable UTF-8 CSV"):
        read_ratings(binary)
    with pytest.raises(RatingsError, match="cannot be read"):
        read_ratings(tmp_path)


def test_replicates_are_no_duplicates(tmp_path: Path) -> None:
    """With a replicate column the same cell may be rated twice, but no replicate twice."""
    header = HEADER + ",replicate"
    frame = read_ratings(written(tmp_path, "A,p,one,cnn,o,5,1", "A,p,one,cnn,o,7,2", header=header))
    assert len(frame) == 2
    with pytest.raises(RatingsError, match="rate the same stimulus twice"):
        read_ratings(written(tmp_path, "A,p,one,cnn,o,5,1", "A,p,one,cnn,o,7,1", header=header))


def test_a_table_from_the_store_passes_unchanged() -> None:
    """A DataFrame with numbers and gaps is checked the same way and not modified."""
    frame = pd.DataFrame(
        {
            "participant": [1, 2], "group": [None, None], "song": "s", "system": "x",
            "attribute": "o", "rating": [1.0, None],
        }
    )  # fmt: skip
    before = frame.copy()
    checked = check_ratings(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert checked["participant"].tolist() == ["1", "2"]
    assert set(checked["group"]) == {"all"}


def test_fingerprint_ignores_the_order_of_rows(tmp_path: Path) -> None:
    """Shuffled rows have the same fingerprint; a changed rating has another."""
    lines = ["A,p,one,cnn,o,5", "A,p,one,x,o,7", "B,p,one,cnn,o,9"]
    first = fingerprint(read_ratings(written(tmp_path, *lines)))
    assert fingerprint(read_ratings(written(tmp_path, *reversed(lines)))) == first
    assert fingerprint(read_ratings(written(tmp_path, *lines[:2], "B,p,one,cnn,o,9.5"))) != first
