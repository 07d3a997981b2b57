"""Who hears what in which order: hand tables, balance, and the same order for the same seed."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stimuli.design.session import PlannedPage, plan_session
from stimuli.loading.load import WholeStudy
from stimuli.study.study import Study
from stimuli.study.study_system import StudySystem
from stimuli.williams import williams_rows


def study_of(n_songs: int, n_systems: int, **pages: Any) -> Study:
    """Return a study of songs s0, s1, … and systems a, b, …; its files need not exist."""
    return Study(
        title="Orders",
        seed=7,
        songs=tuple(
            {"name": f"s{i}", "vocal": Path("v.wav"), "backing": Path("b.wav")}
            for i in range(n_songs)
        ),
        systems=tuple("abcdefgh"[:n_systems]),
        pages=pages,
    )


def rated(study: Study, participant_index: int) -> list[PlannedPage]:
    """Rating pages of one participant."""
    return [page for page in plan_session(study, participant_index).pages if page.phase == "rating"]


def test_the_design_for_four_is_the_textbook_square() -> None:
    """Williams' square for four, worked by hand: A B D C, then each row one letter on."""
    letters = ["".join("ABCD"[i] for i in row) for row in williams_rows(4)]
    assert letters == ["ABDC", "BCAD", "CDBA", "DACB"]


def test_the_design_for_three_is_two_mirrored_squares() -> None:
    """An odd number needs the mirror image too: six rows, worked by hand."""
    letters = ["".join("ABC"[i] for i in row) for row in williams_rows(3)]
    assert letters == ["ABC", "BCA", "CAB", "CBA", "ACB", "BAC"]


@pytest.mark.parametrize("n", range(1, 13))
def test_each_condition_stands_equally_often_in_each_position(n: int) -> None:
    """Rows are permutations; columns hold each condition equally often."""
    rows = williams_rows(n)
    per_cell = len(rows) // n
    assert all(sorted(row) == list(range(n)) for row in rows)
    assert all(
        Counter(column) == dict.fromkeys(range(n), per_cell) for column in zip(*rows, strict=True)
    )


@pytest.mark.parametrize("n", range(2, 13))
def test_each_ordered_pair_of_neighbours_occurs_equally_often(n: int) -> None:
    """Carry-over is balanced: once a pair when n is even, twice when it is odd."""
    pairs = Counter(pair for row in williams_rows(n) for pair in pairwise(row))
    assert len(pairs) == n * (n - 1)
    assert set(pairs.values()) == {1 if n % 2 == 0 else 2}


def test_a_design_for_no_condition_is_refused() -> None:
    """There is no design for zero conditions."""
    with pytest.raises(ValueError, match="at least one condition"):
        williams_rows(0)


@pytest.mark.parametrize(("n_systems", "n_participants"), [(4, 4), (5, 10)])
def test_every_song_sees_the_whole_design(n_systems: int, n_participants: int) -> None:
    """For each song, one round of participants puts each pair of systems side by side equally."""
    study = study_of(6, n_systems)
    for song in study.rated_songs:
        orders = [
            page.systems
            for index in range(n_participants)
            for page in rated(study, index)
            if page.song == song
        ]
        pairs = Counter(pair for order in orders for pair in pairwise(order))
        assert len(pairs) == n_systems * (n_systems - 1)
        assert len(set(pairs.values())) == 1


def test_every_song_sees_the_whole_design_when_each_participant_rates_some() -> None:
    """With 2 of 6 songs each, 12 participants give each song four orders, one of each row."""
    study = study_of(6, 4, songs_per_participant=2)
    orders: dict[str, list[tuple[str, ...]]] = {}
    for index in range(12):
        for page in rated(study, index):
            orders.setdefault(page.song, []).append(page.systems)
    assert set(orders) == set(study.rated_songs)
    assert all(len(rows) == len(set(rows)) == 4 for rows in orders.values())


def test_one_participant_meets_each_system_once_in_each_position_over_four_songs() -> None:
    """With four songs and four systems a single session is itself a Latin square."""
    pages = rated(study_of(4, 4), 3)
    for position in range(4):
        assert {page.systems[position] for page in pages} == set("abcd")


