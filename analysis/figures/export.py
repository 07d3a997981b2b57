"""Export of figures and report to SVG, PNG and PDF, with a Chromium that shows no window.

The package kaleido draws the pictures with Chromium. Chromium is started once for all pictures and
makes no network requests. Without Chromium, there are no static pictures, and the report says so
(:func:`chromium_path`).
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from analysis.figures.style import COLUMN_WIDTH_PX, WIDTH_PX

if TYPE_CHECKING:
    import kaleido

PNG_SCALE = {WIDTH_PX: 2.0, COLUMN_WIDTH_PX: 3.0}
"""Scales of the PNG by width; with both, the picture has at least 250 dots per inch in print."""
PDF_TIMEOUT_S = 120.0
CLOSE_TIMEOUT_S = 3.0
_PIPE = "choreographer.channels.pipe"
"""Logger of kaleido's connection to the browser."""
_NAMES = (
    # the headless shell needs three quarters of the CPU time of the full Chromium for the same
    # pictures
    "chromium-headless-shell",
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
)  # fmt: skip


OnDrawn = Callable[[str | None, float], None]
"""Function of a figure's name (None: the browser is ready) and the share of its files drawn."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One exported figure: the SVG as text, the PNG as bytes, and the PDF as bytes if requested.

    ``column`` is the narrower drawing, as wide as one column of a journal.
    """

    svg: str
    png: bytes
    pdf: bytes | None = None
    column: Picture | None = None


def chromium_path() -> str | None:
    """Return the browser for drawing: ``BROWSER_PATH`` if set, otherwise the first one found."""
    given = os.environ.get("BROWSER_PATH")
    if given and shutil.which(given):
        return given
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def draw(
    figures: Mapping[str, go.Figure],
    browser: str,
    on_drawn: OnDrawn = lambda _name, _share: None,
    tabs: int = 2,
    columns: Collection[str] = (),
    with_pdf: bool = False,
    png_scale: float = 1.0,
) -> dict[str, Picture]:
    """Export each figure as SVG and PNG in the width for print.

    Parameters
    ----------
    figures
        Figures by name.
    browser
        Path of a Chromium, from :func:`chromium_path`.
    on_drawn
        Function that is called with None when the browser is ready; after that, it is called with
        the name of each finished figure.
    tabs
        Number of browser tabs that draw at the same time.
    columns
        Names of the figures that are also drawn in the width of a journal's column.
    with_pdf
        Whether each figure is also drawn as PDF.
    png_scale
        Width of the PNG in pixels, divided by the width for print.

    Raises
    ------
    RuntimeError
        The browser cannot be started or stops answering.
    """
    # The export has a thread with its own event loop, because the caller can already run a loop.
    with ThreadPoolExecutor(max_workers=1) as thread:
        try:
            return thread.submit(
                lambda: asyncio.run(
                    _draw_all(dict(figures), browser, on_drawn, tabs, columns, with_pdf, png_scale)
                )
            ).result()
        except Exception as error:
            # Only the first sentence of the message is kept, because the rest advises how to
            # install another browser.
            reason = str(error.args[0] if error.args else error).split(". ")[0].rstrip(".")
            raise RuntimeError(f"Chromium could not draw the figures ({reason}).") from error


def print_pdf(page: Path, out: Path, browser: str) -> bool:
    """Print an HTML file to PDF; return whether the printing worked.

    The report is complete without the PDF: if the browser fails or needs more than two minutes,
    there is no error.
    """
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
        f"--print-to-pdf={out}", page.resolve().as_uri(),
    ]  # fmt: skip
    try:
        subprocess.run(command, capture_output=True, timeout=PDF_TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        out.unlink(missing_ok=True)
    return out.is_file()


async def _draw_all(
    figures: dict[str, go.Figure],
    browser: str,
    on_drawn: OnDrawn,
    tabs: int,
    columns: Collection[str],
    with_pdf: bool,
    png_scale: float,
) -> dict[str, Picture]:
    pictures: dict[str, Picture] = {}
    async with _opened(browser, tabs) as server:

        async def one(name: str, figure: go.Figure) -> None:
            widths = (*((COLUMN_WIDTH_PX,) if name in columns else ()), WIDTH_PX)
            wanted = [(width_px, form) for width_px in widths for form in forms]
            files = dict[tuple[int, str], bytes]()
            # Each tab draws one figure at a time. If all figures were begun at once, the first
            # figure would be ready only at the end.
            async with free_tab:
                for width_px, form in wanted:
                    options = _options(figure, form, width_px, png_scale)
                    files[width_px, form] = await server.calc_fig(figure, opts=options)
                    if len(files) < len(wanted):
                        on_drawn(name, len(files) / len(wanted))
            narrow = _picture(files, COLUMN_WIDTH_PX) if name in columns else None
            pictures[name] = replace(_picture(files, WIDTH_PX), column=narrow)
            on_drawn(name, 1.0)

        forms = ("svg", "png", *(("pdf",) if with_pdf else ()))
        on_drawn(None, 0.0)
        free_tab = asyncio.Semaphore(tabs)
        await asyncio.gather(*(one(name, figure) for name, figure in figures.items()))
    return pictures


def _picture(files: Mapping[tuple[int, str], bytes], width_px: int) -> Picture:
    svg, png = files[width_px, "svg"].decode("utf-8"), files[width_px, "png"]
    return Picture(svg, png, files.get((width_px, "pdf")))


@asynccontextmanager
async def _opened(browser: str, tabs: int) -> AsyncIterator[kaleido.Kaleido]:
    """Open the browser; at the end, close it within seconds, even if it does not answer."""
    import kaleido

    # mathjax=False: otherwise kaleido would load MathJax from the network.
    server = await kaleido.Kaleido(n=tabs, timeout=60, mathjax=False, path=browser)
    try:
        yield server
    finally:
        # If the browser ends without an answer to "close", kaleido waits forever, because this
        # Python process also keeps the far end of the pipe open. When the wait is cancelled,
        # kaleido closes the pipe and removes its files.
        with suppress(TimeoutError), _silent(_PIPE):
            await asyncio.wait_for(server.close(), CLOSE_TIMEOUT_S)
        if server.subprocess.poll() is None:
            server.subprocess.kill()
            server.subprocess.wait()


@contextmanager
def _silent(name: str) -> Iterator[None]:
    """Hide the log messages of a library, which are incomplete while a browser is closing."""

    def none(_record: logging.LogRecord) -> bool:
        return False

    log = logging.getLogger(name)
    log.addFilter(none)
    try:
        yield
    finally:
        log.removeFilter(none)


def _options(
    figure: go.Figure, form: str, width_px: int, png_scale: float = 1.0
) -> dict[str, str | float]:
    return {
        "format": form,
        "width": width_px,
        "height": int(figure.layout.height or 450),
        "scale": PNG_SCALE[width_px] * png_scale if form == "png" else 1.0,
    }
