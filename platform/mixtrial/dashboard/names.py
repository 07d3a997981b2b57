"""What parts and arms are called: names of the study file in words, as they have no labels."""

from __future__ import annotations

from mixtrial.language.spoken import told
from stimuli.study.study import Study


def in_words(name: str) -> str:
    """A name of the study file in words.

    Examples
    --------
    >>> in_words("with_hint")
    'With hint'
    """
    words = name.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}"


def part_titles(study: Study) -> dict[str, str]:
    """What each part is called; one without a name of its own goes by its method."""
    return {
        part.name: told(in_words(part.options.method))
        if part.name == part.type
        else in_words(part.name)
        for part in study.page_parts
    }
