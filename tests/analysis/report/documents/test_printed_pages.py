"""The report on paper, of a study as large as the demo: full pages, one size of text."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.figures.export import chromium_path, print_pdf
from analysis.report.context import ReportContext
from analysis.report.write import write_report
from analysis.validation.bench import ratings
from printed_pages import pages_of, underfilled

LAYER_TITLE_PT = 18.0


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "de"])
def test_pages_are_full_and_text_is_of_one_size(language: str, tmp_path: Path) -> None:
    """On A4 and Letter: only the last page of a layer is less than three fifths full.

    Its summary has two pages, its main part twelve at most. A table that is too wide would make
    the browser print everything smaller.
    """
    browser = chromium_path()
    if browser is None:
        pytest.skip("there is no Chromium; make test installs it")
    table = ratings(30, 8, 4, 5)
    groups = {who: f"group {k % 3}" for k, who in enumerate(table["participant"].unique())}
    table = table.assign(group=table["participant"].map(groups))
    written = write_report(table, tmp_path, ReportContext(language=language))
    page = written.html.read_text("utf-8")
    for paper in ("A4", "letter"):
        source, printed = tmp_path / f"{paper}.html", tmp_path / f"{paper}.pdf"
        assert "@page { size: A4; }" in page
        source.write_text(page.replace("@page { size: A4; }", f"@page {{ size: {paper}; }}"))
        assert print_pdf(source, printed, browser)
        pages = pages_of(printed.read_bytes())
        assert underfilled(pages) == {}
        titles = [
            k
            for k, each in enumerate(pages)
            if each.head_pt == pytest.approx(LAYER_TITLE_PT, abs=0.1)
        ]
        assert len(titles) == 2
        assert titles[0] == 2
        assert titles[1] - titles[0] <= 12
