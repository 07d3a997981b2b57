"""A file that is complete or not there: written under a temporary name, and renamed at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Temporary name beside ``path`` where no file is yet; removed when the writing fails."""
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    part.unlink(missing_ok=True)
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
