"""The texts of a template, which are between its commands; translation of a template.

A text is the content between two block tags (``<p>``, ``<td>``), between two Jinja statements, or,
in Markdown, between two ends of a line or a cell. Inserted values are ``{1}``, ``{2}`` … in the
order of the English text. A translation can have another order of inserted values. Words in
expressions (``{{ "is" if n == 1 else "are" }}``) are texts, too. ``{2|dat}`` in a translation is a
grammatical form of the inserted words, as in :meth:`Catalogue.in_form`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jinja2 import Environment, nodes

Translate = Callable[[str], str | None]
"""From a text to its translation; None if there is none."""

_FILLED, _STATEMENT = "\ue000", "\ue001"
_CODE = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
_MARK = re.compile("([\ue000\ue001])(\\d+);")
_TAG = re.compile(r"(<!--.*?-->|</?[a-zA-Z][^<>]*>)", re.DOTALL)
_INLINE = re.compile(r"</?(?:i|b|em|strong|sub|sup|span|code|a|time|br)\b")
_ATTRIBUTE = re.compile(r'\b(title|aria-label|alt|data-title)="([^"]*)"')
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_WORDS = re.compile(r"[^\W\d_]")
_IN_CODE = re.compile(r"`[^`]*`|<code>[^<]*</code>")
_HERE = re.compile(r"\{(\d+)(?:\|(\w+))?\}")
_MARKDOWN = re.compile(r"(\n|\|)")


@dataclass(frozen=True, slots=True)
class _Marked:
    """A template with marks in place of commands: U+E000 for a value, U+E001 for a statement."""

    text: str
    codes: tuple[str, ...]

    def code(self, text: str) -> str:
        """Text in which the marks are replaced by their commands."""
        return _MARK.sub(lambda found: self.codes[int(found[2])], text)


def _marked(source: str) -> _Marked:
    codes: list[str] = []
    pieces: list[str] = []
    for piece in _CODE.split(source):
        if _CODE.fullmatch(piece):
            mark = _FILLED if piece.startswith("{{") else _STATEMENT
            pieces.append(f"{mark}{len(codes)};")
            codes.append(piece)
        else:
            pieces.append(piece)
    return _Marked("".join(pieces), tuple(codes))


def translated(source: str, is_markdown: bool, translate: Translate) -> str:
    """Return a template with translated texts; a text without translation is unchanged."""
    marked = _marked(source)
    words = _literals(source)

    def in_code(code: str) -> str:
        return _LITERAL.sub(lambda found: _literal(found[0], found[1], words, translate), code)

    with_words = _Marked(marked.text, tuple(map(in_code, marked.codes)))
    pieces = (_unit(piece, with_words, translate) for piece in _pieces(marked.text, is_markdown))
    return with_words.code("".join(pieces))


def texts_of(source: str, is_markdown: bool) -> list[str]:
    """Return the texts of a template in order, without repetitions."""
    found: dict[str, None] = {}

    def note(text: str) -> None:
        found[text] = None

    translated(source, is_markdown, note)
    return list(found)


def _literal(quoted: str, text: str, words: frozenset[str], translate: Translate) -> str:
    if text not in words:
        return quoted
    told = translate(text)
    return quoted if told is None else '"' + told.replace('"', '\\"') + '"'


def _pieces(text: str, is_markdown: bool) -> Iterator[str]:
    """Texts of a template and the parts between them, in order; joined, they are the template."""
    if is_markdown:
        for part in re.split("(\ue001\\d+;)", text):
            yield from _MARKDOWN.split(part)
        return
    unit = ""
    for part in _TAG.split(text):
        is_tag = _TAG.fullmatch(part) is not None
        if is_tag and (not _INLINE.match(part) or "\ue001" in part):
            yield from (unit, part)
            unit = ""
            continue
        for piece in re.split("(\ue001\\d+;)", part):
            if piece.startswith("\ue001"):
                yield from (unit, piece)
                unit = ""
            else:
                unit += piece
    yield unit


def _unit(piece: str, marked: _Marked, translate: Translate) -> str:
    if _TAG.fullmatch(piece):
        return _ATTRIBUTE.sub(
            lambda found: f'{found[1]}="{_replaced(found[2], marked, translate)}"', piece
        )
    return _replaced(piece, marked, translate)


def _replaced(piece: str, marked: _Marked, translate: Translate) -> str:
    filled: list[str] = []

    def number(found: re.Match[str]) -> str:
        filled.append(found[0])
        return f"{{{len(filled)}}}"

    key = " ".join(_MARK.sub(number, piece).split())
    bare = _TAG.sub("", _IN_CODE.sub("", re.sub(r"\{\d+\}|&\w+;", "", key)))
    if not _WORDS.search(bare):
        return piece
    told = translate(key)
    if told is None:
        return piece

    def fill(found: re.Match[str]) -> str:
        mark = filled[int(found[1]) - 1]
        return _in_form(marked.code(mark), found[2]) if found[2] else mark

    text = _HERE.sub(fill, told)
    before, after = piece[: len(piece) - len(piece.lstrip())], piece[len(piece.rstrip()) :]
    # A text that begins with a comma or similar follows the previous text without a space.
    return f"{'' if text[:1] in ',;:.)' else before}{text}{after}"


def _in_form(code: str, form: str) -> str:
    expression = code.removeprefix("{{").removesuffix("}}").strip("-").strip()
    return f'{{{{ in_form({expression}, "{form}") }}}}'


def _literals(source: str) -> frozenset[str]:
    """Words in an expression that are printed as they are, alone or as a part of the output."""
    tree = Environment().parse(source)
    found: set[str] = set()
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            found |= {*_printed(node)}
    for assigned in tree.find_all(nodes.Assign):
        found |= {*_printed(assigned.node)}
    for loop in tree.find_all(nodes.For):
        for node in loop.iter.find_all(nodes.Const):
            if isinstance(node.value, str) and " " in node.value.strip():
                found.add(node.value)
    return frozenset(text for text in found if _WORDS.search(text))


def _printed(node: nodes.Node) -> Iterator[str]:
    match node:
        case nodes.Const(value=str() as text):
            yield text
        case nodes.CondExpr():
            yield from _printed(node.expr1)
            if node.expr2 is not None:
                yield from _printed(node.expr2)
        case nodes.Concat():
            for each in node.nodes:
                yield from _printed(each)
        case nodes.Or() | nodes.Add():
            yield from _printed(node.left)
            yield from _printed(node.right)
        case nodes.Filter(name="join" | "default"):
            if node.node is not None:
                yield from _printed(node.node)
            for each in node.args:
                yield from _printed(each)
        case nodes.Filter() if node.node is not None:
            yield from _printed(node.node)
        case nodes.Call():
            called = node.node
            name = called.attr if isinstance(called, nodes.Getattr) else getattr(called, "name", "")
            if name not in _NOT_PRINTED:
                for each in node.args:
                    yield from _printed(each)


# Arguments of the following functions are keys or styles. For `counted`, the argument is a noun
# that is looked up when the number is known.
_NOT_PRINTED = frozenset(
    ("number", "interval", "cite", "cite_figure", "basis", "hangs_on_one", "get", "between_of",
     "counted")
)  # fmt: skip
