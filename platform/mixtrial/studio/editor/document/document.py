"""A study file that is being edited: text, undo, redo, and saving that overwrites no other change.

Conventions
-----------
Before each writing, the file is compared with the earlier text, character by character. Earlier
versions of the study file are kept beside it in a hidden folder.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from stat import S_IMODE
from threading import Lock
from typing import Any

from db.whole_files import written_whole
from mixtrial.studio.editor.document.changes import (
    Order,
    inserted,
    moved,
    no_order,
    with_value,
    without,
)
from mixtrial.studio.editor.document.merging import (
    meeting_places,
    says_more_than_values,
    with_my_changes,
)
from mixtrial.studio.editor.document.spans import EditError, value_at, values_of
from stimuli.study_keys.yaml_source import MAX_FILE_BYTES, Place

MOST_VERSIONS = 20
"""Earlier versions of a file that are kept."""

MOST_STEPS = 200
"""Changes that can be undone."""

LOCK_WAIT_S = 5.0
"""How long a save waits for another; one that was broken off is taken to be over by then."""

_SAVING = Lock()
_BOM = "\ufeff"


class ChangedOnDiskError(EditError):
    """Another writer has changed the file since it was read; ``theirs`` is the present content."""

    def __init__(self, theirs: str) -> None:
        super().__init__("the file was changed by somebody else since it was read here")
        self.theirs = theirs


@dataclass(slots=True)
class StudyDocument:
    """Text of a study file with the changes that are not saved yet.

    ``base`` is the content of the file when it was last read or written; ``order`` is the order of
    keys in a group.
    """

    path: Path
    base: str
    text: str
    order: Order = no_order
    done: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    typed: tuple[Place, str] | None = None

    @property
    def is_changed(self) -> bool:
        """Whether the text has unsaved changes."""
        return self.text != self.base

    @property
    def values(self) -> Any:
        """Content of the text; None if the text is not YAML."""
        try:
            return values_of(self.text)
        except EditError:
            return None

    def value(self, place: Place, default: Any = None) -> Any:
        """Value at the path ``place`` in the text; ``default`` if the path leads to no value."""
        return value_at(self.values, place, default)

    def set(self, place: Place, value: Any) -> None:
        """Set a value; raise ``EditError`` if that is impossible.

        Repeated changes of one value, for example while a user types, are undone in one step.
        """
        goes_on = self.typed == (place, self.text)
        text = with_value(self.text, place, value, self.order)
        if goes_on and self.done:
            self.text = text
        else:
            self.replace(text)
        self.typed = (place, self.text)

    def remove(self, place: Place) -> None:
        """Remove a key or entry, so that its default applies."""
        self.replace(without(self.text, place))

    def insert(self, place: Place, value: Any) -> None:
        """Add an entry to a list, at a position."""
        self.replace(inserted(self.text, place, value, self.order))

    def move(self, place: Place, to: int) -> None:
        """Move an entry of a list to another position."""
        self.replace(moved(self.text, place, to))

    def replace(self, text: str) -> None:
        """Replace the whole text by a text edited by hand; undo works as for any change."""
        if text == self.text:
            return
        self.done = [*self.done[1 - MOST_STEPS :], self.text]
        self.undone.clear()
        self.text = text

    def undo(self) -> None:
        """Undo the last change of the text, if there is a change."""
        if self.done:
            self.undone.append(self.text)
            self.text = self.done.pop()

    def redo(self) -> None:
        """Redo the change that was undone last, if a change was undone."""
        if self.undone:
            self.done.append(self.text)
            self.text = self.undone.pop()

    def text_on_disk(self) -> str:
        """Present content of the file."""
        return read_text(self.path)

    def save(self) -> None:
        """Write the text, unless the file has been changed in the meantime.

        Raises
        ------
        ChangedOnDiskError
            The file has been changed; nothing is written.
        EditError
            The file cannot be written, or the text is too large for a study file.
        """
        written = self.text.encode()
        if len(written) > MAX_FILE_BYTES:
            raise EditError("The text is larger than 256 KiB, which is too large for a study file.")
        try:
            with _alone_at(self.path):
                before = self.path.read_bytes()
                now = _text_of(before, self.path)
                if now == self.text:
                    self.base = now
                    return
                if now != self.base:
                    raise ChangedOnDiskError(now)
                _keep_version(self.path, before)
                mark = _BOM.encode() if before.startswith(_BOM.encode()) else b""
                mode = S_IMODE(self.path.stat().st_mode)
                with written_whole(self.path.resolve()) as part:
                    part.write_bytes(mark + written)
                    part.chmod(mode)
        except OSError as error:
            reason = (error.strerror or "").lower()
            raise EditError(f"The file cannot be written: {reason}.") from None
        self.base = self.text

    def conflicts(self, theirs: str) -> list[Place] | None:
        """Paths of values changed here and in the file; None if only people can merge the texts."""
        try:
            if says_more_than_values(self.base, self.text):
                return None
            with_my_changes(self.base, self.text, theirs, self.order)
            return meeting_places(self.base, self.text, theirs)
        except EditError:
            return None

    def take_theirs(self, theirs: str) -> None:
        """Continue from the file on the disk; undo restores the local changes."""
        self.replace(theirs)
        self.base = theirs

    def put_mine_on(self, theirs: str) -> None:
        """Continue from the file on the disk with the local changes applied to it.

        Raises
        ------
        EditError
            The local changes cannot be applied: :meth:`conflicts` is None.
        """
        merged = with_my_changes(self.base, self.text, theirs, self.order)
        self.take_theirs(theirs)
        self.replace(merged)


def open_document(path: Path, order: Order = no_order) -> StudyDocument:
    """A study file to be edited.

    Raises
    ------
    EditError
        The study file does not exist, is too large, or is not text in UTF-8.
    """
    text = read_text(path)
    return StudyDocument(path, text, text, order)


def read_text(path: Path) -> str:
    """Text of a file with unchanged line ends; raise ``EditError`` if it is not text."""
    try:
        return _text_of(path.read_bytes(), path)
    except OSError as error:
        raise EditError(f"{path.name} cannot be read: {(error.strerror or '').lower()}.") from None


def versions_of(path: Path) -> list[Path]:
    """Earlier versions of a file, the newest first."""
    return sorted(_history(path).glob("*.yaml"), reverse=True)


def _text_of(content: bytes, path: Path) -> str:
    if len(content) > MAX_FILE_BYTES:
        raise EditError(f"{path.name} is larger than 256 KiB, which is too large for a study file.")
    try:
        return content.decode().removeprefix(_BOM)
    except UnicodeDecodeError:
        raise EditError(f"{path.name} is not a text file in UTF-8.") from None


def _history(path: Path) -> Path:
    return path.with_name(f".{path.name}.versions")


def _keep_version(path: Path, content: bytes) -> None:
    """Store a file's content as a version named after the present time; keep few versions."""
    folder = _history(path)
    folder.mkdir(exist_ok=True)
    stamp = re.sub(r"[:+]", "-", datetime.now(UTC).isoformat(timespec="microseconds"))
    with written_whole(folder / f"{stamp}.yaml") as part:
        part.write_bytes(content)
    for old in versions_of(path)[MOST_VERSIONS:]:
        old.unlink(missing_ok=True)


@contextmanager
def _alone_at(path: Path) -> Iterator[None]:
    """Prevent other threads and other servers from saving the same file at the same time."""
    mark = path.with_name(f".{path.name}.saving")
    with _SAVING:
        deadline = time.monotonic() + LOCK_WAIT_S
        while True:
            try:
                os.close(os.open(mark, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
                break
            except FileExistsError:
                if time.monotonic() > deadline:
                    with suppress(OSError):
                        mark.unlink()
                time.sleep(0.02)
        try:
            yield
        finally:
            with suppress(OSError):
                mark.unlink()
