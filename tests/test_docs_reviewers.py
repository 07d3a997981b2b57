"""The page for reviewers names tests that are there, under names that say what they hold."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "randomisation-and-blinding.md").read_text("utf-8")


def test_every_test_that_is_named_is_there() -> None:
    """File and function; a test that is renamed is renamed on the page."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)
    assert len(named) >= 17
    for path, name in named:
        assert f"\ndef {name}(" in (ROOT / path).read_text("utf-8"), name
