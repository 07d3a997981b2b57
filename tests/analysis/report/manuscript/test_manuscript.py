"""Figures and tables by number, and the report as LaTeX: files that go together, printed by TeX."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from analysis.figures.export import chromium_path, draw, print_pdf
from analysis.figures.style import COLUMN_WIDTH_PX, WIDTH_PX
from analysis.report import page
from analysis.report.context import ReportContext
from analysis.report.manuscript.literature import LOUDNESS, all_works, bibtex, works_of
from analysis.report.manuscript.markup import escaped, sections_in_latex
from analysis.report.manuscript.numbering import numbered
from analysis.report.write import write_report

OBEYED = r"50 % & more_$x^2$ {\input{/etc/hostname}} #1 ~"
NAMES = {"random": OBEYED, "baseline": "Größe", "human": "human"}


def ratings_of() -> pd.DataFrame:
    """Six participants, two songs, three systems in a known order, two attributes."""
    rng = np.random.default_rng(5)
    taste = {"random": 30.0, "baseline": 45.0, "human": 70.0}
    rows = [
        (f"P{person}", f"song{song}", system, attribute, round(taste[system] + rng.normal(0, 6)))
        for attribute in ("overall", "level_balance")
        for person in range(6)
        for song in range(2)
        for system in NAMES
    ]
    return pd.DataFrame(rows, columns=["participant", "song", "system", "attribute", "rating"])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Report on systems whose names TeX would obey, with its LaTeX."""
    out = tmp_path_factory.mktemp("report")
    context = ReportContext(
        title=OBEYED,
        systems=tuple(NAMES),
        system_labels=NAMES,
        latex=True,
        pictures=False,
        paper="letter",
    )
    assert write_report(ratings_of(), out, context).latex == out / "latex"
    return out


def test_what_the_paper_takes_in_is_there(written: Path) -> None:
    r"""Each ``\input`` has its file; environments and braces are closed in each of them."""
    latex = written / "latex"
    paper = (latex / "paper.tex").read_text("utf-8")
    taken = re.findall(r"^\\input{(.+)}$", paper, re.MULTILINE)
    assert taken[:2] == ["methods", "results"]
    assert "tables/means" in taken
    for name in taken:
        text = (latex / f"{name}.tex").read_text("utf-8")
        bare = re.sub(r"\\[{}]", "", text)
        assert bare.count("{") == bare.count("}")
    assert r"\input{/etc" not in paper.replace("\\textbackslash{}input", "")


def test_a_table_says_what_the_page_says(written: Path) -> None:
    """The mean of a system is the same to its printed digits."""
    table = (written / "latex" / "tables" / "means.tex").read_text("utf-8")
    mean = re.search(r"^human & ([\d.]+) & ([\d.]+) to ([\d.]+) ", table, re.MULTILINE)
    assert mean is not None
    report = (written / "report.html").read_text("utf-8")
    shown = report[report.index('class="bars"') :]
    told = re.search(r'title="human">.*?<span class="value"><data[^>]*>([\d.]+)<', shown, re.DOTALL)
    assert told is not None
    assert told[1] == mean[1]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX (pdflatex)")
def test_tex_prints_the_paper(written: Path, tmp_path: Path) -> None:
    """PdfTeX and BibTeX end without an error, and no reference is left open."""
    folder = tmp_path / "paper"
    shutil.copytree(written / "latex", folder)
    tex = ("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex")
    for command in (tex, ("bibtex", "paper"), tex, tex):
        ran = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        assert ran.returncode == 0, ran.stdout.decode(errors="replace")[-2000:]
    log = (folder / "paper.log").read_text("latin-1")
    assert "undefined" not in log
    assert "Missing character" not in log
    assert (folder / "paper.pdf").read_bytes().startswith(b"%PDF")


def test_every_sign_of_the_report_is_known_to_tex() -> None:
    """Signs of the texts are letters of Latin script, in TeX's fonts, or formulas."""
    texts = [path.read_text("utf-8") for path in page.TEMPLATES.glob("*.md.j2")]
    signs = {sign for sign in "".join(texts) if ord(sign) > 127}
    assert "−" in signs
    in_fonts = set("–—’“”…§·°µ")
    for sign in signs - in_fonts:
        is_latin = unicodedata.name(sign).startswith("LATIN")
        assert is_latin or escaped(sign).isascii(), unicodedata.name(sign)


def test_markdown_becomes_latex() -> None:
    """Worked by hand: bold, code, a list and a table under two headings."""
    found = sections_in_latex(
        "# Top\n\n## One\n\n**Bold** `a_b` 5 %\nnext\n\n- first\n- second & last\n\n"
        "## Two\n\n| a | b |\n|---|---|\n| x_1 | < .001 |\n"
    )
    assert found["One"].latex == (
        "\\textbf{Bold} \\texttt{a\\_b} 5 \\%\nnext\n\n"
        "\\begin{itemize}\n\\item first\n\\item second \\& last\n\\end{itemize}\n"
    )
    assert found["Two"].tables == [
        [
            r"\begin{tabular}{lr}", r"\toprule", r"a & b \\", r"\midrule",
            r"x\_1 & \textless{} .001 \\", r"\bottomrule", r"\end{tabular}",
        ]
    ]  # fmt: skip


def test_bibtex_holds_the_works_of_the_page(written: Path) -> None:
    """As many entries as references; what the report does not use is in neither."""
    entries = (written / "latex" / "references.bib").read_text("utf-8")
    listed = (written / "report.html").read_text("utf-8").split('class="references"')[1]
    assert len(re.findall(r"^@\w+{", entries, re.MULTILINE)) == listed.split("</ul>")[0].count(
        "<li>"
    )
    assert "Barr, D. J. and Levy, R. and Scheepers, C. and Tily, H. J." in entries
    assert "Davidson" not in entries
    assert len({work.key for work in all_works()}) == len(all_works())


