"""Names of studies and files that are valid as folder names on every system and in addresses."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from mixtrial.server.settings import SettingsError

LONGEST = 60
SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
DEVICES = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)
"""Names that Windows keeps for its devices, with whatever ending."""


def is_safe(name: str) -> bool:
    """Whether a folder can have this name on every system, and an address can contain it."""
    return SAFE_NAME.fullmatch(name) is not None and DEVICES.fullmatch(name) is None


def safe_name(title: str) -> str:
    """Valid name that is similar to a title: lower-case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")
    return name if name and is_safe(name) else f"study-{name}".strip("-")[:LONGEST]


def free_name(folder: Path, title: str) -> str:
    """Name made from a title and not yet used in the folder: ``choir``, then ``choir-2``."""
    name, number = safe_name(title), 1
    taken = {path.name.lower() for path in folder.iterdir()}
    candidate = name
    while candidate in taken:
        number += 1
        candidate = f"{name[: LONGEST - 4]}-{number}"
    return candidate


def safe_file_name(given: str) -> str:
    """Name of an uploaded file, made safe for a disk: no folder and no special characters.

    Raises
    ------
    SettingsError
        The name contains no character that is allowed in a file name.
    """
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", given))[-1]
    stem, _, ending = last.rpartition(".")
    kept = re.sub(r"[^\w .()+-]", "_", stem).strip(" ._")[:LONGEST].strip()
    end = re.sub(r"[^A-Za-z0-9]", "", ending).lower()[:8]
    if not kept or not end:
        raise SettingsError(f"{given[:80]!r} cannot be a file name here; rename it.")
    if DEVICES.fullmatch(kept.partition(".")[0]):
        kept = f"file_{kept}"
    return f"{kept}.{end}"
