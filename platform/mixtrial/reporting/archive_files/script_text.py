"""Texts and names in the form of a program's source."""

from __future__ import annotations

import json
from collections.abc import Iterable


def quoted(text: str) -> str:
    r"""A quoted text that both R and Python can read: ASCII, other characters as ``\U…``."""
    return "".join(
        sign if sign.isascii() else f"\\U{ord(sign):08x}"
        for sign in json.dumps(text, ensure_ascii=False).replace("\x7f", "\\x7f")
    )


def listed(texts: Iterable[str], indent: str = "  ") -> str:
    """Quoted texts separated by commas, one per line."""
    return ",\n".join(f"{indent}{quoted(text)}" for text in texts)
