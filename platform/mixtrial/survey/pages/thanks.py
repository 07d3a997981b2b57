"""The end of the test: thanks, the completion code, and the link back to the panel."""

from __future__ import annotations

import html
import re

import streamlit as st

from mixtrial.survey.frame import card, draw_frame, draw_heading
from mixtrial.survey.pages.way_back import draw_label, draw_way_back
from mixtrial.visits.screens import has_page_a_song
from mixtrial.visits.visit import Visit
from stimuli.study_keys.recruiting.recruitment import WayBack


def draw_thanks(visit: Visit) -> None:
    """Show the thanks; the completion code is made at the first drawing and then stays the same."""
    study = visit.installation.study
    code = visit.participant.completion_code or visit.installation.store.finish(visit.token)
    text = visit.locale.text
    draw_frame(visit.locale, study.title, text("finished"), 1.0)
    counts_songs = has_page_a_song(visit.participant.pages)
    draw_heading(text("finished_heading") if counts_songs else text("finished_pages"), study.thanks)
    may_leave = draw_contact(visit)
    with card("code"):
        if may_leave:
            words = (text("completion_code"), text("completion_link"))
            draw_way_back(study, study.way_back, visit.participant.answers, words)
        draw_label(text("personal_code"))
        st.code(code, language=None)
        st.html(f'<p class="mx-note">{html.escape(text("personal_code_note"))}</p>')


MOST_SIGNS = 254
"""As many as an address can have (RFC 5321)."""


def is_address(text: str) -> bool:
    """Whether a text has the form of an e-mail address: a name, an at sign, a host's name."""
    form = r"[^@\s\"<>,;\\\x00-\x1f]+@[^@\s\"<>,;\\\x00-\x1f]+\.[^@\s.\"<>,;\\\x00-\x1f]+"
    return len(text) <= MOST_SIGNS and re.fullmatch(form, text) is not None


def draw_contact(visit: Visit) -> bool:
    """Ask for the e-mail address if the study wants it; return whether the code can be shown."""
    asked = visit.installation.study.contact
    if asked.ask == "none":
        return True
    is_given = visit.installation.store.has_contact(visit.token)
    with card("contact"):
        st.html(f'<p class="mx-label">{html.escape(visit.locale.text("contact"))}</p>')
        if is_given:
            _draw_given(visit)
        else:
            _draw_question(visit)
    return is_given or asked.ask == "optional"


def _draw_question(visit: Visit) -> None:
    study, text = visit.installation.study, visit.locale.text
    asked = study.contact
    st.html(f'<p class="mx-note">{html.escape(asked.text or text("contact_text"))}</p>')
    if asked.ask == "required" and study.way_back != WayBack():
        st.html(f'<p class="mx-note">{html.escape(text("contact_required"))}</p>')
    with st.form("contact-form", border=False):
        address = st.text_input(
            text("contact_address"), max_chars=MOST_SIGNS, autocomplete="email", width=420
        ).strip()
        sent = st.form_submit_button(text("contact_save"))
    if sent and is_address(address):
        visit.installation.store.record_contact(visit.token, address)
        st.rerun()
    elif sent:
        st.warning(text("contact_wrong"))


def _draw_given(visit: Visit) -> None:
    text = visit.locale.text
    st.html(f'<p class="mx-note">{html.escape(text("contact_noted"))}</p>')
    if st.button(text("contact_remove")):
        visit.installation.store.record_contact(visit.token, "")
        st.rerun()
