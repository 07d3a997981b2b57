"""What went wrong, in one sentence, and what can be done."""

from __future__ import annotations

import streamlit as st

from mixtrial.survey.frame import card, draw_frame, draw_heading


def draw_problem(title: str, heading: str, advice: str, can_retry: bool = False) -> None:
    """Draw a problem page.

    Parameters
    ----------
    title
        Title of the study, or of the platform where no study could be read.
    heading, advice
        What is wrong, and what the reader can do.
    can_retry
        Whether trying again may help.
    """
    draw_frame(title, "", 0.0)
    draw_heading(heading)
    with card("problem"):
        st.html(f'<p class="mx-text">{advice}</p>')
        if can_retry and st.button("Try again", type="primary"):
            st.rerun()


def draw_unknown_link(title: str) -> None:
    """Draw the page of a link that belongs to nobody."""
    draw_problem(
        title,
        "This link does not work",
        "It belongs to no participant of this study. Please check that it was copied completely, "
        "or ask the researchers for a new one.",
    )


def draw_not_built(title: str) -> None:
    """Draw the page of a study that has nothing to hear yet."""
    draw_problem(
        title,
        "This study is not ready yet",
        "Its recordings have not been prepared. Please come back later.",
        can_retry=True,
    )


def draw_unavailable(title: str) -> None:
    """Draw the page of a study whose database or files cannot be reached."""
    draw_problem(
        title,
        "The study cannot be reached just now",
        "Nothing you have answered is lost. Please try again in a moment.",
        can_retry=True,
    )
