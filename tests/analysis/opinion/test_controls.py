"""Controls of a crowd test by hand at their edges, in the plan of a study, and in a report."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from analysis.findings.screening import ControlAnswer, CrowdControls, EnvironmentTest
from analysis.opinion.controls import controlled, missed, rightly_chosen, rules_of_controls
from analysis.ratings.table import RatingsError
from analysis.report.context import ReportContext
from analysis.report.write import write_report
from analysis.results import analyse

GOLD = (ControlAnswer("g1", "x", 5.0, within=1.0), ControlAnswer("g2", "x", 1.0, within=1.0))
TRAPS = (ControlAnswer("t", "x", 2.0),)


def answers(by: dict[str, dict[str, float]]) -> pd.DataFrame:
    """Ratings of system x by participant and song."""
    rows = [
        (who, song, "x", "overall", rating)
        for who, own in by.items()
        for song, rating in own.items()
    ]
    return pd.DataFrame(rows, columns=["participant", "song", "system", "attribute", "rating"])


GIVEN = answers({
    "at the limit": {"g1": 4, "g2": 2, "t": 2},
    "beyond it": {"g1": 3, "g2": 2, "t": 2},
    "far off": {"g1": 1, "g2": 5, "t": 3},
    "no control": {"s": 3},
})  # fmt: skip
ROOM = pd.DataFrame(
    [
        ("at the limit", "room", "x", "noisy", "a"), ("at the limit", "room", "noisy", "x", "b"),
        ("beyond it", "room", "x", "noisy", "a"), ("beyond it", "room", "noisy", "x", "a"),
        ("far off", "room", "x", "noisy", "tie"), ("far off", "other", "x", "noisy", "a"),
    ],
    columns=["participant", "part", "system_a", "system_b", "answer"],
)  # fmt: skip


def test_an_answer_at_the_limit_is_right() -> None:
    """One beyond it is missed; who met no control is not judged."""
    assert missed(GIVEN, GOLD).to_dict() == {"at the limit": 0, "beyond it": 1, "far off": 2}
    assert missed(GIVEN, TRAPS).to_dict() == {"at the limit": 0, "beyond it": 0, "far off": 1}
    assert missed(GIVEN, (ControlAnswer("g1", "x", 5.0, attribute="noise"),)).empty


def test_the_better_one_counts_on_either_side() -> None:
    """A tie is not a right answer, and other parts do not count."""
    found = rightly_chosen(ROOM, EnvironmentTest("room", "x", 2))
    assert found.to_dict() == {"at the limit": 2, "beyond it": 1, "far off": 0}
    assert rightly_chosen(None, EnvironmentTest("room", "x", 2)).empty


@pytest.mark.parametrize(
    ("gold_missed", "out"),
    [
        (0, [("beyond it", 1.0, 0.0), ("far off", 2.0, 0.0)]),
        (1, [("far off", 2.0, 1.0)]),
        (2, []),
    ],
)
def test_a_count_at_its_limit_stays(gold_missed: int, out: list[tuple[str, float, float]]) -> None:
    """Value and limit are told."""
    found = controlled(GIVEN, None, CrowdControls(GOLD, gold_missed=gold_missed))
    assert [(one.participant, one.value, one.threshold) for one in found] == out
    assert all(one.rule == "gold_questions" and one.unit == "answers" for one in found)


def test_every_kind_excludes_by_its_own_rule() -> None:
    """Somebody who fails all three is told three times."""
    controls = CrowdControls(GOLD, TRAPS, 1, 0, EnvironmentTest("room", "x", 1))
    found = controlled(GIVEN, ROOM, controls)
    assert [(one.participant, one.rule, one.why) for one in found] == [
        ("far off", "environment_test",
         "Chose the better one in 0 pairs of the environment test, fewer than 1."),
        ("far off", "gold_questions", "Missed 2 gold questions, more than 1."),
        ("far off", "trapping_pages", "Missed 1 trapping page, more than 0."),
    ]  # fmt: skip
    rules = rules_of_controls(GIVEN, ROOM, controls, sorted(set(GIVEN["participant"])))
    assert [(each.rule, each.applied, each.n_not_judged) for each in rules] == [
        ("gold_questions", True, 1), ("trapping_pages", True, 1), ("environment_test", True, 1),
    ]  # fmt: skip


def rated() -> pd.DataFrame:
    """Five listeners, three songs by two systems, and a trap that `eve` alone misses."""
    votes = {"ann": 0, "bob": 1, "cyd": 0, "dan": 1, "eve": 2}
    rows = [
        (who, song, system, "overall", 2 + own + (system == "b") - (song == "s2"))
        for who, own in votes.items() for song in ("s1", "s2", "s3") for system in ("a", "b")
    ]  # fmt: skip
    rows += [(who, "t", "a", "overall", 5 if who == "eve" else 1) for who in votes]
    table = pd.DataFrame(rows, columns=["participant", "song", "system", "attribute", "rating"])
    return table.assign(scale_minimum=1, scale_maximum=5)


CONTROLS = CrowdControls(traps=(ControlAnswer("t", "a", 1.0),))


def test_who_fails_is_out_of_everything_and_controls_are_not_analysed(tmp_path: Path) -> None:
    """The report names rule, value and limit; the trap's song is in no finding."""
    context = ReportContext(controls=CONTROLS, opinion_score="MOS", pictures=False)
    written = write_report(rated(), tmp_path, context, lambda *_: None)
    content = json.loads(written.results.read_text(encoding="utf-8"))
    assert content["data"]["songs"] == ["s1", "s2", "s3"]
    [out] = content["data"]["excluded"]
    assert (out["participant"], out["rule"], out["value"], out["threshold"]) == (
        "eve", "trapping_pages", 1.0, 0.0,
    )  # fmt: skip
    scores = content["attributes"]["overall"]["opinion_scores"]
    assert [row["n_participants"] for row in scores] == [4, 4]
    page = written.html.read_text(encoding="utf-8")
    assert "Rule applied: trapping pages (after ITU-T P.808)." in page
    assert "Missed 1 trapping page, more than 0." in page
    assert "Opinion scores (MOS), over listeners and songs" in page
    assert "Bias and inconsistency of every listener" in page


def test_a_table_of_controls_alone_is_refused() -> None:
    """One sentence."""
    table = rated()
    with pytest.raises(RatingsError, match="All ratings are of declared controls"):
        analyse(table[table["song"] == "t"], controls=CONTROLS)
