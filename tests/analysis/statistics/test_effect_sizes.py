"""Effect sizes against R (effectsize) and hand counts; what their intervals cover."""

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from analysis.findings.json_form import json_form
from analysis.findings.sections import Interval, PairNotEstimable
from analysis.methods.effect_sizes import draws_of_a_pair, effect_size_rows
from analysis.methods.groups import groups_section, welch_one_way, welch_rows
from analysis.methods.lmm import lmm_section
from analysis.ratings.table import of_attribute, participant_groups, participant_means, read_ratings
from analysis.statistics.effect_sizes import (
    FEW_PARTICIPANTS,
    cliffs_delta,
    eta_squared_intervals,
    paired_effects,
    percentiles,
    pigeonhole,
    rank_biserial,
    small_sample_factor,
)
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.paired import wilcoxon
from places import RATINGS

DATA = RATINGS
GOLDEN = json.loads((DATA / "golden.json").read_text())


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Complete synthetic ratings of one attribute."""
    return of_attribute(read_ratings(DATA / "synA_balanced.csv"), "overall")


def test_every_pairs_effect_sizes_equal_r(rows: pd.DataFrame) -> None:
    """d_z, g_z, g_av and rank-biserial of all pairs to 1e-10."""
    for row in json_form(effect_size_rows(participant_means(rows), seed=1, n_draws=200)):
        golden = GOLDEN["paired"][f"{row['a']}-{row['b']}"]
        assert row["points"]["value"] == pytest.approx(golden["t"]["mean"], rel=1e-10)
        assert row["d_z"]["value"] == pytest.approx(golden["cohens_dz"]["Cohens_d"], rel=1e-10)
        assert row["g_z"]["value"] == pytest.approx(golden["hedges_gz"]["Hedges_g"], rel=1e-10)
        assert row["g_av"]["value"] == pytest.approx(golden["g_av"], rel=1e-10)
        assert row["rank_biserial"]["value"] == pytest.approx(
            golden["rank_biserial"]["r_rank_biserial"], rel=1e-10
        )
        for name in ("points", "d_z", "g_av", "rank_biserial"):
            assert row[name]["ci_low"] <= row[name]["value"] <= row[name]["ci_high"]


def test_the_exact_correction_is_used() -> None:
    """For cnn - human g_av is -.21507, where the textbook approximation gives -.21797."""
    assert small_sample_factor(29) == pytest.approx(0.9738754, rel=1e-6)
    assert GOLDEN["paired"]["cnn-human"]["g_av"] == pytest.approx(
        GOLDEN["paired"]["cnn-human"]["d_av"] * small_sample_factor(29), rel=1e-10
    )


def test_many_pairs_share_their_resamples() -> None:
    """24 systems have what was asked for, 50 less, 200 a thousand; none has more than asked."""
    assert [draws_of_a_pair(k, 10_000) for k in (2, 24, 50, 200)] == [10_000, 10_000, 4081, 1000]
    assert draws_of_a_pair(200, 400) == 400


def test_rank_biserial_is_wilcoxons_with_ties_and_zeros() -> None:
    """The vectorised form equals the one of the exact test."""
    d = np.array([3.0, 0.0, -1.0, 1.0, 0.0, 2.0, 2.0])
    assert rank_biserial(d, np.ones((7, 1))) == pytest.approx(wilcoxon(d).rank_biserial)


def test_drawing_a_participant_twice_is_having_it_twice() -> None:
    """Counts stand for a longer sample, ties and zeros among it."""
    d, counts = np.array([3.0, 0.0, -1.0, 1.0, 2.0]), np.array([[2.0], [1.0], [0.0], [3.0], [1.0]])
    longer = wilcoxon(np.repeat(d, counts[:, 0].astype(int)))
    assert rank_biserial(d, counts) == pytest.approx(longer.rank_biserial)


@pytest.mark.parametrize("n", [2, 41, 1000])
def test_percentile_limits_are_numpys(n: int) -> None:
    """Between two values they are interpolated; values that do not exist are left out."""
    drawn = np.random.default_rng(n).normal(size=n)
    expected = np.quantile(drawn, [0.025, 0.975])
    assert percentiles(drawn) == pytest.approx(tuple(expected), rel=1e-13)
    assert percentiles(np.append(drawn, np.nan)) == pytest.approx(tuple(expected), rel=1e-13)


@pytest.mark.parametrize("n", [FEW_PARTICIPANTS, FEW_PARTICIPANTS + 1])
def test_few_and_many_participants_are_ranked_alike(n: int) -> None:
    """Whole numbers with many ties: by a product of matrices and by running sums."""
    rng = np.random.default_rng(n)
    d, counts = rng.integers(-6, 8, n).astype(float), rng.integers(0, 4, (n, 3)).astype(float)
    longer = [wilcoxon(np.repeat(d, column.astype(int))).rank_biserial for column in counts.T]
    assert rank_biserial(d, counts) == pytest.approx(longer)
    assert rank_biserial(np.array([d, -d]), counts) == pytest.approx(np.outer([1, -1], longer))


def test_cliffs_delta_equals_r(rows: pd.DataFrame) -> None:
    """Groups of participants, overall mean rating: as effectsize."""
    own = rows.groupby("participant")["rating"].mean()
    groups = participant_groups(rows)
    for golden in GOLDEN["group_mw"]:
        x, y = own[groups == golden["a"]], own[groups == golden["b"]]
        found = cliffs_delta(x, y, seed=1, n_draws=500)
        assert found.value == pytest.approx(golden["cliff"]["r_rank_biserial"], rel=1e-10)
        assert found.ci_low < found.value < found.ci_high


def test_welch_equals_r(rows: pd.DataFrame) -> None:
    """Welch's one-way test of the participants' means over three groups."""
    own = rows.groupby("participant")["rating"].mean()
    groups = participant_groups(rows)
    golden = GOLDEN["welch_group"]
    f, df1, df2, p = welch_one_way([own[groups == g].to_numpy() for g in sorted(set(groups))])
    assert (f, df1) == (pytest.approx(golden["F"], rel=1e-10), golden["df"][0])
    assert df2 == pytest.approx(golden["df"][1], rel=1e-10)
    assert p == pytest.approx(golden["p"], rel=1e-10)


def test_a_planted_interaction_is_found_pair_by_pair(rows: pd.DataFrame) -> None:
    """Holm over six pairs; the omnibus p is the smallest; the model's interaction is passed on."""
    means, groups = participant_means(rows), participant_groups(rows)
    lmm = lmm_section(rows, list(means.columns), 5.0, "satterthwaite")
    found = json_form(groups_section(means, groups, lmm, seed=1, n_draws=200))
    assert found["interaction"]["f"] == pytest.approx(4.6519544, rel=1e-6)
    assert found["welch_omnibus_p"] == min(row["p_holm"] for row in found["welch"])
    assert len(found["cliffs_delta"]) == 12
    for row in found["friedman"]:
        golden = GOLDEN["by_group"][row["group"]]
        assert row["chi2"] == pytest.approx(golden["statistic"], rel=1e-10)


