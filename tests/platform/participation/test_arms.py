"""Participants are assigned to arms when they come in; the arm stays with what they rate."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.commands.study.simulate import simulate
from mixtrial.participation.enrolment import EnrolmentClosedError, answer_questionnaire, enrol
from mixtrial.server.installation import existing_installation
from mixtrial.server.settings import rehearsal_database_url
from stimuli.design.arms import arm_for

ARMS = (
    "arms: [{name: headphones, instructions: Wear headphones., quota: 3}, "
    "{name: speakers, quota: 3}]\n"
)


def with_keys(folder: Path, keys: str) -> Path:
    """The small study with more keys."""
    path = write_study(folder)
    path.write_text(path.read_text("utf-8") + keys, encoding="utf-8")
    return path


def test_who_comes_in_is_in_the_arm_of_their_plan_until_all_are_full(tmp_path: Path) -> None:
    """Six come in, three an arm; the seventh is told that nobody else is needed."""
    installation = open_installation(with_keys(tmp_path, ARMS))
    added = [enrol(installation) for _ in range(6)]
    assert [each.arm for each in added] == [arm_for(installation.study, k) for k in range(6)]
    with pytest.raises(EnrolmentClosedError, match="has all the participants it needs"):
        enrol(installation)
    table = installation.store.participants(installation.study.identifier)
    assert sorted(table["arm"]) == ["headphones"] * 3 + ["speakers"] * 3
    installation.store.close()


def test_a_plan_of_the_group_brings_the_group_s_arm(tmp_path: Path) -> None:
    """Balanced within groups: the arm follows from the number in the group."""
    keys = "arms: [{name: a}, {name: b}]\npages: {balance_within: groups}\n"
    installation = open_installation(with_keys(tmp_path, keys))
    group = installation.study.groups[0].name
    found = [
        answer_questionnaire(installation, enrol(installation).token, group, "headphones").arm
        for _ in range(4)
    ]
    assert found == [arm_for(installation.study, k, group) for k in range(4)]
    installation.store.close()


def test_ratings_are_exported_with_the_arm_of_their_participant(tmp_path: Path) -> None:
    """Each of six simulated participants has one arm in all rows; a study without arms has none."""
    path = with_keys(tmp_path, ARMS)
    build_stimuli(tmp_path)
    simulate(path, participants=6, seed=1)
    installation = existing_installation(path, database_url=rehearsal_database_url(path))
    ratings = installation.store.ratings(installation.study.identifier)
    arms: pd.Series = ratings.groupby("participant")["arm"].nunique()
    assert (arms == 1).all()
    assert set(ratings["arm"]) == {"headphones", "speakers"}
