"""The answer says what a comparison rests on: songs, people, spread; and equal means are equal."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.report.context import ReportContext, ReportPaths
from analysis.report.write import write_report

MEANS = {"a": 40.0, "b": 44.0, "c": 70.0}


def ratings_of(cells: Iterable[tuple[str, str, str]], fixed: Mapping[str, float]) -> pd.DataFrame:
    """Ratings of (participant, song, system); systems in `fixed` always have that rating."""
    rng = np.random.default_rng(4)
    rows = pd.DataFrame(cells, columns=["participant", "song", "system"])
    drawn = rows["system"].map(MEANS) + rng.normal(0, 6, len(rows))
    rating = rows["system"].map(fixed).fillna(drawn.round())
    group = rows["participant"].map({"P5": "novice", "P6": "novice"}).fillna("expert")
    return rows.assign(group=group, attribute="overall", rating=rating)


def text_of(page: str) -> str:
    """Text that a reader sees, tags and line breaks aside."""
    body = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", body)).split())


def report_on(ratings: pd.DataFrame, folder: Path) -> ReportPaths:
    """A report without pictures."""
    return write_report(ratings, folder, ReportContext(pictures=False))


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> ReportPaths:
    """Systems a and b by six on four songs; c, always rated 90, on a song of its own by two.

    Only P5 and P6, the novices, heard c, and none of them a: a and c are between people, too.
    """
    cells = [*product(("P1", "P2", "P3", "P4"), "1234", "ab"), *product(("P5", "P6"), "1234", "b")]
    cells += [(who, "5", "c") for who in ("P5", "P6")]
    return report_on(ratings_of(cells, {"c": 90.0}), tmp_path_factory.mktemp("apart"))


def test_a_system_on_fewer_songs_or_by_fewer_people_is_named_so_in_the_answer(
    apart: ReportPaths,
) -> None:
    """In the headline beside its name, and in a sentence; b has four of the five songs."""
    said = text_of(apart.html.read_text("utf-8"))
    assert "rated c (rated on 1 of 5 songs by 2 of 6 listeners) highest, above every" in said
    assert (
        "Fewer songs: c was rated on 1 of 5 songs. The results for this system are based on this"
        in said
    )
    assert "Fewer listeners: c was rated by 2 of 6. The results for this system are" in said
    assert "b was rated on" not in said
    methods = apart.methods.read_text("utf-8")
    assert "on fewer songs than other systems: c was rated on 1 of 5." in methods
    assert "by fewer listeners than other systems: c was rated by 2 of 6." in methods


def test_what_no_song_and_nobody_joins_is_marked_wherever_it_is_told(apart: ReportPaths) -> None:
    """Pairs, the test of all systems, and coefficients; in results.json with the reason."""
    said = text_of(apart.html.read_text("utf-8"))
    assert "a − c (between people and songs)" in said
    assert "b − c (between songs)" in said
    assert "a − b (between" not in said
    mark = "(between songs: no chain of songs connects all systems, so this test also compares"
    assert said.count(mark) >= 2
    assert "system[a] (between songs)" in said
    assert mark in apart.methods.read_text("utf-8")
    content: Any = json.loads(apart.results.read_text("utf-8"))
    section = content["attributes"]["overall"]
    why = (
        "No chain of songs connects these sets of systems, so songs are compared as well as "
        "systems: a, b; c."
    )
    assert section["lmm"]["omnibus"]["system"]["caution"] == why
    assert [row.get("caution") for row in section["lmm"]["fixed"]] == [None, why, why]
    assert {row["caution"] for row in section["ordinal"]["coefficients"]} == {why}
    assert section["overlap"]["song_sets"] == [["a", "b"], ["c"]]


def test_groups_that_heard_different_systems_are_told(apart: ReportPaths) -> None:
    """The model has no groups then, so that means are not said to weigh them alike."""
    said = text_of(apart.html.read_text("utf-8"))
    assert (
        "Groups that heard different systems: nobody of expert rated c; nobody of novice rated a. "
        "The results for such a system come from the other listeners" in said
    )
    assert "The listener groups have equal weights" not in said
    assert "nobody of expert rated c; nobody of novice rated a." in apart.methods.read_text("utf-8")


def test_a_system_without_spread_is_told_with_what_its_interval_rests_on(
    apart: ReportPaths,
) -> None:
    """Every rating of c is 90; the model with a spread of each system's own says why it is not."""
    said = text_of(apart.html.read_text("utf-8"))
    assert (
        "No spread: every rating of c is 90.0. The variation of such ratings cannot be estimated. "
        "The intervals use the variation of the ratings of the other systems." in said
    )
    assert "The ratings of c have no residual spread." in said


def test_equal_means_are_told_as_equal_and_not_in_an_order(tmp_path: Path) -> None:
    """The ratings of b are those of a in another order over listeners."""
    cells = product(("P1", "P2", "P3", "P4"), "123", "ab")
    rows = ratings_of(cells, {})
    of_a = rows[rows["system"] == "a"]["rating"].to_numpy()
    rows.loc[rows["system"] == "b", "rating"] = of_a[::-1]
    said = text_of(report_on(rows, tmp_path).html.read_text("utf-8"))
    assert (
        "No system is shown to be better than all others. a and b have the highest mean (equal in "
        "all printed digits). a is not shown to differ from b." in said
    )
    assert "The means of a and b are equal in all printed digits. The difference of" in said
    assert "0.0 points above" not in said
