"""Screening: both rules of BS.1534-3 at their edges, outliers, and flags."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import friedmanchisquare, spearmanr

from analysis.findings.json_form import json_form
from analysis.ratings.participants import participants
from analysis.ratings.repeats import agreement, discrimination_p, most_common_share, repeats
from analysis.ratings.screening import exclusions, mid_anchor_shares, outliers
from analysis.ratings.table import RatingsError, check_ratings, read_ratings
from analysis.statistics.estimable import NotEstimableError
from places import RATINGS
from tests.analysis.results_json import analyse

DATA = RATINGS
GOLDEN = json.loads((DATA / "golden.json").read_text())


def rated(system: str, by: dict[str, list[float]]) -> pd.DataFrame:
    """Ratings of one system by several participants, song by song."""
    rows = [
        {
            "participant": who,
            "song": f"s{place:02}",
            "system": system,
            "attribute": "o",
            "rating": r,
        }
        for who, ratings in by.items()
        for place, r in enumerate(ratings)
    ]
    return check_ratings(pd.DataFrame(rows))


def below(count: int, of: int, value: float = 89.9) -> list[float]:
    """`of` ratings, `count` of them just below 90, the others exactly 90."""
    return [value] * count + [90.0] * (of - count)


@pytest.mark.parametrize(
    ("count", "of", "out"),
    [(0, 20, False), (1, 20, False), (3, 20, False), (4, 20, True), (5, 33, True), (4, 27, False)],
)
def test_the_first_rule_at_its_edge(count: int, of: int, out: bool) -> None:
    """5 % and exactly 15 % stay, 15.2 % and 20 % go; a rating of exactly 90 is good."""
    found = exclusions(rated("ref", {"A": below(count, of), "B": [100.0] * of}), "ref", None)
    assert [one.participant for one in found] == (["A"] if out else [])
    if out:
        assert (found[0].rule, found[0].threshold) == ("hidden_reference", 0.15)
        assert found[0].value == pytest.approx(count / of)


def test_the_share_counts_the_items_that_were_rated() -> None:
    """One bad item of 5 rated (20 %) goes, although the test has 20 items."""
    ratings = rated("ref", {"A": below(1, 5), "B": below(1, 20), "C": [95.0] * 20})
    assert [one.participant for one in exclusions(ratings, "ref", None)] == ["A"]


@pytest.mark.parametrize(("count", "out"), [(3, False), (4, True)])
def test_the_second_rule_at_its_edge(count: int, out: bool) -> None:
    """Mid anchor above 90 on 15 % stays, on 20 % goes; exactly 90 is not above 90."""
    high = [90.1] * count + [90.0] * (20 - count)
    others = {name: [50.0] * 20 for name in "BCDE"}
    found = exclusions(rated("mid", {"A": high, **others}), None, "mid")
    assert [one.participant for one in found] == (["A"] if out else [])


@pytest.mark.parametrize(("n_others_high", "guarded"), [(0, False), (1, True)])
def test_the_guard_of_the_second_rule(n_others_high: int, guarded: bool) -> None:
    """An item stays at exactly 25 % of participants above 90 and drops out above."""
    by = {"A": [95.0, 50.0, 50.0, 50.0], "B": [50.0] * 4, "C": [50.0] * 4, "D": [50.0] * 4}
    if n_others_high:
        by["B"] = [95.0, 50.0, 50.0, 50.0]
    ratings = rated("mid", by)
    shares, left_out = mid_anchor_shares(ratings, "mid")
    assert left_out == (["s00, o"] if guarded else [])
    assert shares["A"] == (0.0 if guarded else 0.25)
    assert [one.participant for one in exclusions(ratings, None, "mid")] == (
        [] if guarded else ["A"]
    )


def test_an_unknown_reference_is_refused() -> None:
    """The message lists the systems that exist."""
    with pytest.raises(RatingsError, match=r"no system original .*found: ref"):
        exclusions(rated("ref", {"A": [100.0]}), "original", None)


def test_outliers_lie_beyond_tukeys_fences() -> None:
    """Ratings 10 11 12 13 14 have hinges 11 and 13, fences 8 and 16: 17 is flagged, 16 is not."""
    base = {name: [value] for name, value in zip("ABCDE", [10.0, 11, 12, 13, 14], strict=True)}
    assert json_form(outliers(rated("x", base))) == []
    ratings = rated("x", {**base, "F": [40.0]})
    found = json_form(outliers(ratings))
    assert [row["participant"] for row in found] == ["F"]
    assert (found[0]["low_fence"], found[0]["high_fence"]) == (6.5, 18.5)


def test_repeats_equal_r() -> None:
    """Per-participant ANOVA, test-retest and differences of twelve participants to 1e-8."""
    frame = read_ratings(DATA / "synR_repeats.csv").sort_values("replicate", kind="stable")
    for who, own in frame.groupby("participant"):
        golden = GOLDEN["repeats"]["per_assessor"][who]
        found = repeats(own["rating"], own["song"] + own["system"], seed=1, n_draws=200)
        assert found.f == pytest.approx(golden["F"], rel=1e-8)
        assert found.p == pytest.approx(golden["p"], rel=1e-6)
        assert found.reliability_sd == pytest.approx(golden["reliability_sd"], rel=1e-8)
        assert found.discrimination == pytest.approx(golden["discrimination"], rel=1e-8)
        assert found.rmsd == pytest.approx(golden["rmsd"], rel=1e-8)
        assert found.mad == pytest.approx(golden["mad"], rel=1e-8)
        assert found.r == pytest.approx(golden["retest_pearson"], rel=1e-8)


def test_the_noise_floor_is_the_f_of_chance() -> None:
    """For 16 stimuli rated twice, 95 % of random F stay below F(.95; 15, 16) = 2.35, about."""
    ratings = np.random.default_rng(1).normal(50, 10, 32)
    found = repeats(ratings, np.tile(np.arange(16), 2), seed=1)
    assert found.floor == pytest.approx(2.352, abs=0.35)
    assert found.f < found.floor


def test_ratings_without_repeats_have_no_reliability() -> None:
    """Every stimulus once: said."""
    with pytest.raises(NotEstimableError, match="rated twice"):
        repeats([1.0, 2.0], ["a", "b"], seed=1)


def test_agreement_is_spearmans_correlation() -> None:
    """A reversed order gives -1; a constant participant has none; the floor is above zero."""
    others = np.arange(20.0)
    rho, floor = agreement([others[::-1], np.full(20, 50.0)], [others, others], seed=1)
    assert rho[0] == pytest.approx(-1)
    assert 0.2 < floor[0] < 0.6
    assert np.isnan([rho[1], floor[1]]).all()


def test_discrimination_without_repeats() -> None:
    """The same order of four systems on eight songs is told apart; chance is not; gaps are out."""
    assert discrimination_p([np.tile([1.0, 2, 3, 4], (8, 1))])[0] < 0.001
    assert discrimination_p([[[1.0, 2.0], [np.nan, 2.0], [2.0, 1.0]]])[0] > 0.5
    assert np.isnan(discrimination_p([[[1.0, np.nan]]])).all()


def test_many_participants_at_once_are_each_by_themselves() -> None:
    """Rows with gaps of their own, beside scipy's correlation and Friedman test of each."""
    rng = np.random.default_rng(3)
    cells = np.round(rng.normal(50, 20, (9, 6, 4)))
    cells[1, 0, 2], cells[2, :, 1], cells[3, :, 3], cells[4, 1:, :] = [np.nan] * 4
    own = cells.reshape(9, 24)
    others = np.nanmean(own, axis=0) + rng.normal(0, 5, own.shape)
    rho, floor = agreement(own, others, seed=1)
    p = discrimination_p(cells)
    for who in range(9):
        rated = np.isfinite(own[who])
        assert rho[who] == pytest.approx(spearmanr(own[who][rated], others[who][rated])[0])
        alone = agreement(own[[who]], others[[who]], seed=1)
        assert (rho[who], floor[who]) == (alone[0][0], alone[1][0])
        systems = cells[who][:, np.isfinite(cells[who]).any(axis=0)]
        songs = systems[np.isfinite(systems).all(axis=1)]
        if len(songs) > 1:
            assert p[who] == pytest.approx(friedmanchisquare(*songs.T).pvalue)
        else:
            assert np.isnan(p[who])


