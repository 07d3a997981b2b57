"""The preview: any page of the study as participants see it; no answer is stored."""

from __future__ import annotations

import html

import streamlit as st

from mixtrial.dashboard.frame import card
from mixtrial.dashboard.names import in_words
from mixtrial.dashboard.snapshot import Snapshot
from mixtrial.language.spoken import told
from mixtrial.preview.address import preview_address
from mixtrial.preview.stations import stations
from mixtrial.server.language import language_name
from stimuli.study_keys.default_texts import LANGUAGES

WIDTHS_PX = {"Phone": 390, "Desktop": 1280}
HEIGHT_PX = 780
LEAD = (
    "Any page as a participant sees it, with its sound. You can go on from there; nobody is "
    "enrolled and nothing is stored."
)
IN_ANOTHER = (
    "In another language than the study's, the study's own texts stay as they are; "
    "all other texts are translated."
)


def draw(snapshot: Snapshot) -> None:
    """Draw the choice of a page, and the chosen page."""
    study, known = snapshot.installation.study, stations(snapshot.installation)
    labels = {each.key: told(each.label) for each in known}
    spoken_here = [*study.spoken, *(each for each in LANGUAGES if each not in study.spoken)]
    with card("preview", "Preview", LEAD):
        page, language, device = st.columns([2, 1, 1], vertical_alignment="bottom")
        key = page.selectbox(told("Page"), list(labels), format_func=labels.__getitem__)
        spoken = language.selectbox(
            told("Language"),
            spoken_here,
            index=spoken_here.index(study.language),
            format_func=lambda code: language_name(study, code),
        )
        width = (
            device.segmented_control(
                told("Screen"), list(WIDTHS_PX), default="Phone", format_func=told
            )
            or "Phone"
        )
        arm = None
        if study.arms:
            arm = st.selectbox(
                told("Arm"), [each.name for each in study.arms], format_func=in_words, width=360
            )
        is_own = spoken == study.language
        address = preview_address(key, None if is_own else spoken, arm)
        if not is_own:
            st.html(f'<p class="dx-note">{told(IN_ANOTHER)}</p>')
        with st.container(key="dx-preview"):
            st.iframe(address, width=WIDTHS_PX[width], height=HEIGHT_PX, alt=labels[key])
        st.html(
            f'<p class="dx-note"><a href="{html.escape(address)}" target="_blank">'
            f"{told('Open it in a tab of its own')}</a></p>"
        )
