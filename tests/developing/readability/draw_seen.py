"""A draw of 60 strings that users see: help, errors, the English locale, README and changelog.

``python -m tests.developing.readability.draw_seen SEED > drawn.csv`` writes twelve of each with an
empty column ``grade``, as :mod:`tests.developing.readability.draw` does for all prose.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator

import yaml

from places import ROOT
from tests.developing.readability.draw import END, Sentence, sentences, write_drawn

OF_EACH = 12
KINDS = ("help", "error", "locale", "README", "CHANGELOG")
LOCALE = "platform/mixtrial/locales/en.yaml"
FEWEST_WORDS = 3


def seen() -> list[Sentence]:
    """Every string that may be drawn, none twice."""
    found = [each for each in sentences() if each.kind in KINDS]
    return list(dict.fromkeys([*found, *_of_the_locale(), *_of_the_changelog()]))


def draw(seed: int) -> list[Sentence]:
    """Twelve of each kind."""
    every, chance = seen(), random.Random(seed)
    return [
        each
        for kind in KINDS
        for each in chance.sample([one for one in every if one.kind == kind], OF_EACH)
    ]


def _of_the_locale() -> Iterator[Sentence]:
    for text in _leaves(yaml.safe_load((ROOT / LOCALE).read_text(encoding="utf-8"))):
        if len(text.split()) >= FEWEST_WORDS:
            yield Sentence("locale", LOCALE, text)


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for held in value.values():
            yield from _leaves(held)
    elif isinstance(value, str):
        yield " ".join(value.split())


def _of_the_changelog() -> Iterator[Sentence]:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for entry in re.findall(r"^- (.+?)(?=\n(?:- |\n|#)|\Z)", text, re.MULTILINE | re.DOTALL):
        for each in END.split(" ".join(entry.split())):
            if len(each.split()) >= FEWEST_WORDS:
                yield Sentence("CHANGELOG", "CHANGELOG.md", each)


if __name__ == "__main__":
    write_drawn(draw(int(sys.argv[1])), sys.stdout.write)
