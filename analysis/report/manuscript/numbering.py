"""Numbers of figures and tables on the page, and the sentences that cite them by number."""

from __future__ import annotations

import re
from collections.abc import Iterator

_THINGS = re.compile(
    r'<figure id="(?P<figure>[^"]+)">\s*<p class="title">'
    r"|<table(?P<attributes>[^>]*)>"
    r"|<h(?P<level>[1-4])[^>]*>(?P<heading>.*?)</h[1-4]>",
    re.DOTALL,
)
_ID = re.compile(r'\bid="([^"]+)"')
_TITLE = re.compile(r'\bdata-title="([^"]+)"')
_TAG = re.compile(r"<[^>]+>")
_CITATION = re.compile(r"<!--cite ([^>]+?)-->")


def numbered(html: str) -> str:
    """Return a page whose figures and tables have numbers, in their order.

    A table gets a caption of its number and the headings that it stands under, the last of which
    gives way to a title of its own (``data-title``). A comment
    ``<!--cite ID-->`` becomes `` (Figure 3)``, or nothing where no such figure or table is.

    Parameters
    ----------
    html
        Without scripts: what looks like a tag is one.
    """
    names: dict[str, str] = {}
    page = "".join(_with_numbers(html, names))
    return _CITATION.sub(lambda cited: _cited(cited[1], names), page)


def _with_numbers(html: str, names: dict[str, str]) -> Iterator[str]:
    """Pieces of the page with numbers; ``names`` takes what each thing is called by its id."""
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
            names[found["figure"]] = f"Figure {n_figures}"
            yield f'<span class="number">Figure {n_figures}.</span> '
        else:
            n_tables += 1
            if known := _ID.search(found["attributes"]):
                names[known[1]] = f"Table {n_tables}"
            under = [text for at, text in sorted(headings.items()) if at > 1]
            if own := _TITLE.search(found["attributes"]):
                under[1:] = [own[1]]
            title = ": ".join(under)
            yield f'<caption><span class="number">Table {n_tables}.</span> {title}</caption>'
    yield html[end:]


def _cited(name: str, names: dict[str, str]) -> str:
    return f' (<a href="#{name}">{names[name]}</a>)' if name in names else ""
