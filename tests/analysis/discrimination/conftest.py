"""R's numbers on trials, for all tests of what can be told apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

import places

TRIALS = places.ROOT / "tests" / "data" / "trials"


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
    """The numbers that golden.R writes."""
    found: dict[str, Any] = json.loads((TRIALS / "golden.json").read_text("utf-8"))
    return found
