"""Conclusions of the report: leaders, agreement of methods, sample, missing cells, stimuli."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.findings.attribute import Attribute
from analysis.findings.findings import Findings
from analysis.findings.sections import NotEstimable
from analysis.report.sections.agreement import agreement_of, stability_of
from analysis.report.sections.answer import Answer, PairCounts, answer_of
from analysis.report.sections.data import Lacking, flagged_of, missing_of, stimuli_of
from analysis.report.sections.sample import Collected, DeviceCount, sample_of
from finding_records import attribute, record


def ratings_of() -> pd.DataFrame:
    """Five participants in two groups, two songs, three systems, two attributes."""
    rows = [
        (f"P{k + 1}", f"group{k % 2}", f"song{s}", system, attribute, 50.0)
        for k in range(5)
        for s in range(2)
        for system in ("random", "baseline", "human")
        for attribute in ("overall", "level")
    ]
    names = ["participant", "group", "song", "system", "attribute", "rating"]
    return pd.DataFrame(rows, columns=names)


def pair(a: str, b: str, estimate: float, verdict: str) -> dict[str, Any]:
    """A row of the model's pairs, by hand."""
    return {
        "a": a, "b": b, "estimate": estimate, "ci_low": estimate - 2, "ci_high": estimate + 2,
        "p_holm": 0.2 if verdict == "inconclusive" else 0.01, "verdict": verdict,
    }  # fmt: skip


def findings(*pairs: dict[str, Any], **sections: Any) -> Attribute:
    """Findings of an attribute by hand: means a 60, b 58, c 40."""
    means = zip("abc", (60.0, 58.0, 40.0), strict=True)
    rows = [{"system": s, "group": None, "mean": m, "ci_low": None, "ci_high": None}
            for s, m in means]  # fmt: skip
    return attribute(lmm={"emmeans": rows, "pairs": list(pairs)}, **sections)


def answered(*given: Any) -> Answer:
    """The answer, which can be given."""
    answer = answer_of(*given)
    assert isinstance(answer, Answer)
    return answer


def test_leaders_are_those_not_told_apart_from_the_best() -> None:
    """The best, and who is not shown to lie below; the order of display does not matter."""
    section = findings(
        pair("a", "b", 2, "inconclusive"),
        pair("a", "c", 20, "different"),
        pair("b", "c", 18, "trivially different"),
    )
    answer = answered(section, ("c", "b", "a"), ())
    assert answer.leaders == ["a", "b"]
    assert answer.others == ["c"]
    assert answer.clear_cut is True
    assert answer.counts == PairCounts(3, different=2, equivalent=0, inconclusive=1)
    assert [row.system for row in answer.means] == ["c", "b", "a"]


def test_a_leader_that_is_not_above_the_rest_makes_no_clear_cut() -> None:
    """The best lies above c, the second does not: the report must not say that both do."""
    section = findings(
        pair("a", "b", 2, "inconclusive"),
        pair("a", "c", 20, "different"),
        pair("b", "c", 18, "inconclusive"),
    )
    assert answered(section, "abc", ()).clear_cut is False


def test_leaders_that_are_told_apart_among_themselves_are_no_clear_cut() -> None:
    """The best is apart from nobody, but b lies above c: the leaders are not all alike."""
    section = findings(
        pair("a", "b", 2, "inconclusive"),
        pair("a", "c", 20, "inconclusive"),
        pair("b", "c", 18, "different"),
    )
    answer = answered(section, "abc", ())
    assert (answer.leaders, answer.clear_cut) == (["a", "b", "c"], False)


def test_differences_are_turned_to_be_positive() -> None:
    """Higher minus lower, with the limits turned as well."""
    section = findings(pair("a", "b", -2, "inconclusive"))
    (row,) = answered(section, "abc", ()).pairs
    assert (row.higher, row.lower, row.difference) == ("b", "a", 2)
    assert (row.ci_low, row.ci_high) == (0, 4)


def test_references_and_anchors_are_never_the_answer() -> None:
    """The best system is sought among the others."""
    section = findings(pair("a", "b", 2, "different"), pair("b", "c", 18, "different"))
    assert answered(section, "abc", ("a",)).leaders == ["b"]


def test_without_a_model_the_answer_comes_from_listener_means() -> None:
    """Means from the description, differences from paired t, verdicts from the equivalence test."""
    means = zip("ab", (60.0, 40.0), strict=True)
    section = attribute(
        lmm={"status": "not estimable", "why": "no convergence"},
        descriptives=[{"system": s, "group": None, "mean": m} for s, m in means],
        paired_t=[pair("a", "b", 20, "")],
        tost=[{"a": "a", "b": "b", "verdict": "different"}],
    )
    answer = answered(section, "ab", ())
    assert (answer.means_from, answer.pairs_from) == ("descriptives", "paired_t")
    assert answer.pairs[0].verdict == "different"
    assert answer.leaders == ["a"]