@pytest.mark.parametrize(("n_songs", "n_each"), [(6, 4), (5, 2), (7, 7), (15, 4)])
def test_no_song_is_rated_more_than_another(n_songs: int, n_each: int) -> None:
    """After any number of participants, counts of songs differ by one at most."""
    study = study_of(n_songs, 2, songs_per_participant=n_each)
    counts = Counter(dict.fromkeys(study.rated_songs, 0))
    for index in range(23):
        songs = [page.song for page in rated(study, index)]
        assert len(set(songs)) == n_each
        counts.update(songs)
        assert max(counts.values()) - min(counts.values()) <= 1


def test_training_comes_first_on_the_named_song() -> None:
    """One training page opens the session; its song is also rated unless the study says no."""
    study = study_of(3, 4, training_song="s2")
    first, *others = plan_session(study, 0).pages
    assert (first.phase, first.song, sorted(first.systems)) == ("training", "s2", list("abcd"))
    assert sorted(page.song for page in others) == ["s0", "s1", "s2"]
    assert {page.phase for page in others} == {"rating"}


def test_a_training_song_can_be_kept_out_of_the_rating_pages() -> None:
    """``rate_training_song: false`` leaves the other songs only."""
    study = study_of(3, 4, training_song="s2", rate_training_song=False)
    assert sorted(page.song for page in rated(study, 5)) == ["s0", "s1"]


def test_a_study_can_do_without_training() -> None:
    """``training: false`` begins with the first rating page."""
    assert {page.phase for page in plan_session(study_of(2, 2, training=False), 0).pages} == {
        "rating"
    }


def test_repeated_songs_come_last_in_another_order_and_are_marked() -> None:
    """Replicates repeat the songs heard first, each with its systems in a new order."""
    pages = rated(study_of(5, 4, repeated_songs=2), 9)
    assert [page.replicate for page in pages] == [0, 0, 0, 0, 0, 1, 1]
    for first, again in zip(pages[:2], pages[5:], strict=True):
        assert first.song == again.song
        assert first.systems != again.systems


def test_the_same_seed_and_number_give_the_same_session() -> None:
    """A session can be drawn again at any time."""
    assert plan_session(study_of(6, 4), 11) == plan_session(study_of(6, 4), 11)


def test_participants_hear_songs_in_different_orders() -> None:
    """Of 20 participants with six songs nearly all have an order of their own."""
    study = study_of(6, 4)
    orders = {tuple(page.song for page in rated(study, index)) for index in range(20)}
    assert len(orders) > 15


def test_another_seed_gives_another_session() -> None:
    """The seed of the study decides the orders."""
    study = study_of(6, 4)
    other = study.model_copy(update={"seed": 8})
    sessions = [[plan_session(s, i) for i in range(4)] for s in (study, other)]
    assert sessions[0] != sessions[1]


def test_a_negative_participant_number_is_refused() -> None:
    """Participants are counted from zero."""
    with pytest.raises(ValueError, match="numbered from 0"):
        plan_session(study_of(2, 2), -1)


def schools(**pages: Any) -> Study:
    """Return a study of 30 mixes by three schools, six on a page."""
    names = {school: [f"{school}{i}" for i in range(10)] for school in "abc"}
    return Study(
        title="Schools",
        seed=7,
        songs=tuple(
            {"name": f"s{i}", "vocal": Path("v.wav"), "backing": Path("b.wav")} for i in range(2)
        ),
        systems=tuple(name for members in names.values() for name in members),
        strata=tuple({"name": school, "systems": names[school]} for school in "abc"),
        pages={"stimuli_per_page": 6} | pages,
    )


def test_thirty_mixes_come_on_five_pages_of_six_with_two_of_each_school() -> None:
    """The wish of mix researchers: everybody hears all, and every page holds all schools."""
    study = schools()
    for index in range(7):
        pages = rated(study, index)
        assert len(pages) == 10
        for song in ("s0", "s1"):
            of_song = [page.systems for page in pages if page.song == song]
            assert sorted(name for order in of_song for name in order) == sorted(study.system_names)
            assert all(
                Counter(name[0] for name in order) == {"a": 2, "b": 2, "c": 2} for order in of_song
            )


