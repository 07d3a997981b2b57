"""Compare two results.json files; the second file may have new names for the same findings.

Usage: ``python -m analysis.validation.compare_results OLD.json NEW.json [--renames FILE]``

A value must have the same type and be equal in both files. Numbers must be equal to the last bit.
The order of keys may differ, but the order in lists must be the same. Each difference is printed,
with its path in the file. The exit code is 1 if there is a difference.

FILE is a JSON file with up to three entries, which are all optional::

    {"keys":   {"attributes.*.seed": "pooled_mann_whitney"},
     "values": {"schema_version": [[1, 2]]},
     "ignore": ["versions.*"]}

``keys`` maps old keys to new names. ``values`` has pairs of an old value and its new value.
``ignore`` has the keys that are not compared. A pattern is a path of old names with dots between
them, or a single name, which matches everywhere. Patterns in ``ignore`` use the new names. In a
pattern, ``*`` stands for any key and for any position in a list.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

Place = tuple[str, ...]
MISSING = object()


@dataclass(frozen=True, slots=True)
class Renames:
    """Names that are new in the second file; keys that are not compared."""

    keys: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Sequence[tuple[Any, Any]]] = field(default_factory=dict)
    ignore: Sequence[str] = ()

    def renamed(self, content: Any, place: Place = ()) -> Any:
        """Return the content of the first file; its keys get their names in the second file.

        Raises
        ------
        ValueError
            Two keys of one object would have the same new name.
        """
        if isinstance(content, dict):
            named: dict[str, object] = {}
            for key, value in content.items():
                below = (*place, key)
                name = next((new for old, new in self.keys.items() if _fits(old, below)), key)
                if name in named:
                    raise ValueError(f"{'.'.join(below)}: There are two keys called {name!r}.")
                named[name] = self.renamed(value, below)
            return named
        if isinstance(content, list):
            return [self.renamed(value, (*place, str(n))) for n, value in enumerate(content)]
        for pattern, pairs in self.values.items():
            if _fits(pattern, place):
                return next((new for old, new in pairs if _is_same(old, content)), content)
        return content

    def is_ignored(self, place: Place) -> bool:
        """Whether the value at this path is left out of the comparison."""
        return any(_fits(pattern, place) for pattern in self.ignore)


def read_renames(path: Path | None) -> Renames:
    """Old and new names, read from a file; empty if there is no file."""
    return Renames() if path is None else Renames(**json.loads(path.read_text("utf-8")))


def differences(old: Any, new: Any, renames: Renames, place: Place = ()) -> Iterator[str]:
    """Yield a line for each difference; in ``old``, the names are already the new ones."""
    if renames.is_ignored(place):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            pair = old.get(key, MISSING), new.get(key, MISSING)
            yield from differences(*pair, renames, (*place, key))
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{_shown(place)}: {len(old)} entries, now {len(new)}"
        for number, pair in enumerate(zip(old, new, strict=False)):
            yield from differences(*pair, renames, (*place, str(number)))
    elif not _is_same(old, new):
        yield f"{_shown(place)}: {_said(old)}, now {_said(new)}"


def _fits(pattern: str, place: Place) -> bool:
    parts = pattern.split(".")
    if len(parts) == 1:
        return bool(place) and fnmatchcase(place[-1], pattern)
    return len(parts) == len(place) and all(map(fnmatchcase, place, parts))


def _is_same(old: Any, new: Any) -> bool:
    """Whether two values have the same type and are equal (1 is not 1.0; NaN equals NaN)."""
    return type(old) is type(new) and repr(old) == repr(new)


def _shown(place: Place) -> str:
    return ".".join(place) or "(the whole file)"


def _said(value: Any) -> str:
    if value is MISSING:
        return "missing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}…"


def main() -> int:
    """Compare the two files named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("old", type=Path, help="results.json of before")
    parser.add_argument("new", type=Path, help="results.json of now")
    parser.add_argument("--renames", type=Path, help="new names (JSON)")
    given = parser.parse_args()
    renames = read_renames(given.renames)
    old, new = (json.loads(path.read_text("utf-8")) for path in (given.old, given.new))
    found = list(differences(renames.renamed(old), new, renames))
    print("\n".join(found) if found else "the same")  # noqa: T201 - a command's answer
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
