"""Arms: who gets which, how evenly, and until when."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from harbour_study import write_study
from stimuli.design.arms import arm_for, is_full
from stimuli.loading.load import load_study
from stimuli.study.study import Study, StudyError


def study_of(folder: Path, keys: str) -> Study:
    """The small study with more keys."""
    path = write_study(folder)
    path.write_text(path.read_text("utf-8") + keys, encoding="utf-8")
    return load_study(path)


def test_arms_are_balanced_after_every_block(tmp_path: Path) -> None:
    """Three arms: after each third participant all are equally often, in orders that differ."""
    study = study_of(tmp_path, "arms: [{name: a}, {name: b}, {name: c}]\n")
    names = [arm_for(study, number) for number in range(60)]
    for end in range(3, 61, 3):
        assert set(Counter(names[:end]).values()) == {end // 3}
    assert len({tuple(names[k : k + 3]) for k in range(0, 60, 3)}) == 6
    assert names == [arm_for(study, number) for number in range(60)]
    assert not is_full(study, 10_000)


def test_quotas_are_met_exactly_and_then_nobody_comes_in(tmp_path: Path) -> None:
    """Four and two: blocks of three, of which two are in the first arm."""
    study = study_of(tmp_path, "arms: [{name: a, quota: 4}, {name: b, quota: 2}]\n")
    names = [arm_for(study, number) for number in range(6)]
    assert Counter(names[:3]) == Counter(names[3:]) == {"a": 2, "b": 1}
    assert [is_full(study, number) for number in (5, 6)] == [False, True]
    assert arm_for(study, 6) is None


def test_groups_have_blocks_of_their_own(tmp_path: Path) -> None:
    """Each group is balanced; the groups' orders are not the same."""
    study = study_of(tmp_path, "arms: [{name: a}, {name: b}]\n")
    of = {g: [arm_for(study, k, g) for k in range(40)] for g in ("novice", "professional")}
    assert all(Counter(names) == {"a": 20, "b": 20} for names in of.values())
    assert of["novice"] != of["professional"]


def test_a_study_without_arms_has_none(tmp_path: Path) -> None:
    """Nobody is assigned, nobody is refused, and the fingerprint is what it was."""
    study = study_of(tmp_path, "")
    assert arm_for(study, 0) is None
    assert not is_full(study, 0)
    assert study_of(tmp_path, "arms: []\n").fingerprint == study.fingerprint


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("arms: [{name: a}]\n", "One arm cannot be compared"),
        ("arms: [{name: a}, {name: a}]\n", "Two of the arms are"),
        ("arms: [{name: a, quota: 3}, {name: b}]\n", "Give every arm a quota, or none"),
        ("arms: [{name: a, quota: 0}, {name: b}]\n", "quota"),
        (
            "arms: [{name: a, quota: 3}, {name: b, quota: 3}]\npages: {balance_within: groups}\n",
            "need balance_within: study",
        ),
    ],
)
def test_arms_that_cannot_be_filled_are_one_sentence(
    tmp_path: Path, keys: str, sentence: str
) -> None:
    """Named with what to do."""
    with pytest.raises(StudyError, match=sentence):
        study_of(tmp_path, keys)
