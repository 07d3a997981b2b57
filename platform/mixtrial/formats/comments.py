"""``comments``: what was written about stimuli and pages."""

from __future__ import annotations

from mixtrial.exports.table import Format
from stimuli.study.study import Study


def are_asked(study: Study) -> bool:
    """Whether the study asks for comments."""
    return study.comments != "none"


FORMAT = Format(
    title="Comments",
    remark="one comment a row; they can name their writers",
    place=100,
    rows=lambda here: here.store.comments(here.study.identifier),
    is_by_page=True,
    is_offered=are_asked,
)
