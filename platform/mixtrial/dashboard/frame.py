"""Common parts of the dashboard's views: style, cards, key figures, labels and charts."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import plotly.graph_objects as go
import streamlit as st

from mixtrial.language.known import languages
from mixtrial.language.spoken import name_of, number, spoken_language, told
from mixtrial.server.page_guard import forget_failure
from mixtrial.server.public_address import public_address

STYLE = Path(__file__).with_name("dashboard.css")

LIGHT = {"surface": "#ffffff", "accent": "#1f6f78", "warn": "#9a4f00", "wrong": "#b3261e"}
DARK = {"surface": "#1a2224", "accent": "#6cc0c9", "warn": "#f0a95c", "wrong": "#ff8a80"}

ACCENT = "#2a8490"
QUIET = "#9fb3b5"


def draw_style() -> None:
    """Draw the style sheet; its colours follow the light or dark mode of the browser.

    If the browser changes between light and dark mode, the server need not run the page's code
    again.
    """
    light, dark = (
        " ".join(f"--dx-{name}: {colour};" for name, colour in colours.items())
        for colours in (LIGHT, DARK)
    )
    sheet = STYLE.read_text(encoding="utf-8")
    dark = f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    st.html(f"<style>:root {{ {light} }}\n{dark}\n{sheet}</style>")


@contextmanager
def card(name: str, title: str, lead: str | None = None) -> Iterator[None]:
    """Put the content of the ``with`` block into a card with a heading."""
    with st.container(key=f"dx-card-{name}"):
        second = f"<p>{html.escape(told(lead))}</p>" if lead else ""
        heading = html.escape(told(title))
        st.html(f'<div class="dx-card-head"><h2>{heading}</h2>{second}</div>')
        yield


def draw_head(over: str, title: str, pills: str, place: Mapping[str, str]) -> None:
    """Draw the top of a page: its kind and title, buttons for languages, and *Sign out*.

    Parameters
    ----------
    over, title, pills
        Kind of the page, its subject, and HTML of its labels.
    place
        Query string that is added to the page's address to change the language.
    """
    st.html(
        f'<div class="dx-top"><div class="dx-head"><span class="dx-over">{told(over)}</span>'
        f"<h1>{html.escape(title)}</h1>{pills}</div>"
        f'<div class="dx-ways">{other_languages(place)}'
        f'<form class="dx-out" method="post" action="{public_address().outer("/api/logout")}">'
        f'<button type="submit">{told("Sign out")}</button></form></div></div>'
    )


def other_languages(place: Mapping[str, str]) -> str:
    """HTML of the language buttons: one button for each language other than the page's own."""
    spoken = spoken_language()
    buttons = "".join(
        f'<button name="language" value="{code}" lang="{code}" aria-label="{name_of(code)}">'
        f'<span class="dx-long">{html.escape(name_of(code))}</span>'
        f'<span class="dx-short">{code.upper()}</span></button>'
        for code in languages()
        if code != spoken
    )
    return (
        f'<form class="dx-out" method="post" action="{public_address().outer("/api/language")}">'
        f'<input type="hidden" name="query" value="{html.escape(urlencode(place))}">'
        f"{buttons}</form>"
    )


def draw_figures(figures: Sequence[tuple[str, str, str]]) -> None:
    """Draw a row of key figures: value, label, remark."""
    cells = "".join(
        f'<div class="dx-figure"><span class="dx-label">{html.escape(told(label))}</span>'
        f"<b>{html.escape(value)}</b><span>{html.escape(told(remark))}</span></div>"
        for value, label, remark in figures
    )
    st.html(f'<div class="dx-figures">{cells}</div>')


def pill(text: str, tone: str) -> str:
    """HTML of a small label; ``tone`` is ``good``, ``warn`` or ``quiet``."""
    return f'<span class="dx-pill dx-{tone}">{html.escape(told(text))}</span>'


def draw_empty(text: str) -> None:
    """Draw a note that says why nothing can be shown yet."""
    st.html(f'<p class="dx-empty">{html.escape(told(text))}</p>')


def count_axis(most: int) -> dict[str, str | int]:
    """Settings of an axis of counts from zero to ``most``: whole numbers and at most six ticks."""
    steps = (size * 10**power for power in count() for size in (1, 2, 5))
    return {"rangemode": "tozero", "dtick": next(step for step in steps if most <= 6 * step)}


def draw_chart(figure: go.Figure, key: str, height: int = 300) -> None:
    """Draw a chart in the dashboard's style; it has no tool bar and cannot be zoomed."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 12, "t": 12, "b": 8},
        legend={"orientation": "h", "y": 1.02, "x": 0, "yanchor": "bottom", "title": None},
        hoverlabel={"namelength": -1},
        dragmode=False,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        separators=number(".,"),
    )
    figure.for_each_trace(_tell_hover)
    figure.update_xaxes(automargin=True, fixedrange=True)
    figure.update_yaxes(automargin=True, fixedrange=True)
    st.plotly_chart(figure, width="stretch", key=key, config={"displayModeBar": False})


def _tell_hover(trace: Any) -> None:
    if trace.hovertemplate:
        trace.hovertemplate = told(trace.hovertemplate)


def draw_apology(pages: str, apology: str, elsewhere: str) -> None:
    """Draw a message that says that a page could not be drawn, and what to do next.

    Parameters
    ----------
    pages
        The part of the page that was being drawn, as :mod:`mixtrial.server.page_guard` names it.
    apology
        Where to look.
    elsewhere
        Label of the button that leads away from the page.
    """
    with card("unexpected_error", "This page could not be drawn", apology):
        again = st.button(told("Try again"))
        leave = st.button(told(elsewhere))
    if leave:
        st.query_params.clear()
    if again or leave:
        forget_failure(pages)
        st.rerun()


def draw_decision_for_good(opener: str, tick: str, button: str) -> bool:
    """Draw the controls for a decision that cannot be undone; return whether it was made.

    Parameters
    ----------
    opener, tick, button
        Texts of the button that opens the controls, of the tick box and of the final button.
    """
    with st.popover(told(opener)):
        sure = st.checkbox(told(tick))
        return st.button(told(button), disabled=not sure, type="primary")
