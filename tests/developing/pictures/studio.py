"""The pictures of docs/studio.md, or all pages of the studio at two widths and in both colours.

``PYTHONPATH=tests/support:tests/support/servers:. python -m tests.developing.pictures.studio``
writes ``docs/pictures/studio-*.png``; with a folder behind it, all pages go there to be looked at.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from browser_study import new_context, running_browser
from places import ROOT
from running_studio import Researcher, running_studio, write_codecs

PICTURES = ROOT / "docs" / "pictures"
OF_THE_DOCS = ("list", "sound", "open")
SIZES = {"1280": {"width": 1280, "height": 1000}, "390": {"width": 390, "height": 1100}}
Shoot = Callable[[Any, str], None]


def for_docs(page: Any, name: str) -> None:
    """Keep a picture of the docs."""
    if name in OF_THE_DOCS:
        page.mouse.move(0, 0)
        page.screenshot(path=PICTURES / f"studio-{name}.png", animations="disabled")


def to_look_at(folder: Path) -> Shoot:
    """A function that keeps a page at both widths and in both colours."""

    def shoot(page: Any, name: str) -> None:
        before = page.viewport_size
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for width, size in SIZES.items():
                page.set_viewport_size(size)
                page.wait_for_timeout(700)  # styles follow the theme by a run of the page
                page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(before)

    return shoot


def walk(page: Any, url: str, files: list[Path], shoot: Shoot) -> None:
    """From the sign-in to an open study, and back to the list."""
    page.goto(url)
    page.get_by_role("button", name="Sign in").wait_for()
    shoot(page, "signin")
    who = Researcher(page)
    who.sign_in(url)
    page.get_by_text("There is no study yet.").wait_for()
    shoot(page, "empty")
    who.press("New study")
    page.get_by_label("Title").wait_for()
    shoot(page, "new")
    who.press("All studies")
    page.get_by_text("There is no study yet.").wait_for()
    who.press("New study")
    who.fill("Title", "Which codec sounds best?")
    who.press("Make the study")
    who.choose_files(files)
    page.get_by_text("2 recordings by 3 systems").wait_for()
    shoot(page, "sound")
    page.get_by_text("Say what each file is").click()
    page.get_by_role("button", name="Rename the files").wait_for()
    shoot(page, "meant")
    who.press("Make the study of these files")
    page.get_by_role("button", name="Build the study").wait_for()
    shoot(page, "made")
    who.press("Build the study")
    page.get_by_role("button", name="Cancel").wait_for()
    shoot(page, "building")
    page.get_by_role("button", name="Open the study").wait_for()
    shoot(page, "built")
    who.press("Open the study")
    page.get_by_text("The study is open", exact=True).wait_for()
    shoot(page, "open")
    who.press("All studies")
    who.press("Duplicate")
    page.get_by_text("(copy)").wait_for()
    page.get_by_role("button", name="Delete").first.click()
    page.get_by_role("button", name="Move to the trash").wait_for()
    shoot(page, "delete")
    page.get_by_role("button", name="Move to the trash").click()
    page.get_by_role("button", name="Restore").wait_for()
    page.keyboard.press("Escape")
    shoot(page, "list")


def main() -> None:
    """Walk through a studio and keep what is seen."""
    shoot = to_look_at(Path(sys.argv[1])) if len(sys.argv) > 1 else for_docs
    with tempfile.TemporaryDirectory() as name, running_browser() as browser:
        here = Path(name)
        (here / "studies").mkdir()
        files = write_codecs(here)
        with running_studio(here / "studies") as studio:
            size = {"width": 1180, "height": 720}
            page = new_context(browser, viewport=size, color_scheme="light").new_page()
            page.set_default_timeout(60_000)
            walk(page, studio.url, files, shoot)


if __name__ == "__main__":
    main()
