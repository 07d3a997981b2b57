"""``trials``: choices between mixes, of preference and ABX pages."""

from __future__ import annotations

from mixtrial.exports.table import Export
from stimuli.study.study import Study


def has_choices(study: Study) -> bool:
    """Whether a part of the study asks for choices."""
    return any(not part.has_ratings for part in study.page_parts)


EXPORT = Export(
    title="Choices",
    remark="one preference or ABX trial a row",
    place=90,
    rows=lambda installation: installation.store.trials(installation.study.identifier),
    is_by_page=True,
    is_offered=has_choices,
)
