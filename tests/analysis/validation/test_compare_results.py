"""Two results.json are the same only where every value is, new names aside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from analysis.validation.compare_results import Renames, differences

OLD = {"schema": 1, "attributes": {"overall": {"seed": [{"p": 0.04}], "n": 3}}, "seed": 7}
NEW = {"schema": 2, "attributes": {"overall": {"pooled": [{"p": 0.04}], "n": 3}}, "seed": 7}
RENAMES = Renames(keys={"attributes.*.seed": "pooled"}, values={"schema": [(1, 2)]})


def found(old: Any, new: Any, renames: Renames) -> list[str]:
    """Differences once the old content has its new names."""
    return list(differences(renames.renamed(old), new, renames))


def test_a_new_name_is_no_difference_where_it_was_declared() -> None:
    """The path says which key is meant: the random seed keeps its name."""
    assert found(OLD, NEW, RENAMES) == []
    assert len(found(OLD, NEW, Renames())) == 3


@pytest.mark.parametrize(
    ("p", "said"), [(0.04 + 1e-14, "0.04000000000001"), ("0.04", "0.04"), (None, "null")]
)
def test_the_last_bit_and_the_kind_of_a_value_count(p: Any, said: str) -> None:
    """Nearly equal is not equal, and text is not a number."""
    new = json.loads(json.dumps(NEW))
    new["attributes"]["overall"]["pooled"][0]["p"] = p
    (line,) = found(OLD, new, RENAMES)
    assert line.startswith("attributes.overall.pooled.0.p: 0.04, now ")
    assert said in line.partition("now ")[2]


def test_what_is_missing_is_named_and_what_is_ignored_is_not() -> None:
    """A key that went is a difference, unless the table says that it is not compared."""
    new = json.loads(json.dumps(NEW))
    del new["attributes"]["overall"]["n"]
    assert found(OLD, new, RENAMES) == ["attributes.overall.n: 3, now missing"]
    quiet = Renames(RENAMES.keys, RENAMES.values, ignore=("attributes.*.n",))
    assert found(OLD, new, quiet) == []


def test_two_keys_of_one_name_are_refused() -> None:
    """A rename onto a name that is taken would hide a finding."""
    with pytest.raises(ValueError, match="two keys called 'n'"):
        Renames(keys={"seed": "n"}).renamed({"n": 1, "seed": 2})


@pytest.mark.parametrize(("new", "code"), [({"a": 1}, 0), ({"a": 2}, 1)])
def test_the_command_says_what_differs_and_exits_with_it(
    tmp_path: Path, new: dict[str, int], code: int
) -> None:
    """0 when the same, 1 when not."""
    for name, content in (("old", {"a": 1}), ("new", new)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    command = [sys.executable, "-m", "analysis.validation.compare_results", "old.json", "new.json"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.returncode == code
    assert answer.stdout.strip() == ("the same" if code == 0 else "a: 1, now 2")
