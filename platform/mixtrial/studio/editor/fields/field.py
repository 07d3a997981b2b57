"""One key that a study file can have, with the properties that an editor needs.

Conventions
-----------
A path is a place without the positions in lists: ``("songs", "excerpt", "start_s")``. Keys below
``parts`` belong to a page type and come from its class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Path: TypeAlias = tuple[str, ...]
Kind = Literal["text", "scalar", "flag", "choice", "words", "rows", "by_name", "group", "entries"]
"""How a key is edited.

``text`` is text, ``scalar`` a number or a word, ``flag`` true or false, ``choice`` one of
``options``, ``words`` a list of scalars, ``rows`` a list of such lists, ``by_name`` a value for
each of some names, ``group`` keys of its own, ``entries`` a list of groups.
"""

LONG = 80
"""Signs of a text that needs more than one line of a form."""

UNITS = {"lufs": "LUFS", "lu": "LU", "db": "dB", "hz": "Hz", "ms": "ms", "s": "s"}


@dataclass(frozen=True, slots=True)
class Field:
    """A key of a group.

    ``default`` is the value that applies if the key is missing; None if the key has no default.
    ``inner`` are the keys of a group, or of each entry of a list. ``may_be_list`` means that
    ``by_name`` can be a list, too. ``holds_texts`` means that each value of ``words`` is text.
    ``is_pattern`` means that the text is a pattern of file names. ``title`` is a label that the
    class defines if the key alone would be ambiguous.
    """

    key: str
    kind: Kind
    is_required: bool = False
    default: Any = None
    options: tuple[Any, ...] = ()
    inner: tuple[Field, ...] = ()
    most_signs: int | None = None
    may_be_list: bool = False
    holds_texts: bool = False
    is_pattern: bool = False
    title: str = ""

    @property
    def label(self) -> str:
        """The title of a field in its class, otherwise the key as words with its unit or remark."""
        if self.title:
            return self.title
        words = self.key.split("_")
        unit = UNITS.get(words[-1]) if words[1:] else None
        told = " ".join(words[:-1] if unit else words)
        remark = unit or ("pattern" if self.is_pattern else "")
        return f"{told[:1].upper()}{told[1:]}" + (f" ({remark})" if remark else "")

    @property
    def is_long(self) -> bool:
        """Whether the text of the field is likely to need several lines."""
        return self.kind == "text" and len(str(self.default or "")) > LONG
