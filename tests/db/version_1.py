"""A study as version 1 left it: its database, and an archive of it (tests/data/version_1)."""

from __future__ import annotations

import lzma
import tarfile
from pathlib import Path

import pandas as pd

from places import ROOT

VERSION_1 = ROOT / "tests" / "data" / "version_1"
STUDY = "baseline-one"
NEW_NAMES = {
    "repeat": "replicate",
    "page_kind": "phase",
    "kind": "trial_kind",
    "started_at": "opened_at",
    "study_hash": "study_fingerprint",
    "said_at": "commented_at",
}
"""Names of columns in version 1, and now."""
NEW_COLUMNS = ("page_index", "scale_minimum", "scale_maximum", "scale_step", "arm")
"""Columns that ratings and trials lacked in version 1."""


def database_of_version_1(folder: Path) -> Path:
    """A copy of the database, as it was closed."""
    path = folder / "version_1.sqlite"
    path.write_bytes(lzma.decompress((VERSION_1 / "study.sqlite.xz").read_bytes()))
    return path


def archive_of_version_1(folder: Path) -> Path:
    """The archive, unpacked."""
    with tarfile.open(VERSION_1 / "archive.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    return folder / "archive-v1"


def table_of_version_1(archive: Path, name: str) -> pd.DataFrame:
    """One of the archive's tables, every cell as it stands there, under the names of now."""
    path = archive / "data" / f"{name}.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False).rename(columns=NEW_NAMES)
