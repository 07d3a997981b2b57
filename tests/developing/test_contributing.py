"""docs/contributing.md names tests that `make validate` runs, and what holds the same meanwhile."""

from __future__ import annotations

import re

import places

PAGE = (places.ROOT / "docs" / "contributing.md").read_text("utf-8")
TABLE = PAGE[PAGE.index("| run by `make validate`") :]
ROWS = [row.strip("| ").split(" | ") for row in TABLE[: TABLE.index("\n\n")].split("\n")[2:]]
TESTS = {path: path.read_text("utf-8") for path in (places.ROOT / "tests").rglob("test_*.py")}


def is_slow(name: str, mark: str = "@pytest.mark.slow") -> list[bool]:
    """Whether tests of this name are; before ``…`` stands how it begins.

    Without its @ the mark is also that of single cases.
    """
    wanted = re.escape(name.removesuffix("…")) + (r"\w*" if name.endswith("…") else "")
    before = rf"^((?:@.*\n(?:[ )].*\n)*)*)def {wanted}\("
    found = [each for text in TESTS.values() for each in re.findall(before, text, re.M)]
    return [mark in each for each in found]


def test_each_test_of_the_table_is_there_and_marked_as_it_says() -> None:
    """On the left tests that are slow or have slow cases, on the right those that are not."""
    assert len(ROWS) >= 10
    for moved, held in ROWS:
        for name in re.findall(r"`(test_\w+…?)`", moved):
            assert any(is_slow(name, "pytest.mark.slow")), f"{name} is not there, or not slow"
        for name in re.findall(r"`((?:test_|tests/)[\w/]+(?:\.py|…)?)`", held):
            if name.endswith(".py"):
                assert [path for path in TESTS if path.name == name], name
            elif "/" in name:
                assert (places.ROOT / name).is_dir(), name
            else:
                assert not all(is_slow(name)), f"{name} is not there, or slow"
