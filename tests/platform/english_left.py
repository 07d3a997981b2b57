"""Words of English on a page of the researcher's that should speak another language."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterator, Mapping

from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest

from tests.analysis.report.language.test_report_language import ENGLISH

NO_TEXTS = re.compile(r"<style.*?</style>|<code.*?</code>|<audio.*?</audio>|<img[^>]*>", re.DOTALL)
SHOWN_ATTRIBUTES = re.compile(r'(?:alt|aria-label|title|placeholder)="([^"]*)"')
NO_WORDS = frozenset(
    ("id", "formId", "key", "config", "template", "font", "src", "url", "language", "icon",
     "default", "value", "jsonArgs", "codeText", "data", "json")
)  # fmt: skip
"""Parts of an element that nobody reads, or that a user wrote."""


def english_in(page: AppTest, besides: Collection[str] = ()) -> list[str]:
    """Texts of a page with a word of English in them, but what elements hold under some names."""
    protos = [element.proto for element in page.main if element.proto is not None]
    left_out = NO_WORDS.union(besides)
    found = [text for proto in protos for text in _texts(MessageToDict(proto), left_out)]
    return [text for text in found if ENGLISH.search(text)]


def _texts(value: object, left_out: frozenset[str], key: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, held in value.items():
            if name not in left_out:
                yield from _texts(held, left_out, name)
    elif isinstance(value, list):
        for held in value:
            yield from _texts(held, left_out, key)
    elif isinstance(value, str) and key == "spec":
        yield from _texts(json.loads(value), left_out)
    elif isinstance(value, str):
        kept = NO_TEXTS.sub("", value)
        told = (*SHOWN_ATTRIBUTES.findall(kept), *re.split(r"<[^>]+>", kept))
        yield from (html.unescape(text) for text in told)
