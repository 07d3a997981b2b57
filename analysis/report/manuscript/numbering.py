"""Numbers of the figures and tables on the page, and sentences that refer to these numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

_THINGS = re.compile(
    r'<figure id="(?P<figure>[^"]+)">\s*<p class="title">'
    r"|<table(?P<attributes>[^>]*)>"
    r"|<h(?P<level>[1-4])[^>]*>(?P<heading>.*?)</h[1-4]>",
    re.DOTALL,
)
_ID = re.compile(r'\bid="([^"]+)"')
_TITLE = re.compile(r'\bdata-title="([^"]+)"')
_TAG = re.compile(r"<[^>]+>")
_CITATIONS = re.compile(r"(?:<!--cite [^>]+?-->)+")
_CITED = re.compile(r"<!--cite ([^>]+?)-->")
_SEVERAL = {"Figure": "Figures", "Table": "Tables"}


def numbered(html: str, told: Callable[[str], str] = str) -> str:
    """Return a page in which figures and tables are numbered in their order.

    A table gets a caption with its number and the headings above it. A title in ``data-title``
    replaces the last of these headings. A comment ``<!--cite ID-->`` becomes `` (Figure 3)``, and
    several comments in a row become `` (Figures 3 and 4)``. If the figure or table does not exist,
    the comment is removed.

    Parameters
    ----------
    html
        The page must not contain scripts, because the function takes everything that looks like a
        tag for a tag.
    told
        Function that translates words into the language of the page.
    """
    names: dict[str, tuple[str, int]] = {}
    page = "".join(_with_numbers(html, names, told))
    return _CITATIONS.sub(lambda cited: _cited(_CITED.findall(cited[0]), names, told), page)


def _with_numbers(
    html: str, names: dict[str, tuple[str, int]], told: Callable[[str], str]
) -> Iterator[str]:
    """Parts of the page with their numbers; ``names`` gets the kind and number for each id."""
    headings: dict[int, str] = {}
    n_figures = n_tables = end = 0
    for found in _THINGS.finditer(html):
        yield html[end : found.end()]
        end = found.end()
        if found["level"]:
            level = int(found["level"])
            headings = {at: text for at, text in headings.items() if at < level}
            headings[level] = " ".join(_TAG.sub("", found["heading"]).split())
        elif found["figure"]:
            n_figures += 1
            names[found["figure"]] = "Figure", n_figures
            yield f'<span class="number">{told("Figure")} {n_figures}.</span> '
        else:
            n_tables += 1
            if known := _ID.search(found["attributes"]):
                names[known[1]] = "Table", n_tables
            under = [text for at, text in sorted(headings.items()) if at > 1]
            if own := _TITLE.search(found["attributes"]):
                under[1:] = [own[1]]
            title = ": ".join(under)
            number = f'<span class="number">{told("Table")} {n_tables}.</span>'
            yield f"<caption>{number} {title}</caption>"
    yield html[end:]


def _cited(
    ids: Sequence[str], names: Mapping[str, tuple[str, int]], told: Callable[[str], str]
) -> str:
    """Reference to several figures or tables in a row; the word for a kind is written only once."""
    kinds = []
    for kind, several in _SEVERAL.items():
        found = [(name, names[name][1]) for name in ids if names.get(name, ("",))[0] == kind]
        if found:
            word = told(kind if len(found) == 1 else several)
            links = [f'<a href="#{name}">{number}</a>' for name, number in found]
            # The word "Figure" or "Table" belongs to the first link.
            links[0] = links[0].replace(">", f">{word} ", 1)
            kinds.append(_listed(links, told("and")))
    return f" ({'; '.join(kinds)})" if kinds else ""


def _listed(texts: Sequence[str], conjunction: str) -> str:
    *first, last = texts
    return f"{', '.join(first)} {conjunction} {last}" if first else last
