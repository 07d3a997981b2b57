"""The explorer shows the report's figures of the ratings chosen, blind, and knows each dot."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analysis.figures.findings import NothingToDrawError
from analysis.findings.primary import AttributeFindings, fitted_model
from analysis.findings.sections import rows_of
from analysis.scale import Scale, with_scale
from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.dashboard import router
from mixtrial.dashboard.views.answers.explored_figure import (
    FROM_MODEL,
    KINDS,
    NOT_FITTED,
    FigureSelection,
    chosen_ratings,
    explored_figure,
    heard_at,
    look_for,
    model_of,
)
from mixtrial.dashboard.views.screening import prepared
from mixtrial.reporting.options import ReportOptions
from mixtrial.simulation.in_process import simulate_participants
from stimuli.loading.load import load_study
from stimuli.study.study import Study
from survey_pages import drawn

SHOWN = {"baseline": "System B", "cnn": "System C", "human": "System A", "random": "System D"}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Two songs, four systems."""
    folder = tmp_path_factory.mktemp("explored")
    build_stimuli(folder, n_songs=2)
    return load_study(write_study(folder, n_songs=2))


def table(n_participants: int = 6) -> pd.DataFrame:
    """Ratings that say who, what and by whom: the value counts up, so that each is told apart."""
    rows = []
    people = [f"P{number:03d}" for number in range(1, n_participants + 1)]
    keys = itertools.product(people, ("harbour", "lantern"), SHOWN, ("level", "overall"))
    for count, (person, song, system, attribute) in enumerate(keys):
        rows.append(
            {
                "participant": person,
                "group": "professional" if person < "P004" else "hobbyist",
                "song": song,
                "system": system,
                "attribute": attribute,
                "rating": float(count * 7 % 101),
                "replicate": 0,
                "time_s": 60.0,
                "plays": 2,
                "switches": 9,
            }
        )
    return pd.DataFrame(rows)


def test_a_choice_keeps_the_ratings_it_names_and_no_others() -> None:
    """Counted by hand: 3 hobbyists, less one left out, one song, four systems."""
    choice = FigureSelection("overall", ("hobbyist",), ("harbour",), ("P005",))
    kept = chosen_ratings(prepared(table(), {}), choice, SHOWN)
    assert len(kept) == 2 * 1 * 4
    assert set(kept["participant"]) == {"P004", "P006"}
    assert set(kept["song"]) == {"harbour"}
    assert set(kept["attribute"]) == {"overall"}


def test_an_empty_choice_is_everything_in_one_attribute() -> None:
    """No filter: 6 participants, 2 songs, 4 systems."""
    assert len(chosen_ratings(prepared(table(), {}), FigureSelection("level"), SHOWN)) == 48


def test_a_choice_nothing_fits_is_empty_and_no_error() -> None:
    """Nobody of this group."""
    assert chosen_ratings(
        prepared(table(), {}), FigureSelection("level", ("inexperienced",)), SHOWN
    ).empty


@pytest.fixture(scope="module")
def fitted(study: Study) -> AttributeFindings:
    """The model of all systems, fitted once for all figures."""
    rows = chosen_ratings(prepared(table(), {}), FigureSelection("overall"), SHOWN)
    return model_of(rows, study, "overall")


@pytest.fixture(scope="module")
def fitted_without_human(study: Study) -> AttributeFindings:
    """The same of those that are compared where human is kept apart."""
    rows = chosen_ratings(prepared(table(), {}), FigureSelection("overall"), SHOWN)
    look = look_for(rows, study, SHOWN, apart=["human"])
    return model_of(rows, study, "overall", look.apart)


@pytest.mark.parametrize("kind", KINDS)
def test_no_figure_names_a_system_while_the_study_is_blind(
    study: Study, fitted: AttributeFindings, kind: str
) -> None:
    """The whole figure as JSON, searched for the four names; the letters are there."""
    rows = chosen_ratings(prepared(table(), {}), FigureSelection("overall"), SHOWN)
    section = fitted if kind in FROM_MODEL else NOT_FITTED
    made = explored_figure(kind, rows, section, look_for(rows, study, SHOWN))
    text = made.figure.to_json()
    for system in SHOWN:
        assert system not in text
    if kind not in ("variance", "residuals", "fitted"):
        assert all(letter in text for letter in SHOWN.values())


@pytest.mark.parametrize("kind", KINDS)
def test_reference_and_anchors_are_shown_apart_and_in_no_model(
    study: Study, fitted_without_human: AttributeFindings, kind: str
) -> None:
    """As in the report: human kept apart has a mark in what describes, and none in what compares.

    Six pairs of four systems become three.
    """
    rows = chosen_ratings(prepared(table(), {}), FigureSelection("overall"), SHOWN)
    look = look_for(rows, study, SHOWN, apart=["human"])
    assert (look.systems[-1], look.apart) == ("System A", ("System A",))
    section = fitted_without_human if kind in FROM_MODEL else NOT_FITTED
    text = explored_figure(kind, rows, section, look).figure.to_json()
    assert ("System A" in text) == (kind not in FROM_MODEL)
    model = fitted_model(section)
    assert len(model.pairs if model else ()) == (3 if kind in FROM_MODEL else 0)


