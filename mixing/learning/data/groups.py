"""Groups of songs that belong together: excerpts of one song, or songs of one artist or singer.

A network trained on a singer knows much about that singer's other songs. Songs of one singer are
therefore never divided between training and testing. ``song.json`` in the folder of the stems can
have the keys ``song``, ``artist`` and ``singer``. A song folder of MUSDB18-HQ is called ``Artist -
Title``. Songs with the same song name, artist or singer are in one group. If two songs share a song
name, artist or singer with a third song, all three are in one group. A song without a song name,
artist or singer is a group of its own. ``"raw": true`` means that nobody has chosen the balance or
the loudness range of a song, because vocal and backing were combined at random.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KEYS = ("song", "artist", "singer")


def keys_of(folder: Path, artist: str = "") -> tuple[str, ...]:
    """Group keys of a song, such as ``artist:NAME``, from the ``song.json`` in its folder.

    Parameters
    ----------
    artist
        Artist of the song if ``song.json`` does not state an artist. A missing or unreadable
        ``song.json`` gives no keys.
    """
    facts = {"artist": artist} | _facts_in(folder)
    named = {key: str(facts.get(key) or "").strip().casefold() for key in KEYS}
    return tuple(f"{key}:{value}" for key, value in named.items() if value)


def is_raw(folder: Path) -> bool:
    """Whether the ``song.json`` in a folder marks its song as raw."""
    return _facts_in(folder).get("raw") is True


def _facts_in(folder: Path) -> dict[str, Any]:
    """Content of ``song.json``; empty if the file does not exist or cannot be read."""
    try:
        content = json.loads((folder / "song.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def artist_in(name: str) -> str:
    """Artist in the name of a folder ``Artist - Title``; empty for a name in any other form."""
    artist, dash, title = name.partition(" - ")
    return artist if dash and title else ""


def groups_of(keys: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Group of each song, from the songs' keys; a group is named after its first song."""
    group = {song: song for song in keys}
    first: dict[str, str] = {}
    for song in sorted(keys):
        for key in keys[song]:
            other = first.setdefault(key, song)
            joined = sorted((group[other], group[song]))
            group = {s: joined[0] if g in joined else g for s, g in group.items()}
    return group
