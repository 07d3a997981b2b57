"""Figures of the report: right marks, right order, right words, and files from one browser."""

from __future__ import annotations

import asyncio
import logging
import math
import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import kaleido
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from analysis.figures import findings, songs, systems
from analysis.figures.captions import caption_of
from analysis.figures.catalogue import attribute_figures, points_figure, slugs, violin_figure
from analysis.figures.drawing import Drawing
from analysis.figures.export import chromium_path, draw
from analysis.figures.rating_axis import rating_axis
from analysis.figures.style import (
    Look,
    is_mark,
    jitter,
    look_of,
    mean_interval,
    ordered,
    participant_means,
    plain,
    wrapped,
)
from analysis.findings.attribute import Attribute
from analysis.scale import SCALE, Scale, with_scale
from finding_records import attribute

SYSTEMS = ("random", "baseline", "human")
T_975_2 = 0.95 * math.sqrt(2 / (1 - 0.95**2))
"""Quantile of Student's t with two degrees of freedom, in closed form: 4.302653."""


def table(n_participants: int = 3, n_songs: int = 2) -> pd.DataFrame:
    """Ratings by hand: the mean of participant k for system j is 20 j + k + 1."""
    rows = [
        (f"P{k + 1}", "pro" if k % 2 else "novice", f"song{s + 1}", system, "overall",
         20.0 * j + k + 1 + (s - (n_songs - 1) / 2))
        for k in range(n_participants)
        for s in range(n_songs)
        for j, system in enumerate(SYSTEMS)
    ]  # fmt: skip
    names = ["participant", "group", "song", "system", "attribute", "rating"]
    return pd.DataFrame(rows, columns=names)


def section() -> Attribute:
    """An attribute's findings by hand: two pairs, one of them inconclusive."""

    def pair(a: str, b: str, estimate: float, verdict: str) -> dict[str, object]:
        interval = {"ci_low": estimate - 4, "ci_high": estimate + 4}
        narrow = {"ci90_low": estimate - 3, "ci90_high": estimate + 3}
        return {"a": a, "b": b, "estimate": estimate, "p_holm": 0.5, "verdict": verdict} | (
            interval | narrow
        )

    means = [
        {"system": s, "group": g, "mean": 20.0 * j, "ci_low": 20.0 * j - 5, "ci_high": 20.0 * j + 5}
        for g in (None, "novice", "pro")
        for j, s in enumerate(SYSTEMS)
    ]
    return attribute(
        descriptives=[{**row, "n_participants": 7} for row in means],
        lmm={
            "status": "ok",
            "emmeans": means,
            "pairs": [
                pair("baseline", "human", -20.0, "different"),
                pair("baseline", "random", 1.0, "inconclusive"),
            ],
            "variance_table": [
                {"component": "participant:system", "variance": 9.0, "sd": 3.0, "share": 0.36},
                {"component": "residual", "variance": 16.0, "sd": 4.0, "share": 0.64},
            ],
            "residuals": {
                "qq": {"theoretical": [-1, 0, 1], "sample": [-2, 0, 2]},
                "fitted": [20.0, 40.0, 60.0],
                "residual": [-2.0, 0.0, 2.0],
            },
        },
    )


@pytest.fixture
def look() -> Look:
    """Order by design: random first, though it is rated lowest."""
    return look_of(table(), SYSTEMS, ("novice", "pro"))


def of_kind(figure: go.Figure, kind: str) -> list[go.Figure]:
    """Traces of one plotly type."""
    return [trace for trace in figure.data if trace.type == kind]


def test_the_interval_of_a_mean_is_student_s_t() -> None:
    """1, 2, 3: mean 2, standard error 1/√3, half width t(.975, 2)/√3."""
    mean, half = mean_interval(np.array([1.0, 2.0, 3.0]))
    assert mean == 2.0
    assert math.isclose(half, T_975_2 / math.sqrt(3), rel_tol=1e-12)


