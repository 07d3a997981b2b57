"""Repeated-measures and mixed ANOVA against R (afex, car) and hand counts."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.findings.json_form import json_form
from analysis.methods.rm_anova import rm_anova_section
from analysis.ratings.table import of_attribute, participant_groups, participant_means, read_ratings
from analysis.statistics.anova import hotelling, itu_choice, mixed_anova, rm_anova
from analysis.statistics.estimable import NotEstimableError
from analysis.statistics.paired_t import complete_means
from places import RATINGS
from tests.analysis.golden_sets import golden_set

DATA = RATINGS
GOLDEN = json.loads((DATA / "golden.json").read_text())


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Complete synthetic ratings of one attribute."""
    return of_attribute(read_ratings(DATA / "synA_balanced.csv"), "overall")


def check_line(found: Any, table: dict[str, Any], raw: dict[str, Any], corr: Any) -> None:
    """One effect against afex's corrected and raw tables."""
    assert found.f == pytest.approx(raw["F value"], rel=1e-10)
    assert (found.df1, found.df2) == (raw["num Df"], raw["den Df"])
    assert found.p == pytest.approx(raw["Pr(>F)"], rel=1e-8)
    assert found.eta2_p == pytest.approx(table["pes"], rel=1e-10)
    assert found.eta2_g == pytest.approx(table["ges"], rel=1e-10)
    if corr is not None:
        assert found.gg_epsilon == pytest.approx(corr["GG eps"], rel=1e-10)
        assert found.hf_epsilon == pytest.approx(corr["HF eps"], rel=1e-10)
        assert found.p_gg == pytest.approx(corr["Pr(>F[GG])"], rel=1e-8)
        assert found.p_hf == pytest.approx(corr["Pr(>F[HF])"], rel=1e-8)


def test_one_group_equals_afex(rows: pd.DataFrame) -> None:
    """F, both epsilons, corrected p and both eta squared of the system effect."""
    golden = GOLDEN["afex_sys"]
    effect, shape = rm_anova(complete_means(participant_means(rows)))
    raw = next(line for line in golden["univariate"] if line["row"] == "system")
    check_line(effect, golden["anova_table"][0], raw, golden["corr"][0])
    assert shape.mauchly_w == pytest.approx(golden["sphericity"][0]["Test statistic"], rel=1e-10)
    # R uses k where Box's formula has k - 1; the formula gives .0406004, R prints .0406034.
    assert shape.mauchly_p == pytest.approx(0.0406004, abs=5e-8)


def test_groups_equal_afex(rows: pd.DataFrame) -> None:
    """Type III lines for group, system and group:system."""
    golden = GOLDEN["afex_mixed"]
    means = participant_means(rows)
    found = mixed_anova(means.to_numpy(), participant_groups(rows))
    corrections = {line["row"]: line for line in golden["corr"]}
    for table in golden["anova_table"]:
        name = table["row"]
        raw = next(line for line in golden["univariate"] if line["row"] == name)
        check_line(found[name], table, raw, corrections.get(name))


def test_unequal_groups_use_unweighted_means() -> None:
    """Type III with 2 and 1 participants: the system effect by hand from the cell means."""
    table = np.array([[0.0, 4.0], [2.0, 4.0], [1.0, 9.0]])
    found = mixed_anova(table, ["a", "a", "b"])
    # Half differences (second - first): group a mean 3, group b 8; unweighted mean difference 5.5.
    ss_system = 5.5**2 / 2 * 4 / (1 / 2 + 1 / 1)
    ss_error = 2 * (0.5**2 + 0.5**2)
    assert found["system"].f == pytest.approx(ss_system / (ss_error / 1))
    assert found["system"].df2 == 1


def test_two_systems_are_the_paired_t_test() -> None:
    """With k = 2, F = t squared and both epsilons are 1."""
    table = np.random.default_rng(1).normal(50, 10, (14, 2))
    effect, shape = rm_anova(table)
    t = stats.ttest_rel(table[:, 0], table[:, 1])
    assert effect.f == pytest.approx(t.statistic**2)
    assert effect.p == pytest.approx(t.pvalue)
    assert (shape.gg_epsilon, shape.hf_epsilon) == pytest.approx((1.0, 1.0))
    assert hotelling(table).f == pytest.approx(t.statistic**2)


def test_hotelling_equals_r(rows: pd.DataFrame) -> None:
    """T squared, F and p on the differences to the first system."""
    golden = GOLDEN["extra"]["hotelling"]
    found = hotelling(complete_means(participant_means(rows)))
    assert (found.t2, found.f) == pytest.approx((golden["T2"], golden["F"]), rel=1e-10)
    assert (found.df1, found.df2) == (golden["df1"], golden["df2"])
    assert found.p == pytest.approx(golden["p"], rel=1e-8)


def test_hotelling_does_not_depend_on_the_first_system(rows: pd.DataFrame) -> None:
    """Reversed columns give the same test."""
    table = complete_means(participant_means(rows))
    assert hotelling(table[:, ::-1]).t2 == pytest.approx(hotelling(table).t2, rel=1e-10)


@pytest.mark.parametrize(
    ("n", "k", "epsilon", "choice"),
    [
        (20, 4, 0.9, "huynh-feldt"),
        (20, 4, 0.85, "hotelling"),
        (34, 4, 0.9, "hotelling"),
        (33, 4, 0.9, "huynh-feldt"),
        (3, 4, 0.5, "huynh-feldt"),
    ],
)
def test_itus_choice_at_its_edges(n: int, k: int, epsilon: float, choice: str) -> None:
    """Univariate only above epsilon .85 and below k + 30 participants, or when too few."""
    assert itu_choice(n, k, epsilon) == choice


def test_equal_differences_are_not_estimable() -> None:
    """Everybody moves both systems together: no error to test against."""
    with pytest.raises(NotEstimableError, match="same differences"):
        rm_anova([[1, 2, 3], [11, 12, 13], [5, 6, 7]])


def test_too_few_participants_for_the_multivariate_test_leave_the_rest() -> None:
    """Three participants, four systems: Hotelling says why, the univariate part stands."""
    means = pd.DataFrame(np.random.default_rng(2).normal(50, 9, (3, 4)), columns=list("abcd"))
    found = json_form(rm_anova_section(means, seed=1, n_bootstrap=200))
    assert found["hotelling"]["status"] == "not estimable"
    assert 0 < found["p"] < 1


def test_nine_real_conditions_equal_r() -> None:
    """Codec ratings: F, epsilons and Hotelling with k = 9 and n = 19."""
    rows, answers = golden_set("codec")
    golden, extra = answers["afex_sys"], answers["extra"]
    table = complete_means(participant_means(rows))
    effect, shape = rm_anova(table)
    raw = next(line for line in golden["univariate"] if line["row"] == "system")
    check_line(effect, golden["anova_table"][0], raw, golden["corr"][0])
    assert shape.mauchly_w == pytest.approx(golden["sphericity"][0]["Test statistic"], rel=1e-8)
    assert hotelling(table).f == pytest.approx(extra["hotelling"]["F"], rel=1e-8)
