"""Songs and systems found in folders of finished files, by a pattern.

Conventions
-----------
A pattern is a path relative to the study file, such as ``audio/{song}/{system}.*``. ``{song}`` and
``{system}`` each stand for a part of the name of a file or folder; ``*`` stands for any text within
a name. A pattern without ``{system}`` belongs to one system and is in the entry of this system; all
other patterns are at the top level of a study file. Only audio files are found by a pattern. If a
name is not allowed in tables, a similar name that is allowed is used instead. A song with a
replaced name keeps the original name as its title.
"""

from __future__ import annotations

import glob
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mixing.ingest.decoding import AUDIO_SUFFIXES
from stimuli.study_keys.faults import PlacedError
from stimuli.study_keys.yaml_source import Place

SONG, SYSTEM = "{song}", "{system}"

PATTERN_KEYS = ("files", "reference")
"""Keys at the top of a study file that hold a pattern, and are no fields of a study."""

Found = dict[tuple[str, str], Path]
"""Files by the words that stand for song and system in their paths."""


def with_found_files(values: Mapping[str, Any], folder: Path | None) -> dict[str, Any]:
    """Keys of a study file in which the files that match replace ``files`` and ``reference``.

    If a single system has a pattern ``files`` of its own, the files that match replace this
    pattern, too. Files that match are added to the listed songs. If no songs are listed, the songs
    are made from the files that match. If a study lists no systems, the systems are taken from the
    names of the songs' files, in the order of these files.

    Raises
    ------
    PlacedError
        A pattern lacks a placeholder or matches no file, or two files match for the same song and
        system.
    """
    keys = dict(values)
    patterns: dict[str, Any] = {k: keys.pop(k) for k in PATTERN_KEYS if k in keys}
    own = _patterns_of_systems(keys.get("systems"))
    if patterns or own:
        found = _searched(patterns, folder or Path())
        for place, system, pattern in own:
            _add_system(found.setdefault("files", {}), system, place, pattern, folder or Path())
        listed = keys.get("songs")
        songs = listed if isinstance(listed, list) else [{"name": name} for name in _songs(found)]
        keys["songs"] = [_filled(song, found) for song in songs]
    if "systems" not in keys:
        systems = _systems_of(keys.get("songs"))
        keys |= {"systems": systems} if systems else {}
    return keys


def _searched(patterns: Mapping[str, Any], folder: Path) -> dict[str, Found]:
    wanted = {"files": (SONG, SYSTEM), "reference": (SONG,)}
    found = {
        key: _matches(key, (key,), text, wanted[key], folder) for key, text in patterns.items()
    }
    references = set(found.get("reference", {}).values())
    if "files" in found:  # the file of the reference must not count as a file of a system
        found["files"] = {k: path for k, path in found["files"].items() if path not in references}
    return found


def _patterns_of_systems(systems: Any) -> list[tuple[Place, str, Any]]:
    """For each system that has a pattern of its own: place in the file, name and pattern."""
    return [
        (("systems", index, "files"), entry["name"], entry["files"])
        for index, entry in enumerate(systems if isinstance(systems, list | tuple) else ())
        if isinstance(entry, Mapping) and isinstance(entry.get("name"), str) and "files" in entry
    ]


def _add_system(files: Found, system: str, place: Place, pattern: Any, folder: Path) -> None:
    """Add the files of a system's own pattern; a second file for a song and a name is a fault."""
    there = {(song, name_of(of)): path for (song, of), path in files.items()}
    key = f"files of the system {system!r}"
    for (song, _), path in _matches(key, place, pattern, (SONG,), folder).items():
        if there.get((song, system), path) != path:
            raise PlacedError(
                f"The song {song!r} has two files of the system {system!r}: "
                f"{there[song, system].name} and {path.name}; rename one of the systems.",
                place,
            )
        files[song, system] = path


