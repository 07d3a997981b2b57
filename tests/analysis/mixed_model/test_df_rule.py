"""Degrees of freedom by a declared rule: who rated what decides."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from analysis.defaults import AUTO, KENWARD_ROGER, SATTERTHWAITE
from analysis.findings.json_form import json_form
from analysis.methods.lmm import fit_default, lmm_section
from analysis.mixed_model.inference import Inference, method_for
from analysis.mixed_model.satterthwaite import degrees_of_freedom


def design(n_participants: int, n_songs: int, in_a: int | None = None) -> pd.DataFrame:
    """Ratings of two systems, of everybody once; `in_a` of the participants are in group a."""
    rows = [
        (f"P{p:02}", "a" if in_a is None or p < in_a else "b", f"s{s:02}", x, "overall",
         40 + (7 * p + 5 * s + 3 * ord(x) + p * s * ord(x)) % 19)
        for p, s, x in product(range(n_participants), range(n_songs), "xy")
    ]  # fmt: skip
    return pd.DataFrame(
        rows, columns=["participant", "group", "song", "system", "attribute", "rating"]
    )


BALANCED = design(10, 10)
AGAIN = BALANCED.assign(rating=BALANCED["rating"] + [n % 3 for n in range(len(BALANCED))])


@pytest.mark.parametrize(
    ("rows", "method"),
    [
        (BALANCED, SATTERTHWAITE),
        (design(10, 10, in_a=5), SATTERTHWAITE),
        (pd.concat([BALANCED, AGAIN]), SATTERTHWAITE),  # everything rated twice
        (design(9, 10), KENWARD_ROGER),
        (design(10, 9), KENWARD_ROGER),
        (design(10, 10, in_a=4), KENWARD_ROGER),
        (BALANCED.iloc[1:], KENWARD_ROGER),  # one rating is missing
        (BALANCED[(BALANCED["song"] != "s03") | (BALANCED["system"] != "x")], KENWARD_ROGER),
    ],
)
def test_small_and_unbalanced_designs_get_kenward_roger(rows: pd.DataFrame, method: str) -> None:
    """Ten of each, rated alike by everybody, is neither; a rating less on either side is."""
    assert method_for(fit_default(rows).model.design) == method


def test_the_rule_gives_the_numbers_of_the_method_it_names() -> None:
    """`auto` is not a third method; the section says which one it came to."""
    rows = design(10, 9)
    found = json_form(lmm_section(rows, ["x", "y"], 5.0, AUTO))
    assert found["df_method"] == KENWARD_ROGER
    assert found["pairs"] == json_form(lmm_section(rows, ["x", "y"], 5.0, KENWARD_ROGER))["pairs"]
    assert Inference(fit_default(BALANCED).model, AUTO).method == SATTERTHWAITE


def test_a_variance_that_is_as_good_as_known_has_a_million_degrees_of_freedom() -> None:
    """2 v^2 / Var(v), and no number of thirty digits where Var(v) is the rounding error of zero."""
    found = degrees_of_freedom(np.full(3, 3.0), np.array([0.5, 1e-30, 0.0]))
    assert found.tolist() == [36.0, 1e6, 1e6]
