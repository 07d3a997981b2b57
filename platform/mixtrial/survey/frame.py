"""What all pages share: style, header with progress, cards."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from mixtrial.player.player import draw_player, frame_data
from mixtrial.server.language import Locale

STYLE = Path(__file__).with_name("frame.css")
PAGE_LANGUAGE = "en"
"""What Streamlit's own page says it is written in."""


def draw_frame(locale: Locale, title: str, place: str, share: float) -> None:
    """Draw the style and the header; tell the browser the language and the page's name.

    Parameters
    ----------
    locale
        Texts in the study's language.
    title
        Title of the study.
    place
        Where the participant is, in words: "Song 2 of 6".
    share
        Share of the way behind them, 0–1.
    """
    st.html(STYLE)
    installation, _, _ = place.partition(" · ")  # the time left would be read out at every page
    st.set_page_config(page_title=f"{installation} · {title}" if installation else title)
    draw_player(frame_data(locale.language, locale.direction))
    progress = html.escape(locale.text("progress"))
    percent = round(100 * min(max(share, 0.0), 1.0))
    st.html(
        '<header class="mx-header">'
        f'<div class="mx-title">{html.escape(title)}</div>'
        f'<div class="mx-place">{html.escape(place)}</div>'
        f'<div class="mx-progress" role="progressbar" aria-label="{progress}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{percent}"><div style="width:{percent}%"></div></div>'
        f'<p class="mx-lost" role="status">{html.escape(locale.text("connection_lost"))}</p>'
        "</header>"
    )


@contextmanager
def card(name: str) -> Iterator[None]:
    """Put what is drawn inside into a card; the name must be unique on the page."""
    with st.container(key=f"card-{name}"):
        yield


def draw_heading(text: str, lead: str | None = None) -> None:
    """Draw the page's heading, and a line or two below it, with paragraphs as in a study's text."""
    below = _paragraphs(lead) if lead else ""
    st.html(f'<div class="mx-heading"><h1>{html.escape(text)}</h1>{below}</div>')


def draw_paragraphs(text: str) -> None:
    """Draw a study's own text, paragraph by paragraph; blank lines part them, nothing is markup."""
    st.html(f'<div class="mx-text">{_paragraphs(text)}</div>')


def _paragraphs(text: str) -> str:
    parts = (part.strip() for part in text.split("\n\n"))
    return "".join(f"<p>{html.escape(part)}</p>" for part in parts if part)