def test_a_group_of_one_is_named(rows: pd.DataFrame) -> None:
    """Welch needs two participants a group and says which group lacks them."""
    kept = rows[(rows["group"] != "pro") | (rows["participant"] == rows["participant"].iloc[0])]
    found = json_form(welch_rows(participant_means(kept), participant_groups(kept)))
    assert {row["status"] for row in found} == {"not estimable"}
    assert "In group pro, fewer than two participants" in found[0]["why"]


def test_participants_are_resampled_whole() -> None:
    """The bootstrap's standard error of the mean is that of participants: SD / sqrt(n)."""
    rng = np.random.default_rng(3)
    x = rng.normal(60, 8, 40)
    y = rng.normal(50, 8, 40)
    found = paired_effects([x], [y], seed=2, n_draws=4000)[0]["points"]
    se = (x - y).std(ddof=1) / np.sqrt(40)
    assert (found.ci_high - found.ci_low) / 3.92 == pytest.approx(se, rel=0.06)


def test_pigeonhole_counts_songs_as_a_sample() -> None:
    """Differences that vary only over songs: the width follows the songs, not the ratings."""
    songs = np.random.default_rng(5).normal(4, 6, 8)
    [(low, high)] = pigeonhole([np.tile(songs, (50, 1))], seed=1, n_draws=4000)
    assert (high - low) / 3.92 == pytest.approx(songs.std() / np.sqrt(8), rel=0.1)


