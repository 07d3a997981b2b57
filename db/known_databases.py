"""List of the databases that contain a study's answers, in a file beside the study file.

SQLite creates a missing database file without a message. A PostgreSQL database can also be new and
empty. Without the list, a study could continue in an empty database as if nobody had taken part.
The list of databases is a text file without passwords. Each line of the list names a study (by its
identifier) and a database. In the list, paths inside the study's folder are relative, so the folder
can be moved.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from db.records.errors import StoreError
from db.whole_files import written_whole

SUFFIX = ".databases"
HEAD = """\
# Where answers to this study were kept. It is not served with an empty database in the place of one
# of these. To begin anew, delete this file (and the database, where it is still there).
"""


class KnownDatabases:
    """List of the databases that belong to a study file."""

    def __init__(self, study_file: Path) -> None:
        self._folder = study_file.resolve().parent
        self._note = study_file.resolve().with_suffix(SUFFIX)

    def check_file(self, url: str) -> None:
        """Raise ``StoreError`` if an SQLite file in the list is missing."""
        path = _sqlite_file(url)
        places = {place for _, place in self._lines()}
        if path is not None and self._place(url) in places and not path.is_file():
            raise StoreError(f"The database {path} is missing, {self._ways_out()}.")

    def check_holds(self, identifier: str, url: str, is_held: bool) -> None:
        """Raise ``StoreError`` if a database is listed for a study but does not contain it."""
        if not is_held and (identifier, self._place(url)) in self._lines():
            raise StoreError(f"The database {url} holds nothing of this study, {self._ways_out()}.")

    def note(self, identifier: str, url: str) -> None:
        """Add a study and its database to the list; if this is not possible, do nothing."""
        line, lines = (identifier, self._place(url)), self._lines()
        if not line[1] or line in lines:
            return
        text = "".join(f"{name} {place}\n" for name, place in (*lines, line))
        with suppress(OSError), written_whole(self._note) as part:
            part.write_text(HEAD + text, encoding="utf-8")

    def _ways_out(self) -> str:
        return (
            "though answers were kept there: bring it back (mixtrial restore), or delete"
            f" {self._note} to begin anew"
        )

    def _place(self, url: str) -> str:
        """The text for a database in the list; empty for a database in memory."""
        path = _sqlite_file(url)
        if path is None:
            return "" if url.startswith("sqlite:") else url
        resolved = path.resolve()
        is_below = resolved.is_relative_to(self._folder)
        return (resolved.relative_to(self._folder) if is_below else resolved).as_posix()

    def _lines(self) -> list[tuple[str, str]]:
        """Identifier of the study and database, for each line of the list; empty without a list."""
        try:
            text = self._note.read_text(encoding="utf-8")
        except OSError:
            return []
        lines = [line.partition(" ") for line in text.splitlines() if line[:1] not in ("", "#")]
        return [(name, place) for name, _, place in lines]


def _sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database; None for other databases and for databases in memory."""
    path = url.removeprefix("sqlite:///").partition("?")[0]
    return None if not url.startswith("sqlite:///") or path in ("", ":memory:") else Path(path)
