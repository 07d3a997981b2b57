"""Notes on each line of a project that is read; everything that is lost gets a note.

:class:`Keys` returns the keys of one mapping on request. When a ``Keys`` object is closed, it makes
a note on each key that nobody requested; the note names the most similar known key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mixtrial.imports.reading.lenient_yaml import Entry
from stimuli.study_keys.faults import nearest_in_brackets

Kind = Literal["taken", "lost", "assumed"]
MOST_SHOWN = 300
"""Signs of a text that a note repeats."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note on a line of the source: what it became, what mixtrial lacks, or what was assumed."""

    line: int
    kind: Kind
    text: str


@dataclass(slots=True)
class Notes:
    """Notes in the order of lines; ``missing`` are the notes on unusable audio files."""

    made: list[Note] = field(default_factory=list)
    missing: list[Note] = field(default_factory=list)

    def taken(self, line: int, text: str) -> None:
        """Add a note that says what became of a line."""
        self._add(line, "taken", text)

    def lost(self, line: int, text: str) -> None:
        """Add a note on a line for which mixtrial has nothing that corresponds."""
        self._add(line, "lost", text)

    def missing_audio(self, line: int, text: str) -> None:
        """Add a note on an audio file that cannot be used."""
        self.missing.append(self._add(line, "lost", text))

    def assumed(self, line: int, text: str) -> None:
        """Add a note on an assumption which the source does not state, or which it contradicts."""
        self._add(line, "assumed", text)

    def _add(self, line: int, kind: Kind, text: str) -> Note:
        note = Note(line, kind, text)
        if note not in self.made:
            self.made.append(note)
        return note


def shortened(text: str, most: int = MOST_SHOWN) -> str:
    """A text on one line, shortened if it is too long for a note."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most] + " …"


def shown(entry: Entry) -> str:
    """A value as notes quote it: on one line, and not too long."""
    if entry.keys:
        text = f"keys {', '.join(entry.keys)}"
    elif entry.items:
        text = f"{len(entry.items)} entries"
    else:
        text = entry.text.strip() or "nothing"
    return shortened(text)


class Keys:
    """Keys of one mapping in a project.

    Parameters
    ----------
    entry
        The mapping with the keys.
    notes
        Notes to which the object adds what became of each key.
    lost
        Keys that have no counterpart in mixtrial, with the reason.
    """

    def __init__(self, entry: Entry, notes: Notes, lost: Mapping[str, str]) -> None:
        self.line = entry.line
        self.last_line = entry.last_line
        self._entries = entry.keys
        self._notes = notes
        self._lost = lost
        self._asked: list[str] = []

    def get(self, key: str) -> Entry | None:
        """The entry of a key; None if the mapping does not have the key."""
        self._asked.append(key)
        return self._entries.get(key)

    def taken(self, key: str, what: str) -> Entry | None:
        """The entry of a key; a note says that the key becomes ``what`` in mixtrial."""
        entry = self.get(key)
        if entry is not None:
            self._notes.taken(entry.line, f"{key} ({shown(entry)}): {what}")
        return entry

    def flag(self, key: str, what: str, default: bool = False) -> bool:
        """Whether the value of a key is true; texts such as ``yes`` count as true, too."""
        entry = self.taken(key, what)
        if entry is None or entry.value is None:
            return default
        if isinstance(entry.value, bool):
            return entry.value
        return entry.text.strip().lower() not in ("", "0", "no", "off", "false")

    def close(self) -> None:
        """Add notes on the keys of the mapping that were not requested."""
        for key, entry in self._entries.items():
            if key in self._asked:
                continue
            if key in self._lost:
                self._notes.lost(entry.line, f"{key} ({shown(entry)}): {self._lost[key]}")
            else:
                hint = nearest_in_brackets(key, (*self._asked, *self._lost))
                self._notes.lost(entry.line, f"{key} ({shown(entry)}): unknown key{hint}")