def test_one_value_has_a_mean_and_no_interval() -> None:
    """A single participant shows a diamond without an error bar."""
    mean, half = mean_interval(np.array([41.0]))
    assert mean == 41.0
    assert math.isnan(half)
    figure = systems.by_system(table(1), "overall", look_of(table(1), SYSTEMS))
    diamonds = [t for t in of_kind(figure, "scatter") if t.marker.symbol == "diamond"]
    assert [trace.error_y.visible for trace in diamonds] == [False, False, False]


def test_a_dot_is_a_participant_averaged_over_songs(look: Look) -> None:
    """Three participants make three dots a system, whatever the number of songs."""
    figure = systems.by_system(table(), "overall", look)
    dots = [t for t in of_kind(figure, "scatter") if t.marker.symbol != "diamond" and len(t.y) > 1]
    assert [list(trace.y) for trace in dots] == [[1, 2, 3], [21, 22, 23], [41, 42, 43]]


def test_diamonds_carry_the_interval_over_participants(look: Look) -> None:
    """The error bar of each mean is the t interval of the three participants' means."""
    figure = systems.by_system(table(), "overall", look)
    diamonds = [t for t in of_kind(figure, "scatter") if t.marker.symbol == "diamond"]
    assert [trace.y[0] for trace in diamonds] == [2, 22, 42]
    for trace in diamonds:
        assert math.isclose(trace.error_y.array[0], T_975_2 / math.sqrt(3))


@pytest.mark.parametrize(
    ("scale", "values", "low", "high"),
    [
        (Scale(), (100.0, 100.0, 90.0), None, 100.0),
        (Scale(1, 5, 1), (1.0, 1.0, 2.0), 1.0, None),
        (Scale(-3, 3), (-3.0, 3.0, 3.0), -3.0, 3.0),
        (Scale(), (50.0, 51.0, 52.0), None, None),
    ],
)
def test_an_interval_that_leaves_the_scale_ends_there_with_an_arrowhead(
    scale: Scale, values: tuple[float, ...], low: float | None, high: float | None
) -> None:
    """By hand: mean ± 4.3027 standard deviations over the root of three."""
    rows = [(f"P{n}", "all", "s", "a", "overall", value) for n, value in enumerate(values)]
    columns = ["participant", "group", "song", "system", "attribute", "rating"]
    table = with_scale(pd.DataFrame(rows, columns=columns), scale)
    figure = systems.by_system(table, "overall", look_of(table))
    _dots, diamond, *heads = (each for each in figure.data if each.type == "scatter")
    mean, half = np.mean(values), T_975_2 * np.std(values, ddof=1) / math.sqrt(3)
    top = mean + half if high is None else high
    bottom = mean - half if low is None else low
    assert diamond.y[0] + diamond.error_y.array[0] == pytest.approx(top)
    assert diamond.y[0] - diamond.error_y.arrayminus[0] == pytest.approx(bottom)
    drawn = {
        symbol: (place, beyond)
        for head in heads
        for symbol, place, beyond in zip(head.marker.symbol, head.y, head.customdata, strict=True)
    }
    wanted = {} if high is None else {"triangle-up": (high, pytest.approx(mean + half))}
    wanted |= {} if low is None else {"triangle-down": (low, pytest.approx(mean - half))}
    assert drawn == wanted
    is_told = "An arrowhead at an end of the scale" in caption_of("by-system", figure)
    assert is_told == bool(wanted)


def test_systems_stand_in_the_given_order_and_n_in_the_labels(look: Look) -> None:
    """Order is by design, not by score, and each label counts its participants."""
    figure = systems.by_system(table(), "overall", look)
    labels = list(figure.layout.xaxis.ticktext)
    assert [label.split("<br>")[0] for label in labels] == list(SYSTEMS)
    assert all("n = 3" in label for label in labels)


def test_a_participant_without_ratings_of_a_system_is_not_counted() -> None:
    """N in the label follows the ratings that are there."""
    ratings = table()
    ratings.loc[(ratings.participant == "P1") & (ratings.system == "human"), "rating"] = np.nan
    figure = systems.by_system(ratings, "overall", look_of(ratings, SYSTEMS))
    counts = [label.split("n = ")[1][0] for label in figure.layout.xaxis.ticktext]
    assert counts == ["3", "3", "2"]


