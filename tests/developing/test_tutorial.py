"""docs/tutorial.md: its pictures are there, are small, and are those of the browser test's walk."""

from __future__ import annotations

import re

from places import ROOT
from studio_walk import STEPS
from tests.developing.pictures.tutorial import PICTURES

MOST_BYTES = 1_500_000


def test_the_tutorial_shows_the_steps_of_the_walk_in_their_order() -> None:
    """One part for each step; the last one has a file instead of a picture."""
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    *seen, last = STEPS
    assert re.findall(r"\(pictures/tutorial-([\w-]+)\.png\)", text) == seen
    assert len(re.findall(r"^## \d\. ", text, flags=re.MULTILINE)) == len(STEPS)
    assert last == "pdf"
    assert "*PDF* downloads" in text
    files = {path.name: path for path in PICTURES.glob("tutorial-*.png")}
    assert sorted(files) == sorted(f"tutorial-{name}.png" for name in seen)
    assert sum(path.stat().st_size for path in files.values()) < MOST_BYTES
    walk = (ROOT / "tests" / "platform" / "browser" / "studio" / "test_studio.py").read_text(
        "utf-8"
    )
    steps = re.findall(r"walk\.to\(\"(\w+)\"\)", walk)
    assert steps[-1] == last
    assert set(steps) <= set(STEPS)
