"""Report in LaTeX: methods, results, tables and figures for a paper, and a complete paper.

``methods.tex`` and ``results.tex`` have the text of ``methods.md``. ``tables/`` and ``figures/``
have one file per table or figure. ``references.bib`` has the works that the report cites.
``paper.tex`` includes all the LaTeX files, and is a complete paper that can be printed at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis.figures.export import Picture
from analysis.report.context import DEFAULT_PAPER, Paper
from analysis.report.figure_entry import FigureEntry
from analysis.report.manuscript.literature import Work, bibtex
from analysis.report.manuscript.markup import Section, escaped, sections_in_latex

_PREAMBLE = r"""% Written by mixtrial. Work on a copy: the next report --latex writes all anew.
\documentclass[%s,11pt]{article}
\usepackage{iftex}
\ifPDFTeX
  \usepackage[T1]{fontenc}
  \usepackage{lmodern}
\else
  \usepackage{fontspec}
\fi
\usepackage[margin=25mm]{geometry}
\usepackage{booktabs,caption,graphicx}
\emergencystretch=5em
"""
SHOWN = ("forest", "by-system", "interaction")
"""Kinds of figures that the paper shows, in this order; the others stand there as comments."""

_SIZE = r"width=\linewidth,height=.8\textheight,keepaspectratio"


def write_latex(
    folder: Path,
    title: str,
    methods: str,
    tables: str,
    figures: Sequence[FigureEntry],
    pictures: Mapping[str, Picture],
    works: Sequence[Work],
    paper: Paper = DEFAULT_PAPER,
    babel: str = "",
) -> None:
    """Write the files of a paper into a new folder.

    Parameters
    ----------
    folder
        Made here.
    title
        Of the paper.
    methods
        Markdown text with the sections of methods and of results.
    tables
        One Markdown section for each table; its heading is the name of the table's file, and the
        caption comes first.
    figures
        All tables of the report. The paper includes only tables of the kinds :data:`SHOWN`, sorted
        by kind.
    pictures
        Drawings, each with the name of its figure; figures without a drawing are left out.
    works
        Works that the report cites.
    paper
        Size of the paper's pages.
    babel
        Name that LaTeX's babel uses for the language of the texts; empty for English.
    """
    (folder / "tables").mkdir(parents=True)
    (folder / "figures").mkdir()
    told, found = sections_in_latex(methods).items()
    _write(folder / "methods.tex", told[1].latex)
    _write(folder / "results.tex", found[1].latex)
    made = {name: table for name, table in sections_in_latex(tables).items() if table.tables}
    for name, table in made.items():
        _write(folder / "tables" / f"{name}.tex", _table(name, table))
    drawn = sorted((each for each in figures if each.name in pictures), key=_place)
    for figure in drawn:
        _write_pictures(folder / "figures", figure.name, pictures[figure.name])
        _write(folder / "figures" / f"{figure.name}.tex", _figure(figure))
    (folder / "references.bib").write_text(bibtex(works), encoding="utf-8")
    (folder / "paper.tex").write_text(
        _paper(title, (told[0], found[0]), list(made), drawn, paper, babel), encoding="utf-8"
    )


def _write(path: Path, latex: str) -> None:
    path.write_text(latex.rstrip() + "\n", encoding="utf-8")


def _write_pictures(folder: Path, name: str, picture: Picture) -> None:
    """Write a figure's drawing in page width and, if it exists, the drawing in column width."""
    for suffix, drawn in (("", picture), ("-column", picture.column)):
        if drawn is not None and drawn.pdf is not None:
            (folder / f"{name}{suffix}.pdf").write_bytes(drawn.pdf)


def _table(name: str, table: Section) -> str:
    caption = table.blocks[0][0]
    return "\n".join(
        [
            r"\begin{table}[tbp]",
            r"\centering\small",
            rf"\caption{{{caption}}}\label{{tab:{name}}}",
            *table.tables[0],
            r"\end{table}",
        ]
    )


def _figure(figure: FigureEntry) -> str:
    title = f"{figure.title}: {figure.attribute}" if figure.attribute else figure.title
    return "\n".join(
        [
            r"\begin{figure}[tbp]",
            r"\centering",
            rf"\includegraphics[{_SIZE}]{{figures/{figure.name}.pdf}}",
            rf"\caption{{{escaped(title)}. {escaped(figure.caption)}}}\label{{fig:{figure.name}}}",
            r"\end{figure}",
        ]
    )


def _place(figure: FigureEntry) -> int:
    return SHOWN.index(figure.kind) if figure.kind in SHOWN else len(SHOWN)


def _paper(
    title: str,
    headings: tuple[str, str],
    tables: Sequence[str],
    figures: Sequence[FigureEntry],
    paper: Paper,
    babel: str,
) -> str:
    floats = [rf"\input{{tables/{name}}}" for name in tables]
    floats += [
        rf"{'' if each.kind in SHOWN else '% '}\input{{figures/{each.name}}}" for each in figures
    ]
    return "\n".join(
        [
            _PREAMBLE.replace("%s", f"{paper.lower()}paper"),
            *([rf"\usepackage[{babel}]{{babel}}"] if babel else []),
            rf"\title{{{escaped(title)}}}",
            r"\author{}",
            r"\begin{document}",
            r"\maketitle",
            rf"\section{{{escaped(headings[0])}}}",
            r"\input{methods}",
            rf"\section{{{escaped(headings[1])}}}",
            r"\input{results}",
            *floats,
            r"\nocite{*}",
            r"\bibliographystyle{apalike}",
            r"\bibliography{references}",
            r"\end{document}",
            "",
        ]
    )
