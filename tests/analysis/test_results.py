"""The whole analysis: its schema, its behaviour on poor data, its reproducibility."""

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import places
from analysis import results
from analysis.findings.json_form import json_form
from analysis.findings.sections import NotEstimable
from analysis.methods.registry import methods
from analysis.ratings.summary import data_section, is_mushra, name_of_test
from analysis.ratings.table import RatingsError, read_ratings
from analysis.statistics.estimable import section
from places import RATINGS
from tests.analysis.results_json import analyse

DATA = RATINGS
FOLDER = places.SHARED / "data" / "ratings"
SCHEMA = places.ROOT / "docs" / "results.md"


@pytest.fixture(scope="module")
def ratings() -> pd.DataFrame:
    """Complete synthetic ratings with three groups."""
    return read_ratings(DATA / "synA_balanced.csv")


@pytest.fixture(scope="module")
def found(ratings: pd.DataFrame) -> dict[str, Any]:
    """Findings about them, with what is computed on request."""
    return analyse(ratings, n_bootstrap=200, also=["pooled_mann_whitney"])


def small(ratings: pd.DataFrame) -> pd.DataFrame:
    """Six participants of two groups, three songs."""
    people = ["P01", "P02", "P03", "P11", "P12", "P13"]
    songs = ["song01", "song02", "song03"]
    return ratings[ratings["participant"].isin(people) & ratings["song"].isin(songs)]


def test_findings_are_plain_json(found: dict[str, Any]) -> None:
    """No NaN, no numpy: the text reads back to the same."""
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_every_section_of_the_schema_is_there(found: dict[str, Any]) -> None:
    """The keys of the table in docs/results.md and of the findings are the same."""
    text = SCHEMA.read_text(encoding="utf-8")
    table = text.split("## `attributes.<name>`")[1].split("Verdicts:")[0]
    documented = set(re.findall(r"^\| `(\w+)`(?:, `(\w+)`)?", table, flags=re.M))
    names = {name for pair in documented for name in pair if name}
    declared = {"expertise", "labs", "arms"}  # only where the plan or the table has them
    declared |= {"opinion_scores", "subject_model"}  # only where means of votes are asked for
    declared |= {"against_zero"}  # only on scales that lie evenly around 0
    assert set(found["attributes"]["overall"]) | declared == names
    top = text.split("## Top level")[1].split("### `data`")[0]
    assert set(found) == set(re.findall(r"^\| `(\w+)`", top, flags=re.M))


def test_the_pooled_test_is_computed_on_request_only(
    ratings: pd.DataFrame, found: dict[str, Any]
) -> None:
    """Without being asked for there is neither section nor warning; no other number differs."""
    plain = analyse(ratings, n_bootstrap=200)
    pooled = {"pooled_mann_whitney", "pooled_mann_whitney_by_group"}
    overall, asked = plain["attributes"]["overall"], found["attributes"]["overall"]
    assert asked == overall | {key: asked[key] for key in pooled}
    assert set(found["notes"]) - set(plain["notes"]) == {"pooled_mann_whitney"}
    assert "independent person" in found["notes"]["pooled_mann_whitney"]


def test_an_analysis_that_is_not_there_is_refused(ratings: pd.DataFrame) -> None:
    """The message names those that can be asked for."""
    with pytest.raises(ValueError, match="There is no analysis 'anova'; choose pooled_mann"):
        analyse(ratings, also=["anova"])


def test_data_are_described(found: dict[str, Any]) -> None:
    """Counts, groups and a fingerprint."""
    data = found["data"]
    assert (data["n_participants"], data["n_songs"], data["n_ratings"]) == (30, 10, 1200)
    assert data["group_sizes"] == {"experienced": 10, "inexperienced": 10, "pro": 10}
    assert (data["n_missing"], data["excluded"], data["warnings"]) == (0, [], [])
    assert len(data["sha256"]) == 64


def test_every_list_of_pairs_is_in_the_same_order(found: dict[str, Any]) -> None:
    """Systems alphabetical, differences a - b with the same sign everywhere."""
    overall = found["attributes"]["overall"]
    lists = [overall[key] for key in ("paired_t", "wilcoxon", "sign_flip", "tost", "effect_sizes")]
    lists += [overall["pooled_mann_whitney"], overall["lmm"]["pairs"], overall["groups"]["welch"]]
    pairs = [(row["a"], row["b"]) for row in lists[0]]
    assert pairs == sorted(pairs)
    assert len(pairs) == 6
    for rows in lists:
        assert [(row["a"], row["b"]) for row in rows] == pairs
    for t, lmm, tost in zip(overall["paired_t"], lists[6], overall["tost"], strict=True):
        assert t["estimate"] == pytest.approx(lmm["estimate"], rel=1e-6)
        assert t["estimate"] == tost["estimate"]


