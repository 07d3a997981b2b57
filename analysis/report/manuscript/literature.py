"""Works that reports cite: one catalogue for the references on the page and for BibTeX."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from analysis.report.manuscript.markup import escaped

RATINGS, POOLED = "ratings", "pooled"
OPINION_SCORES, CONTROLS, PREDICTIONS = "opinion scores", "controls", "predictions"
LOUDNESS, EXPLORATORY, WELCH = "loudness", "exploratory", "welch"
MIXED_MODEL, R_SQUARED, BAYES, EQUIVALENCE = "mixed model", "r squared", "bayes", "equivalence"
FRIEDMAN, WILCOXON, RM_ANOVA, EFFECT_SIZES = "friedman", "wilcoxon", "rm_anova", "effect_sizes"
ICC, KRIPPENDORFF = "icc", "krippendorff"
"""Possible contents of a report apart from trials of a kind: they decide which works it cites."""

_CATALOGUE = Path(__file__).with_name("literature.toml")

Form = Literal["article", "book", "chapter", "paper", "standard", "web"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One work.

    Parameters
    ----------
    form
        The catalogue entry sets which words are in italics and the kind of BibTeX entry.
    authors
        Authors in APA style; for a standard, the name of the standard.
    year
        Year of the work; empty if always the newest version is meant.
    title, container, volume
        ``container`` is the journal, the book or the conference in which the work appeared.
    note
        Edition or publisher of a book.
    needs
        The report cites the work if the report contains at least one of the listed kinds of
        content. If this is empty, the report always cites the work.
    source
        The report cites the work if the method of the study's test was published in this source.
    """

    form: Form
    authors: str
    title: str
    year: str = ""
    container: str = ""
    volume: str = ""
    note: str = ""
    needs: tuple[str, ...] = ()
    source: str = ""

    @property
    def key(self) -> str:
        """BibTeX key: first author and year, or the name of a standard."""
        name = self.authors if self.form == "standard" else self.authors.split(",")[0]
        return re.sub(r"[^a-z0-9]+", "", name.lower()) + self.year

    @property
    def lead(self) -> str:
        """Part of the reference before the words in italics."""
        year = f" ({self.year})" if self.year else ""
        who = f"{self.authors}{year}" if self.authors.endswith(".") or year else self.authors
        if self.form == "book":
            return f"{who}. "
        if not self.container:
            return f"{who}. {self.title}."
        return f"{who}. {self.title}. {'In ' if self.form == 'chapter' else ''}"

    @property
    def italics(self) -> str:
        """Title of the book, or the journal or collection; may be empty."""
        return self.title if self.form == "book" else self.container

    @property
    def tail(self) -> str:
        """Part of the reference after the words in italics."""
        if self.form == "book":
            return f" ({self.note})." if self.note[0].isdigit() else f". {self.note}."
        if not self.container:
            return ""
        return f", {self.volume}." if self.volume else "."


@cache
def all_works() -> tuple[Work, ...]:
    """Works of the catalogue, sorted by author."""
    read = tomllib.loads(_CATALOGUE.read_text("utf-8"))["works"]
    return tuple(Work(**{**row, "needs": tuple(row.get("needs", ()))}) for row in read)


def works_of(held: Collection[str], source: str = "") -> list[Work]:
    """Works that a report cites.

    Parameters
    ----------
    held
        Contents of the report: :data:`RATINGS` and the similar constants above, keys of
        :data:`analysis.defaults.DF_NAMES`, and parts of :class:`analysis.findings.trials.Trials`.
    source
        Works in which the report's method was published.
    """
    return [
        work
        for work in all_works()
        if (work.source in source if work.source else not work.needs or {*work.needs} & {*held})
    ]


def bibtex(works: Collection[Work]) -> str:
    """Return the works as a BibTeX file."""
    return "\n".join(map(_entry, works))


_KINDS: dict[Form, tuple[str, str]] = {
    "article": ("article", "journal"),
    "book": ("book", ""),
    "chapter": ("incollection", "booktitle"),
    "paper": ("inproceedings", "booktitle"),
    "standard": ("misc", ""),
    "web": ("misc", ""),
}


def _entry(work: Work) -> str:
    kind, container = _KINDS[work.form]
    is_standard = work.form == "standard"
    is_edition = work.note[:1].isdigit()
    fields = {
        "author": _braced(work.authors) if is_standard else _authors(work.authors),
        "title": _braced(escaped(work.title)),
        container: escaped(work.container),
        "volume" if work.form == "article" else "note": escaped(work.volume),
        "edition" if is_edition else "publisher": work.note.removesuffix(" ed."),
        "year": work.year,
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if name and value]
    return "\n".join([f"@{kind}{{{work.key},", *lines, "}", ""])


def _braced(text: str) -> str:
    """Return a text with marks by which BibTeX keeps its capital letters."""
    return f"{{{text}}}"


def _authors(names: str) -> str:
    """Authors in BibTeX's format.

    Examples
    --------
    >>> _authors("Barr, D. J., Levy, R., & Tily, H. J.")
    'Barr, D. J. and Levy, R. and Tily, H. J.'
    """
    apart = names.replace("& ", "").replace(".,", ".;")
    return " and ".join(escaped(name.strip()) for name in apart.split(";"))