def _matches(key: str, place: Place, pattern: Any, wanted: tuple[str, ...], folder: Path) -> Found:
    """Audio files that match a pattern; the key of each is the words for the placeholders."""
    if not isinstance(pattern, str):
        example = "/".join(("audio", *wanted))
        raise PlacedError(f"{key}: A pattern such as {example}.* is needed.", place)
    pieces = re.split(r"(\{\w*\}|\*)", os.path.normpath(folder / pattern))
    lacking = [name for name in wanted if name not in pieces]
    foreign = [piece for piece in pieces if piece[:1] == "{" and piece not in wanted]
    if lacking or foreign:
        raise PlacedError(
            f"{key}: {pattern!r} must contain {' and '.join(wanted)}"
            + (f", and not {foreign[0]}." if foreign else "."),
            place,
        )
    found: Found = {}
    expression = re.compile("".join(_as_expression(pieces)))
    # A pattern can contain .. and lead out of the folder, which Path.glob does not support.
    for name in sorted(glob.glob("".join(map(_as_glob, pieces)))):  # noqa: PTH207
        path = Path(name)
        fit = expression.fullmatch(str(path))
        if fit is None or path.suffix.lower() not in AUDIO_SUFFIXES or not path.is_file():
            continue
        at = (fit["song"], fit.groupdict().get("system") or "")
        if at in found:
            raise PlacedError(
                f"{key}: {found[at].name} and {path.name} are both files of "
                f"{' and '.join(filter(None, at))}; remove one, or write the file ending in the "
                "pattern.",
                place,
            )
        found[at] = path
    if not found:
        raise PlacedError(
            f"{key}: {pattern!r} matches no audio file below {folder} (possible endings: "
            f"{', '.join(AUDIO_SUFFIXES)}).",
            place,
        )
    return found


def _as_glob(piece: str) -> str:
    return "*" if piece == "*" or piece[:1] == "{" else glob.escape(piece)


def _as_expression(pieces: Iterable[str]) -> Iterable[str]:
    """Parts of a regular expression; a repeated placeholder must match the same word."""
    within, seen = f"[^{re.escape(os.sep)}]", set()
    for piece in pieces:
        name = piece.strip("{}")
        if piece == "*":
            yield f"{within}*"
        elif piece[:1] != "{":
            yield re.escape(piece)
        elif name in seen:
            yield f"(?P={name})"
        else:
            seen.add(name)
            yield f"(?P<{name}>{within}+?)"


def _songs(found: Mapping[str, Found]) -> list[str]:
    """Songs with the files that match, sorted by name; in names, 2 comes before 10."""
    return sorted({song for song, _ in found.get("files", {})}, key=in_order)


def _filled(entry: Any, found: Mapping[str, Found]) -> Any:
    """One entry of ``songs`` with the files that match; a file that the entry names is kept."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        return entry
    song = entry["name"]
    files = {
        name_of(system): str(path)
        for (of, system), path in sorted(found.get("files", {}).items(), key=_by_system)
        if song in (of, name_of(of))
    }
    filled: dict[str, Any] = {**entry, "name": name_of(song)}
    if name_of(song) != song:
        filled.setdefault("title", song)
    if files:
        filled["files"] = files | dict(entry.get("files") or {})
    for (of, _), path in found.get("reference", {}).items():
        if song in (of, name_of(of)):
            filled.setdefault("reference", str(path))
    return filled


def _by_system(entry: tuple[tuple[str, str], Path]) -> Any:
    return in_order(entry[0][1])


def _systems_of(songs: Any) -> list[str]:
    """Names under which the songs have files, in order of appearance."""
    entries = [song.get("files") for song in songs or () if isinstance(song, Mapping)]
    names = (name for files in entries if isinstance(files, Mapping) for name in files)
    return list(dict.fromkeys(names))


def in_order(name: str) -> list[tuple[int, int, str]]:
    """Sort key that puts 2 before 10."""
    pieces = re.findall(r"\d+|\D+", name)
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p.lower()) for p in pieces]


def name_of(text: str) -> str:
    """The most similar name that is allowed in tables and links."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_-]+", "_", plain).strip("_-") or text