CLAIM = "[{test: superiority, system: cnn, to: human, margin: 0}]"


@pytest.mark.parametrize(
    ("plan", "apart"),
    [
        ("", ()),
        ("{reference: human, low_anchor: random}", ("human", "random")),
        ("{reference: human, contrasts: [[human, cnn]]}", ()),
        (f"{{reference: human, one_sided: {CLAIM}}}", ()),
        ("{reference: human, with_roles: true}", ()),
    ],
)
def test_the_plan_says_who_is_kept_apart(tmp_path: Path, plan: str, apart: tuple[str, ...]) -> None:
    """A claim that names the reference brings it into the comparison, and so does with_roles."""
    build_stimuli(tmp_path, n_songs=2)
    path = write_study(tmp_path, n_songs=2)
    path.write_text(f"{path.read_text('utf-8')}{plan and f'analysis: {plan}'}\n", "utf-8")
    declared = load_study(path).analysis
    assert ReportOptions().settled(declared).apart(declared, SHOWN) == apart


def test_each_dot_carries_the_rating_it_stands_for(study: Study) -> None:
    """Every dot is looked up in the table by what it carries, and has that rating's height."""
    ratings = table()
    rows = chosen_ratings(prepared(ratings, {}), FigureSelection("overall"), SHOWN)
    made = explored_figure("points", rows, NOT_FITTED, look_for(rows, study, SHOWN))
    value = ratings[ratings["attribute"] == "overall"].set_index(["participant", "song", "system"])[
        "rating"
    ]
    found = {}
    for trace in made.figure.data:
        for point, height in zip(trace.customdata, trace.y, strict=True):
            heard = heard_at(int(point), rows, SHOWN)
            assert heard is not None
            found[heard] = height
    assert found == value.to_dict()


@pytest.mark.parametrize("mark", [None, 0, -1, 10_000, "1", [1], True])
def test_marks_that_are_no_rating_play_nothing(mark: object) -> None:
    """A mean, an axis, the row of a table that has become shorter."""
    rows = chosen_ratings(prepared(table(), {}), FigureSelection("overall"), SHOWN)
    assert heard_at(1, rows, SHOWN) is not None
    assert heard_at(mark, rows, SHOWN) is None


def test_the_margin_of_the_plan_is_in_points_of_the_attribute_that_answers(tmp_path: Path) -> None:
    """10 of 100 points for level are a tenth of the 1 to 5 of overall: 0.4."""
    path = write_study(tmp_path, n_songs=2)
    build_stimuli(tmp_path, n_songs=2)
    path.write_text(
        path.read_text(encoding="utf-8")
        + "attributes: [{name: level, question: Level}, {name: overall, question: All, range: "
        "{minimum: 1, maximum: 5, step: 1}}]\nanalysis: {primary: level, margin: 10}\n",
        encoding="utf-8",
    )
    mixed = load_study(path)
    ratings = table()
    level = ratings[ratings["attribute"] == "level"]
    overall = with_scale(ratings[ratings["attribute"] == "overall"], Scale(1, 5, 1))
    overall = overall.assign(rating=1 + (overall["rating"] % 5).round())
    for rows, margin in ((level, 10.0), (overall, 0.4)):
        section = model_of(rows, mixed, str(rows["attribute"].iloc[0]))
        assert rows_of(fitted_model(section).pairs)[0].margin == pytest.approx(margin)


def test_one_group_cannot_be_compared_with_itself(study: Study) -> None:
    """The group figures say so instead of drawing one panel."""
    rows = chosen_ratings(prepared(table(), {}), FigureSelection("overall", ("hobbyist",)), SHOWN)
    with pytest.raises(NothingToDrawError, match="only one group"):
        explored_figure("by-group", rows, NOT_FITTED, look_for(rows, study, SHOWN))


def test_the_view_filters_and_plays_without_naming_a_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All filters used one after another: the count follows, and no name nor address leaks."""
    build_stimuli(tmp_path, n_songs=2)
    installation = open_installation(write_study(tmp_path, n_songs=2))
    list(simulate_participants(installation, 3, seed=1))
    monkeypatch.setattr(router, "current_installation", lambda: installation)
    monkeypatch.setattr(router, "is_signed_in", lambda _installation: True)

    def script() -> None:
        from mixtrial.dashboard.router import render_dashboard

        render_dashboard()

    page = AppTest.from_function(script, default_timeout=120)
    page.query_params["view"] = "explore"
    page.run()
    drawn(page)
    assert "24 of 24 ratings, from 3 of 3 participants" in _shown(page)
    left_out = next(box for box in page.multiselect if box.label == "Participants left out")
    left_out.set_value(["P002"]).run()
    assert "16 of 24 ratings, from 2 of 3 participants" in _shown(page)
    next(box for box in page.selectbox if box.label == "Figure").set_value("forest").run()
    drawn(page)
    assert "/api/admin/heard/" in _shown(page)
    for system in SHOWN:
        assert f">{system}<" not in _shown(page)
        assert f"/{system}" not in _shown(page)
    installation.store.close()


def _shown(page: AppTest) -> str:
    return " ".join(str(element.proto) for element in page.main)
