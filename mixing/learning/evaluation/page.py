"""The evaluation as one self-contained page: table, sentences and scatter plots."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from plotly import graph_objects
from plotly.subplots import make_subplots

from mixing.learning.evaluation.evaluate import CAUTIOUS, CNN, CONSTANT, LI2022, NETWORK, ZERO
from mixing.learning.evaluation.published_table import COLUMNS, Column
from mixing.learning.evaluation.table import number

ROWS = (CNN, CONSTANT, ZERO, "ridge", "mlp", LI2022, NETWORK, CAUTIOUS)
_NAMES = {
    CNN: "cnn, as it ships",
    CONSTANT: "best constant",
    ZERO: "zero predictor",
    "ridge": "ridge on average spectra",
    "mlp": "MLP on average spectra",
    LI2022: "constants of Li (2022)",
    NETWORK: "cnn as fitted, trusted blindly",
    CAUTIOUS: "cnn, trust decided without the song",
}
_COLOURS = {CNN: "#0b5c8a", NETWORK: "#c9d3d9", CONSTANT: "#b4561f"}
N_ACROSS, PANEL_PX = 4, 290
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1c2429}
body{max-width:75rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.85rem}
th,td{padding:.3rem .5rem;border-bottom:1px solid #d5dbdf;text-align:right;vertical-align:top}
th:first-child,td:first-child{text-align:left}
small{color:#5a6870;white-space:nowrap}.wide{overflow-x:auto}
"""


def evaluation_page(
    table: pd.DataFrame, answers: pd.DataFrame, words: Sequence[str], notes: Sequence[str]
) -> str:
    """HTML page of an evaluation.

    Parameters
    ----------
    table, words
        Table of errors from :mod:`mixing.learning.evaluation.table`.
    answers
        All predictions, each in the unit of its output, for the scatter plots.
    notes
        Subject and method of the evaluation, and the songs that were left out.
    """
    listed = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in words)
    told = "".join(f"<p>{html.escape(note)}</p>" for note in notes)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Evaluation</title>'
        f"<style>{_STYLE}</style><h1>Held-out songs</h1>{told}"
        f"<h2>In words</h2><ul>{listed}</ul>"
        "<h2>Mean absolute error by song, each group alike</h2><p>Songs of one singer or artist "
        "are a group. In small print: 95 % intervals from drawing groups anew. The errors that Li "
        "(2022) published come from fifty other songs and other truths; compare each with its own "
        "constant only.</p>"
        f'<div class="wide">{_table(table)}</div>'
        "<h2>Predicted against true</h2><p>One point a song (of the equaliser, a song, damage and "
        "band). Dark: cnn as it ships; pale: the network as fitted; orange: the best constant.</p>"
        f"{_scatter(answers)}</html>"
    )


def _table(table: pd.DataFrame) -> str:
    """Errors as an HTML table: a column per predictor, a row per column of Li's (2022) table."""
    predictors = [name for name in ROWS if name in set(table["predictor"])]
    heads = ["", *(_NAMES[name] for name in predictors), "cnn / best constant", "wanted"]
    heads += ["CNN of Li (2022), published", "its mean, published"]
    lines = [f"<tr>{''.join(f'<th>{html.escape(head)}</th>' for head in heads)}</tr>"]
    for column in COLUMNS:
        own = table[table["column"] == column.name]
        if own.empty:
            continue
        rows = {str(row["predictor"]): row for _, row in own.iterrows()}
        ratio = float(rows[CNN]["ratio"])
        cells = [
            f"{column.name}<br><small>{column.unit}</small>",
            *(_cell(rows[name]) if name in rows else "" for name in predictors),
            f"{ratio:.2f}" if np.isfinite(ratio) else "–",
            "" if column.target is None else f"≤ {column.target:.2f}",
            number(column.li2022_cnn),
            number(column.li2022_mean),
        ]
        lines.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return f"<table>{''.join(lines)}</table>"


def _cell(row: pd.Series[Any]) -> str:
    """Error of a predictor, with its confidence interval in small letters."""
    interval = f"{number(row['mae_low'])}–{number(row['mae_high'])}"
    return f"{number(row['mae'])}<br><small>{interval}</small>"


def _scatter(answers: pd.DataFrame) -> str:
    """Plots of predicted values against true values, one plot per column of the table."""
    columns = [column for column in COLUMNS if column.task in set(answers["network"])]
    n_down = -(-len(columns) // N_ACROSS)
    titles = [f"{c.name}{f', {c.unit}' if c.unit else ''}" for c in columns]
    figure = make_subplots(n_down, N_ACROSS, subplot_titles=titles)
    for i, column in enumerate(columns):
        place = i // N_ACROSS + 1, i % N_ACROSS + 1
        points = _points(answers, column)
        told = [name for name in (NETWORK, CONSTANT, CNN) if points[name].notna().any()]
        both = points[["truth", *told]].to_numpy()
        ends = [float(np.nanmin(both)), float(np.nanmax(both))]
        line = {"color": "#9aa7b0", "width": 1}
        figure.add_trace(
            graph_objects.Scatter(x=ends, y=ends, mode="lines", line=line, hoverinfo="skip"), *place
        )
        for predictor in told:
            figure.add_trace(
                graph_objects.Scatter(
                    x=points["truth"],
                    y=points[predictor],
                    mode="markers",
                    name=predictor,
                    text=points["song"],
                    marker={"color": _COLOURS[predictor], "size": 4 if column.task == "eq" else 7},
                ),
                *place,
            )
    figure.update_xaxes(title="true")
    figure.update_yaxes(title="predicted")
    figure.update_layout(
        showlegend=False,
        template="plotly_white",
        width=PANEL_PX * N_ACROSS,
        height=PANEL_PX * n_down + 80,
    )
    config = {"displaylogo": False}
    html = figure.to_html(full_html=False, include_plotlyjs=True, config=config, div_id="answers")
    return str(html)


def _points(answers: pd.DataFrame, column: Column) -> pd.DataFrame:
    """Predictions for the outputs of a column of the table, in the unit of this column."""
    points = answers[answers["output"].isin(column.outputs)].reindex(
        columns=[*answers.columns, *({NETWORK} - {*answers.columns})]
    )
    numbers = ["truth", *(name for name in ROWS if name in points)]
    points[numbers] *= column.scale
    return points
