"""Material of the tunes: scales, chord progressions and the rhythms of a phrase.

Conventions
-----------
Degrees count from 1 (the tonic). A rhythm is a two-bar phrase as (onset, duration) in beats.
"""

from __future__ import annotations

from typing import Literal

Mode = Literal["major", "minor"]

SCALES: dict[Mode, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
}

# Degrees (1 = tonic) of four-bar progressions whose end leads back to the beginning.
PROGRESSIONS: dict[Mode, tuple[tuple[int, ...], ...]] = {
    "major": ((1, 5, 6, 4), (6, 4, 1, 5), (1, 6, 4, 5), (1, 4, 6, 5), (4, 1, 5, 6)),
    "minor": ((1, 6, 3, 7), (1, 7, 6, 7), (1, 4, 6, 7), (6, 7, 1, 3), (1, 3, 7, 6)),
}
SEVENTH_PROGRESSIONS: dict[Mode, tuple[tuple[int, ...], ...]] = {
    "major": ((2, 5, 1, 6), (1, 6, 2, 5), (4, 3, 2, 5), (1, 4, 3, 2)),
    "minor": ((1, 4, 7, 3), (4, 7, 3, 6), (1, 6, 4, 7), (1, 3, 4, 4)),
}

# Rhythms of a two-bar phrase, as (onset, duration) in beats, with time for a breath.
RHYTHMS: dict[int, dict[str, tuple[tuple[tuple[float, float], ...], ...]]] = {
    4: {
        "lyrical": (
            ((0, 1.5), (1.5, 0.5), (2, 1), (3, 1), (4, 2.5)),
            ((0, 1), (1, 1), (2, 1.5), (3.5, 0.5), (4, 1), (5, 1), (6, 1.5)),
            ((0.5, 0.5), (1, 1), (2, 1), (3, 0.5), (3.5, 0.5), (4, 3)),
        ),
        "flowing": (
            (
                (0, 0.5),
                (0.5, 0.5),
                (1, 1),
                (2, 0.5),
                (2.5, 0.5),
                (3, 1),
                (4, 1),
                (5, 0.5),
                (5.5, 0.5),
                (6, 1.5),
            ),
            (
                (0, 1),
                (1, 0.5),
                (1.5, 0.5),
                (2, 1),
                (3, 0.5),
                (3.5, 0.5),
                (4, 1.5),
                (5.5, 0.5),
                (6, 1.5),
            ),
            (
                (0.5, 0.5),
                (1, 0.5),
                (1.5, 0.5),
                (2, 1),
                (3, 1),
                (4, 0.5),
                (4.5, 0.5),
                (5, 1),
                (6, 1.5),
            ),
        ),
        "syncopated": (
            (
                (0, 0.75),
                (0.75, 0.75),
                (1.5, 0.5),
                (2, 1),
                (3, 0.5),
                (3.5, 1),
                (4.5, 0.5),
                (5, 0.5),
                (5.5, 1.75),
            ),
            (
                (0.5, 0.5),
                (1, 0.5),
                (1.5, 1),
                (2.5, 0.5),
                (3, 0.5),
                (3.5, 1.5),
                (5, 0.5),
                (5.5, 0.5),
                (6, 1.25),
            ),
            ((0, 1), (1, 0.5), (1.5, 1), (2.5, 0.5), (3, 1), (4, 0.75), (4.75, 0.75), (5.5, 1.75)),
        ),
    },
    3: {
        "lyrical": (
            ((0, 2), (2, 1), (3, 2.5)),
            ((0, 1), (1, 1), (2, 1), (3, 2.5)),
        ),
        "flowing": (
            ((0, 1), (1, 1), (2, 1), (3, 1.5), (4.5, 0.5), (5, 0.75)),
            ((0, 1.5), (1.5, 0.5), (2, 1), (3, 2.5)),
            ((0, 1), (1, 0.5), (1.5, 0.5), (2, 1), (3, 2.5)),
        ),
    },
}