def test_the_same_seed_gives_the_same_findings(ratings: pd.DataFrame) -> None:
    """Row order does not matter, the seed does for resampling only."""
    few = small(ratings)
    first = analyse(few, seed=3, n_bootstrap=100)
    assert analyse(few.sample(frac=1, random_state=1), seed=3, n_bootstrap=100) == first
    other = analyse(few, seed=4, n_bootstrap=100)["attributes"]["overall"]
    assert other["effect_sizes"] != first["attributes"]["overall"]["effect_sizes"]
    assert other["lmm"] == first["attributes"]["overall"]["lmm"]


def test_progress_rises_to_one(ratings: pd.DataFrame) -> None:
    """Every call names what is done; shares never fall, and a slow step has a greater one."""
    told: list[tuple[float, str]] = []
    analyse(
        small(ratings), n_bootstrap=50, on_progress=lambda share, what: told.append((share, what))
    )
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    names = [what for _, what in told]
    steps = dict(zip(names, np.diff(shares), strict=False))
    assert steps["overall: lmm"] == pytest.approx(6 * steps["overall: friedman"])


def test_kenward_roger_is_switched_on(ratings: pd.DataFrame) -> None:
    """The method stands beside every F of the model."""
    found = analyse(small(ratings), df_method="kenward-roger", n_bootstrap=50)
    omnibus = found["attributes"]["overall"]["lmm"]["omnibus"]
    assert {test["method"] for test in omnibus.values()} == {"kenward-roger"}
    assert set(omnibus) == {"group", "system", "group:system"}


def test_attributes_are_adjusted_in_their_families(ratings: pd.DataFrame) -> None:
    """Two copies of one attribute: Holm doubles both, a third exploratory one stays alone."""
    few = small(ratings)
    table = pd.concat([few.assign(attribute=name) for name in ("one", "two", "three")])
    found = analyse(table, confirmatory=["one", "two"], n_bootstrap=50)
    rows = {(r["attribute"], r["test"]): r for r in found["multiplicity"]["rows"]}
    assert len(rows) == 6
    one, three = rows["one", "lmm"], rows["three", "lmm"]
    assert (one["family"], one["method"]) == ("confirmatory", "holm")
    assert one["p_adjusted"] == pytest.approx(min(1.0, 2 * one["p"]))
    assert (three["family"], three["method"]) == ("exploratory", "benjamini-hochberg")
    assert three["p_adjusted"] == three["p"] == one["p"]


def statuses(part: Any) -> set[str]:
    """All reasons given anywhere in a structure."""
    if isinstance(part, dict):
        own = {part["why"]} if part.get("status") == "not estimable" else set()
        return own.union(*(statuses(value) for value in part.values()))
    if isinstance(part, list):
        return set().union(*(statuses(value) for value in part))
    return set()


def one_participant(r: pd.DataFrame) -> pd.DataFrame:
    """Only the first participant's ratings."""
    return r[r["participant"] == "P01"]


def one_song(r: pd.DataFrame) -> pd.DataFrame:
    """Only the first song's ratings."""
    return r[r["song"] == "song01"]


def one_system(r: pd.DataFrame) -> pd.DataFrame:
    """Only one system's ratings."""
    return r[r["system"] == "cnn"]


def all_equal(r: pd.DataFrame) -> pd.DataFrame:
    """Every rating 50."""
    return r.assign(rating=50.0)


def unrated_system(r: pd.DataFrame) -> pd.DataFrame:
    """A system whose cells are all empty."""
    return r.assign(rating=r["rating"].where(r["system"] != "human"))


def two_ratings(r: pd.DataFrame) -> pd.DataFrame:
    """Two ratings in all."""
    return r.iloc[:2]


def one_in_a_group(r: pd.DataFrame) -> pd.DataFrame:
    """One professional among three experienced participants."""
    return r[(r["group"] == "experienced") | (r["participant"] == "P01")]


