"""The design graph: who heard which systems, and what is said where nobody heard both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.findings.json_form import json_form
from analysis.findings.sections import PairNames
from analysis.ratings.overlap import overlap
from analysis.report.sections.answer import Answer, answer_of
from analysis.results import analyse


def heard(systems_of: Mapping[str, str], n_songs: int = 4) -> pd.DataFrame:
    """Ratings of each listener of the systems that are the letters behind the name."""
    rng = np.random.default_rng(6)
    cells = [
        (who, "all", f"s{song}", name, "overall", 40 + 8 * "abcd".index(name) + rng.normal(0, 6))
        for who, names in systems_of.items()
        for song in range(n_songs)
        for name in names
    ]
    columns = ["participant", "group", "song", "system", "attribute", "rating"]
    return pd.DataFrame(cells, columns=columns)


CHAIN = {"P1": "ab", "P2": "ab", "P3": "bc", "P4": "bc", "P5": "bc"}
APART = {"P1": "ab", "P2": "ab", "P3": "ab", "P4": "cd", "P5": "cd", "P6": "cd"}


def test_a_chain_of_listeners_connects_systems_that_nobody_heard_both_of() -> None:
    """``a`` and ``c`` meet in ``b``."""
    found = overlap(heard(CHAIN))
    assert found.sets == (("a", "b", "c"),)
    assert found.between_people == (("a", "c"),)


def test_without_a_chain_systems_fall_into_sets() -> None:
    """Two sets, and four pairs that nobody heard both of."""
    found = overlap(heard(APART))
    assert found.sets == (("a", "b"), ("c", "d"))
    assert found.between_people == (("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"))


def pairs_in(found: object) -> Iterator[dict[str, Any]]:
    """Every row of a finding that is about two systems."""
    if isinstance(found, dict):
        if {"a", "b"} <= found.keys():
            yield found
        for part in found.values():
            yield from pairs_in(part)
    elif isinstance(found, list):
        for part in found:
            yield from pairs_in(part)


def test_no_finding_compares_systems_across_sets() -> None:
    """Neither a model nor a companion nor a variant has numbers for them, and each says why.

    Holm's adjustment is over the two pairs that are compared: the smaller p is doubled.
    """
    section = json_form(analyse(heard(APART), n_bootstrap=20))["attributes"]["overall"]
    across = {frozenset(pair) for pair in ("ac", "ad", "bc", "bd")}
    rows = [row for key, part in section.items() if key != "overlap" for row in pairs_in(part)]
    for row in rows:
        if {row["a"], row["b"]} in across:
            assert row["status"] == "not estimable"
            assert "estimate" not in row
    for model in ("lmm", "lmm_unequal", "ordinal"):
        why = {row["why"] for row in section[model]["pairs"] if row["a"] + row["b"] == "ac"}
        assert why == {
            ("No chain of listeners connects a and c, so a difference may be a difference between "
             "people."),
        }  # fmt: skip
        first, second = sorted(
            (row for row in section[model]["pairs"] if "p" in row), key=lambda row: row["p"]
        )
        assert first["p_holm"] == pytest.approx(min(1.0, 2 * first["p"]))
        assert second["p_holm"] == pytest.approx(max(second["p"], first["p_holm"]))
    assert len(rows) > 30


def test_no_finding_tests_all_systems_at_once_across_sets() -> None:
    """Every model and variant says why in place of its test; the ordinal one has no p beside it."""
    section = json_form(analyse(heard(APART), n_bootstrap=20))["attributes"]["overall"]
    z_scores = section["sensitivity"]["z_scores"]["omnibus"]
    models = [section[name]["omnibus"]["system"] for name in ("lmm", "lmm_unequal", "ordinal")]
    for found in (*models, z_scores):
        assert found["status"] == "not estimable"
        assert found["why"].endswith("would compare people: a, b; c, d.")
        assert not {"f", "p"} & found.keys()
    assert (section["ordinal"]["lr"], section["ordinal"]["p"]) == (None, None)


def test_the_answer_names_pairs_that_share_no_song() -> None:
    """System c was heard on songs of its own; by everybody, so that no pair is between people."""
    rng = np.random.default_rng(2)
    stimuli = [*product("123", "ab"), *product("456", "c")]
    rows = pd.DataFrame(
        [(who, song, system) for who in "PQRSTU" for song, system in stimuli],
        columns=["participant", "song", "system"],
    ).assign(group="all", attribute="overall")
    rows["rating"] = rng.normal(50, 9, len(rows))
    told = answer_of(analyse(rows, n_bootstrap=20).attributes["overall"], list("abc"), [])
    assert isinstance(told, Answer)
    assert told.between_songs == [PairNames("a", "c"), PairNames("b", "c")]
    assert told.between_people == []


def test_the_answer_names_pairs_between_people_and_sets() -> None:
    """Pairs with numbers alone are marked; sets stand where there is more than one."""
    chain = analyse(heard(CHAIN), n_bootstrap=20).attributes["overall"]
    told = answer_of(chain, list("abc"), [])
    assert isinstance(told, Answer)
    assert (told.between_people, told.sets) == ([PairNames("a", "c")], ())
    apart = analyse(heard(APART), n_bootstrap=20).attributes["overall"]
    told = answer_of(apart, list("abcd"), [])
    assert isinstance(told, Answer)
    assert (told.between_people, told.sets) == ([], (("a", "b"), ("c", "d")))
    assert {frozenset((row.higher, row.lower)) for row in told.pairs} == {
        frozenset("ab"), frozenset("cd"),
    }  # fmt: skip
