"""docs/learning.md, the model card and the README say what ``mixtrial evaluate`` found."""

from __future__ import annotations

import re

import pytest

from mixing.learning.evaluation.evaluate import CAUTIOUS, CNN, CONSTANT, NETWORK
from mixing.learning.evaluation.published_table import COLUMNS
from mixing.learning.evaluation.unheard import MOST
from mixing.learning.features.targets import NETWORKS
from mixing.learning.weight_files import read_index, read_weights
from places import ROOT
from tests.mixing.learning.printed_figures import (
    GROUPS,
    by_group,
    evaluation,
    group_rows,
    main_table,
)

DOCS = (ROOT / "docs" / "learning.md").read_text(encoding="utf-8")
KINDS = {"network": NETWORK, "ships": CNN, "shrunk": CAUTIOUS, "constant": CONSTANT}


def test_the_page_has_both_tables() -> None:
    """Figure by figure; another evaluation asks for the page to be written anew."""
    assert main_table(evaluation()) in DOCS
    assert group_rows(by_group(), "EQ gain") in DOCS


def test_no_column_loses_to_the_constant_on_groups_held_out() -> None:
    """Mean over groups; the constant itself where a network does not carry to other singers."""
    table = evaluation()
    assert table.index.get_level_values("column").nunique() == 13
    for column in COLUMNS:
        own = table.loc[column.name]["mae"]
        assert own[CNN] <= MOST * own[CONSTANT]


@pytest.mark.parametrize("task", list(NETWORKS))
def test_what_ships_follows_from_the_groups_held_out(task: str) -> None:
    """No output of a column that the table calls the constant answers otherwise; cards agree."""
    table, entry = evaluation(), read_index()["networks"][task]
    for column in (column for column in COLUMNS if column.task == task):
        own = table.loc[column.name]["mae"]
        answers = [name for name in column.outputs if entry["shrinkage"][name] > 0]
        assert not (answers and own[CNN] == own[CONSTANT]), f"{answers} answer all the same"
        for kind, predictor in KINDS.items():
            if kind in entry["held_out_error"]:
                errors = [entry["held_out_error"][kind][name] for name in column.outputs]
                mean = column.scale * sum(errors) / len(errors)
                assert mean == pytest.approx(own[predictor], rel=2e-3), (column.name, kind)
            else:
                assert predictor not in own.index
    shrinkage = read_weights(task)["shrinkage"].tolist()
    assert [factor > 0 for factor in shrinkage] == [
        factor > 0 for factor in entry["shrinkage"].values()
    ]
    n_songs, n_groups = (int(own.max()) for own in (
        table.loc[[column.name for column in COLUMNS if column.task == task]][key]
        for key in ("n_songs", "n_groups")
    ))  # fmt: skip
    assert entry["judged_on"] == {"songs": n_songs, "groups": n_groups}


def test_the_readme_says_how_many_outputs_answer() -> None:
    """And of how many groups of singers that was found."""
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    entries = read_index()["networks"].values()
    n_on = sum(factor > 0 for entry in entries for factor in entry["shrinkage"].values())
    n_groups = max(entry["judged_on"]["groups"] for entry in entries)
    assert n_groups == len(GROUPS) == by_group().loc["EQ gain"].shape[0]
    found = (
        r"on (\w+) held-out groups of singers\. (\w+) of the networks is reliably better than a "
        r"constant"
    )
    said = re.search(found, text)
    assert said is not None
    assert said.groups() == ("six", "None")
    assert (n_groups, n_on) == (6, 0)