@pytest.mark.parametrize(
    ("change", "lmm", "warning"),
    [
        (one_participant, "only one participant", "There is only one participant."),
        (one_song, "only one song", "There is only one song."),
        (one_system, "only one system", "There is only one system."),
        (all_equal, "All ratings are equal", "All ratings are equal."),
        (two_ratings, "only one participant", "There is only one song."),
    ],
)
def test_poor_data_say_so_and_the_rest_is_computed(
    ratings: pd.DataFrame, change: Any, lmm: str, warning: str
) -> None:
    """The model names the reason; descriptives and the other sections are still there."""
    found = analyse(change(small(ratings)), n_bootstrap=50)
    overall = found["attributes"]["overall"]
    assert lmm in overall["lmm"]["why"]
    assert warning in found["data"]["warnings"]
    assert overall["descriptives"][0]["n_ratings"] > 0
    assert "power" in overall
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(n, marks=pytest.mark.slow) for n in range(4, 12))]
)
def test_random_poor_designs_give_json_or_a_reason(seed: int) -> None:
    """Few participants, songs, systems and groups, half of the ratings gone: no crash, no NaN."""
    rng = np.random.default_rng(seed)
    n, s, k, g = rng.integers(1, [8, 5, 5, 4])
    cells = pd.MultiIndex.from_product(
        [range(n), range(s), range(k)], names=["participant", "song", "system"]
    )
    table = cells.to_frame(index=False).assign(attribute="overall")
    table["group"] = table["participant"] % g
    table["rating"] = rng.choice([0.0, 25, 50, 75, 100], len(table))
    if seed % 2:
        table = table.sample(frac=0.5, random_state=seed)
    if table.empty:
        table = cells.to_frame(index=False).assign(attribute="overall", rating=10.0)
    found = analyse(table, n_bootstrap=20)
    json.dumps(found, allow_nan=False)
    lmm = found["attributes"]["overall"]["lmm"]
    assert lmm.get("converged") is True or lmm["why"].endswith((".", ".\n"))


def test_one_song_still_answers_for_that_song(ratings: pd.DataFrame) -> None:
    """The companions on listener means stand when the model cannot."""
    overall = analyse(one_song(ratings), n_bootstrap=50)["attributes"]["overall"]
    assert overall["friedman"]["n"] == 30
    assert 0 < overall["wilcoxon"][0]["p_exact"] < 1


def test_equal_ratings_never_become_a_finding(ratings: pd.DataFrame) -> None:
    """No p-value below 1 anywhere, no Bayes factor, no verdict."""
    pooled = ["pooled_mann_whitney"]
    overall = analyse(all_equal(small(ratings)), n_bootstrap=50, also=pooled)["attributes"][
        "overall"
    ]
    assert overall["friedman"]["status"] == "not estimable"
    assert all("p" not in row for row in overall["tost"])
    assert {row["p_exact"] for row in overall["wilcoxon"]} == {1.0}
    assert {row["p"] for row in overall["pooled_mann_whitney"]} == {1.0}


def test_a_system_that_nobody_rated_is_named(ratings: pd.DataFrame) -> None:
    """Its pairs carry the reason; the others are as if it were not there."""
    few = small(ratings)
    found = analyse(unrated_system(few), n_bootstrap=50)
    assert "The system human has no ratings at all." in found["data"]["warnings"]
    overall = found["attributes"]["overall"]
    without = analyse(few[few["system"] != "human"], n_bootstrap=50)["attributes"]["overall"]
    for key in ("paired_t", "wilcoxon", "tost"):
        assert len(overall[key]) == 6
        named = [row for row in overall[key] if row.get("why") == "Nobody rated human."]
        assert len(named) == 3
        assert [row for row in overall[key] if row not in named] == without[key]
    assert overall["friedman"] == without["friedman"]
    assert overall["lmm"]["omnibus"] == without["lmm"]["omnibus"]


def test_a_group_of_one_leaves_the_rest(ratings: pd.DataFrame) -> None:
    """Welch says which group is too small; the model with groups is still there."""
    overall = analyse(one_in_a_group(ratings), n_bootstrap=50)["attributes"]["overall"]
    assert "In group pro, fewer than two participants rated both systems." in statuses(
        overall["groups"]
    )
    assert overall["lmm"]["status"] == "ok"


def test_missing_cells_are_allowed(ratings: pd.DataFrame) -> None:
    """A quarter of the ratings missing: everything is computed and the gaps are counted."""
    few = small(ratings)
    gaps = few.sample(frac=0.75, random_state=3)
    found = analyse(gaps, n_bootstrap=50)
    assert found["data"]["n_missing"] == len(few) - len(gaps)
    assert found["attributes"]["overall"]["lmm"]["converged"]


def test_an_attribute_without_ratings_is_named(ratings: pd.DataFrame) -> None:
    """The other attribute is computed."""
    few = small(ratings)
    table = pd.concat([few, few.assign(attribute="reverb", rating=np.nan)])
    found = analyse(table, n_bootstrap=50)
    assert found["attributes"]["reverb"]["status"] == "not estimable"
    assert found["attributes"]["overall"]["lmm"]["status"] == "ok"


def test_impossible_settings_are_refused(ratings: pd.DataFrame) -> None:
    """Margin, method and an unknown reference."""
    with pytest.raises(ValueError, match="margin"):
        analyse(ratings, margin=0)
    with pytest.raises(ValueError, match="satterthwaite or kenward-roger"):
        analyse(ratings, df_method="welch")
    with pytest.raises(RatingsError, match="no system original"):
        analyse(ratings, reference="original")


