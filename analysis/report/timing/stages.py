"""How long each stage of a report takes compared with the others; depends on the report's size.

Conventions
-----------
Only ratios of costs count: a unit was 0.4 s on two idle cores. The relative times of the stages
were estimated from complete reports of four sizes by ``python -m
tests.developing.report_estimates``. The program ``report_estimates`` also prints how wrong the
estimated remaining time is (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import plotly.graph_objects as go

STAGES = ("analyse", "prepare", "start", "draw", "write", "print")
"""In their order; without pictures there is neither a browser to start nor anything to draw."""


A_DRAWING, A_TRACE, A_POINT, A_VALUE = 0.9, 0.006, 0.0007, 0.00002
"""Costs of a figure's SVG and PNG at one width, of each trace and of each point in it, and of each
value that a box or a violin sums up without drawing it."""
_WITHOUT_POINTS = {"box": "boxpoints", "violin": "points"}


def figure_cost(figure: go.Figure) -> float:
    """Relative time needed to draw a figure at one width."""
    return A_DRAWING + sum(A_TRACE + _each(trace) * _n_values(trace) for trace in figure.data)


def _each(trace: go.Figure) -> float:
    points = _WITHOUT_POINTS.get(trace.type)
    return A_POINT if points is None or getattr(trace, points) else A_VALUE


def _n_values(trace: go.Figure) -> int:
    both = [getattr(trace, axis, None) for axis in ("x", "y")]
    return max((len(values) for values in both if values is not None), default=0)


@dataclass(frozen=True, slots=True)
class Stages:
    """A report's stages.

    Parameters
    ----------
    n_ratings, n_attributes
        Of the report.
    pictures
        Whether figures are drawn and the page is printed.
    drawings
        Relative time of each figure, by the figure's name, if these times are known.
    """

    n_ratings: int
    n_attributes: int
    pictures: bool = True
    drawings: Mapping[str, float] = field(default_factory=dict)

    @property
    def cost(self) -> float:
        """Sum of the relative times of all stages."""
        return sum(self._costs().values())

    def share(self, stage: str, part: float = 0.0) -> float:
        """Share of the total time that has passed when a given part (0 to 1) of a stage is done."""
        costs = self._costs()
        earlier = sum(costs[each] for each in STAGES[: STAGES.index(stage)])
        return (earlier + part * costs[stage]) / self.cost

    def share_drawn(self, parts: Mapping[str, float]) -> float:
        """Share of the total time that has passed when a given part of each figure is drawn."""
        drawn = sum(part * self.drawings[name] for name, part in parts.items())
        return self.share("draw", drawn / sum(self.drawings.values()))

    def of_figures(self, figures: Mapping[str, go.Figure], twice: Collection[str]) -> Stages:
        """The stages, with the time of the figures; some figures are drawn at two widths."""
        costs = {name: figure_cost(each) * (1 + (name in twice)) for name, each in figures.items()}
        return replace(self, drawings=costs)

    def _costs(self) -> dict[str, float]:
        n, k = self.n_ratings, self.n_attributes
        usual = 1.5 * (13 + 4 * k) + A_POINT * (3000 + n)
        costs = {
            "analyse": 1.0 + 0.84 * k + 0.00022 * n,
            "prepare": 0.6 + 0.4 * k + 0.00008 * n,
            "start": 5.6,
            "draw": sum(self.drawings.values()) or usual,
            "write": 0.6 + 0.00012 * n,
            "print": 6.3 + 0.00025 * n,
        }
        left_out = () if self.pictures else ("start", "draw", "print")
        return {stage: 0.0 if stage in left_out else costs[stage] for stage in STAGES}
