"""results.json is what docs/results.schema.json says, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from analysis.findings.json_form import json_form, read_findings
from analysis.ratings.table import read_ratings
from analysis.report.documents.results_schema import results_schema
from analysis.results import without_ratings
from places import RATINGS
from tests.analysis.results_json import analyse
from tests.analysis.results_schema import CLOSED, PUBLISHED, SCHEMA

SETS = ("synA_balanced", "synR_repeats", "synS_singular", "unbalanced_small")


def some(name: str) -> pd.DataFrame:
    """Ratings of a set: eight participants and one attribute are enough for every section."""
    rows = read_ratings(RATINGS / f"{name}.csv")
    people = sorted(rows["participant"].unique())
    attribute = sorted(rows["attribute"].unique())[-1]
    kept = rows["participant"].isin([*people[:4], *people[-4:]])
    return rows[kept & (rows["attribute"] == attribute)]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """Findings of a complete set with groups, with what is computed on request."""
    return analyse(some("synA_balanced"), n_bootstrap=50, also=["pooled_mann_whitney"])


def test_the_schema_is_one() -> None:
    """Draft 2020-12 says so of itself."""
    PUBLISHED.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_committed_schema_is_made_from_the_records() -> None:
    """Run `python -m analysis.report.documents.results_schema` when this fails."""
    assert results_schema() == SCHEMA


def test_findings_read_back_are_the_same(found: dict[str, Any]) -> None:
    """The records of a file have every key and number of it."""
    assert json_form(read_findings(found)) == found


def test_findings_with_groups_are_described_key_by_key(found: dict[str, Any]) -> None:
    """Groups, the pooled test and all sections of the model."""
    CLOSED.validate(found)
    assert {"groups", "pooled_mann_whitney_by_group"} <= set(found["attributes"]["overall"])
    assert found["settings"]["scale"] == {"minimum": 0, "maximum": 100, "step": None}


@pytest.mark.parametrize("name", SETS[1:])
def test_findings_of_other_designs_are_described_key_by_key(name: str) -> None:
    """Repeated ratings, a singular model, missing cells."""
    CLOSED.validate(analyse(some(name), n_bootstrap=50))


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r[r["participant"] == r["participant"].iloc[0]],
        lambda r: r[r["song"] == r["song"].iloc[0]],
        lambda r: r[r["system"] == r["system"].iloc[0]],
        lambda r: r.assign(rating=50.0),
    ],
    ids=["one participant", "one song", "one system", "all equal"],
)
def test_what_cannot_be_estimated_is_described_too(
    change: Callable[[pd.DataFrame], pd.DataFrame],
) -> None:
    """Sections and rows that say why they have no numbers."""
    CLOSED.validate(analyse(change(some("synA_balanced")), n_bootstrap=50))


def test_findings_without_ratings_are_described_too() -> None:
    """All keys are there, and empty."""
    CLOSED.validate(
        json_form(without_ratings(margin=5.0, df_method="satterthwaite", seed=1, why="Nobody."))
    )


def of_version_1(content: dict[str, Any]) -> None:
    """Another version."""
    content["schema_version"] = 1


def without_scale(content: dict[str, Any]) -> None:
    """A key that is needed is not there."""
    del content["settings"]["scale"]


def with_text_for_a_number(content: dict[str, Any]) -> None:
    """A mean in words."""
    content["attributes"]["overall"]["descriptives"][0]["mean"] = "53.2"


def with_a_probability_of_two(content: dict[str, Any]) -> None:
    """P above 1."""
    content["attributes"]["overall"]["lmm"]["pairs"][0]["p"] = 2.0


def without_a_reason(content: dict[str, Any]) -> None:
    """A section without numbers that does not say why."""
    content["attributes"]["overall"]["power"] = {"status": "not estimable"}


@pytest.mark.parametrize(
    "spoil",
    [of_version_1, without_scale, with_text_for_a_number, with_a_probability_of_two,
     without_a_reason],
)  # fmt: skip
def test_what_is_wrong_is_refused(
    spoil: Callable[[dict[str, Any]], None], found: dict[str, Any]
) -> None:
    """Each fault alone, in findings that are right otherwise."""
    content = copy.deepcopy(found)
    assert PUBLISHED.is_valid(content)
    spoil(content)
    assert not PUBLISHED.is_valid(content)


def test_keys_may_be_added_within_a_version(found: dict[str, Any]) -> None:
    """The published schema takes a key that it does not know; the closed one tells of it."""
    content = copy.deepcopy(found)
    content["attributes"]["overall"]["bayes"] = {"status": "ok"}
    assert PUBLISHED.is_valid(content)
    assert not CLOSED.is_valid(content)


def test_results_of_another_form_are_refused_in_one_sentence(found: dict[str, Any]) -> None:
    """As a file from before a key was there: the sentence names the version and the key."""
    without = {key: value for key, value in found["settings"].items() if key != "margin"}
    words = r"written by mixtrial \S+, and this version .* settings\.margin: "
    with pytest.raises(ValueError, match=words) as told:
        read_findings({**found, "settings": without})
    assert "\n" not in str(told.value)
    with pytest.raises(ValueError, match="written by an unknown version of mixtrial"):
        read_findings({})
