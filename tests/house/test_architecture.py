"""The map of the house is right: its rooms are there, and so is what it says where to change."""

from __future__ import annotations

import re

import pytest

from places import ROOT

MAP = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PICTURE = (ROOT / "docs" / "pictures" / "house.svg").read_text(encoding="utf-8")
PACKAGES = ("mixing", "stimuli", "db", "analysis", "platform/mixtrial")
PLACES = re.findall(r"^\| .+ \| `([\w./]+)` \| `([^`]+)` \|$", MAP, re.MULTILINE)


def rooms() -> list[tuple[str, str]]:
    """Package and name of each of its rooms: folders that hold modules."""
    return [
        (package, folder.name)
        for package in PACKAGES
        for folder in sorted((ROOT / package).iterdir())
        if (folder / "__init__.py").exists()
    ]


@pytest.mark.parametrize(("package", "room"), rooms())
def test_every_room_is_on_the_map_and_in_the_picture(package: str, room: str) -> None:
    """Whoever opens a folder finds on the map what it is about."""
    assert f"`{room}/`" in MAP
    assert f">{room}<" in PICTURE or f">{room}/" in PICTURE


def test_the_table_of_places_is_long_enough_to_be_of_use() -> None:
    """Words, defaults, limits, columns, verdict, fade and hashing cost are all in it."""
    assert len(PLACES) >= 15


@pytest.mark.parametrize(("path", "name"), PLACES)
def test_what_the_map_says_where_to_change_is_there(path: str, name: str) -> None:
    """The file exists and holds the name."""
    assert re.search(rf"\b{re.escape(name)}\b", (ROOT / path).read_text(encoding="utf-8"))