def test_the_standard_s_words_stand_between_its_numbers(look: Look) -> None:
    """Five words at 10, 30, 50, 70, 90; numbers at the edges of their intervals."""
    axis = systems.by_system(table(), "overall", look).layout.yaxis
    words = {
        value: text for value, text in zip(axis.tickvals, axis.ticktext, strict=True)
        if "span" in text
    }  # fmt: skip
    assert list(words) == [10, 30, 50, 70, 90]
    assert "Bad" in words[10]
    assert "Excellent" in words[90]


def test_a_study_s_own_words_stand_where_its_slider_has_them() -> None:
    """Five points of the scale: the first word at 0, the last at 100, each with its number."""
    labels = ("Very poor", "Poor", "Fair", "Good", "Very good")
    axis = systems.by_system(
        table(), "overall", look_of(table(), SYSTEMS, scale_labels=labels)
    ).layout.yaxis
    assert list(axis.tickvals) == [0, 25, 50, 75, 100]
    assert all(
        word in text and text.endswith(f"{value:.0f}")
        for word, text, value in zip(labels, axis.ticktext, axis.tickvals, strict=True)
    )


def axis_of(look: Look, scale: Scale) -> go.layout.YAxis:
    """The rating axis of an empty figure."""
    drawing = Drawing()
    rating_axis(drawing, look, scale)
    return drawing.figure().layout.yaxis


def test_words_at_uneven_places_stand_at_their_own_values() -> None:
    """Empty words hold the places between: a number stands there, or nothing at a dense scale."""
    labels = ("much worse", "", "", "the same", "a bit better", "", "much better")
    look = look_of(table(), SYSTEMS, scale_labels=labels)
    axis = axis_of(look, Scale(-3, 3, 1))
    texts = {value: re.sub("<[^>]*>", "", text)
             for value, text in zip(axis.tickvals, axis.ticktext, strict=True)}  # fmt: skip
    assert texts == {-3: "much worse  −3", -2: "−2", -1: "−1", 0: "the same  0",
                     1: "a bit better  1", 2: "2", 3: "much better  3"}  # fmt: skip
    dense = ["" for _ in range(101)]
    dense[33] = "a third"
    look = look_of(table(), SYSTEMS, scale_labels=dense)
    axis = axis_of(look, SCALE)
    assert list(axis.tickvals) == [0, 20, 33, 40, 60, 80, 100]


def test_an_attribute_with_a_scale_of_its_own_has_its_own_words() -> None:
    """They are in its figures alone; those of the study stay in the others'."""
    look = look_of(table(), SYSTEMS, own_labels={"overall": ("worse", "better")})
    own = points_figure(table(), "overall", look).figure.layout.yaxis
    assert [text.partition(">")[2].partition("<")[0] for text in own.ticktext] == [
        "worse", "better",
    ]  # fmt: skip
    assert look.of("reverb").scale_labels == look.scale_labels


def test_words_that_name_intervals_stand_in_their_middles_in_every_language() -> None:
    """A German MUSHRA part has its words at 10 to 90; English words may be points of a slider."""
    german = ("Schlecht", "Dürftig", "Ordentlich", "Gut", "Ausgezeichnet")
    axis = systems.by_system(
        table(), "overall", look_of(table(), SYSTEMS, scale_labels=german, are_intervals=True)
    ).layout.yaxis
    places = {text.partition(">")[2].partition("<")[0]: value
              for value, text in zip(axis.tickvals, axis.ticktext, strict=True)}  # fmt: skip
    assert [places[word] for word in german] == [10, 30, 50, 70, 90]
    plain = systems.by_system(table(), "overall", look_of(table(), SYSTEMS, are_intervals=False))
    assert list(plain.layout.yaxis.tickvals) == [0, 25, 50, 75, 100]


