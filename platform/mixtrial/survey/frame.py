"""Parts common to all pages: style, header with progress, cards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from mixtrial.player.player import draw_player, frame_data
from mixtrial.server.language import Locale
from mixtrial.visits.heading import Above, header_html, heading_html, page_title, paragraphs

STYLE = Path(__file__).with_name("frame.css")
PAGE_LANGUAGE = "en"
"""Language that Streamlit's own page declares."""


def draw_frame(locale: Locale, title: str, place: str, share: float) -> None:
    """Draw the style and the header; send the browser the language and the page's name.

    The parameters are described in :func:`mixtrial.visits.heading.header_html`.
    """
    _draw_frame(locale, page_title(title, place), header_html(locale, title, place, share))


def draw_above(locale: Locale, above: Above, drawing: str) -> None:
    """Draw style, header and heading of a page that the player shows.

    ``drawing`` must change whenever the player can have changed the lines above the page. Drawing
    the widgets again is necessary, because Streamlit sends only differences from its own last
    output and does not look at the page.
    """
    _draw_frame(locale, above.page_title, f"{above.header}<!-- {drawing} -->")
    st.html(f"{above.heading}<!-- {drawing} -->")


def _draw_frame(locale: Locale, window: str, header: str) -> None:
    st.html(STYLE)
    st.set_page_config(page_title=window)
    draw_player(frame_data(locale.language, locale.direction))
    st.html(header)


@contextmanager
def card(name: str) -> Iterator[None]:
    """Put the content of the block into a card; the card's name must be unique on the page."""
    with st.container(key=f"card-{name}"):
        yield


def draw_heading(text: str, lead: str | None = None) -> None:
    """Draw the page's heading and the lines below it, with paragraphs as in a study's text."""
    st.html(heading_html(text, lead))


def draw_paragraphs(text: str) -> None:
    """Draw a study's own text without markup; blank lines separate its paragraphs."""
    st.html(f'<div class="mx-text">{paragraphs(text)}</div>')
