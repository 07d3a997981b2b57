"""Simulated participants have the planted preferences, and walk the way real ones walk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from db.records.errors import StoreError
from harbour_study import SYSTEMS, open_installation, write_study
from mixtrial.commands.answers.export import export
from mixtrial.commands.study.simulate import simulate
from mixtrial.server.installation import Installation
from mixtrial.simulation.in_process import simulate_participants
from mixtrial.simulation.listener_model import PLANTED_MEANS, ListenerModel, Spread, planted_mean

N_SONGS = 6
ATTRIBUTES = ("level", "eq", "compression", "reverb", "overall")
GROUPS = ("professional", "hobbyist", "inexperienced")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A study, not built, in which 30 simulated participants have taken part."""
    installation = open_installation(
        write_study(tmp_path_factory.mktemp("simulated"), n_songs=N_SONGS)
    )
    list(simulate_participants(installation, 30, seed=1))
    yield installation
    installation.store.close()


@pytest.fixture(scope="module")
def ratings(installation: Installation) -> pd.DataFrame:
    """Their ratings, training left out."""
    table = installation.store.ratings("harbour-lights")
    return table[table["phase"] == "rating"]


def new_model(seed: int = 1, spread: Spread | None = None) -> ListenerModel:
    """A panel's preferences for three songs."""
    return ListenerModel(seed, ("a", "b", "c"), SYSTEMS, GROUPS, ("headphones",), spread)


def test_everybody_finishes_with_every_rating_in_place(ratings: pd.DataFrame) -> None:
    """30 participants x 6 songs x 4 systems x 5 attributes, once each, within the scale."""
    assert len(ratings) == 30 * N_SONGS * 4 * 5
    assert not ratings.duplicated(["participant", "song", "system", "attribute"]).any()
    assert ratings["finished"].all()
    assert ratings["rating"].between(0, 100).all()
    assert set(ratings["participant_kind"]) == {"simulated"}


def test_the_planted_order_of_systems_comes_out(ratings: pd.DataFrame) -> None:
    """In overall quality human > baseline > cnn > random, near the planted means."""
    overall = ratings[ratings["attribute"] == "overall"]
    means = overall.groupby("system")["rating"].mean()
    assert list(means.sort_values(ascending=False).index) == ["human", "baseline", "cnn", "random"]
    for system, planted in PLANTED_MEANS.items():
        assert means[system] == pytest.approx(planted, abs=4.0)


def test_groups_stand_in_li2022s_proportions(ratings: pd.DataFrame) -> None:
    """10 professionals, 14 hobbyists and 6 inexperienced among 30."""
    counts = ratings.groupby("group")["participant"].nunique().to_dict()
    assert counts == {"professional": 10, "hobbyist": 14, "inexperienced": 6}


def test_the_experienced_tell_systems_further_apart(ratings: pd.DataFrame) -> None:
    """From random to human, professionals spread their ratings more than the inexperienced."""
    means = ratings.pivot_table(index="group", columns="system", values="rating")
    distance = means["human"] - means["random"]
    assert distance["professional"] > distance["hobbyist"] > distance["inexperienced"]


def test_the_trail_of_a_participant_is_complete(installation: Installation) -> None:
    """Consent, answers, volume, events and a code: nothing is missing that a real one leaves."""
    people = installation.store.participants("harbour-lights")
    assert set(people["step"]) == {"thanks"}
    assert people["consented"].all()
    assert (people["pages_closed"] == N_SONGS + 1).all()
    assert people["volume"].between(0, 1).all()
    kinds = installation.store.events("harbour-lights")["event"].value_counts()
    assert kinds["submit"] == kinds["play"] == 30 * (N_SONGS + 1)


