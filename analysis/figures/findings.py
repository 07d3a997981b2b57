"""Figures of the models: differences with verdicts, groups × systems, variance, residuals.

Each figure is drawn from the findings about one attribute. If a section could not be estimated,
:class:`NothingToDrawError` is raised for its figure. If the figure raises this error, the report
gives the reason in place of the figure.
"""

from __future__ import annotations

from math import isfinite

import numpy as np
import plotly.graph_objects as go

from analysis.figures.drawing import Drawing, Trace, trace
from analysis.figures.rating_axis import arrowheads, error_bars, rating_axis
from analysis.figures.style import (
    BLUE,
    GREEN,
    GRID,
    INK,
    MUTED,
    Look,
    faint,
    paper,
    plain,
    short,
    wrapped,
)
from analysis.findings.attribute import Attribute
from analysis.findings.models import MixedModel, Residuals
from analysis.findings.pairs import VERDICT_WORDS, Verdict
from analysis.findings.primary import (
    AttributeFindings,
    PrimaryPair,
    fitted_model,
    primary_means,
    primary_pairs,
    system_shown,
)
from analysis.findings.sections import NotEstimable, rows_of
from analysis.wording import SONGS_AND_MIXES, Wording

# Each verdict has words, a colour and a symbol. The colours are from the palette of Okabe and Ito.
# Each verdict has its own symbol, so that the figure can be read without colours.
VERDICTS: dict[str, tuple[str, str, str]] = {
    verdict: (VERDICT_WORDS[verdict], colour, symbol)
    for verdict, colour, symbol in (
        (Verdict.DIFFERENT, BLUE, "circle"),
        (Verdict.TRIVIAL, "#a0527d", "diamond"),
        (Verdict.EQUIVALENT, GREEN, "square"),
        (Verdict.INCONCLUSIVE, "#8a5a00", "circle-open"),  # an open circle is drawn as a white disc
    )
}

_USUAL_LENGTH = 14
"""Letters shown of a name in a pair, so that the pair's label fits in a journal's column."""


MANY_ROWS = 15
ROW_PX, LINE_PX = 46, 24
"""Height of a pair: verdict below the name, or beside it with more pairs than ``MANY_ROWS``."""


class NothingToDrawError(ValueError):
    """The section that the figure shows is missing from the results, or could not be estimated."""


