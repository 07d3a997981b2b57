"""Values in the form of a study file: without quotes if that is safe, otherwise in quotes.

Conventions
-----------
``indent`` is the column of the key or dash before a value. The study's own loader must read the
same value back from the written text; ``changes`` checks the reading.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import yaml

from stimuli.study_keys.yaml_source import PlainLoader

WIDTH = 100
"""Columns of a line, as the examples have it."""

STEP = 2


def scalar(value: Any, style: str | None = None, *, in_flow: bool = False) -> str:
    """One value on one line; ``style`` is the kind of quotes around the old value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    text = str(value)
    if style in ("'", '"') and "\n" not in text and text.isprintable():
        return yaml.dump(text, default_style=style, allow_unicode=True, width=math.inf).rstrip("\n")
    if style != '"' and _is_plain(text, in_flow):
        return text
    return yaml.dump(text, default_style='"', allow_unicode=True, width=math.inf).rstrip("\n")


def _number(value: float) -> str:
    """A number with its decimal point; without a decimal point if the number is whole."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    told = f"{Decimal(repr(value)):f}"
    return told if "." in told else f"{told}.0"


def _is_plain(text: str, in_flow: bool) -> bool:
    """Whether a text without quotes is read as the same text by mixtrial and other YAML readers."""
    if not text.isprintable() or text != text.strip() or not text:
        return False
    shown = f"{{a: {text}}}" if in_flow else f"a: {text}"
    for loader in (PlainLoader, yaml.SafeLoader):
        try:
            found = yaml.load(shown, Loader=loader)
        except (yaml.YAMLError, ValueError):
            return False
        if found != {"a": text}:
            return False
    return "#" not in text or not re.search(r"(^|\s)#", text)


def flow(value: Any) -> str:
    """A value on one line, with collections in braces or brackets."""
    if isinstance(value, Mapping):
        pairs = (f"{scalar(key, in_flow=True)}: {flow(inner)}" for key, inner in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(flow, value))}]"
    return scalar(value, in_flow=True)


def behind_key(value: Any, indent: int, used: int) -> str:
    """Text after a key and its colon in a block: on the same line if it fits, otherwise below.

    ``used`` counts the columns that the key takes.
    """
    if isinstance(value, str):
        one_line = scalar(value)
        if "\n" in value or used + 1 + len(one_line) > WIDTH:
            return f" {block_text(value, indent) or one_line}"
        return f" {one_line}"
    if isinstance(value, Mapping | list | tuple) and value:
        one_line = flow(value)
        if _is_small(value) and used + 1 + len(one_line) <= WIDTH:
            return f" {one_line}"
        return "\n" + "\n".join(_block_lines(value, indent + STEP))
    return f" {flow(value)}"


def behind_dash(value: Any, indent: int, *, as_flow: bool) -> str:
    """Text after a dash: the keys of a mapping one per line, or in braces as in other entries."""
    if isinstance(value, Mapping) and value:
        one_line = flow(value)
        if as_flow and indent + STEP + len(one_line) <= WIDTH:
            return f" {one_line}"
        lines = _block_lines(value, indent + STEP)
        return " " + "\n".join(lines).lstrip()
    return behind_key(value, indent, indent + STEP) if isinstance(value, str) else f" {flow(value)}"


def _is_small(value: Any) -> bool:
    """Whether a collection fits on one readable line: at most four keys, no groups in a list."""
    if isinstance(value, Mapping):
        return len(value) <= 5 and not any(isinstance(each, Mapping) for each in value.values())
    return not any(isinstance(each, Mapping) and len(each) > 3 for each in value) and len(value) < 9


def _block_lines(value: Any, indent: int) -> list[str]:
    margin = " " * indent
    if isinstance(value, Mapping):
        lines = []
        for key, inner in value.items():
            head = f"{margin}{scalar(key)}:"
            lines += (head + behind_key(inner, indent, len(head))).split("\n")
        return lines
    fits = all(
        not isinstance(each, Mapping) or (_is_small(each) and len(flow(each)) + indent < WIDTH - 2)
        for each in value
    )
    return [
        line
        for each in value
        for line in (f"{margin}-" + behind_dash(each, indent, as_flow=fits)).split("\n")
    ]


def block_text(value: str, indent: int, kept: Sequence[str] = ()) -> str | None:
    """A long text as a block below its key; None if a block cannot hold it.

    A text of several lines is written line by line; any other text is folded. ``kept`` are the old
    lines of the folded text; lines before and after a change are not changed.
    """
    margin = "\n" + " " * (indent + STEP)
    is_held = all(line == line.strip() and line.isprintable() for line in value.split("\n"))
    if not value or not is_held or value != value.strip():
        return None
    if "\n" in value:
        return "|-" + "".join(margin + line if line else "\n" for line in value.split("\n"))
    if "  " in value:
        return None
    width = max([40, *map(len, kept)]) if kept else WIDTH - indent - STEP
    return ">-" + "".join(margin + line for line in _rewrapped(value, kept, width))


def _rewrapped(value: str, kept: Sequence[str], width: int) -> list[str]:
    """Lines of a folded text; the first and last lines that still fit are kept as they were."""
    head = tail = 0
    for n in range(len(kept), 0, -1):
        if value.startswith(" ".join(kept[:n]) + " "):
            head = n
            break
    rest = value[len(" ".join(kept[:head])) + 1 :] if head else value
    for n in range(len(kept) - head, 0, -1):
        if rest.endswith(" " + " ".join(kept[-n:])):
            tail = n
            break
    middle = rest[: len(rest) - len(" ".join(kept[-tail:])) - 1] if tail else rest
    return [*kept[:head], *_wrapped(middle, width), *(kept[-tail:] if tail else ())]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