def test_the_same_seed_gives_the_same_ratings(tmp_path: Path) -> None:
    """Two new archives agree in every rating; another seed does not."""
    tables = []
    for name, seed in (("one", 4), ("two", 4), ("three", 5)):
        (tmp_path / name).mkdir()
        installation = open_installation(write_study(tmp_path / name, n_songs=2))
        list(simulate_participants(installation, 3, seed))
        table = installation.store.ratings("harbour-lights")
        tables.append(table.drop(columns=["opened_at", "rated_at"]))
        installation.store.close()
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert not tables[0]["rating"].equals(tables[2]["rating"])


def test_running_it_again_adds_others(tmp_path: Path) -> None:
    """A second run with the same seed adds new participants, with ratings of their own."""
    installation = open_installation(write_study(tmp_path, n_songs=2))
    for _ in range(2):
        list(simulate_participants(installation, 2, seed=1))
    table = installation.store.ratings("harbour-lights")
    assert sorted(set(table["participant"])) == ["P001", "P002", "P003", "P004"]
    first, third = (
        table[table["participant"] == name].set_index(["phase", "song", "system", "attribute"])
        for name in ("P001", "P003")
    )
    assert not first["rating"].sort_index().equals(third["rating"].sort_index())
    installation.store.close()


def test_without_any_spread_a_rating_is_its_planted_mean() -> None:
    """A hobbyist with all random parts at 0 rates the planted mean, less the group's leniency."""
    still = Spread(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    model = new_model(spread=still)
    hobbyist = next(
        listener
        for listener in (model.listener(index) for index in range(30))
        if listener.group == "hobbyist"
    )
    rated = {
        system: model.rate_stimulus(hobbyist, "a", system, ("overall", "level"))
        for system in SYSTEMS
    }
    assert {system: values["overall"] for system, values in rated.items()} == {
        "human": 54.0,
        "baseline": 39.0,
        "cnn": 36.0,
        "random": 27.0,
    }
    assert rated["cnn"]["level"] - rated["cnn"]["overall"] == 4.0


def test_a_system_without_a_plan_has_a_mean_that_its_name_decides() -> None:
    """A fifth system gets the same mean on every machine, in the middle of the scale."""
    assert planted_mean("diffmst") == planted_mean("diffmst")
    assert planted_mean("diffmst") != planted_mean("other")
    assert all(30.0 <= planted_mean(name) <= 50.0 for name in ("diffmst", "other", "x"))


def test_the_command_and_the_export_work_on_an_unbuilt_study(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``simulate`` fills the database beside the study, ``export`` writes the long table."""
    study = write_study(tmp_path, n_songs=2, systems=("baseline", "human", "random"))
    with pytest.raises(StoreError, match="There is no database"):
        export(study, tmp_path / "ratings.csv", database=None)
    simulate(study, participants=3, seed=1, database=None, stimuli=None)
    assert "3 simulated participants took part (P001 to P003" in capsys.readouterr().out
    export(study, tmp_path / "ratings.csv", database=None)
    table = pd.read_csv(tmp_path / "ratings.csv")
    assert list(table.columns[:6]) == [
        "participant",
        "group",
        "song",
        "system",
        "attribute",
        "rating",
    ]
    assert len(table) == 3 * 2 * 3 * 5
    export(study, tmp_path / "all.csv", include_training=True, database=None)
    assert len(pd.read_csv(tmp_path / "all.csv")) == 3 * 3 * 3 * 5
    with pytest.raises(StoreError, match="every row is of a simulated participant"):
        export(study, tmp_path / "none.csv", without_simulated=True, database=None)
    assert not (tmp_path / "none.csv").exists()


def test_an_export_into_nowhere_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    """A missing folder, and a folder where a file should be, are named."""
    study = write_study(tmp_path, n_songs=2, systems=("human", "random"))
    simulate(study, participants=1, seed=1, database=None, stimuli=None)
    with pytest.raises(StoreError, match="There is no folder"):
        export(study, tmp_path / "nowhere" / "ratings.csv", database=None)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(StoreError, match="is a folder"):
        export(study, tmp_path, database=None)
    assert sorted(tmp_path.iterdir()) == before
