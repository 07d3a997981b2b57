"""The table of balance counts rightly, cells that never came included, and proves the design."""

from __future__ import annotations

import pandas as pd
import pytest

from stimuli.design.balance import balance_table
from stimuli.design.session import plan_session
from stimuli.study.study import Study
from tests.stimuli.design.test_session import schools, study_of


def slots_of(study: Study, n_participants: int, group: str = "professional") -> pd.DataFrame:
    """The rated slots of the first plans, in the columns of the archive."""
    rows = [
        (f"P{index:03d}", group, page_index, page.song, page.replicate, place, system)
        for index in range(n_participants)
        for page_index, page in enumerate(plan_session(study, index).pages)
        if page.phase == "rating"
        for place, system in enumerate(page.systems, start=1)
    ]
    names = ["participant", "group", "page_index", "song", "replicate", "position", "system"]
    return pd.DataFrame(rows, columns=names)


def row(table: pd.DataFrame, criterion: str, among: str = "everybody") -> tuple[int, int, int]:
    """Cells, fewest and most of one criterion."""
    found = table[(table["criterion"] == criterion) & (table["among"] == among)]
    [cells, fewest, most] = found[["cells", "fewest", "most"]].to_numpy()[0]
    return int(cells), int(fewest), int(most)


def test_a_hand_counted_table() -> None:
    """Two participants, one song, systems a and b: ab and ab are counted as they stand."""
    study = study_of(1, 2)
    slots = pd.DataFrame(
        [("P1", "hobbyist", 0, "s0", 0, 1, "a"), ("P1", "hobbyist", 0, "s0", 0, 2, "b"),
         ("P2", "professional", 0, "s0", 0, 2, "b"), ("P2", "professional", 0, "s0", 0, 1, "a")],
        columns=["participant", "group", "page_index", "song", "replicate", "position", "system"],
    )  # fmt: skip
    table = balance_table(slots, study)
    assert row(table, "participants of a song") == (1, 2, 2)
    assert row(table, "presentations of a system") == (2, 2, 2)
    assert row(table, "system in a position on the page") == (4, 0, 2)
    assert row(table, "system right after another") == (2, 0, 2)
    assert row(table, "song in a place of the session") == (1, 2, 2)
    assert row(table, "system in a position on the page", "hobbyist") == (4, 0, 1)
    assert set(table["among"]) == {"everybody", "hobbyist", "professional"}


@pytest.mark.parametrize(
    ("n_songs", "n_systems", "n_participants"), [(4, 4, 4), (2, 4, 8), (3, 4, 12), (3, 5, 30)]
)
def test_a_whole_round_of_the_design_is_proved_even(
    n_songs: int, n_systems: int, n_participants: int
) -> None:
    """Once the rounds of songs and of systems are both complete, every fewest == most."""
    study = study_of(n_songs, n_systems)
    table = balance_table(slots_of(study, n_participants), study)
    assert (table["fewest"] == table["most"]).all()


def test_the_order_of_songs_is_counted_by_hand() -> None:
    """One participant hears s1 then s0 (and s1 again), another s0 alone."""
    study = study_of(2, 2)
    rows = [
        ("P1", "hobbyist", 1, "s1", 0, 1, "a"), ("P1", "hobbyist", 2, "s0", 0, 1, "a"),
        ("P1", "hobbyist", 3, "s1", 1, 1, "a"), ("P2", "hobbyist", 1, "s0", 0, 1, "a"),
    ]  # fmt: skip
    names = ["participant", "group", "page_index", "song", "replicate", "position", "system"]
    table = balance_table(pd.DataFrame(rows, columns=names), study)
    assert row(table, "song in a place of the session") == (4, 0, 1)  # s1 is never second
    assert row(table, "song right after another") == (2, 0, 1)  # s0 after s1, never s1 after s0


def test_an_unfinished_round_is_shown_as_it_is() -> None:
    """After three of four participants cells differ by one, and the table says so."""
    study = study_of(3, 4)
    table = balance_table(slots_of(study, 3), study)
    assert row(table, "system in a position, song by song") == (48, 0, 1)


def test_strata_and_pairs_are_shown_for_incomplete_pages() -> None:
    """Two of each school on every page; all mixes equally often; pairs counted, 435 of them."""
    study = schools()
    table = balance_table(slots_of(study, 20), study)
    for school in "abc":
        assert row(table, f"of stratum {school} on a page") == (200, 2, 2)
    cells, fewest, most = row(table, "two systems on one page")
    assert cells == 435
    assert fewest < 40 * 5 * 15 / 435 < most  # 6.9 on average
    assert most <= 14
    assert row(table, "presentations of a system") == (30, 40, 40)


def test_the_table_names_no_system() -> None:
    """It can be looked at while the study is blind."""
    study = schools()
    text = balance_table(slots_of(study, 2), study).to_csv()
    assert not [name for name in study.system_names if name in text]


def test_before_anybody_came_there_is_nothing_to_prove() -> None:
    """An empty table of slots gives counts of 0."""
    study = study_of(2, 2)
    table = balance_table(slots_of(study, 0), study)
    assert (table["most"] == 0).all()
