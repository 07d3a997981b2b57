"""The study file as text, to be changed by hand; a fault is shown with the lines around it."""

from __future__ import annotations

import html

import streamlit as st

from mixtrial.language.spoken import told as in_language
from mixtrial.studio.editor.document.merging import difference
from mixtrial.studio.editor.pages.form import Form, draw_faults

HEIGHT_PX = 620
AROUND = 2
"""Lines before and behind a fault that are shown with it."""


def draw_text(form: Form) -> None:
    """Draw the text, and the changes since it was saved."""
    document, key = form.document, form.key((), "text")
    for fault in form.faults:
        if not fault.place:
            draw_faults([fault])
        if fault.line:
            st.html(_around(document.text, fault.line))

    def take() -> None:
        told = st.session_state[key]
        ending = "\r\n" if "\r\n" in document.text else "\n"
        document.replace(told.replace("\r\n", "\n").replace("\n", ending))

    with st.container(key="ed-text"):
        st.text_area(
            in_language("Study file"), value=document.text, key=key, height=HEIGHT_PX,
            on_change=take, label_visibility="collapsed",
        )  # fmt: skip
    changed = difference(document.base, document.text)
    if changed:
        st.caption(in_language("Changed since it was saved"))
        st.code(changed, language="diff")


def _around(text: str, line: int) -> str:
    """Numbered lines around a fault, with a mark at the faulty line."""
    lines = text.splitlines()
    first = max(line - AROUND, 1)
    shown = (
        f"<span{' class=ed-here' if number == line else ''}>"
        f"{number:>4}  {html.escape(lines[number - 1])}</span>"
        for number in range(first, min(line + AROUND, len(lines)) + 1)
    )
    return f'<pre class="ed-lines">{"".join(shown)}</pre>'
