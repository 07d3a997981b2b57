"""The progress of several trainings on one page: losses and validation errors by step."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from plotly import graph_objects
from plotly.subplots import make_subplots

from mixing.learning.training.train import Course

SMOOTHED_STEPS = 25
WIDTH_PX, HEIGHT_PX = 1000, 260  # width and height in pixels of a network's two plots
_LOSS_COLOUR, _FOLD_COLOUR = "#0b5c8a", "#9aa7b0"


def curves_page(courses: Mapping[str, Course]) -> str:
    """Self-contained HTML with two plots per network: losses of the last fit, folds' errors."""
    titles = [
        title
        for task in courses
        for title in (f"{task}: training loss", f"{task}: validation error of each fold")
    ]
    figure = make_subplots(len(courses), 2, subplot_titles=titles)
    for row, course in enumerate(courses.values(), start=1):
        losses = _smooth(course.losses)
        steps = np.arange(1, len(losses) + 1)
        line = {"color": _LOSS_COLOUR}
        figure.add_trace(graph_objects.Scatter(x=steps, y=losses, line=line), row, 1)
        for fold in course.folds:
            held_out = ", ".join(song.answers.song for song in fold.songs)
            figure.add_trace(
                graph_objects.Scatter(
                    x=list(fold.validation),
                    y=list(fold.validation.values()),
                    name=f"without {held_out}",
                    line={"color": _FOLD_COLOUR},
                ),
                row,
                2,
            )
            figure.add_trace(
                graph_objects.Scatter(
                    x=[fold.best_step],
                    y=[fold.validation.get(fold.best_step)],
                    name="the step that is kept",
                    mode="markers",
                    marker={"color": _LOSS_COLOUR},
                ),
                row,
                2,
            )
    figure.update_xaxes(title="step")
    figure.update_yaxes(title="scaled", rangemode="tozero")
    figure.update_layout(
        title="Training",
        showlegend=False,
        template="plotly_white",
        width=WIDTH_PX,
        height=HEIGHT_PX * len(courses) + 120,
    )
    page = figure.to_html(include_plotlyjs=True, config={"displaylogo": False}, div_id="curves")
    return str(page)


def _smooth(losses: tuple[float, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Running mean over up to 25 steps; the first means have fewer steps."""
    total = np.concatenate([[0.0], np.cumsum(losses)])
    end = np.arange(1, len(losses) + 1)
    start = np.maximum(end - SMOOTHED_STEPS, 0)
    return np.asarray((total[end] - total[start]) / (end - start))
