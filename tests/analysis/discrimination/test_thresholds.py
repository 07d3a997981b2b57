"""Thresholds of adaptive tracks: by hand, by closed forms, and of listeners whose own is known."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.discrimination.psychometric import Curve, fitted_curve, target_share
from analysis.discrimination.thresholds import threshold_sections
from analysis.findings.adaptive.thresholds import MeanThreshold, MedianThreshold, Threshold
from analysis.findings.sections import NotEstimable
from analysis.ratings.table import RatingsError
from analysis.report.context import ReportContext
from analysis.report.write import write_report
from analysis.trials import trials_section

GUESS = 1 / 3


@dataclass(frozen=True)
class Listener:
    """Hears a level by a logistic of its rank, and else guesses which of three differs."""

    middle: float
    width: float = 0.5

    def share(self, rank: float) -> float:
        """Chance of a right answer."""
        return GUESS + (1 - GUESS) / (1 + math.exp((rank - self.middle) / self.width))

    def threshold(self, target: float) -> float:
        """Rank at which a share of the answers is right."""
        return self.middle - self.width * math.log((target - GUESS) / (1 - target))


def track(
    answer: Callable[[int], bool], *, n_levels: int = 12, down: int = 2, n_reversals: int = 8,
    discard: int = 2, most: int = 60, participant: str = "P001", name: str = "amber",
) -> list[dict[str, object]]:  # fmt: skip
    """Walk a plain n-down/1-up track, written apart from the page type's; one row per trial."""
    rows: list[dict[str, object]] = []
    rank, run, last, turns, beyond = 1, 0, 0, 0, 0
    while len(rows) < most:
        right = answer(rank)
        run = run + 1 if right else 0
        move = -1 if not right else int(run == down)
        turned = move != 0 and last not in (0, move)
        turns += turned
        at, ended = rank, ""
        if move:
            run, last = 0, move
            beyond = beyond + 1 if rank + move in (0, n_levels + 1) else 0
            rank = min(max(rank + move, 1), n_levels)
        if beyond == 3:
            ended = "hardest" if move > 0 else "easiest"
        elif turns == n_reversals:
            ended = "reversals"
        elif len(rows) + 1 == most:
            ended = "trials"
        rows.append({
            "participant": participant, "part": "heard", "song": name, "trial_kind": "track",
            "track": name, "trial": len(rows) + 1, "level": f"l{at}", "level_rank": at,
            "n_levels": n_levels, "down": down, "correct": right, "reversal": turned,
            "averaged": turned and turns > discard, "ended": ended, "attribute": "odd_one",
            "system_a": "ref", "system_b": f"l{at}", "answer": "c",
        })  # fmt: skip
        if ended:
            break
    return rows


def said(rights: str) -> Callable[[int], bool]:
    """Answers in their order, whatever is asked."""
    left = iter(rights)
    return lambda _rank: next(left) == "r"


def tracks_of(listeners: Sequence[Listener], seed: int, **rule: int) -> pd.DataFrame:
    """One track each."""
    random = np.random.default_rng(seed)
    rows = []
    for number, listener in enumerate(listeners):

        def answer(rank: int, hears: Listener = listener) -> bool:
            return bool(random.random() < hears.share(rank))

        rows += track(answer, participant=f"P{number:03d}", **rule)
    return pd.DataFrame(rows)


def of_listeners(listeners: Sequence[Listener], seed: int, **rule: int) -> Threshold:
    """Thresholds of one track each."""
    [found] = threshold_sections(tracks_of(listeners, seed, **rule))
    return found


@pytest.mark.parametrize(("down", "percent"), [(1, 50.0), (2, 70.7), (3, 79.4), (4, 84.1)])
def test_the_share_of_a_rule_is_that_of_levitts_table(down: int, percent: float) -> None:
    """Levitt (1971), table I."""
    assert round(100 * target_share(down), 1) == percent


def test_a_track_by_hand() -> None:
    """Reversals at 3, 2, 3, 2, 3 and 1: the last four have the mean 2.25 by hand."""
    rows = track(said("rrrrwrrwrrwwrr"), n_levels=4, n_reversals=6)
    other = track(said("rrrrwrrwrrwrrw"), n_levels=4, n_reversals=6, participant="P002")
    [found] = threshold_sections(pd.DataFrame(rows + other))
    first, second = found.tracks
    assert (first.n_trials, first.n_right, first.n_reversals, first.n_averaged) == (14, 10, 6, 4)
    assert first.by_reversals == (3 + 2 + 3 + 1) / 4
    assert second.by_reversals == (3 + 2 + 3 + 2) / 4
    mean = found.by_reversals
    assert isinstance(mean, MeanThreshold)
    values = [first.by_reversals, second.by_reversals]
    low, high = stats.t.interval(0.95, 1, np.mean(values), stats.sem(values))
    assert (mean.mean, mean.ci_low, mean.ci_high) == pytest.approx((np.mean(values), low, high))


