"""Conversion of other tools' HTML texts to the plain texts that mixtrial's pages show."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from html.parser import HTMLParser

_BREAKS = {"br", "p", "div", "li", "ul", "ol", "tr", "table", "hr", *(f"h{n}" for n in range(1, 7))}
_TURNING = {0x202A, 0x202B, 0x202C, 0x202D, 0x202E}
"""Signs that turn the direction of what follows: letters are then read in another order."""
_NO_WIDTH = {0x200B, 0x2060, 0xFEFF}
"""Signs that nobody sees, and that no script needs."""

_UNSEEN = {"script", "style", "head", "title"}
_HEARD_OR_SEEN = {
    "img", "audio", "video", "source", "iframe", "embed", "object", "input", "form", "svg",
    "canvas", "button",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text without its markup; ``dropped`` names the removed elements."""

    text: str
    had_markup: bool
    dropped: tuple[str, ...]


def plain_text(html: str) -> PlainText:
    """Text of a piece of HTML: line breaks are kept, and all other markup is removed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in "".join(reader.words).split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    gone = dict.fromkeys([*reader.gone, *unseen_signs(text)])
    return PlainText(_without_controls(text), reader.had_markup, tuple(gone))


def unseen_signs(text: str) -> tuple[str, ...]:
    """Invisible characters and direction marks in a text, each listed once, in the form U+202E.

    Examples
    --------
    >>> unseen_signs("cnn\u202egpj"), unseen_signs("cnn")
    (('U+202E',), ())
    """
    found = dict.fromkeys(ord(sign) for sign in text if ord(sign) in _TURNING | _NO_WIDTH)
    return tuple(f"U+{number:04X}" for number in found)


def _without_controls(text: str) -> str:
    return "".join(
        sign for sign in text
        if sign == "\n" or not (unicodedata.category(sign) == "Cc" or unseen_signs(sign))
    )  # fmt: skip


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.gone: list[str] = []
        self.had_markup = False
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.had_markup = True
        if tag in _BREAKS:
            self.words.append("\n")
        if tag in _UNSEEN:
            self._unseen += 1
        if tag in _HEARD_OR_SEEN | _UNSEEN:
            self.gone.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.had_markup = True
        if tag in _BREAKS:
            self.words.append("\n")
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(data)
