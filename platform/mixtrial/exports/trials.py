"""``trials``: choices between mixes (pairs and similar pages), with steps of adaptive tracks."""

from __future__ import annotations

import pandas as pd

from mixtrial.exports.table import Export, Meanings
from mixtrial.server.installation import Installation
from stimuli.design.tracks import with_tracks
from stimuli.study.study import Study


def has_choices(study: Study) -> bool:
    """Whether a part of the study has choices."""
    return any(not part.has_ratings for part in study.page_parts)


MEANINGS: Meanings = {
    "trial_kind": ("text", "what the page type calls its answers, such as preference"),
    "system_a": ("text", "system of the first stimulus of the trial, or of two of its page"),
    "system_b": ("text", "system of the second stimulus of the trial"),
    "system_c": ("text", "system of the third stimulus, where a trial has three to choose from"),
    "system_x": ("text", "system that X was (ABX only)"),
    "answer": (
        "text",
        "a, b, c or tie: the one preferred, set above, taken for X or the odd one; same, different",
    ),
    "correct": (
        "true or false",
        "whether it names X, of three the one that differs, of two what they are",
    ),
    "replicate": ("count", "0 for the first trial of a pair of a song, 1 and more for the others"),
    "plays": ("count", "starts of all stimuli of the page"),
    "track": ("text", "adaptive track of the participant: its song, with (2) where repeated"),
    "trial": ("count", "number of the trial on its track, from 1"),
    "level": ("text", "system that the reference was compared with"),
    "level_rank": ("count", "place of the level, 1 for the easiest to hear"),
    "n_levels": ("count", "levels that the track could take"),
    "level_value": ("number", "value of the level (level_values in the study file)"),
    "down": ("count", "right answers in a row that lead to a harder level"),
    "reversal": ("true or false", "whether the track turned round after this trial"),
    "averaged": ("true or false", "whether that reversal counts for the threshold"),
    "ended": ("text", "on the last trial: reversals, hardest, easiest or trials, as it ended"),
}
"""Unit and meaning of what is said of a choice."""


def told_trials(installation: Installation) -> pd.DataFrame:
    """Choices of a study, each with its step on an adaptive track."""
    study = installation.study
    return with_tracks(study, installation.store.trials(study.identifier))


EXPORT = Export(
    title="Choices",
    remark="one trial per row; a page in order gives one pair per row",
    place=90,
    rows=told_trials,
    is_by_page=True,
    meanings=lambda _study, _columns: MEANINGS,
    is_offered=has_choices,
)
