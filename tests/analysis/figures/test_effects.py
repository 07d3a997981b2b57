"""Caterpillar plot, map of missing data, panels by song, and choices: what is drawn is right."""

from __future__ import annotations

from itertools import product
from typing import Any

import pandas as pd
import pytest

from analysis.figures.catalogue import trial_figures
from analysis.figures.completeness import cell_states, missing_map
from analysis.figures.effects import caterpillar
from analysis.figures.findings import NothingToDrawError
from analysis.figures.listening import behaviour
from analysis.figures.songs import by_song, heat_map
from analysis.figures.style import Look
from analysis.figures.systems import song_panels
from analysis.findings.trials import Trials
from analysis.ratings.behaviour import behaviour_of
from analysis.report.sections.data import missing_of
from finding_records import attribute, record

LOOK = Look(systems=("x", "y"), groups=("novice", "pro"), songs=("s1", "s2"))


def table(rows: list[tuple[str, str, str, float]]) -> pd.DataFrame:
    """Ratings of one attribute from (participant, song, system, rating)."""
    frame = pd.DataFrame(rows, columns=["participant", "song", "system", "rating"])
    groups = frame["participant"].map({"P1": "novice", "P2": "pro", "P3": "pro"})
    return frame.assign(attribute="overall", group=groups)


RATINGS = table(
    [("P1", "s1", "x", 10), ("P1", "s1", "y", 30), ("P1", "s2", "x", 20), ("P1", "s2", "y", 40),
     ("P2", "s1", "x", 50), ("P3", "s2", "x", 60), ("P3", "s2", "y", 80)]
)  # fmt: skip
PLANNED = pd.DataFrame(
    [("P1", "s1"), ("P1", "s2"), ("P2", "s1"), ("P2", "s2"), ("P3", "s2")],
    columns=["participant", "song"],
)


def test_effects_are_sorted_and_their_intervals_are_1_96_standard_deviations() -> None:
    """Two participants of two groups, told by symbol; songs in a panel of their own."""
    random: dict[str, Any] = {
        "participant": [{"level": "P1", "value": 4.0, "sd": 1.0},
                        {"level": "P2", "value": -4.0, "sd": 2.0}],
        "song": [{"level": "s1", "value": 1.0, "sd": 0.5}, {"level": "s2", "value": -1, "sd": 0.5}],
    }  # fmt: skip
    section = attribute(lmm={"status": "ok", "random": random})
    figure = caterpillar(section, LOOK, {"P1": "novice", "P2": "pro"})
    by_name = {trace.name: trace for trace in figure.data}
    novice, pro = by_name["novice (n = 1)"], by_name["pro (n = 1)"]
    assert (novice.x[0], novice.y[0], pro.y[0]) == (4.0, 1, 0)
    assert pro.error_x.array[0] == pytest.approx(1.959964 * 2)
    assert novice.marker.symbol != pro.marker.symbol
    titles = [note.text for note in figure.layout.annotations]
    assert titles == ["Participants (n = 2)", "Songs (n = 2)"]
    assert [shape.x0 for shape in figure.layout.shapes] == [0, 0]
    assert list(figure.data[-1].x) == [-1, 1]


def test_effects_that_are_all_zero_are_not_drawn() -> None:
    """A dropped variance has no plot."""
    section = attribute(lmm={"random": {"song": [{"level": "s", "value": 0, "sd": 0}]}})
    with pytest.raises(NothingToDrawError):
        caterpillar(section, LOOK, {})


def test_the_map_tells_what_was_never_asked_from_what_is_missing() -> None:
    """P2 rated half of s1 and nothing of s2; P3 was not asked for s1."""
    states, counts = cell_states(RATINGS, PLANNED, LOOK)
    assert states.to_numpy().tolist() == [
        ["all", "all"], ["part", "none"], ["unplanned", "all"],
    ]  # fmt: skip
    assert counts.loc["P2", "s1"] == "1/2"
    found = missing_of(RATINGS, PLANNED)
    assert (found.n_missing, found.n_not_planned, found.n_lost) == (5, 2, 1)
    without, _ = cell_states(RATINGS, None, LOOK)
    assert without.loc["P3", "s1"] == "none"
    assert missing_of(RATINGS).n_lost is None
    figure = missing_map(RATINGS, PLANNED, LOOK)
    assert figure.data[0].text.tolist() == [["", ""], ["1/2", "×"], ["–", ""]]
    with pytest.raises(NothingToDrawError):
        missing_map(RATINGS[RATINGS["participant"] == "P1"], None, LOOK)


def test_the_legend_of_the_map_has_the_states_that_are_there() -> None:
    """Where no plan is known nothing was planned; where nothing is lost no cross is explained."""

    def legend(planned: pd.DataFrame | None, ratings: pd.DataFrame = RATINGS) -> list[str]:
        return [trace.name for trace in missing_map(ratings, planned, LOOK).data if trace.name]

    assert legend(PLANNED) == [
        "all rated", "rated in part", "planned, not rated ×", "not planned –"
    ]  # fmt: skip
    assert legend(None) == ["all rated", "rated in part", "no rating ×"]
    tips = missing_map(RATINGS, None, LOOK).data[0].customdata
    assert tips[2][0] == "P3, s1: no rating (0/2)"
    assert legend(None, RATINGS[RATINGS["participant"] != "P2"]) == ["all rated", "no rating ×"]


