"""The pages of a PDF that Chromium printed: how far down each is filled, where a layer begins.

Read from the drawing commands themselves (PDF 1.4, section 8.3 and 9.4): Chromium compresses them,
but packs nothing else.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

import numpy as np

TOP_MM, BOTTOM_MM = 15.0, 17.0
"""Margins of a report's page; the page number is in the lower one."""
_PT_IN_MM = 72 / 25.4
_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_NUMBER = rb"-?[\d.]+"
_COMMAND = re.compile(
    rb"(?P<save>\bq\n)|(?P<restore>\bQ\n)|(?:/F\d+ (?P<size>[\d.]+) Tf)"
    rb"|(?P<six>(?:" + _NUMBER + rb" ){6})(?P<name>cm|Tm)"
)


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """Places of the texts between the margins: points from the top, and the size of each."""

    height_pt: float
    texts: tuple[tuple[float, float], ...]

    @property
    def fill(self) -> float:
        """Share of the space between the margins down to the last text."""
        top_pt, bottom_pt = TOP_MM * _PT_IN_MM, self.height_pt - BOTTOM_MM * _PT_IN_MM
        lowest_pt = max((y_pt for y_pt, _ in self.texts), default=top_pt)
        return (lowest_pt - top_pt) / (bottom_pt - top_pt)

    @property
    def head_pt(self) -> float:
        """Size of the text that stands highest; the heads of layers are larger than all others."""
        return min(self.texts)[1] if self.texts else 0.0


def pages_of(pdf: bytes) -> list[PrintedPage]:
    """Pages in their order."""
    objects = {int(found[1]): found[2] for found in _OBJECT.finditer(pdf)}
    return [
        _page(each, objects)
        for each in objects.values()
        if re.search(rb"/Type /Page\b(?!s)", each[:40])
    ]


LEAST_FILL = 0.6


def underfilled(pages: list[PrintedPage]) -> dict[int, float]:
    """Numbers of the pages that are less than three fifths full, but for the last of a layer."""
    ends = ends_of_layers(pages)
    return {
        number: round(page.fill, 2)
        for number, page in enumerate(pages, start=1)
        if number not in ends and page.fill < LEAST_FILL
    }


def ends_of_layers(pages: list[PrintedPage]) -> set[int]:
    """Numbers of the pages that are the last of their layer: the three begin on new pages."""
    largest_pt = max(page.head_pt for page in pages[1:])
    begin = [k for k, page in enumerate(pages) if k and page.head_pt > largest_pt - 0.5]
    assert len(begin) == 2
    return {*begin, len(pages)}


def _page(entry: bytes, objects: dict[int, bytes]) -> PrintedPage:
    box = re.search(rb"/MediaBox \[0 0 [\d.]+ ([\d.]+)\]", entry)
    content = re.search(rb"/Contents (\d+) 0 R", entry)
    assert box is not None
    assert content is not None
    stream = objects[int(content[1])]
    start = stream.index(b"stream\n") + 7
    commands = zlib.decompress(stream[start : stream.rindex(b"\nendstream")])
    height_pt = float(box[1])
    edge_pt = height_pt - BOTTOM_MM * _PT_IN_MM
    texts = [(y_pt, size_pt) for y_pt, size_pt in _texts(commands, height_pt) if y_pt < edge_pt]
    return PrintedPage(height_pt, tuple(texts))


def _texts(commands: bytes, height_pt: float) -> list[tuple[float, float]]:
    now, size = np.eye(3), 0.0
    saved: list[np.ndarray] = []
    found: list[tuple[float, float]] = []
    for command in _COMMAND.finditer(commands):
        if command["save"]:
            saved.append(now)
        elif command["restore"]:
            now = saved.pop()
        elif command["size"]:
            size = float(command["size"])
        else:
            matrix = np.zeros((3, 3))
            matrix[:, :2] = np.array(command["six"].split(), dtype=float).reshape(3, 2)
            matrix[2, 2] = 1.0
            if command["name"] == b"cm":
                now = matrix @ now
            else:
                placed = matrix @ now
                found.append((height_pt - placed[2, 1], size * float(np.hypot(*placed[1, :2]))))
    return found
