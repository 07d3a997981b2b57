"""Conversion of texts to LaTeX: special characters of TeX, and the Markdown of ``methods.md``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from markdown_it import MarkdownIt
from markdown_it.token import Token

_COMMANDS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    '"': r"\textquotedbl{}",
    "|": r"\textbar{}",
}
_MATHEMATICS = {
    "−": "-",
    "×": r"\times ",
    "±": r"\pm ",
    "≤": r"\le ",
    "≥": r"\ge ",
    "∞": r"\infty ",
    "→": r"\to ",
    "²": "^{2}",
    "\N{PRIME}": "'",
    "\N{GREEK SMALL LETTER ALPHA}": r"\alpha ",
    "η": r"\eta ",
    "κ": r"\kappa ",
    "ω": r"\omega ",
    "χ": r"\chi ",
}
_SPACES = {"\u00a0": "~", "\u202f": r"\,"}
_SIGNS = str.maketrans(
    _COMMANDS | {sign: rf"\ensuremath{{{code}}}" for sign, code in _MATHEMATICS.items()} | _SPACES
)


def escaped(text: str) -> str:
    r"""Return a text that TeX prints as it is.

    Letters of all alphabets are kept. pdfTeX prints Latin letters; LuaTeX prints all letters that
    the font has.

    Examples
    --------
    >>> print(escaped("codec_a: 50 % − χ²"))
    codec\_a: 50 \% \ensuremath{-} \ensuremath{\chi }\ensuremath{^{2}}
    """
    return text.translate(_SIGNS)


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a text as lines of LaTeX (paragraphs and lists), and separately its tables."""

    blocks: list[list[str]] = field(default_factory=list)
    tables: list[list[str]] = field(default_factory=list)

    @property
    def latex(self) -> str:
        """The whole section with its tables, but without its heading."""
        lines = [line for block in self.blocks for line in (*block, "")]
        return "\n".join(lines).strip() + "\n"


def sections_in_latex(markdown: str) -> dict[str, Section]:
    """Return the sections under second-level headings of a Markdown text, each with its heading.

    The function recognises headings, paragraphs, lists, tables, bold, emphasis and code; everything
    else is text.
    """
    reader = MarkdownIt("zero").enable(["heading", "list", "table", "backticks", "emphasis"])
    found: dict[str, Section] = {}
    tokens = iter(reader.parse(markdown))
    section = Section()
    for token in tokens:
        match token.type:
            case "heading_open":
                heading = next(tokens).content
                section = Section() if token.tag != "h2" else found.setdefault(heading, Section())
            case "paragraph_open":
                section.blocks.append([_inline(next(tokens))])
            case "bullet_list_open":
                section.blocks.append(_list(tokens))
            case "table_open":
                section.tables.append(_table(tokens))
                section.blocks.append(
                    [r"\begin{center}\small", *section.tables[-1], r"\end{center}"]
                )
    return found


def _list(tokens: Iterator[Token]) -> list[str]:
    """Lines of a list after its first line; nested lists are not treated as nested."""
    inside = takewhile(lambda token: token.type != "bullet_list_close", tokens)
    items = [rf"\item {_inline(token)}" for token in inside if token.type == "inline"]
    return [r"\begin{itemize}", *items, r"\end{itemize}"]


def _table(tokens: Iterator[Token]) -> list[str]:
    """Lines of a table after its first line, for booktabs; the first column is left-aligned."""
    rows: list[list[str]] = []
    for token in takewhile(lambda token: token.type != "table_close", tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_inline(token))
    head, *body = [" & ".join(row) + r" \\" for row in rows]
    columns = "l" + "r" * (len(rows[0]) - 1)
    return [
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        head,
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
    ]


_MARKS = {
    "strong_open": r"\textbf{",
    "em_open": r"\emph{",
    "strong_close": "}",
    "em_close": "}",
}


def _inline(token: Token) -> str:
    return "".join(map(_piece, token.children or ()))


def _piece(token: Token) -> str:
    if token.type == "code_inline":
        return rf"\texttt{{{escaped(token.content)}}}"
    return _MARKS.get(token.type) or escaped(token.content)
