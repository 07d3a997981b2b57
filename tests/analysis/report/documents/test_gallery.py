"""The gallery has every figure of the reports; all can be read in grey and with fewer colours."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from analysis.figures.captions import CAPTIONS, PLAIN, TITLES, WHEN
from analysis.figures.catalogue import ReportFigure
from analysis.figures.findings import forest
from analysis.figures.style import COLOURS, Look
from analysis.report.documents.gallery import DOCUMENT, PICTURES, gallery_figures, gallery_page
from finding_records import attribute

# Of Machado, Oliveira and Fernandes (2009), severity 1.0, over linear RGB.
DEFICIENCIES = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
N_COMMON = 4
"""Systems of a usual page."""


def linear(colour: str) -> np.ndarray:
    """Linear RGB of sRGB in hexadecimal digits (IEC 61966-2-1)."""
    values = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear RGB under D65."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    white = np.array([0.9505, 1.0, 1.089])
    share = np.clip(np.array(to_xyz) @ rgb / white, 0, None)
    f = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_the_page_is_that_of_the_figures_and_has_their_pictures() -> None:
    """Else run python -m analysis.report.documents.gallery; small enough for a repository."""
    assert DOCUMENT.read_text("utf-8") == gallery_page()
    assert {*PLAIN} == {*WHEN} == {*TITLES} == {*CAPTIONS}
    pictures = {path.stem: path.stat().st_size for path in PICTURES.glob("*.png")}
    assert {*pictures} == {*TITLES}
    assert sum(pictures.values()) < 1_000_000


@pytest.mark.parametrize("deficiency", [*DEFICIENCIES])
def test_colours_of_a_usual_page_differ_for_whoever_sees_fewer(deficiency: str) -> None:
    """By more than ten times what is just seen (CIE 1976, 2.3)."""
    matrix = np.array(DEFICIENCIES[deficiency])
    seen = [lab(np.clip(matrix @ linear(colour), 0, 1)) for colour in COLOURS[:N_COMMON]]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) > 10


def test_systems_are_told_without_any_colour() -> None:
    """Each of eight has a symbol of its own: that is what grey leaves."""
    look = Look(tuple("abcdefgh"))
    assert len({look.symbol(system) for system in look.systems}) == 8


def test_systems_of_long_names_stay_apart_in_the_forest() -> None:
    """Fourteen letters of a name do, but where two would then read alike."""

    def labels(first: str, second: str) -> tuple[str, ...]:
        row = {"a": first, "b": second, "estimate": 1.0, "ci_low": 0.0, "ci_high": 2.0}
        section = attribute(lmm={"status": "not estimable", "why": "none"}, paired_t=[row])
        return tuple(forest(section).layout.yaxis.ticktext)

    assert labels("codec", "another codec of ours")[0].startswith("codec − another codec…")
    assert labels("Proposed 1.38 16kHz", "Proposed 1.38 24kHz")[0].startswith(
        "Proposed 1.38 16kHz − Proposed 1.38 24kHz"
    )


@pytest.fixture(scope="module")
def figures() -> list[ReportFigure]:
    """One of each kind."""
    return gallery_figures()


def test_every_kind_can_be_drawn_and_no_legend_is_colour_alone(figures: list[ReportFigure]) -> None:
    """Entries of a legend differ in symbol, dash or place."""
    assert {one.kind for one in figures} == {*TITLES}
    for one in figures:
        assert one.caption.startswith(PLAIN[one.kind])
        marks = [
            (trace.marker.symbol, trace.line.dash, trace.name.split()[-1])
            for trace in one.figure.data
            if trace.type == "scatter" and trace.showlegend is not False and trace.name
        ]
        told = [mark[:2] for mark in marks] if one.kind != "missing" else marks
        assert len(set(told)) == len(told), one.kind
