"""From one view to another: the former is gone with the press, a skeleton stands until the next.

Streamlit keeps what it showed until the server has drawn something else in its place, and what was
inside a card stays inside the card that follows it. So each view has a place of its own among
``N_PLACES``, and the style sheet hides every place but that of the pressed button: that is the
browser's own doing, however slow the server is.
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
    """Draw the choice of a view, and the skeleton that a press uncovers; what was chosen."""
    chosen = st.segmented_control(
        told("View"),
        views,
        default=shown,
        format_func=told,
        key=CONTROL,
        label_visibility="collapsed",
        required=True,
    )
    with st.container(key="dx-waiting"):
        st.html(f"<style>{_rules(len(views))}</style>{SKELETON}")
    return chosen or shown


@contextmanager
def place_of(view: str, views: Sequence[str]) -> Iterator[None]:
    """Put what is drawn inside where this view alone stands; all other places are empty."""
    places = [
        st.container(key=f"dx-view-{place}" if name == view else f"dx-empty-{place}")
        for place, name in enumerate(views, start=1)
    ]
    with places[list(views).index(view)]:
        yield


def _rules(n_places: int) -> str:
    """Hide all but the place of the pressed button; show the skeleton until something is there."""
    rules = []
    for place in range(1, n_places + 1):
        pressed = f".st-key-{CONTROL} button:nth-of-type({place})[aria-checked=true]"
        mine = f".st-key-dx-view-{place}"
        filled = f"{mine} [data-testid=stElementContainer]"
        rules += [
            f'body:has({pressed}) [class*="st-key-dx-view-"]:not({mine}) {{ display: none; }}',
            f"body:has({pressed}):not(:has({filled})) .st-key-dx-waiting {{ display: flex; }}",
        ]
    return "\n".join(rules)
