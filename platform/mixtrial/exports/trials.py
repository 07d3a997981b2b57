"""``trials``: choices between mixes, of preference and ABX pages."""

from __future__ import annotations

from mixtrial.exports.table import Export, Meanings
from stimuli.study.study import Study


def has_choices(study: Study) -> bool:
    """Whether a part of the study asks for choices."""
    return any(not part.has_ratings for part in study.page_parts)


MEANINGS: Meanings = {
    "trial_kind": ("text", "preference or abx, as the page type calls its answers"),
    "system_a": ("text", "system of the first stimulus of the trial"),
    "system_b": ("text", "system of the second stimulus of the trial"),
    "system_x": ("text", "system that X was (ABX only)"),
    "answer": ("text", "a, b or tie: the stimulus that was preferred, or taken for X"),
    "correct": ("true or false", "whether the answer names X (ABX only)"),
    "replicate": ("count", "0 for the first trial of a pair of a song, 1 and more for the others"),
    "plays": ("count", "starts of all stimuli of the page"),
}
"""Unit and meaning of what is said of a choice."""


EXPORT = Export(
    title="Choices",
    remark="one preference or ABX trial a row",
    place=90,
    rows=lambda installation: installation.store.trials(installation.study.identifier),
    is_by_page=True,
    meanings=lambda _study, _columns: MEANINGS,
    is_offered=has_choices,
)