def forest(section: AttributeFindings) -> go.Figure:
    """Differences of pairs in the primary model: estimate, 90 % (thick line) and 95 % interval.

    The band of the figure shows the equivalence margin in points. If the model could not be fitted,
    the figure shows the paired t tests on listener means. If there are many pairs, only the pairs
    with the highest-rated system are shown.
    """
    pairs = [row for row in primary_pairs(section)[1] if isfinite(row.ci_low)]
    top = system_shown(section, len(pairs))
    pairs = [row for row in pairs if top in (None, row.a, row.b)]
    if not pairs or isinstance(section, NotEstimable):
        raise NothingToDrawError("No pairwise differences were estimable.")
    figure, margin = Drawing(), section.margin
    figure.add_shape(
        type="rect", x0=-margin, x1=margin, yref="y domain", y0=0, y1=1, fillcolor="#eef1f4",
        line={"width": 0}, layer="below",
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": MUTED, "width": 1})
    for index, pair in enumerate(pairs):
        figure.add_traces(_pair_traces(index, pair))
    reach = max(abs(end) for pair in pairs for end in (pair.ci_low, pair.ci_high))
    reach = 1.08 * max(reach, margin * 1.4)
    paper(figure, 110 + (ROW_PX if len(pairs) <= MANY_ROWS else LINE_PX) * len(pairs))
    title = f"Difference in points (n = {section.n_participants} participants)"
    _forest_axes(figure, pairs, reach, margin, title)
    return figure.figure()


def _pair_traces(index: int, pair: PrimaryPair) -> list[Trace]:
    words, colour, symbol = VERDICTS.get(pair.verdict or "", ("", INK, "circle"))
    is_open = symbol.endswith("-open")
    lines = [(pair.ci_low, pair.ci_high, 1.6)]
    if isfinite(pair.ci90_low):
        lines.append((pair.ci90_low, pair.ci90_high, 5.0))
    traces = [
        trace(
            "scatter",
            x=[low, high],
            y=[index, index],
            mode="lines",
            line={"color": colour, "width": width},
            hoverinfo="skip",
            showlegend=False,
        )
        for low, high, width in lines
    ]
    text = f"{plain(pair.a)} − {plain(pair.b)}: %{{x:.3~g}}"
    interval = f"[{pair.ci_low:.3g}, {pair.ci_high:.3g}]"
    traces.append(
        trace(
            "scatter",
            x=[pair.estimate],
            y=[index],
            mode="markers",
            marker={"symbol": symbol.removesuffix("-open"), "size": 12,
                    "color": "white" if is_open else colour,
                    "line": {"width": 2, "color": colour if is_open else "white"}},
            hovertemplate=f"{text} {interval}<br>{words}<extra></extra>",
            showlegend=False,
        )
    )  # fmt: skip
    return traces


def _forest_axes(
    figure: Drawing, pairs: list[PrimaryPair], reach: float, margin: float, title: str
) -> None:
    between = "<br>" if len(pairs) <= MANY_ROWS else "  "
    figure.update_yaxes(
        tickvals=list(range(len(pairs))),
        ticktext=[_pair_label(pair, _length_of_names(pairs), between) for pair in pairs],
        range=[len(pairs) - 0.4, -0.6],
        showgrid=False,
    )
    figure.update_xaxes(range=[-reach, reach], title_text=title, showgrid=True, gridcolor=GRID)
    figure.add_annotation(
        x=0, y=1, yref="paper", yanchor="bottom", text=f"margin ±{margin:g}", showarrow=False,
        font={"size": 11, "color": MUTED},
    )  # fmt: skip
    figure.update_layout(margin={"r": 16, "t": 28})


def _length_of_names(pairs: list[PrimaryPair]) -> int:
    """How many letters of a system's name are shown; more if two shortened names would be equal."""
    names = {name for pair in pairs for name in (pair.a, pair.b)}
    # after shortening, names like "Codec 1.5" and "Codec 1.5…" would look alike
    cut = {short(name, _USUAL_LENGTH).rstrip("\N{HORIZONTAL ELLIPSIS} ") for name in names}
    return _USUAL_LENGTH if len(cut) == len(names) else 22


def _pair_label(pair: PrimaryPair, length: int, between: str) -> str:
    """Name of a pair with its verdict, in the colour of the verdict."""
    words, colour, _ = VERDICTS.get(pair.verdict or "", ("", INK, ""))
    name = f"{short(pair.a, length)} − {short(pair.b, length)}"
    return f"{name}{between}<span style='color:{colour};font-size:11px'>{words}</span>"


def interaction(section: AttributeFindings, look: Look) -> go.Figure:
    """Estimated marginal mean of each system in each group, with its 95 % interval.

    If the lines are parallel, the groups agree about the differences between systems. If the model
    could not be fitted, the figure shows the means over the participants.
    """
    rows = [row for group in look.groups for row in primary_means(section, group)[1]]
    if not rows or isinstance(section, NotEstimable):
        raise NothingToDrawError("There are no means by group.")
    figure, scale = Drawing(), section.scale
    n_groups = len(look.groups)
    for index, group in enumerate(look.groups):
        cells = {row.system: row for row in rows if row.group == group}
        systems = [system for system in look.compared if system in cells]
        places = [look.systems.index(system) + (index - (n_groups - 1) / 2) * 0.1
                  for system in systems]  # fmt: skip
        shown = [cells[name] for name in systems]
        means, low, high = (
            [row.mean for row in shown], [row.ci_low for row in shown],
            [row.ci_high for row in shown],
        )  # fmt: skip
        bars = error_bars(means, low, high, scale, thickness=1.4, width=3)
        size = _group_size(section, group)
        line = _group_line(group, size, places, means, bars, look)
        heads = arrowheads(places, low, high, scale, look.group_colour(group))
        figure.add_traces([line, *heads])
    paper(figure, 440)
    rating_axis(figure, look, scale)
    figure.update_xaxes(
        tickvals=list(range(len(look.compared))),
        ticktext=[wrapped(system, 110 // len(look.compared)) for system in look.compared],
        range=[-0.4, len(look.compared) - 0.6],
    )
    return figure.figure()


def _group_size(section: Attribute, group: str) -> str:
    described = [row for row in rows_of(section.descriptives) if row.group == group]
    counts = [row.n_participants for row in described if row.n_participants]
    return f" (n = {max(counts)})" if counts else ""


def _group_line(
    group: str,
    size: str,
    places: list[float],
    means: list[float],
    bars: dict[str, object],
    look: Look,
) -> Trace:
    colour = look.group_colour(group)
    return trace(
        "scatter",
        x=places,
        y=means,
        error_y=bars,
        mode="lines+markers",
        line={"color": colour, "dash": look.group_dash(group), "width": 2},
        marker={"symbol": look.group_symbol(group), "size": 9},
        name=short(look.label(group)) + size,
        hovertemplate=plain(look.label(group)) + ": %{y:.3~g}<extra></extra>",
    )  # fmt: skip


def variance_components(
    section: AttributeFindings, wording: Wording = SONGS_AND_MIXES
) -> go.Figure:
    """Each source of variation: its standard deviation in points, its share of the variance."""
    model = fitted_model(section)
    if not isinstance(model, MixedModel) or isinstance(section, NotEstimable):
        raise NothingToDrawError("The mixed model was not estimable.")
    rows = [row for row in model.variance_table if isfinite(row.sd)]
    decimals = section.scale.decimals
    labels = [
        wording.of(row.component.replace(":", " × "))
        + f"<br><span style='color:{MUTED};font-size:11px'>{row.sd:.{decimals}f} points, "
        f"{100 * row.share:.0f} %</span>"
        for row in rows
    ]
    systematic = ["system" in row.component for row in rows]
    figure = Drawing([
        trace(
            "bar",
            y=list(range(len(rows))),
            x=[row.sd for row in rows],
            orientation="h",
            width=0.62,
            marker={"color": [BLUE if mark else "#9fb3c4" for mark in systematic]},
            hoverinfo="skip",
        )
    ])  # fmt: skip
    paper(figure, 90 + 42 * len(rows))
    figure.update_yaxes(
        tickvals=list(range(len(rows))), ticktext=labels, autorange="reversed", showgrid=False
    )
    top = max(row.sd for row in rows)
    figure.update_xaxes(
        range=[0, 1.06 * top or 1], title_text="Standard deviation in points",
        showgrid=True, gridcolor=GRID,
    )  # fmt: skip
    figure.update_layout(margin={"t": 12})
    return figure.figure()


def _residuals(section: AttributeFindings) -> Residuals:
    model = fitted_model(section)
    if not isinstance(model, MixedModel):
        raise NothingToDrawError("There are no residuals.")
    return model.residuals


def residual_fitted(section: AttributeFindings) -> go.Figure:
    """Residuals against fitted values; they show whether the spread changes along the scale."""
    residuals = _residuals(section)
    figure = Drawing()
    figure.add_hline(y=0, line={"color": MUTED, "width": 1})
    figure.add_scatter(
        x=residuals.fitted,
        y=residuals.residual,
        mode="markers",
        marker={"size": 5, "color": faint(BLUE, 0.45)},
        hoverinfo="skip",
    )
    paper(figure, 360)
    figure.update_xaxes(
        title_text=f"Fitted rating (n = {len(residuals.fitted)} ratings)",
        showgrid=True, gridcolor=GRID,
    )  # fmt: skip
    figure.update_yaxes(title_text="Residual, points")
    figure.update_layout(showlegend=False, margin={"t": 12})
    return figure.figure()


def residual_qq(section: AttributeFindings) -> go.Figure:
    """Quantiles of the model's residuals, plotted against those of a normal distribution."""
    points = _residuals(section).qq
    theoretical, sample = (np.asarray(x, float) for x in (points.theoretical, points.sample))
    # The line goes through the quartiles, as in R's qqline, so outliers do not move it.
    of_normal, of_sample = (np.quantile(x, [0.25, 0.75]) for x in (theoretical, sample))
    slope = np.ptp(of_sample) / np.ptp(of_normal)
    ends = np.array([theoretical.min(), theoretical.max()])
    figure = Drawing()
    figure.add_scatter(
        x=ends,
        y=of_sample[0] + slope * (ends - of_normal[0]),
        mode="lines",
        line={"color": MUTED, "width": 1.2},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=theoretical,
        y=sample,
        mode="markers",
        marker={"size": 5, "color": faint(BLUE, 0.65)},
        hoverinfo="skip",
    )
    paper(figure, 380)
    figure.update_xaxes(title_text="Normal quantile", showgrid=True, gridcolor=GRID)
    figure.update_yaxes(title_text="Quantile of the residuals")
    figure.update_layout(showlegend=False, margin={"t": 12})
    return figure.figure()
