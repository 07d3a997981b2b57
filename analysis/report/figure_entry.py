"""A figure for the report's templates: its texts, its plotly figure and its picture."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from markupsafe import Markup

from analysis.figures.catalogue import ReportFigure
from analysis.figures.export import Picture


@dataclass(frozen=True, slots=True)
class FigureEntry:
    """One figure for the templates; ``image`` is a data URL, or empty if there is no picture.

    ``has_column`` is true if the figure also has files in the width of one column of a journal.
    """

    name: str
    attribute: str
    kind: str
    title: str
    caption: str
    min_width_px: int
    height_px: int
    spec: Markup
    image: Markup
    has_column: bool = False


def figure_entry(made: ReportFigure, picture: Picture | None, label: str) -> FigureEntry:
    """Return the data of a figure for the template."""
    image = Markup()  # the text is empty, and marked as safe, so that it is not translated
    if picture is not None:
        coded = base64.b64encode(picture.svg.encode()).decode()
        image = Markup(f"data:image/svg+xml;base64,{coded}")
    # "<" would end the script element that contains the figure.
    spec = Markup(str(made.figure.to_json()).replace("<", "\\u003c"))
    return FigureEntry(
        name=made.name,
        attribute=label,
        kind=made.kind,
        title=made.title,
        caption=made.caption,
        min_width_px=made.min_width_px,
        height_px=int(made.figure.layout.height),
        spec=spec,
        image=image,
        has_column=picture is not None and picture.column is not None,
    )
