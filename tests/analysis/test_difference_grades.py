"""Difference grades of BS.1116-3 and the post-screening by them; t tests are R's ``t.test``."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.exclusions.difference_grades import (
    difference_grades,
    guessers,
    rules_on_guessers,
    told_p,
)
from analysis.ratings.table import RatingsError, check_ratings
from analysis.results import analyse
from analysis.scale import Scale, scales_of

HEARS = (-1.2, -0.4, 0.0, -0.9, 0.3, -1.6, -0.2, 0.1)
GUESSES = (-0.3, 0.2, 0.4, -0.1, 0.0, -0.2, 0.3, -0.2)


def grades(**differences: tuple[float, ...]) -> pd.DataFrame:
    """Pages of listeners: whichever of system and reference was taken for the reference has 5."""
    rows = []
    for who, own in differences.items():
        for page, difference in enumerate(own):
            pair = (5.0 + min(difference, 0.0), 5.0 - max(difference, 0.0))
            for system, grade in zip(("codec", "original"), pair, strict=True):
                rows.append((who, f"song{page % 4}", system, grade, page // 4, page))
    names = ["participant", "song", "system", "rating", "replicate", "page_index"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(
        attribute="overall", scale_minimum=1.0, scale_maximum=5.0, scale_step=0.1,
        graded_against="original",
    )  # fmt: skip


def test_a_difference_is_the_systems_grade_less_that_of_the_reference_beside_it() -> None:
    """Of each page, whatever other pages have; on a scale as wide to both sides."""
    table = check_ratings(difference_grades(grades(ann=HEARS, bob=GUESSES)))
    assert set(table["system"]) == {"codec"}
    assert list(table.loc[table["participant"] == "ann", "rating"]) == list(HEARS)
    assert list(table.loc[table["participant"] == "bob", "rating"]) == list(GUESSES)
    assert scales_of(table) == {"overall": Scale(-4, 4, 0.1)}


def test_a_table_of_other_ratings_stays_as_it_is() -> None:
    """Without the name of a hidden reference nothing is a difference."""
    other = grades(ann=HEARS).assign(graded_against="")
    assert difference_grades(other) is other
    assert rules_on_guessers(other, are_left_out=True) == []


def test_a_reference_that_was_not_graded_leaves_no_difference() -> None:
    """The rating is empty, not the bare grade."""
    table = grades(ann=HEARS)
    without = table[~((table["page_index"] == 2) & (table["system"] == "original"))]
    assert difference_grades(without)["rating"].isna().sum() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda table: pd.concat([table, table[1:2]]), "graded twice by ann on page 0 "),
        (lambda table: table.drop(columns="page_index"), "add a column page_index"),
        (lambda table: table.drop(columns="scale_minimum"), "not their scale"),
    ],
)
def test_grades_that_have_no_difference_are_refused(change: object, sentence: str) -> None:
    """One sentence each."""
    assert callable(change)
    with pytest.raises(RatingsError, match=sentence):
        difference_grades(change(grades(ann=HEARS)))


def test_the_test_is_the_one_sided_t_test_of_r() -> None:
    """``t.test(x, alternative = "less")$p.value``; constant differences have no spread."""
    assert told_p(HEARS) == pytest.approx(0.0405608549124073, rel=1e-12)
    assert told_p(GUESSES) == pytest.approx(0.552413569466112, rel=1e-12)
    assert told_p((-0.5, -0.5)) == 0.0
    assert told_p((0.0, 0.0)) == told_p((0.5, 0.5)) == 1.0


def test_whoever_cannot_tell_the_reference_is_left_out_unless_the_study_says_otherwise() -> None:
    """Bob guesses; Cid has one grade and is not judged."""
    table = check_ratings(difference_grades(grades(ann=HEARS, bob=GUESSES, cid=(0.5,))))
    [left_out] = guessers(table, are_left_out=True)
    assert (left_out.participant, left_out.unit, left_out.threshold) == ("bob", "p", 0.05)
    assert left_out.value == pytest.approx(0.552413569466112)
    assert guessers(table, are_left_out=False) == []
    [rule] = rules_on_guessers(table, are_left_out=True)
    assert (rule.applied, rule.source) == (True, "ITU-R BS.1116-3, clause 3.2.2")
    [rule] = rules_on_guessers(table, are_left_out=False)
    assert (rule.applied, rule.n_not_judged) == (False, 3)


def test_findings_are_of_those_who_tell_the_reference() -> None:
    """The exclusion is among the data's, and the means are those of the others."""
    table = difference_grades(grades(ann=HEARS, bob=GUESSES, dee=HEARS))
    kept = analyse(table, n_bootstrap=50)
    assert [each.participant for each in kept.data.excluded] == ["bob"]
    everybody = analyse(table, n_bootstrap=50, leaves_out_guessers=False)
    assert everybody.data.excluded == []