def test_pigeonhole_leaves_missing_cells_out() -> None:
    """A gap takes no part: constant differences give a constant."""
    d = np.full((5, 4), 3.0)
    d[1, 2] = np.nan
    assert pigeonhole([d], seed=1, n_draws=500)[0] == pytest.approx((3.0, 3.0))


def test_all_pairs_at_once_are_each_pair_drawn_by_itself() -> None:
    """Samples written out: gaps, ties, a pair without variation, whoever heard one system alone."""
    rng = np.random.default_rng(8)
    names = pd.MultiIndex.from_product([["a", "b", "c", "d"], ["s1", "s2", "s3"]])
    who = [f"P{number}" for number in range(9)]
    cells = pd.DataFrame(rng.integers(2, 9, (9, 12)).astype(float), who, names)
    cells["d"] = cells["a"] + 2
    cells.iloc[0, 4] = cells.iloc[3, 7] = np.nan
    cells.loc["P5", "c"] = np.nan
    seed, n_draws = 3, 40
    rows = effect_size_rows(cells, seed, n_draws)
    assert [(row.a, row.b) for row in rows] == list(combinations("abcd", 2))
    for row in rows:
        if isinstance(row, PairNotEstimable):
            assert (row.a, row.b) == ("a", "d")
            assert "differences vary" in row.why
            continue
        apart = cells[row.a] - cells[row.b]
        common = apart.notna()
        x, y = (cells[name].where(common).mean(axis=1).dropna() for name in (row.a, row.b))
        index = np.random.default_rng(seed).integers(0, len(x), (n_draws, len(x)))
        drawn = [textbook_effects(x.to_numpy()[one], y.to_numpy()[one]) for one in index]
        for name, value in textbook_effects(x.to_numpy(), y.to_numpy()).items():
            limits = np.quantile([one[name] for one in drawn], [0.025, 0.975])
            found = getattr(row, name)
            assert found.value == pytest.approx(value, rel=1e-12)
            assert (found.ci_low, found.ci_high) == pytest.approx(tuple(limits), rel=1e-11)
        means = pigeonhole_means(apart.to_numpy(), seed, n_draws)
        assert isinstance(row.pigeonhole, Interval)
        limits = np.quantile(means, [0.025, 0.975])
        whole = (row.pigeonhole.ci_low, row.pigeonhole.ci_high)
        assert whole == pytest.approx(tuple(limits), rel=1e-11)


def textbook_effects(x: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Effect sizes of one sample as their definitions have them."""
    d, factor = x - y, small_sample_factor(len(x) - 1)
    average = np.sqrt((x.var(ddof=1) + y.var(ddof=1)) / 2)
    return {
        "points": d.mean(),
        "d_z": d.mean() / d.std(ddof=1),
        "g_z": factor * d.mean() / d.std(ddof=1),
        "g_av": factor * d.mean() / average,
        "rank_biserial": wilcoxon(d).rank_biserial,
    }


def pigeonhole_means(apart: np.ndarray, seed: int, n_draws: int) -> list[float]:
    """Mean of each resample, the drawn participants and songs written out one by one."""
    n, s = apart.shape
    rng = np.random.default_rng(seed)
    w, v = (rng.multinomial(k, np.full(k, 1 / k), size=n_draws) for k in (n, s))
    return [
        float(np.nanmean(apart[np.repeat(range(n), own)][:, np.repeat(range(s), songs)]))
        for own, songs in zip(w, v, strict=True)
    ]


def test_eta_squared_intervals_hold_the_estimate(rows: pd.DataFrame) -> None:
    """R's eta squared lie inside; the same seed gives the same limits."""
    table = participant_means(rows).to_numpy()
    partial, general = eta_squared_intervals(table, seed=4, n_draws=1000)
    assert partial[0] < GOLDEN["afex_sys"]["anova_table"][0]["pes"] < partial[1]
    assert general[0] < GOLDEN["afex_sys"]["anova_table"][0]["ges"] < general[1]
    assert eta_squared_intervals(table, seed=4, n_draws=1000) == (partial, general)


def test_equal_differences_have_no_effect_size() -> None:
    """No variation: said, not infinity."""
    with pytest.raises(NotEstimableError, match="differences vary"):
        paired_effects([[1.0, 2.0, 3.0]], [[0.0, 1.0, 2.0]], seed=1, n_draws=10)
