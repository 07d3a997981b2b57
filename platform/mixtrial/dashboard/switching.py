"""Change of the view: the old one disappears at the press, a skeleton is shown until the next.

Streamlit keeps its old content until the server has drawn something else in its place, and the
content of a card stays inside the next card. So each view has its own place among ``N_PLACES``, and
the style sheet hides every place except that of the pressed button: the browser does that by
itself, also with a slow server.
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
    """Draw the choice of a view, and the skeleton that a press shows; return the choice."""
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
    """Draw what stands while a place of a group is on its way, hidden until a rule shows it."""
    with st.container(key=f"dx-waiting-{group}"):
        st.html(f"<style>{rules}</style>{SKELETON}")


@contextmanager
def place_of(view: str, views: Sequence[str], group: str = "view") -> Iterator[None]:
    """Put the content of the block into this view's own place; the group's others are empty."""
    places = [
        st.container(key=f"dx-{group}-{place}" if name == view else f"dx-empty-{group}-{place}")
        for place, name in enumerate(views, start=1)
    ]
    with places[list(views).index(view)]:
        yield


def _rules(n_places: int) -> str:
    """Hide all places except the pressed button's; show the skeleton until there is content."""
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
