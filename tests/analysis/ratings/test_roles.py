"""Reference and anchors: who is screened by them is known, and no test or model has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.ratings.roles import kept_apart
from analysis.ratings.table import check_ratings
from tests.analysis.results_json import analyse

SHOWN = ("descriptives", "songs", "n_ratings")
"""Findings of an attribute about everything that was rated."""


def mushra(n_participants: int = 10, n_songs: int = 4) -> pd.DataFrame:
    """Three codecs close together, a reference at the top, an anchor at the bottom.

    The first listener rates the reference at 70, which the post-screening forbids.
    """
    rng = np.random.default_rng(4)
    centre = {"anchor": 12.0, "codec a": 55.0, "codec b": 60.0, "codec c": 64.0, "original": 99.0}
    spread = dict.fromkeys(centre, 9.0) | {"original": 1.0}
    rows = [
        (f"P{who:02}", f"s{song}", name, "quality", 70.0 if (who, name) == (0, "original") else
         np.clip(value + rng.normal(0, spread[name]), 0, 100))
        for who in range(n_participants)
        for song in range(n_songs)
        for name, value in centre.items()
    ]  # fmt: skip
    columns = ["participant", "song", "system", "attribute", "rating"]
    return check_ratings(pd.DataFrame(rows, columns=columns))


@pytest.mark.parametrize(
    ("choice", "apart"),
    [
        ({}, ("anchor", "original")),
        ({"with_roles": True}, ()),
        ({"contrasts": [("codec a", "original")]}, ("anchor",)),
        ({"contrasts": [("codec a", "codec b")]}, ("anchor", "original")),
    ],
)
def test_roles_stand_apart_unless_a_contrast_or_whoever_asks_wants_them(
    choice: dict[str, Any], apart: tuple[str, ...]
) -> None:
    """A declared mid anchor that nobody rated changes nothing."""
    systems = ("anchor", "codec a", "codec b", "original")
    roles = ("original", None, "anchor", "rated by nobody")
    assert kept_apart(systems, roles, **choice) == apart


def test_where_nothing_else_was_rated_roles_are_compared() -> None:
    """A table of a reference and its anchor alone is a comparison of the two."""
    assert kept_apart(["anchor", "original"], ["original", "anchor"]) == ()


def test_no_test_or_model_has_what_is_kept_apart_and_description_and_screening_have_it() -> None:
    """All else is what the same ratings without those two systems give, digit by digit."""
    table = mushra()
    found = analyse(table, reference="original", low_anchor="anchor", n_bootstrap=20)
    assert found["settings"]["apart"] == ["anchor", "original"]
    assert [one["participant"] for one in found["data"]["excluded"]] == ["P00"]
    rest = table[~table["system"].isin(["anchor", "original"]) & (table["participant"] != "P00")]
    alone = analyse(rest, n_bootstrap=20)["attributes"]["quality"]
    quality = found["attributes"]["quality"]
    assert quality["sensitivity"].pop("no_exclusions")["omnibus"]["df1"] == 2
    for key in set(quality) - set(SHOWN):
        assert quality[key] == alone[key], key
    assert [row["system"] for row in quality["descriptives"]] == sorted(set(table["system"]))
    assert {row["system"] for row in quality["songs"]} == set(table["system"])
    assert (quality["n_ratings"], quality["lmm"]["n_ratings"]) == (9 * 4 * 5, 9 * 4 * 3)


def test_with_roles_they_are_systems_like_all_others() -> None:
    """Ten pairs of five systems, and what was found before there were roles."""
    table = mushra()
    names = {"reference": "original", "low_anchor": "anchor"}
    both = analyse(table, **names, with_roles=True, n_bootstrap=20)
    assert both["settings"]["apart"] == []
    model = both["attributes"]["quality"]["lmm"]
    assert model["omnibus"]["system"]["df1"] == 4
    assert len(model["pairs"]) == 10


def test_one_system_beside_its_reference_is_said_to_be_alone() -> None:
    """The warning names what stands apart, and how it is compared."""
    table = mushra(5, 3)
    table = table[table["system"].isin(["codec a", "original"])]
    found = analyse(table, reference="original", n_bootstrap=20)
    told = "Only codec a is compared, because original is the reference or an anchor. To compare"
    assert any(sentence.startswith(told) for sentence in found["data"]["warnings"])
    assert found["attributes"]["quality"]["lmm"]["status"] == "not estimable"
    asked = analyse(
        table, reference="original", contrasts=[("original", "codec a")], n_bootstrap=20
    )
    (pair,) = asked["attributes"]["quality"]["lmm"]["pairs"]
    assert (pair["a"], pair["b"], pair["verdict"]) == ("codec a", "original", "different")
