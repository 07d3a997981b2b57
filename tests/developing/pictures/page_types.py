"""The editor's pictures of page types: their own pages, small, in light and in dark.

``PYTHONPATH=tests/support:tests/support/servers:. python -m tests.developing.pictures.page_types``
writes one of each type and colour, ``platform/mixtrial/studio/editor/pictures/TYPE-light.webp``.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from browser_study import SYSTEMS, new_context, running_browser, running_server
from mixtrial.studio.editor.pictures.pictures import COLOURS, picture_of
from page_types_study import PARTS, write_page_types_study
from stimuli.design.session import plan_session
from stimuli.loading.load import load_study
from stimuli.page_types.registry import page_types

PASSWORD = "only for the pictures"
PAGE_PX = {"width": 1000, "height": 900}
WIDTH_PX, HEIGHT_PX = 480, 300
QUALITY = 70
LEVELS = ", ".join(name for name in SYSTEMS if name != "human")
TRACK = f"""\
  - type: staircase
    songs: [amber]
    reference: human
    levels: [{LEVELS}]
    max_trials: 12
"""
"""The one type that no part of the tests' usual study has."""


def take(page: Any, url: str, station: int, name: str) -> None:
    """Keep a page of a type in both colours."""
    for colour in COLOURS:
        page.emulate_media(color_scheme=colour)
        page.goto(f"{url}/?preview=page-{station}")
        page.locator(".rating:not([aria-busy=true])").first.wait_for()
        page.wait_for_timeout(800)  # the page's colours follow by a run of the server
        box = page.locator(".rating").first.bounding_box()
        height = min(box["height"], box["width"] * HEIGHT_PX / WIDTH_PX)
        shot = page.screenshot(animations="disabled", clip={**box, "height": height})
        image = Image.open(io.BytesIO(shot)).convert("RGB")
        image.thumbnail((WIDTH_PX, HEIGHT_PX), Image.Resampling.LANCZOS)
        image.save(picture_of(name, colour), quality=QUALITY, method=6)


def main() -> None:
    """Serve a study with a part of each page type, and look at the first page of each."""
    with tempfile.TemporaryDirectory() as name, running_browser() as browser:
        parts = PARTS.replace("pages: {", f"{TRACK}pages: {{")
        path = write_page_types_study(Path(name), parts=parts)
        plan = plan_session(load_study(path), 0)
        first = {page.page_type: number for number, page in reversed([*enumerate(plan.pages, 1)])}
        with running_server(path, MIXTRIAL_ADMIN_PASSWORD=PASSWORD) as server:
            page = new_context(browser, viewport=PAGE_PX).new_page()
            page.goto(f"{server.url}/admin")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("button", name="Sign out").wait_for()
            for each in page_types():
                take(page, server.url, first[each], each)


if __name__ == "__main__":
    main()