def test_groups_get_a_panel_each_with_their_size(look: Look) -> None:
    """Three participants: P2 is a professional, P1 and P3 are novices."""
    figure = systems.by_group(table(), "overall", look)
    assert [note.text for note in figure.layout.annotations] == ["novice (n = 2)", "pro (n = 1)"]


def test_slopes_draw_a_line_for_every_participant_and_the_mean_on_top(look: Look) -> None:
    """The last line is the mean of the participants' means."""
    figure = systems.slopes(table(), "overall", look)
    assert len(figure.data) == 4
    assert list(figure.data[-1].y) == [2, 22, 42]


def test_violins_show_single_ratings(look: Look) -> None:
    """Li's (2022) picture holds six ratings a system, not three participants."""
    figure = systems.violins(table(), ("overall",), look)
    assert [len(trace.y) for trace in of_kind(figure, "violin")] == [6, 6, 6]


def test_the_song_map_shows_cell_means_and_their_mean_last(look: Look) -> None:
    """Songs differ by one point around the participants' mean of 2."""
    heat = songs.heat_map(table(), "overall", look).data[0]
    assert heat.z[:, 0].tolist() == [1.5, 2.5, 2.0]
    assert heat.text[2][2] == "42"


def test_songs_are_shown_with_all_songs_last(look: Look) -> None:
    """The column of all songs averages each participant's songs first."""
    figure = songs.by_song(table(), "overall", look)
    assert figure.layout.xaxis.ticktext[-1] == "<b>all songs</b>"
    assert [trace.y[-1] for trace in figure.data if trace.name] == [2, 22, 42]
    assert math.isclose(figure.data[0].error_y.array[-1], T_975_2 / math.sqrt(3))


def test_the_forest_shows_both_intervals_the_margin_and_the_verdict() -> None:
    """A thin line for 95 %, a thick one for 90 %, a band, and the verdict in words."""
    figure = findings.forest(replace(section(), margin=7.5))
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [tuple(trace.x) for trace in lines] == [(-24, -16), (-23, -17), (-3, 5), (-2, 4)]
    assert lines[1].line.width > lines[0].line.width
    bands = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert [(band.x0, band.x1) for band in bands] == [(-7.5, 7.5)]
    labels = figure.layout.yaxis.ticktext
    assert "different" in labels[0]
    assert "inconclusive" in labels[1]


def test_names_that_would_read_alike_keep_more_letters() -> None:
    """A name that is another's beginning is told from it."""
    pair = {"estimate": 3.0, "ci_low": 1.0, "ci_high": 5.0, "verdict": "different"}
    pairs = [pair | {"a": "Proposed 1.38", "b": "Proposed 1.38 16kHz"}]
    figure = findings.forest(attribute(lmm={"status": "ok", "pairs": pairs}))
    assert figure.layout.yaxis.ticktext[0].startswith("Proposed 1.38 − Proposed 1.38 16kHz<br>")


def test_every_verdict_has_its_own_symbol_and_words() -> None:
    """Colour is never the only difference."""
    verdicts = findings.VERDICTS
    assert set(verdicts) == {"different", "trivially different", "equivalent", "inconclusive"}
    assert len({symbol for _, _, symbol in verdicts.values()}) == 4


def test_the_forest_falls_back_on_paired_tests_without_a_model() -> None:
    """Where the mixed model failed, the listener means still show a difference."""
    row = {"a": "a", "b": "b", "estimate": 2.0, "ci_low": 1.0, "ci_high": 3.0, "p_holm": 0.01}
    part = attribute(lmm={"status": "not estimable", "why": "one song"}, paired_t=[row])
    assert [trace.x[0] for trace in findings.forest(part).data if trace.mode == "markers"] == [2.0]


@pytest.mark.parametrize(
    "draw_it", [findings.forest, findings.variance_components, findings.residual_qq]
)
def test_what_was_not_estimable_is_not_drawn(draw_it) -> None:
    """A section without numbers raises instead of giving an empty picture."""
    with pytest.raises(findings.NothingToDrawError):
        draw_it(attribute(lmm={"status": "not estimable", "why": "one participant"}))