def test_methods_agree_when_all_fall_on_one_side_of_the_level() -> None:
    """The pooled test is shown but not asked."""
    section = findings(
        pair("a", "b", 2, "inconclusive"),
        pair("a", "c", 20, "different"),
        wilcoxon=[{"a": "a", "b": "b", "p_holm": 0.03}, {"a": "a", "b": "c", "p_holm": 0.04}],
        pooled_mann_whitney=[{"a": "a", "b": "c", "p": 0.9}],
    )
    agreement = agreement_of(section, "abc")
    assert [row.agree for row in agreement.rows] == [False, True, None]
    assert (agreement.n_pairs, agreement.n_agree) == (2, 1)
    assert agreement.disagree == ["a – b"]
    assert agreement.rows[1].pooled_mann_whitney == 0.9


def test_the_sample_counts_people_not_ratings() -> None:
    """Groups, devices, simulated and unfinished participants."""
    ratings = ratings_of().assign(device="headphones", finished=True)
    ratings["participant_kind"] = np.where(ratings.participant == "P1", "simulated", "participant")
    ratings.loc[ratings.participant == "P5", "finished"] = False
    sample = sample_of(ratings, ("group0", "group1"))
    assert [row.n_participants for row in sample.groups] == [3, 2]
    assert sample.devices == [DeviceCount("headphones", 5)]
    assert (sample.n_simulated, sample.n_unfinished) == (1, 1)
    assert sample.collected is None
    times = ["2026-03-04T23:59:59.000Z", "2026-03-02T08:00:00.000Z"]
    timed = ratings.assign(rated_at=[times[k % 2] for k in range(len(ratings))])
    collected = sample_of(timed, ("group0", "group1")).collected
    assert collected == Collected("2026-03-02", "2026-03-04")


def test_missing_cells_are_counted_for_each_participant() -> None:
    """Two of 5 × 2 × 3 × 2 cells are empty, both of P3."""
    ratings = ratings_of()
    ratings = ratings.drop(ratings[ratings.participant == "P3"].index[:2])
    missing = missing_of(ratings)
    assert (missing.n_cells, missing.n_missing) == (60, 2)
    assert missing.participants == [Lacking("P3", 2)]


def test_a_system_that_a_song_does_not_have_is_not_missing_there() -> None:
    """One of two songs lacks one of three systems: 5 × (2 + 3) × 2 cells, and all are full."""
    ratings = ratings_of()
    song, system = sorted(ratings.song.unique())[0], sorted(ratings.system.unique())[1]
    nested = ratings[~((ratings.song == song) & (ratings.system == system))]
    missing = missing_of(nested)
    assert (missing.n_cells, missing.n_missing, missing.participants) == (50, 0, [])


def test_the_loudness_spread_is_that_within_a_song() -> None:
    """Songs may differ; what counts is the page."""
    manifest = pd.DataFrame(
        {"song": ["x", "x", "y"], "system": ["a", "b", "a"], "integrated_lufs": [-23, -23.1, -20]}
    )
    found = stimuli_of(manifest)
    assert found is not None
    assert found.max_loudness_spread_lu == pytest.approx(0.1)
    assert np.isnan(found.max_true_peak_dbtp)
    assert stimuli_of(None) is None


def test_leaving_one_out_gives_the_range_of_each_difference() -> None:
    """Lowest and highest estimate over the songs, and over the participants."""
    runs = [("s1", 3.0), ("s2", -1.0), ("s3", 2.0)]
    songs = [{"left_out": name, "a": "a", "b": "b", "estimate": value} for name, value in runs]
    people = [{"left_out": "P1", "a": "a", "b": "b", "estimate": 1.5}]
    parts = {"leave_one_song_out": songs, "leave_one_participant_out": people}
    (row,) = stability_of(attribute(sensitivity=parts))
    assert (row.song_low, row.song_high) == (-1.0, 3.0)
    assert (row.participant_low, row.participant_high) == (1.5, 1.5)
    assert stability_of(attribute(sensitivity=NotEstimable("one song"))) == []


def test_the_screening_log_has_rule_value_and_limit() -> None:
    """A flat participant is judged by the spread, a silent one by yes or no."""
    people = [
        {"participant": "P1", "flags": ["flat", "disagrees"], "sd": 2.5, "agreement": -0.2,
         "agreement_floor": -0.4},
        {"participant": "P2", "flags": []},
        {"participant": "P3", "flags": ["never_played"]},
    ]  # fmt: skip
    found = flagged_of(record(Findings, screening={"participants": people}))
    assert found.n_flagged == 2
    flat, disagrees = found.participants[0].log
    assert (flat.value, flat.limit) == (2.5, 5.0)
    assert (disagrees.value, disagrees.limit) == (-0.2, 0.0)
    (silent,) = found.participants[1].log
    assert np.isnan([silent.value, silent.limit]).all()
