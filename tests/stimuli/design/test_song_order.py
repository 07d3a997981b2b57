"""Songs and their order: every place of the session alike, neighbours alike, no song more often."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stimuli.design.session import plan_session
from stimuli.design.song_order import deal_songs
from tests.stimuli.design.test_session import rated, study_of


def deal(participant_index: int, n_each: int, n_songs: int) -> list[str]:
    """Songs of one participant, in the order in which they are heard."""

    def shuffled(number: int) -> list[str]:
        names = [f"s{i}" for i in range(n_songs)]
        np.random.default_rng([5, number]).shuffle(names)
        return names

    return [dealt.song for dealt in deal_songs(participant_index, n_each, shuffled)]


@pytest.mark.parametrize(
    ("n", "n_participants", "each"), [(2, 2, 1), (4, 4, 1), (5, 10, 2), (8, 8, 1), (15, 30, 2)]
)
def test_songs_that_all_hear_follow_a_williams_design(
    n: int, n_participants: int, each: int
) -> None:
    """Each song equally often in each place, and right after each other song."""
    study = study_of(n, 4)
    for start in (0, n_participants):  # the second round as the first
        orders = [
            tuple(page.song for page in rated(study, start + index))
            for index in range(n_participants)
        ]
        places = Counter(cell for order in orders for cell in enumerate(order))
        neighbours = Counter(pair for order in orders for pair in pairwise(order))
        assert list(places.values()) == [each] * n * n
        assert list(neighbours.values()) == [each] * n * (n - 1)


def test_each_listener_group_has_a_design_of_its_own() -> None:
    """Balanced within groups, four songs are even in every group after four of its members."""
    study = study_of(4, 4, balance_within="groups")
    designs = {}
    for group in ("professional", "hobbyist", "inexperienced"):
        orders = [
            tuple(page.song for page in plan_session(study, index, group).pages[1:])
            for index in range(4)
        ]
        assert Counter(cell for order in orders for cell in enumerate(order)).total() == 16
        assert set(Counter(cell for order in orders for cell in enumerate(order)).values()) == {1}
        assert len(Counter(pair for order in orders for pair in pairwise(order))) == 12
        designs[group] = orders
    assert len({str(orders) for orders in designs.values()}) > 1


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))))
def test_in_a_round_every_song_comes_once_in_every_place(sizes: tuple[int, int]) -> None:
    """With n songs, m for each, n participants hear every song once in each of m places."""
    n_songs, n_each = sizes
    for round_ in range(3):
        orders = [deal(round_ * n_songs + seat, n_each, n_songs) for seat in range(n_songs)]
        places = Counter(cell for order in orders for cell in enumerate(order))
        assert len(places) == n_songs * n_each
        assert set(places.values()) == {1}


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))))
def test_the_deal_is_fair_at_any_time_and_knows_how_often_a_song_came(
    sizes: tuple[int, int],
) -> None:
    """Counts of songs differ by one at most; nobody gets a song twice."""
    n_songs, n_each = sizes
    counts = Counter(dict.fromkeys((f"s{i}" for i in range(n_songs)), 0))
    for index in range(2 * n_songs + 1):
        names = [f"s{i}" for i in range(n_songs)]
        dealt = deal_songs(index, n_each, lambda _number: names)  # noqa: B023 - used at once
        assert all(each.times_before == counts[each.song] for each in dealt)
        assert len({each.song for each in dealt}) == n_each
        counts.update(each.song for each in dealt)
        assert max(counts.values()) - min(counts.values()) <= 1


def test_companions_change_where_each_rates_some() -> None:
    """With 4 of 8 songs each, 7 rounds bring any two songs together at some time.

    From one pack for ever, two sets of four songs would meet among themselves only.
    """
    met = {
        frozenset((one, other))
        for index in range(56)
        for one in deal(index, 4, 8)
        for other in deal(index, 4, 8)
        if one != other
    }
    assert len(met) == 28


def test_no_place_of_the_session_goes_with_an_order_of_systems() -> None:
    """Over 40 participants the first page of four songs shows each order of systems 4 to 16 times.

    Were both orders taken from one count, only half of the orders, or one, would come first.
    """
    study = study_of(4, 4)
    first = Counter(rated(study, index)[0].systems for index in range(40))
    assert len(first) == 4
    assert all(4 <= times <= 16 for times in first.values())


def test_who_rates_some_of_the_songs_meets_each_order_of_systems_once() -> None:
    """With 4 of 8 songs and four systems every session is a Latin square of its own."""
    study = study_of(8, 4, songs_per_participant=4)
    for index in range(40):
        pages = rated(study, index)
        for position in range(4):
            assert {page.systems[position] for page in pages} == set("abcd")


@pytest.mark.parametrize(("n_songs", "n_participants"), [(8, 32), (15, 60)])
def test_places_of_the_session_and_orders_of_systems_come_together_equally_often(
    n_songs: int, n_participants: int
) -> None:
    """After four rounds of four songs each, all 16 cells hold a quarter of the participants."""
    study = study_of(n_songs, 4, songs_per_participant=4)
    cells = Counter(
        (place, page.systems)
        for index in range(n_participants)
        for place, page in enumerate(rated(study, index))
    )
    assert len(cells) == 16
    assert set(cells.values()) == {n_participants // 4}


def test_songs_that_lie_in_one_row_do_not_keep_apart_for_ever() -> None:
    """Any two of eight songs come together in one session at some time."""
    study = study_of(8, 4, songs_per_participant=4)
    met = {
        frozenset(pair)
        for index in range(96)
        for pair in combinations([page.song for page in rated(study, index)], 2)
    }
    assert len(met) == 28
