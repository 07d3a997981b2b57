"""The pages for reviewers and ethics boards name tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = {"randomisation-and-blinding.md": 17, "privacy.md": 23}
"""Pages, and how many tests each names at least."""


@pytest.mark.parametrize(("page", "fewest"), PAGES.items())
def test_every_test_that_is_named_is_there(page: str, fewest: int) -> None:
    """File and function; a test that is renamed is renamed on the page."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", text)
    assert len(named) >= fewest
    for path, name in named:
        assert f"\ndef {name}(" in (ROOT / path).read_text("utf-8"), name


@pytest.mark.parametrize("page", PAGES)
def test_each_row_of_a_table_of_tests_names_one(page: str) -> None:
    """No claim is there without the test that holds it."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    rows = re.findall(r"^\| what holds \| test \|\n\|---\|---\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert rows
    claims = [line for table in rows for line in table.splitlines()]
    assert [line for line in claims if len(re.findall(r"::test_\w+`", line)) != 1] == []