def test_levels_with_values_give_thresholds_on_their_scale() -> None:
    """Falling decibels: the mean of the values at the reversals; the curve is turned with them."""
    rows = pd.DataFrame(
        track(said("rrrrwrrwrrwwrr"), n_levels=4, n_reversals=6)
        + track(said("rrrrwrrwrrwwrr"), n_levels=4, n_reversals=6, participant="P002")
    )
    [by_rank] = threshold_sections(rows)
    decibels = {1: 12.0, 2: 9.0, 3: 6.0, 4: 3.0}
    [by_value] = threshold_sections(rows.assign(level_value=rows["level_rank"].map(decibels)))
    assert by_value.unit == "value"
    assert by_value.tracks[0].by_reversals == (6 + 9 + 6 + 12) / 4
    assert by_value.tracks[0].by_curve == pytest.approx(
        15 - 3 * by_rank.tracks[0].by_curve, abs=0.02
    )
    assert by_value.level_values == [12.0, 9.0, 6.0, 3.0]


def test_a_curve_of_many_answers_is_the_one_they_come_from() -> None:
    """Exact shares of a known function: its middle, width and threshold come back."""
    true = Curve(middle=4.2, width=0.8, lapses=0.0, guess=GUESS, log_likelihood=0.0)
    places = np.arange(1.0, 9.0)
    n = 20_000
    n_right = np.round(n * true.share(places)).astype(int)
    x = np.repeat(places, n)
    right = np.concatenate([np.repeat([1.0, 0.0], [k, n - k]) for k in n_right])
    found = fitted_curve(x, right, places)
    assert found is not None
    assert found.middle == pytest.approx(4.2, abs=0.02)
    assert found.width == pytest.approx(0.8, abs=0.02)
    assert found.lapses < 0.003
    target = target_share(2)
    assert found.threshold(target) == pytest.approx(true.threshold(target), abs=0.02)
    assert true.share(true.threshold(target)) == pytest.approx(target)


def test_a_curve_needs_answers_of_both_kinds() -> None:
    """All right, or none, does not say where it falls; nor has a share below guessing a place."""
    places = np.array([1.0, 2.0, 3.0])
    assert fitted_curve(places, np.ones(3), places) is None
    assert fitted_curve(places, np.zeros(3), places) is None
    assert math.isnan(Curve(2.0, 1.0, 0.0, GUESS, 0.0).threshold(0.3))


def test_tracks_beyond_the_levels_are_told_and_not_averaged() -> None:
    """Two of five end at the hardest level; the means are of three, the median is of five."""
    fine = [Listener(6.0), Listener(7.0), Listener(8.0)]
    alone = of_listeners(fine, 3)
    found = of_listeners([*fine, Listener(90.0), Listener(90.0)], 3)
    assert (found.n_beyond_hardest, found.n_beyond_easiest, found.n_tracks) == (2, 0, 5)
    assert found.by_reversals == alone.by_reversals
    assert [row.beyond for row in found.tracks][3:] == ["hardest", "hardest"]
    assert all(math.isnan(row.by_reversals) for row in found.tracks[3:])
    median = found.median
    assert isinstance(median, MedianThreshold)
    known = sorted(row.by_reversals for row in found.tracks[:3])
    assert (median.n_participants, median.n_beyond, median.median) == (5, 2, known[2])
    assert math.isnan(median.ci_low)  # five listeners have no such interval at 95 %


@pytest.mark.parametrize(
    ("middles", "headline", "methods"),
    [
        ((6.0, 7.0, 8.0), "The difference is just heard at level", "listeners was"),
        ((6.0, 7.0, 8.0, 90.0, 90.0), "The median listener just hears the difference at", "median"),
        (
            (6.0, 90.0, 90.0),
            "The threshold of the median listener is beyond the levels.",
            "lies beyond the levels",
        ),
    ],
)
def test_the_headline_counts_listeners_beyond_the_levels(
    middles: tuple[float, ...], headline: str, methods: str, tmp_path: Path
) -> None:
    """A mean of those alone who have a threshold does not answer for all."""
    trials = tracks_of([Listener(middle) for middle in middles], 3)
    nobody = pd.DataFrame(columns=["participant", "song", "system", "attribute", "rating"])
    written = write_report(nobody, tmp_path, ReportContext(trials=trials, pictures=False))
    page = re.sub(r"<[^>]+>", "", written.html.read_text("utf-8"))
    assert headline in page.replace("&#39;", "'")
    assert methods in written.methods.read_text("utf-8")