def test_the_interaction_has_a_line_for_each_group(look: Look) -> None:
    """Groups differ in colour, dash and symbol, and tell their size."""
    figure = findings.interaction(section(), look)
    lines = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert [trace.name for trace in lines] == ["novice (n = 7)", "pro (n = 7)"]
    for key in ("color", "dash"):
        assert len({trace.line[key] for trace in lines}) == 2


def test_variance_components_are_told_in_points_and_share() -> None:
    """Names read as products; the terms that blur the comparison stand out."""
    figure = findings.variance_components(section())
    labels = figure.layout.yaxis.ticktext
    assert labels[0].startswith("participant × system")
    assert "3.0 points, 36 %" in labels[0]
    assert len(set(figure.data[0].marker.color)) == 2


def test_residuals_follow_the_line_through_their_quartiles() -> None:
    """Twice the normal quantiles: the line has slope two through the origin."""
    line = findings.residual_qq(section()).data[0]
    assert list(line.x) == [-1, 1]
    assert list(line.y) == [-2, 2]


def test_references_and_anchors_are_grey_and_known_by_name() -> None:
    """They never take a colour of the palette."""
    marks = ["hidden_reference", "low_anchor", "Reference", "mid anchor"]
    assert all(is_mark(name) for name in marks)
    assert not any(is_mark(name) for name in ("human", "preference_net", "anchorless"))
    drawn = Look(systems=("Reference", "cnn", "Anchor"))
    assert drawn.colour("Reference") != drawn.colour("Anchor")
    assert drawn.colour("cnn") == Look(systems=("cnn",)).colour("cnn")


def test_fourteen_systems_are_all_told_apart() -> None:
    """Colour and symbol together never repeat in a large study."""
    names = tuple(f"s{index}" for index in range(14))
    drawn = Look(systems=names)
    assert len({(drawn.colour(name), drawn.symbol(name)) for name in names}) == 14


def test_names_are_ordered_as_given_then_naturally() -> None:
    """MethodInput names lead, unknown ones are dropped, song2 comes before song10."""
    names = ["song10", "song2", "song1", None]
    assert ordered(names) == ("song1", "song2", "song10")
    assert ordered(names, ["song10", "absent"]) == ("song10", "song1", "song2")


def test_jitter_stays_within_its_width_and_never_changes() -> None:
    """The same picture comes out every time."""
    first = jitter(200, 0.17)
    assert np.abs(first).max() <= 0.17
    assert np.array_equal(first, jitter(200, 0.17))
    assert len(np.unique(first)) == 200


def test_names_cannot_bring_markup_into_a_figure() -> None:
    """Angle brackets and ampersands are shown, not obeyed."""
    assert plain("<b>loud</b> &\n more") == "&lt;b&gt;loud&lt;/b&gt; &amp; more"
    assert "<i>" not in wrapped("a <i>very</i> long name of a system", 12)


def test_participant_means_do_not_depend_on_the_order_of_rows() -> None:
    """Shuffled ratings give the same table."""
    ratings = table(4, 3)
    shuffled = ratings.sample(frac=1, random_state=3)
    left, right = (participant_means(rows, "overall") for rows in (ratings, shuffled))
    pd.testing.assert_frame_equal(left, right)


def test_a_study_of_one_song_and_one_group_has_no_figures_of_songs_and_groups() -> None:
    """Only what the data can carry is drawn."""
    ratings = table(3, 1).assign(group="all")
    made = attribute_figures(ratings, attribute(), "overall", look_of(ratings, SYSTEMS), "overall")
    assert [figure.kind for figure in made] == ["by-system", "slopes", "histogram"]


def test_every_figure_says_in_its_caption_what_its_intervals_are(look: Look) -> None:
    """No caption is empty, and each interval has its coverage."""
    made = attribute_figures(table(), section(), "overall", look, "overall")
    made += violin_figure(table(), ["overall"], look)
    assert len(made) == 13
    assert all(figure.caption.endswith(".") for figure in made)
    with_interval = {"by-system", "forest", "by-song", "interaction"}
    assert all("95 %" in f.caption for f in made if f.kind in with_interval)
    assert len({figure.name for figure in made}) == len(made)


