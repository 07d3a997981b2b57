"""Waiting for what happens elsewhere: in another process, thread or file."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 240.0
"""Only a failing test waits so long; a machine may be busy with other work."""


def until(condition: Callable[[], object]) -> None:
    """Wait for something to become true; fail when it does not."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
