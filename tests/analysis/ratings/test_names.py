"""Names that only look alike are refused, with both of them told."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.ratings.names import refuse_names_that_look_alike
from analysis.ratings.table import RatingsError


@pytest.mark.parametrize(
    ("column", "names", "words"),
    [
        ("system", ("cnn", "CNN"), 'the systems "cnn" and "CNN", which only look alike'),
        ("song", ("straße", "STRASSE"), "the songs"),
        ("song", ("Caf\u00e9", "Cafe\u0301"), r"'Caf\\xe9' and 'Cafe\\u0301'"),
        ("system", ("cnn", "cn\u200bn"), r'"cnn" and \'cn\\u200bn\''),
        ("participant", ("P 1", "P\u00a01"), "the participants"),
        ("attribute", ("low  end", "low end"), "the attributes"),
        ("participant", ("P01", "P01\x00"), r"'P01\\x00' holds the control character U\+0000"),
        ("group", ("pro", "am\x07"), r"The group 'am\\x07' holds the control character U\+0007"),
    ],
)
def test_two_names_that_a_reader_takes_for_one_are_refused(
    column: str, names: tuple[str, str], words: str
) -> None:
    """Capitals, accents, characters without width, kinds of spaces, control characters."""
    with pytest.raises(RatingsError, match=words):
        refuse_names_that_look_alike(pd.DataFrame({column: names}))


def test_sides_of_a_comparison_are_systems_together() -> None:
    """A name on the left and its likeness on the right are two systems too many."""
    with pytest.raises(RatingsError, match='systems "s1" and "S1"'):
        refuse_names_that_look_alike(pd.DataFrame({"system_a": ["s1"], "system_b": ["S1"]}))


def test_names_that_differ_or_have_spaces_around_them_are_taken() -> None:
    """Another column may have the same name in other letters; NFKC's likenesses are names too."""
    table = pd.DataFrame(
        {"system": ["cnn", " cnn ", "cnn2", "cnn²"], "song": ["CNN", "CNN", "a-b", "a b"]}
    )
    refuse_names_that_look_alike(table)
    assert table["system"].tolist()[1] == " cnn "
