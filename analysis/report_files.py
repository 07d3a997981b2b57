"""The files of a report beside its page: figures, tables, and their move into place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plotly.offline import get_plotlyjs

from analysis.figures.catalogue import ReportFigure
from analysis.figures.export import Picture
from analysis.report_tables import tables_of


def write_figures(made: list[ReportFigure], pictures: Mapping[str, Picture], folder: Path) -> None:
    """Write each figure as an interactive page, and as SVG and PNG where it was drawn."""
    folder.mkdir()
    (folder / "plotly.min.js").write_text(get_plotlyjs(), encoding="utf-8")
    config = {"displaylogo": False, "responsive": True}
    for figure in made:
        # All pages of the folder share the one plotly.min.js.
        page = figure.figure.to_html(include_plotlyjs="directory", config=config)
        (folder / f"{figure.name}.html").write_text(page, encoding="utf-8")
        if figure.name in pictures:
            picture = pictures[figure.name]
            (folder / f"{figure.name}.svg").write_text(picture.svg, encoding="utf-8")
            (folder / f"{figure.name}.png").write_bytes(picture.png)


def write_tables(results: Mapping[str, Any], folder: Path) -> None:
    """Write the findings as CSV, one file a kind of row."""
    folder.mkdir()
    for name, table in tables_of(results).items():
        table.to_csv(folder / f"{name}.csv", index=False)


def move_into(source: Path, out: Path) -> None:
    """Move finished files and folders into place; what stood there goes away with ``source``."""
    if not (source / "report.pdf").exists():
        (out / "report.pdf").unlink(missing_ok=True)  # of an older report
    for entry in sorted(source.iterdir()):
        target = out / entry.name
        if target.is_dir():
            target.rename(source / f"old-{entry.name}")
        entry.replace(target)