def test_pages_of_one_song_lie_apart() -> None:
    """With two songs no two pages in a row are of one song."""
    songs = [page.song for page in rated(schools(), 4)]
    assert all(one != other for one, other in pairwise(songs))


def test_any_two_mixes_meet_about_equally_often() -> None:
    """Over four rounds of five participants a pair meets 20 * 25 / 145 = 3.4 times on average.

    Independent deals would spread with a standard deviation of 1.69; the lattice does better
    although six rows on five pages are one too many for it to be perfect.
    """
    study = schools()
    meetings = Counter(
        frozenset(pair)
        for index in range(20)
        for page in rated(study, index)
        if page.song == "s0"
        for pair in combinations(page.systems, 2)
    )
    counts = [meetings[frozenset(pair)] for pair in combinations(study.system_names, 2)]
    assert sum(counts) == 20 * 5 * 15
    assert np.std(counts) < 1.6  # independent deals: sqrt(20 * (5/29) * (24/29)) = 1.69


def test_with_a_prime_number_of_pages_no_pair_meets_twice_in_a_round() -> None:
    """25 mixes on five pages of five: in five participants each pair meets once or never."""
    entries = tuple(StudySystem(name=f"m{i:02d}") for i in range(25))
    study = schools().model_copy(update={"systems": entries, "strata": ()})
    study = study.model_copy(
        update={"pages": study.pages.model_copy(update={"stimuli_per_page": 5})}
    )
    meetings = Counter(
        frozenset(pair)
        for index in range(5)
        for page in rated(study, index)
        if page.song == "s1"
        for pair in combinations(page.systems, 2)
    )
    assert set(meetings.values()) == {1}
    assert len(meetings) == 250  # of 300 pairs; the 50 within a row do not meet


def test_a_repeated_song_comes_again_on_all_its_pages() -> None:
    """Replicates of a song shared out over pages hold every mix again."""
    pages = rated(schools(repeated_songs=1), 0)
    again = [page for page in pages if page.replicate == 1]
    assert len(again) == 5
    assert len({name for page in again for name in page.systems}) == 30


def test_within_a_group_songs_and_rows_are_balanced_for_themselves() -> None:
    """Two groups have packs of their own; in each, counts of songs differ by one at most."""
    study = study_of(7, 4, songs_per_participant=3, balance_within="groups")
    packs = {}
    for group in ("professional", "hobbyist"):
        counts = Counter(dict.fromkeys(study.rated_songs, 0))
        orders = []
        for index in range(23):
            plan = plan_session(study, index, group)
            orders.append(plan.pages)
            counts.update(page.song for page in plan.pages if page.phase == "rating")
            assert max(counts.values()) - min(counts.values()) <= 1
        packs[group] = orders
    assert packs["professional"] != packs["hobbyist"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"pages": {"stimuli_per_page": 3}}, "cannot be divided into pages of 3"),
        ({"strata": [{"name": "x", "systems": ["a", "z"]}]}, "names 'z', which is not among"),
        ({"strata": [{"name": "x", "systems": ["a", "b", "c"]}]}, "'d' is not in any stratum"),
        (
            {"strata": [{"name": "x", "systems": list("abcd")}, {"name": "y", "systems": ["a"]}]},
            "'a' is in two strata",
        ),
        ({"pages": {"stimuli_per_page": 4, "max_stimuli": 3}}, "3 are allowed"),
    ],
)
def test_systems_that_cannot_be_shared_out_are_refused(
    change: dict[str, Any], sentence: str
) -> None:
    """Pages of unequal size, and strata that are no partition, are named."""
    songs = ({"name": "s", "vocal": Path("v.wav"), "backing": Path("b.wav")},)
    with pytest.raises(ValueError, match=sentence):
        WholeStudy(title="Bad", songs=songs, systems=tuple("abcd"), **change)


def test_keys_that_came_later_leave_old_fingerprints_alone() -> None:
    """A study that does not use them keeps its hash; one that does gets another."""
    plain = study_of(3, 4)
    assert plain.fingerprint == study_of(3, 4, balance_within="study").fingerprint
    assert plain.fingerprint != study_of(3, 4, balance_within="groups").fingerprint
    content = plain.model_dump(mode="json")
    assert {"strata"} <= content.keys()