def test_each_song_has_a_panel_with_every_participant_s_rating() -> None:
    """Dots are ratings, the diamond is their mean, n is in the title."""
    figure = song_panels(RATINGS, "overall", LOOK)
    assert [note.text for note in figure.layout.annotations] == ["s1 (n = 2)", "s2 (n = 2)"]
    assert sorted(figure.data[1].y) == [10, 50]
    assert figure.data[2].y[0] == 30


def crowd(n_songs: int, n_systems: int) -> tuple[pd.DataFrame, str, Look]:
    """Input of a figure: two participants who rated so many songs in so many systems."""
    songs, systems = (tuple(f"{k:03}" for k in range(n)) for n in (n_songs, n_systems))
    names = product(["P1", "P2"], songs, systems)
    rows = pd.DataFrame(names, columns=["participant", "song", "system"])
    rows = rows.assign(attribute="overall", group="all", rating=50.0)
    return rows, "overall", Look(systems=systems, songs=songs)


def test_songs_too_many_to_be_told_apart_are_not_drawn() -> None:
    """A hundred songs are drawn, one more is not; panels end at six hundred boxes."""
    for draw in (by_song, heat_map):
        assert draw(*crowd(100, 1)).data
        with pytest.raises(NothingToDrawError, match="more than 100 songs"):
            draw(*crowd(101, 1))
    with pytest.raises(NothingToDrawError, match="more than 100 songs"):
        song_panels(*crowd(101, 1))
    with pytest.raises(NothingToDrawError, match="more than 600 boxes"):
        song_panels(*crowd(7, 86))


def test_listening_is_shown_by_system_in_switches_and_seconds() -> None:
    """Medians by hand; four panels where all is known."""
    heard = RATINGS.assign(
        plays=2, switches=4, time_s=50.0, switches_to=[1, 2, 3, 4, 5, 6, 8],
        heard_s=[10.0, 1, 20, 2, 30, 40, 3],
    )  # fmt: skip
    found = behaviour_of(heard, ("x", "y"))
    assert found is not None
    x, y = found.systems
    assert (x.heard_median_s, x.switches_to_median) == (25.0, 4.0)
    assert (y.heard_median_s, y.switches_to_median) == (2.0, 4.0)
    titles = [note.text for note in behaviour(heard, LOOK).layout.annotations]
    assert titles[:3] == [
        "Plays of a stimulus (n = 7)", "Switches to a stimulus (n = 7)",
        "Seconds heard of a stimulus (n = 7)",
    ]  # fmt: skip


def test_choices_are_drawn_with_their_numbers_and_a_symbol_each() -> None:
    """3 of 4 for x; a strength that cannot be estimated leaves the table of wins."""
    pair = {"a": "x", "b": "z", "n": 4.0, "won_a": 3.0, "won_b": 1.0}
    row = {"share": 0.75, "ci_low": 0.2, "ci_high": 0.99, "n": 4, "n_right": 3, "n_participants": 2}
    strengths = [{"system": "x", "strength": 0.5, "ci_low": 0.1, "ci_high": 0.9},
                 {"system": "z", "strength": -0.5, "ci_low": None, "ci_high": None}]  # fmt: skip
    preference = {
        "part": "taste", "attribute": "overall", "systems": ["x", "z"], "pairs": [pair],
        "wins": [{"system": "x", "total": 3.0}, {"system": "z", "total": 1.0}],
        "n_participants": 2, "bradley_terry": {"status": "ok", "strengths": strengths},
    }  # fmt: skip
    abx = {"part": "", "attribute": "abx", "overall": row, "pairs": [{"a": "x", "b": "z", **row}],
           "participants": [{"share": 0.5}, {"share": 1.0}]}  # fmt: skip
    made, names = trial_figures(record(Trials, preference=[preference], abx=[abx]), LOOK)
    assert [entry.kind for entry in made] == ["wins", "strengths", "told-apart"]
    assert names == {"preference/0": ["preference-1-wins", "preference-1-strengths"],
                     "abx/0": ["abx-1-told-apart"]}  # fmt: skip
    assert made[0].figure.data[0].text[0][1] == "75 %<br>3 of 4"
    symbols = [trace.marker.symbol for trace in made[1].figure.data]
    assert len(set(symbols)) == 2
    assert made[2].figure.data[1].error_x.arrayminus[0] == pytest.approx(0.55)
    failed = {**preference, "bradley_terry": {"status": "not estimable", "why": "x won all"}}
    made, _ = trial_figures(record(Trials, preference=[failed]), LOOK)
    assert [entry.kind for entry in made] == ["wins"]