def test_most_common_share_by_hand() -> None:
    """Three of four values are 50."""
    assert most_common_share([50, 50, 10, 50]) == 0.75


def careless() -> pd.DataFrame:
    """Ten participants who hear the systems, one who never moves the slider, one who reverses."""
    rng = np.random.default_rng(2)
    rows = []
    for who in range(12):
        for song in range(6):
            for place, system in enumerate("abcd"):
                value = 20 + 18 * place + rng.normal(0, 6)
                value = 50.0 if who == 10 else 100 - value if who == 11 else value
                rows.append((f"P{who:02}", f"s{song}", system, "o", float(np.clip(value, 0, 100))))
    columns = ["participant", "song", "system", "attribute", "rating"]
    return check_ratings(pd.DataFrame(rows, columns=columns))


def test_flags_name_the_careless_and_nobody_is_excluded() -> None:
    """The constant participant is flat, the reversed one disagrees, the others have no flag."""
    found = {
        row["participant"]: row
        for row in json_form(participants(careless(), None, None, [], seed=1))
    }
    assert {"flat", "identical"} <= set(found["P10"]["flags"])
    assert found["P11"]["flags"] == ["disagrees"]
    assert all(found[f"P{who:02}"]["flags"] == [] for who in range(10))
    assert not any(row["excluded"] for row in found.values())


def test_playing_less_than_the_stimulus_is_flagged_where_it_was_recorded() -> None:
    """Columns play_count, page_time_s and duration_s switch two more flags on."""
    ratings = careless()
    ratings["duration_s"] = 30.0
    ratings["page_time_s"] = np.where(ratings["participant"] == "P03", 12.0, 90.0)
    ratings["play_count"] = np.where(ratings["participant"] == "P04", 0, 2)
    found = {
        row["participant"]: row for row in json_form(participants(ratings, None, None, [], seed=1))
    }
    assert found["P03"]["flags"] == ["too_fast"]
    assert found["P04"]["flags"] == ["never_played"]


def test_exclusions_are_listed_and_left_out_of_the_results() -> None:
    """The excluded participant counts in the data and in screening, not in the attribute."""
    ratings = careless()
    ratings.loc[ratings["system"] == "d", "rating"] = 95.0
    ratings.loc[(ratings["system"] == "d") & (ratings["participant"] == "P02"), "rating"] = 80.0
    found = analyse(ratings, reference="d", n_bootstrap=100)
    assert [row["participant"] for row in found["data"]["excluded"]] == ["P02"]
    assert found["data"]["n_participants"] == 12
    assert found["attributes"]["o"]["n_participants"] == 11
    assert [r["participant"] for r in found["screening"]["participants"] if r["excluded"]] == [
        "P02"
    ]


def test_a_real_test_excludes_whom_its_authors_excluded() -> None:
    """The first rule on the codec ratings leaves P06 and P17 out."""
    found = exclusions(read_ratings(DATA / "codec_mushra.csv"), "Reference", None)
    assert [one.participant for one in found] == ["P06", "P17"]