def test_works_are_cited_where_they_are_used() -> None:
    """Triangle trials alone: their standard, and none of the works on ratings."""
    of_tracks = {work.authors for work in works_of({"thresholds"})}
    assert of_tracks == {"Levitt, H.", "Okabe, M., & Ito, K.", "Wichmann, F. A., & Hill, N. J."}
    assert "ITU-R BS.1770" in {work.authors for work in works_of({LOUDNESS})}
    names = {work.authors for work in works_of({"triangle"})}
    assert "ISO 4120" in names
    assert "Wilcoxon, F." not in names
    assert "{{ISO 4120}}" in bibtex(works_of({"triangle"}))


def test_a_work_is_listed_where_its_method_was_used(written: Path) -> None:
    """Ratings of six listeners without levels, without a declared family and without groups."""
    report = (written / "report.html").read_text("utf-8")
    before, listed = report.split('class="references"')
    listed = listed.split("</ul>")[0]
    used = ("Satterthwaite", "Schuirmann", "Wilcoxon", "Greenhouse", "Nakagawa", "Holm")
    unused = ("BS.1770", "Kenward", "Benjamini", "Welch", "Mann, ")
    assert [name for name in used if name not in listed] == []
    assert [name for name in unused if name in listed] == []
    assert "Benjamini" not in before


def chromium() -> str:
    """Path of the browser that draws and prints."""
    browser = chromium_path()
    if browser is None:
        pytest.skip("there is no Chromium; make test installs it")
    return browser


def test_pages_are_of_the_size_that_was_asked_for(written: Path, tmp_path: Path) -> None:
    """Letter: 8.5 × 11 inches on paper, and for TeX."""
    printed = tmp_path / "report.pdf"
    assert print_pdf(written / "report.html", printed, chromium())
    boxes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed.read_bytes()))
    assert {tuple(map(float, box)) for box in boxes} == {(612.0, 792.0)}
    paper = (written / "latex" / "paper.tex").read_text("utf-8")
    assert r"\documentclass[letterpaper,11pt]{article}" in paper


def test_figures_are_drawn_as_pdf_at_the_width_of_page_and_column() -> None:
    """The boxes of the two files are as wide as asked for, 96 pixels an inch."""
    figure = go.Figure(go.Scatter(x=[1, 2], y=[3, 4]), layout={"height": 300})
    with_pdf = draw({"one": figure}, chromium(), columns=("one",), with_pdf=True)["one"]
    narrow = with_pdf.column
    assert narrow is not None
    for picture, width_px in ((with_pdf, WIDTH_PX), (narrow, COLUMN_WIDTH_PX)):
        assert picture.pdf is not None
        box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", picture.pdf)
        assert box is not None
        assert float(box[1]) == pytest.approx(width_px * 72 / 96, abs=1)
        assert float(box[2]) == pytest.approx(300 * 72 / 96, abs=1)


def test_figures_and_tables_are_numbered_in_their_order_and_cited() -> None:
    """Worked by hand: a citation before its figure, a table under two headings, one not there."""
    page = numbered(
        "<h1>Report</h1><p>See<!--cite figure-b--> and<!--cite table-x-->, not<!--cite gone-->.</p>"
        '<h2>Missing</h2><figure id="figure-a">\n<p class="title">One</p></figure>'
        '<h2>Overall</h2><h3>Ratings <i>described</i></h3><table id="table-x"><tr></tr></table>'
        '<table data-title="Flags"><tr></tr></table>'
        '<figure id="figure-b"><p class="title">Two</p></figure>'
        "<p>Both<!--cite figure-a--><!--cite table-x--><!--cite figure-b-->.</p>"
    )
    assert (
        '<p>Both (<a href="#figure-a">Figures 1</a> and <a href="#figure-b">2</a>; '
        '<a href="#table-x">Table 1</a>).</p>' in page
    )
    assert (
        '<p>See (<a href="#figure-b">Figure 2</a>) and (<a href="#table-x">Table 1</a>), not.</p>'
        in page
    )
    assert '<p class="title"><span class="number">Figure 1.</span> One</p>' in page
    assert (
        '<table id="table-x"><caption><span class="number">Table 1.</span> '
        "Overall: Ratings described</caption>" in page
    )
    assert '<caption><span class="number">Table 2.</span> Overall: Flags</caption>' in page


def test_every_figure_of_the_report_is_cited(written: Path) -> None:
    """Numbers run from 1 without a gap; what a link calls Figure 3 is figure 3."""
    report = (written / "report.html").read_text("utf-8").split("</main>")[0]
    for kind, pattern in (
        ("Figure", r'<figure id="([^"]+)">\s*<p class="title"><span class="number">Figure (\d+)\.'),
        ("Table", r'<table(?: id="([^"]+)"| [\w-]+="[^"]+")?><caption><span[^>]*>Table (\d+)\.'),
    ):
        found = re.findall(pattern, report)
        assert [int(number) for _, number in found] == list(range(1, len(found) + 1))
        cited = re.findall(rf'<a href="#([^"]+)">{kind} (\d+)</a>', report)
        assert cited
        assert set(cited) <= {*found}
        if kind == "Figure":
            assert {*cited} == {*found}
    assert report.count("<table") == report.count("<caption>")
    captions = re.findall(r"<caption>.*?</span> (.*?)</caption>", report)
    assert len(set(captions)) == len(captions)
    assert "<!--cite" not in report
