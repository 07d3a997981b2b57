"""New names instead of the source's names: always the same, unique, and allowed in tables."""

from __future__ import annotations

from collections.abc import Iterable

from stimuli.study.found_files import name_of

MAX_NAME = 64


class Naming:
    """Names that were given so far.

    Parameters
    ----------
    reserved
        Names that must not be given to any imported thing.
    otherwise
        Name for a thing whose own name has no letter that mixtrial allows.
    """

    def __init__(self, reserved: Iterable[str], otherwise: str) -> None:
        self._reserved = {name.lower() for name in reserved}
        self._otherwise = otherwise
        self._names: dict[str, str] = {}

    def of(self, theirs: str, key: str = "") -> str:
        """New name for a name of the source; ``key`` separates things that have the same name."""
        if (key or theirs) not in self._names:
            self._names[key or theirs] = self._new(theirs)
        return self._names[key or theirs]

    def _new(self, theirs: str) -> str:
        plain = name_of(theirs).lstrip("_-")
        plain = plain if plain and plain.isascii() else self._otherwise
        if plain.lower() in self._reserved:
            plain += "_file"
        given = {name.lower() for name in self._names.values()} | self._reserved
        name, number = plain[:MAX_NAME], 2
        while name.lower() in given:
            end = f"_{number}"
            name, number = plain[: MAX_NAME - len(end)] + end, number + 1
        return name
