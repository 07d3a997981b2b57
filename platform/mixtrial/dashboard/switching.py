"""Change of view: a skeleton (grey placeholder) replaces the old view until the new one comes.

Streamlit shows the old content until the server has drawn something new in the same place. The old
content of a card can even appear inside the card that comes next. Each view is drawn in its own
place, one of ``N_PLACES`` places on the page. The style sheet hides all places except the place of
the view whose button was pressed. The browser hides the old view by itself, even if the server is
slow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from mixtrial.language.spoken import told

CONTROL = "dashboard-view"
SKELETON = (
    '<div class="dx-skeleton" role="status" aria-label="Loading"><i></i><i></i><i></i><i></i></div>'
)


def chosen_view(views: Sequence[str], shown: str) -> str:
    """Draw the choice of a view and the skeleton shown after a click; return the choice."""
    chosen = st.segmented_control(
        told("View"),
        views,
        default=shown,
        format_func=told,
        key=CONTROL,
        label_visibility="collapsed",
        required=True,
    )
    draw_skeleton("view", _rules(len(views)))
    return chosen or shown


def draw_skeleton(group: str, rules: str = "") -> None:
    """Draw the skeleton of a group of views; it is hidden until a style rule shows it."""
    with st.container(key=f"dx-waiting-{group}"):
        st.html(f"<style>{rules}</style>{SKELETON}")


@contextmanager
def place_of(view: str, views: Sequence[str], group: str = "view") -> Iterator[None]:
    """Put the content of the block into the place of this view; empty the group's other places."""
    places = [
        st.container(key=f"dx-{group}-{place}" if name == view else f"dx-empty-{group}-{place}")
        for place, name in enumerate(views, start=1)
    ]
    with places[list(views).index(view)]:
        yield


def _rules(n_places: int) -> str:
    """Style rules that show the pressed button's place only, and a skeleton until content comes."""
    rules = []
    for place in range(1, n_places + 1):
        pressed = f".st-key-{CONTROL} button:nth-of-type({place})[aria-checked=true]"
        mine = f".st-key-dx-view-{place}"
        filled = f"{mine} [data-testid=stElementContainer]"
        rules += [
            f'body:has({pressed}) [class*="st-key-dx-view-"]:not({mine}) {{ display: none; }}',
            f"body:has({pressed}):not(:has({filled})) .st-key-dx-waiting-view {{ display: flex; }}",
        ]
    return "\n".join(rules)
