"""What tests of the store share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.store.store import Store, open_store


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    """An archive in a file, as threads need it."""
    archive = open_store(f"sqlite:///{tmp_path / 'study.sqlite'}")
    archive.register_study("lights", "Harbour Lights", "f" * 64, 7)
    yield archive
    archive.close()
