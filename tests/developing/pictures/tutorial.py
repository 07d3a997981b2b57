"""The pictures of docs/tutorial.md: the walk of the browser test, looked at after each step.

``PYTHONPATH=tests/support:tests/support/servers:. python -m tests.developing.pictures.tutorial``
writes ``docs/pictures/tutorial-*.png``, in few colours, so that they stay small; with the name of a
step behind it, those up to that step.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from browser_study import new_context, running_browser
from places import ROOT
from running_studio import running_studio, write_codecs
from studio_walk import STEPS, Walk

PICTURES = ROOT / "docs" / "pictures"
SIZE = {"width": 1100, "height": 720}
N_COLOURS = 96


def keep(name: str, page: Any) -> None:
    """Keep what is seen of a step, but for the last one, whose file lies on the disk."""
    if name != "pdf":
        page.mouse.move(0, 0)
        page.wait_for_timeout(600)  # fonts, and a chart's first picture
        picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
        few = picture.quantize(N_COLOURS, dither=Image.Dither.NONE)
        few.save(PICTURES / f"tutorial-{name}.png", optimize=True)


def main() -> None:
    """Walk from an empty folder to the PDF."""
    context = {"viewport": SIZE, "color_scheme": "light"}
    with tempfile.TemporaryDirectory() as name, running_browser() as browser:
        here = Path(name)
        (here / "studies").mkdir()
        files = write_codecs(here)
        with running_studio(here / "studies") as studio:
            page = new_context(browser, **context).new_page()
            page.set_default_timeout(120_000)
            walk = Walk(studio, browser, page, files, context, keep)
            walk.to(sys.argv[1] if len(sys.argv) > 1 else list(STEPS)[-1])


if __name__ == "__main__":
    main()
