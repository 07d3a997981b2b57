"""Sentences in the report's templates; each has the conditions under which it is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, nodes

from analysis.report.documents.expressions import code_of, filled, negated
from analysis.report.page import TEMPLATES

Conditions = tuple[str, ...]

_BLOCK = re.compile(
    r"(</?(?:p|li|dd|dt|h\d|t[dhr]|t(?:able|head|body)|div|summary|figcaption|section|ul|ol|dl"
    r"|header|details|nav|main|head|body|style|script|title|footer|blockquote)\b[^>]*>)"
)
_TAG = re.compile(r"<[^>]*>")
REFERENCES = "references.html.j2"
_NO_SENTENCES = frozenset(
    ("th", "nav", "head", "style", "script", "title", "h1", "h2", "h3", "h4", "dt", "summary")
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text at ``place``; it is printed only if all ``conditions`` are true.

    Braces in a text mark inserted values. An ellipsis at the beginning means that the text
    continues the previous text.
    """

    place: str
    text: str
    conditions: Conditions


@dataclass(frozen=True, slots=True)
class TemplateTexts:
    """The sentences of the templates, and the places where one template includes another.

    ``included`` lists the templates that other templates include; for each inclusion, it has the
    conditions.
    """

    sentences: tuple[Sentence, ...]
    included: Mapping[str, tuple[Conditions, ...]]


def template_texts() -> TemplateTexts:
    """Texts of all templates except the list of references, in the order of files and lines."""
    environment = Environment(trim_blocks=True, lstrip_blocks=True)
    paths = [path for path in sorted(TEMPLATES.glob("*.j2")) if path.name != REFERENCES]
    return texts_of({path.name: environment.parse(path.read_text("utf-8")) for path in paths})


def texts_of(templates: Mapping[str, nodes.Template]) -> TemplateTexts:
    """Texts of parsed templates; texts of a macro are listed under the macro's name."""
    sentences: list[Sentence] = []
    included: dict[str, tuple[Conditions, ...]] = {}
    for name, tree in templates.items():
        pieces = [*_pieces(tree.body, (), name)]
        for place in dict.fromkeys(piece.place for piece in pieces):
            own = [piece for piece in pieces if piece.place == place]
            sentences += _texts(own, name.endswith(".md.j2"))
        for piece in pieces:
            if found := re.fullmatch("<include (.*)>", piece.text):
                included[found[1]] = (*included.get(found[1], ()), piece.conditions)
    return TemplateTexts(tuple(sentences), included)


def _pieces(body: Sequence[nodes.Node], given: Conditions, place: str) -> Iterator[Sentence]:
    """Parts of a template before they are split into sentences; they still contain markup."""
    for node in body:
        match node:
            case nodes.Output():
                yield Sentence(place, "".join(filled(each) for each in node.nodes), given)
            case nodes.If():
                before: Conditions = ()
                for branch in (node, *node.elif_):
                    test = code_of(branch.test)
                    yield from _pieces(branch.body, (*given, *before, test), place)
                    before += (negated(branch.test),)
                yield from _pieces(node.else_, (*given, *before), place)
            case nodes.For():
                each = f"for each {code_of(node.target)} in {code_of(node.iter)}"
                only = (code_of(node.test),) if node.test else ()
                yield from _pieces(node.body, (*given, each, *only), place)
            case nodes.Include(template=nodes.Const(value=str() as name)):
                yield Sentence(place, f"<include {name}>", given)
            case nodes.Macro():
                yield from _pieces(node.body, (), f"{place} · {node.name}")
            case nodes.AssignBlock():
                yield from _pieces(node.body, given, place)


def _texts(pieces: Sequence[Sentence], is_markdown: bool) -> Iterator[Sentence]:
    """Sentences at one place: pieces without markup, divided where a block of the page ends."""
    inside: list[str] = []
    is_begun, tag_is_open = False, False
    for piece in pieces:
        raw, tag_is_open = _outside_tags(piece.text, tag_is_open)
        parts = raw.split("\n\n") if is_markdown else _BLOCK.split(raw)
        for number, part in enumerate(parts):
            if is_markdown and number:
                is_begun = False
            if not is_markdown and (tag := re.match(r"</?(\w+)", part)) and _BLOCK.fullmatch(part):
                _step(inside, tag[1], part.startswith("</"))
                is_begun = False
                continue
            text = " ".join(_TAG.sub("", part).replace("&nbsp;", " ").split())
            if _is_sentence(text) and not _NO_SENTENCES & set(inside):
                yield Sentence(piece.place, f"… {text}" if is_begun else text, piece.conditions)
            is_begun = is_begun or bool(text)


def _outside_tags(text: str, is_open: bool) -> tuple[str, bool]:
    """A piece without tags that were cut by a condition; whether a tag is still open at its end."""
    if is_open:
        _, end, text = text.partition(">")
        if not end:
            return "", True
    cut = text.rfind("<")
    if cut > text.rfind(">") and re.match(r"<\w", text[cut:]):
        tag = re.match(r"<\w+", text[cut:])
        return text[:cut] + (f"{tag[0]}>" if tag else ""), True
    return text, False


def _step(inside: list[str], tag: str, is_end: bool) -> None:
    if not is_end:
        inside.append(tag)
    elif tag in inside:
        del inside[len(inside) - 1 - inside[::-1].index(tag) :]


def _is_sentence(text: str) -> bool:
    """Whether a text is a sentence: it has at least two words that are not inserted values."""
    return len(re.findall(r"[A-Za-z]{2,}", re.sub(r"\{[^}]*\}", "", text))) > 1
