"""Where things lie: the repository, its tests' data, and the folder of shared data beside it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
SUPPORT = Path(__file__).parent
RATINGS = ROOT / "tests" / "data" / "ratings"
RECORDED = ROOT / "tests" / "data" / "songs"
"""Twelve seconds of a recorded song, ``francium_vocal.flac`` and ``francium_backing.flac``."""
SHARED = ROOT.parent / "shared"
"""Not part of the project: tests that want it are skipped where it is not."""