def test_weaknesses_of_a_study_are_said(ratings: pd.DataFrame) -> None:
    """Few songs, unequal groups and a crowded upper end, each a sentence; a name for the test."""
    few = small(ratings)
    few = few[few["participant"] != "P13"].assign(rating=few["rating"] / 10 + 88)
    found = analyse(few, n_bootstrap=20)
    text = " ".join(found["data"]["warnings"])
    for words in ("differ by more than 10 %", "only 5 participants and 3 songs", "6 excerpts"):
        assert words in text
    assert "between 80 and 100" in text
    assert "must not be called MUSHRA" in found["notes"]["name_of_test"]


def test_plain_numbers() -> None:
    """NaN and infinity become null, numpy becomes Python."""
    value = {
        "a": np.float64("nan"),
        "b": [np.int64(3), np.bool_(True)],
        "c": np.array([1.0, np.inf]),
    }
    assert json_form(value) == {"a": None, "b": [3, True], "c": [1.0, None]}


def test_faults_of_the_program_are_not_hidden() -> None:
    """Only missing data become a status; a singular matrix too; other errors pass through."""
    singular = section(lambda: np.linalg.inv(np.zeros((2, 2))))
    assert isinstance(singular, NotEstimable)
    assert json_form(NotEstimable("x")) == {"status": "not estimable", "why": "x"}
    with pytest.raises(KeyError):
        section(lambda: {}["missing"])


@pytest.mark.shared
@pytest.mark.skipif(not FOLDER.exists(), reason="the shared data folder is absent")
def test_five_attributes_equal_r_with_holm_and_benjamini_hochberg(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Omnibus p of every attribute and both adjustments; the true null stays one."""
    omnibus = {name: method for name, method in methods().items() if name in ("lmm", "friedman")}
    monkeypatch.setattr(results, "methods_for", lambda _also: omnibus)
    golden = json.loads((FOLDER / "synA_balanced.json").read_text())
    ratings = read_ratings(FOLDER / "synA_balanced.csv").assign(group="all")
    for confirmatory, key in ((None, "holm"), ([], "BH")):
        found = analyse(ratings, confirmatory=confirmatory, n_bootstrap=20)
        for row in found["multiplicity"]["rows"]:
            expected = golden["attributes"][row["attribute"]]
            if row["test"] == "lmm":
                assert row["p"] == pytest.approx(expected["lmm_p"], rel=1e-4)
                adjusted = golden["attributes_adj"][key][row["attribute"]]
                assert row["p_adjusted"] == pytest.approx(adjusted, rel=1e-4)
            else:
                assert row["p"] == pytest.approx(expected["fr_p"], rel=1e-8)
    lmm = [row for row in found["multiplicity"]["rows"] if row["test"] == "lmm"]
    assert [row["attribute"] for row in lmm if row["p_adjusted"] > 0.05] == ["reverb"]


def test_what_is_small_or_unequal_is_told_without_advice_to_change_the_analysis() -> None:
    """Few songs and unequal groups are facts; the ratings are no reason for another method."""
    table = pd.DataFrame(
        [(f"P{k}", "a" if k < 2 else "b", f"s{s}", system, "overall", 40 + 3 * k + s)
         for k in range(6) for s in range(3) for system in ("x", "y")],
        columns=["participant", "group", "song", "system", "attribute", "rating"],
    )  # fmt: skip
    assert json_form(data_section(table, []))["warnings"][:2] == [
        "Group sizes differ by more than 10 %.",
        "There are only 6 participants and 3 songs: expect wide intervals.",
    ]
    alone = table.assign(group=table["group"].where(table["participant"] != "P0", "c"))
    told = json_form(data_section(alone, []))["warnings"]
    assert told[1:3] == [
        "The group a has only one participant, but the same weight as any other group.",
        "The group c has only one participant, but the same weight as any other group.",
    ]


def test_the_name_mushra_is_earned_by_reference_and_both_anchors_on_pages_made_for_it() -> None:
    """One of the three missing, or pages that are called something else, and it is not."""
    full = ("ref", "mid", "low")
    assert "this is a MUSHRA test" in name_of_test(*full)
    assert "only if the low anchor" in name_of_test("ref", "mid", None)
    assert "must not be called MUSHRA" in name_of_test("ref", None, "low")
    assert name_of_test(*full, "Rated on an axis.") == "Rated on an axis."
    assert is_mushra(*full)
    assert not is_mushra("ref", "mid", None)
    assert not is_mushra(*full, "Rated on an axis.")