def test_file_names_are_plain_and_differ() -> None:
    """Names that clash after simplification get a number."""
    made = slugs(["Level/Balance", "level balance", "../x", "…"])
    assert made["Level/Balance"] == "level-balance"
    assert len(set(made.values())) == 4
    assert all(set(stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for stem in made.values())


def test_no_chromium_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a browser on the path there is None, not an exception."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    assert chromium_path() is None


def test_a_shell_draws_rather_than_a_whole_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where both are on the path, the shell is taken: it has less to start and to draw."""
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("chromium", "chromium-headless-shell"):
        (tmp_path / name).touch(mode=0o755)
        assert chromium_path() == str(tmp_path / name)


@pytest.mark.browser
def test_a_browser_gone_before_it_answers_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The figures are there although nothing answers the request to close, and nothing is left."""
    browser = chromium_path()
    if browser is None:
        pytest.skip("no Chromium on this machine")
    answered = kaleido.Kaleido.send_command
    gone: list[kaleido.Kaleido] = []

    async def lost(server: kaleido.Kaleido, command: str, *args: Any, **more: Any) -> Any:
        if command != "Browser.close":
            return await answered(server, command, *args, **more)
        server.subprocess.kill()
        gone.append(server)
        logging.getLogger("choreographer.channels.pipe").error("half a message")
        await asyncio.sleep(60)  # an answer that never comes would let this test hang, not fail
        pytest.fail("the answer was waited for")

    monkeypatch.setattr(kaleido.Kaleido, "send_command", lost)
    drawn = draw({"forest": findings.forest(section())}, browser, tabs=1)
    assert drawn["forest"].svg.startswith("<svg")
    assert "half a message" not in caplog.text
    (server,) = gone
    assert server.subprocess.poll() is not None
    assert server._html_tmp_dir is not None
    assert not Path(str(server._html_tmp_dir.path)).exists()


def test_many_pairs_stand_in_lines_that_paper_can_show() -> None:
    """36 pairs are hardly taller than wide; each has its verdict beside its name."""
    pair = {"estimate": 3.0, "ci_low": 1.0, "ci_high": 5.0, "verdict": "different"}
    few, many = (
        findings.forest(attribute(lmm={"status": "ok", "pairs": [
            pair | {"a": a, "b": b} for a, b in combinations("abcdefghi"[:n], 2)
        ]}))
        for n in (4, 9)
    )  # fmt: skip
    assert few.layout.height == 110 + 6 * 46
    assert many.layout.height == 110 + 36 * 24
    assert all("<br>" in text for text in few.layout.yaxis.ticktext)
    assert not any("<br>" in text for text in many.layout.yaxis.ticktext)


@pytest.mark.browser
def test_one_browser_draws_svg_and_png(look: Look) -> None:
    """Both files of two figures come from one start of Chromium, one of them narrow, too."""
    browser = chromium_path()
    if browser is None:
        pytest.skip("no Chromium on this machine")
    figures = {
        "boxes": systems.by_system(table(), "overall", look),
        "forest": findings.forest(section()),
    }
    seen: list[tuple[str | None, float]] = []
    pictures = draw(
        figures, browser, lambda name, share: seen.append((name, share)), columns=("forest",)
    )
    assert seen[0] == (None, 0.0)  # the browser is there
    assert [share for name, share in seen if name == "boxes"] == [0.5, 1.0]
    assert [share for name, share in seen if name == "forest"] == [0.25, 0.5, 0.75, 1.0]
    for name in figures:
        assert pictures[name].svg.startswith("<svg")
        assert pictures[name].png[:8] == b"\x89PNG\r\n\x1a\n"
        assert int.from_bytes(pictures[name].png[16:20], "big") == 1800
    column = pictures["forest"].column
    assert column is not None
    # 85 mm at 358 dots an inch.
    assert int.from_bytes(column.png[16:20], "big") == 1200
    assert pictures["boxes"].column is None