def test_a_median_stands_between_listeners_by_the_binomial_distribution() -> None:
    """Of ten, from the second to the ninth: 97.9 % by a table of the sign test."""
    found = of_listeners([Listener(5.0 + 0.2 * number) for number in range(10)], 4)
    assert isinstance(found.median, MedianThreshold)
    known = sorted(row.by_reversals for row in found.tracks)
    assert (found.median.ci_low, found.median.ci_high) == (known[1], known[8])
    assert found.median.coverage == pytest.approx(1 - 2 * 11 / 1024)


def test_a_listener_who_never_hears_it_ends_at_the_easiest() -> None:
    """Three wrong in a row, and no threshold at all."""
    found = of_listeners([Listener(-50.0)] * 4, 1)
    assert found.n_beyond_easiest > 0
    assert isinstance(found.by_reversals, NotEstimable)
    assert "an interval needs two" in found.by_reversals.why


@pytest.mark.parametrize("down", [2, 3])
def test_known_thresholds_are_found(down: int) -> None:
    """Thirty listeners of one threshold: both estimates within three standard errors and 0.3."""
    listener = Listener(6.5)
    found = of_listeners([listener] * 30, 11, down=down)
    true = listener.threshold(target_share(down))
    for mean in (found.by_reversals, found.by_curve):
        assert isinstance(mean, MeanThreshold)
        assert abs(mean.mean - true) < 3 * mean.sd / math.sqrt(mean.n_participants) + 0.3


@pytest.mark.slow
@pytest.mark.parametrize("down", [2, 3])
def test_bias_and_coverage_over_many_studies(down: int) -> None:
    """Two hundred studies of sixteen listeners whose thresholds differ (SD one level)."""
    random = np.random.default_rng(5)
    target = target_share(down)
    errors: dict[str, list[float]] = {"by_reversals": [], "by_curve": []}
    held: dict[str, list[bool]] = {"by_reversals": [], "by_curve": []}
    for study in range(200):
        listeners = [Listener(6.5 + random.normal()) for _ in range(16)]
        found = of_listeners(listeners, study, down=down)
        true = Listener(6.5).threshold(target)
        for name in errors:
            mean = getattr(found, name)
            assert isinstance(mean, MeanThreshold)
            errors[name].append(mean.mean - true)
            held[name].append(mean.ci_low <= true <= mean.ci_high)
    for name in errors:
        assert abs(np.mean(errors[name])) < 0.25
        assert np.mean(held[name]) > 0.88


def test_a_table_of_trials_gives_its_tracks_beside_other_choices() -> None:
    """A choice between two stays one; truth values may be text, as a file has them."""
    rows = pd.DataFrame(track(said("rrrrwrrwrrwwrr"), n_levels=4, n_reversals=6)).astype(str)
    pair = {
        "participant": "P001", "part": "liked", "trial_kind": "preference", "song": "amber",
        "attribute": "overall", "system_a": "one", "system_b": "two", "answer": "a",
    }  # fmt: skip
    table = pd.concat([rows, pd.DataFrame([pair])], ignore_index=True)
    found = trials_section(table, (), 1)
    assert found is not None
    assert [entry.n_trials for entry in found.preference] == [1]
    [entry] = found.thresholds
    assert entry.tracks[0].by_reversals == 2.25
    assert entry.tracks[0].ended == "reversals"


def test_a_table_without_the_columns_of_a_track_is_refused() -> None:
    """With their names."""
    rows = pd.DataFrame(track(said("rr" * 20), n_levels=4)).drop(columns=["reversal", "level_rank"])
    with pytest.raises(RatingsError, match="lacks the columns level_rank, reversal"):
        trials_section(rows, (), 1)


def test_a_track_that_is_not_over_is_cut_short() -> None:
    """A file leaves out a column without a value; there is no threshold by reversals yet."""
    rows = pd.DataFrame(track(said("rrrrwrrwrr"), n_levels=4, n_reversals=20, most=10))
    [found] = threshold_sections(rows.drop(columns="ended"))
    assert found.n_cut_short == 1
    assert math.isnan(found.tracks[0].by_reversals)
    assert 1 < found.tracks[0].by_curve < 5
    assert isinstance(found.by_reversals, NotEstimable)
