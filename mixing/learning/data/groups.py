"""Songs that belong together: excerpts of one song, songs of one artist, of one singer.

A network that has been trained on a singer knows much of that singer's next song: such songs are
never divided between training and testing. ``song.json`` beside the stems may name ``song``,
``artist`` and ``singer``; a song folder of MUSDB18-HQ is called ``Artist - Title``. Songs that
share any of these belong together, and so do songs that are joined by others. Without any of these
a song is a group by itself. ``"raw": true`` means that nobody has chosen the balance or the range
of a song: its voice and its backing were combined by chance.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KEYS = ("song", "artist", "singer")


def keys_of(folder: Path, artist: str = "") -> tuple[str, ...]:
    """Groups of a song, ``key:value`` each, of the ``song.json`` in its folder.

    Parameters
    ----------
    artist
        Used where the file names none. A missing or unreadable file names nothing.
    """
    facts = {"artist": artist} | _facts_in(folder)
    named = {key: str(facts.get(key) or "").strip().casefold() for key in KEYS}
    return tuple(f"{key}:{value}" for key, value in named.items() if value)


def is_raw(folder: Path) -> bool:
    """Whether the ``song.json`` in a folder calls its song raw."""
    return _facts_in(folder).get("raw") is True


def _facts_in(folder: Path) -> dict[str, Any]:
    """Content of ``song.json``; nothing if it is missing or unreadable."""
    try:
        content = json.loads((folder / "song.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def artist_in(name: str) -> str:
    """Artist of a folder called ``Artist - Title``; empty if it is called otherwise."""
    artist, dash, title = name.partition(" - ")
    return artist if dash and title else ""


def groups_of(keys: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Group of each song of given keys, called as the first of its songs."""
    group = {song: song for song in keys}
    first: dict[str, str] = {}
    for song in sorted(keys):
        for key in keys[song]:
            other = first.setdefault(key, song)
            joined = sorted((group[other], group[song]))
            group = {s: joined[0] if g in joined else g for s, g in group.items()}
    return group
