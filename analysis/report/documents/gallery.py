"""Generator of the gallery of figures, docs/figures.md, and of its pictures.

Run ``python -m analysis.report.documents.gallery`` after changing a figure. The program needs
Chromium to draw the pictures. With ``--text``, it writes only the page of the gallery. A test fails
if the page of the gallery is out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path

from analysis.figures.captions import PLAIN, TITLES, WHEN
from analysis.figures.catalogue import (
    ReportFigure,
    attribute_figures,
    participant_figures,
    points_figure,
    scatter_figures,
    trial_figures,
    violin_figure,
)
from analysis.figures.export import chromium_path, draw
from analysis.findings.sections import estimated
from analysis.report.contents import checked_table, look_at, results_of
from analysis.report.context import ReportContext
from analysis.report.documents.gallery_study import (
    SYSTEMS,
    gallery_measures,
    gallery_ratings,
    gallery_trials,
)

DOCUMENT = Path(__file__).parents[3] / "docs" / "figures.md"
PICTURES = DOCUMENT.parent / "pictures" / "figures"
_SMALL = 0.36
"""Of the width for print: 648 px."""
_LEAD = """# Figures

This page shows every figure that a report can have, with one sentence about the content of the
figure and one about its use. The report of a study has only the figures for which the study has
data. The figure *Every rating* is only in the dashboard. The figures on this page show ratings by
simulated listeners. A report has each figure as SVG, PNG and interactive HTML in `figures/`, and
with `--latex` also as PDF ([report.md](report.md#figures)). The figures have the colours of Okabe
and Ito, and each system has its own symbol. Readers can read the figures in grey, and also if they
are colour-blind.

`python -m analysis.report.documents.gallery` makes this page and its pictures.
"""


def gallery_figures() -> list[ReportFigure]:
    """One figure of each kind."""
    trials = gallery_trials()
    context = ReportContext(
        systems=SYSTEMS, trials=trials, measures=gallery_measures(), low_anchor="low anchor"
    )
    table = checked_table(gallery_ratings(), context)
    results = results_of(table, context, lambda _share, _what: None)
    look = look_at(table, context, results.settings.apart)
    section = results.attributes["overall"]
    rows = results.report.predictions if results.report else ()
    fits = [(row.measure, estimated(row.fit)) for row in rows if row.level == "stimuli"]
    made = [
        *attribute_figures(table, section, "overall", look, "overall"),
        *participant_figures(table, results.screening, look, context.planned),
        *violin_figure(table, ("overall", "clarity"), look),
        points_figure(table, "overall", look),
        *scatter_figures([(name, fit.points) for name, fit in fits if fit is not None], look),
        *trial_figures(results.trials, look)[0],
    ]
    return list({one.kind: one for one in reversed(made)}.values())


def gallery_page() -> str:
    """The page of the gallery, as it is written to docs/figures.md."""
    entries = [
        f"## {TITLES[kind]}\n\n![{TITLES[kind]}](pictures/figures/{kind}.png)\n\n"
        f"The figure shows {PLAIN[kind][0].lower()}{PLAIN[kind][1:]} "
        f"Use the figure *{TITLES[kind]}* {WHEN[kind]}.\n"
        for kind in PLAIN
    ]
    return "\n".join([_LEAD, *entries])


def _write_pictures() -> None:
    browser = chromium_path()
    if browser is None:
        sys.exit("the pictures need a Chromium: install one, or call this with --text")
    made = {one.kind: one.figure for one in gallery_figures()}
    PICTURES.mkdir(parents=True, exist_ok=True)
    for kind, picture in draw(made, browser, png_scale=_SMALL).items():
        (PICTURES / f"{kind}.png").write_bytes(picture.png)


if __name__ == "__main__":
    if "--text" not in sys.argv:
        _write_pictures()
    DOCUMENT.write_text(gallery_page(), "utf-8")
