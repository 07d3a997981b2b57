"""Limits of the recommendations, as numbers; checks compare with them, and rules print them.

The references are given in :mod:`stimuli.standards.rules`.
"""

from __future__ import annotations

from stimuli.page_types.base import CUTOFF_HZ, LOW_ANCHOR, MID_ANCHOR

MAX_STIMULI = 12
"""On one page, reference and anchors included."""

FEWEST_SONGS = 5
SONGS_PER_SYSTEM = 1.5

USUAL_EXCERPT_S, LONGEST_EXCERPT_S = 10.0, 12.0

MOST_TRIALS = 15
EXCERPT_OF_SMALL_IMPAIRMENTS_S = (10.0, 25.0)
"""Pages at a stretch, and shortest and longest excerpt, in a test of small impairments."""

SEGMENT_S = (25.0, 60.0)
"""Shortest and longest segment in the evaluation of mixes."""

LONGEST_SESSION_MIN, WITH_BREAK_MIN = 45.0, 90.0

LOUDNESS_SPREAD_LU = 0.1
"""Between the stimuli of a page."""

LOUDNESS_TOLERANCE_LU = 0.5
LEFT_DIFFERENCE_LU = 1.0
"""Between stimuli that stay as loud as they came: what EBU R 128 allows live programmes, where a
target cannot be met exactly. It is about what listeners notice when they switch."""

MAX_TRUE_PEAK_DBTP = -1.0

LOW_ANCHOR_WORDS, MID_ANCHOR_WORDS = (
    f"{CUTOFF_HZ[name] / 1000:g} kHz anchor" for name in (LOW_ANCHOR, MID_ANCHOR)
)
