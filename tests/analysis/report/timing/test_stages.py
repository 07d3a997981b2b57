"""Weights of a report's stages: what a figure costs, and a share of the time that never falls."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from analysis.report.timing.stages import (
    A_DRAWING,
    A_POINT,
    A_TRACE,
    A_VALUE,
    STAGES,
    Stages,
    figure_cost,
)

VALUES = list(range(100))


@pytest.mark.parametrize(
    ("trace", "cost"),
    [
        (go.Scatter(x=VALUES, y=VALUES, mode="markers"), 100 * A_POINT),
        (go.Box(y=VALUES, boxpoints="all"), 100 * A_POINT),
        (go.Box(y=VALUES, boxpoints=False), 100 * A_VALUE),
        (go.Violin(y=VALUES, points=False), 100 * A_VALUE),
    ],
)
def test_points_cost_where_they_are_drawn(trace: go.Figure, cost: float) -> None:
    """A violin of thousands of ratings draws one curve; a dot for each takes seconds."""
    assert figure_cost(go.Figure(trace)) == pytest.approx(A_DRAWING + A_TRACE + cost)


def test_the_share_grows_from_stage_to_stage_and_file_to_file() -> None:
    """Half of a figure's files are half of its cost; all figures end where the page begins."""
    figures = {
        "dots": go.Figure(go.Scatter(x=VALUES, y=VALUES)),
        "curve": go.Figure(go.Violin(y=VALUES, points=False)),
    }
    stages = Stages(n_ratings=100, n_attributes=1).of_figures(figures, twice=["curve"])
    drawn = [
        stages.share_drawn(parts)
        for parts in ({}, {"dots": 0.5}, {"dots": 1.0}, {"dots": 1.0, "curve": 0.25})
    ]
    whole = stages.share_drawn({"dots": 1.0, "curve": 1.0})
    assert [stages.share("draw"), *drawn[1:], stages.share("write")] == [*drawn, whole]
    assert drawn == sorted(drawn)
    dots, curve = figure_cost(figures["dots"]), 2 * figure_cost(figures["curve"])
    assert drawn[1] - drawn[0] == pytest.approx(dots / 2 / stages.cost)
    assert whole - drawn[0] == pytest.approx((dots + curve) / stages.cost)
    assert [stages.share(stage) for stage in STAGES] == sorted(map(stages.share, STAGES))
