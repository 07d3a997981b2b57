"""The progress bar of work that goes song by song: how many, how long still, and which now."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress


def song_bar() -> Progress:
    """Return a bar on stderr that vanishes when done; each task needs the field ``song``."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[song]}", markup=False),
        console=Console(file=sys.stderr),
        transient=True,
    )
