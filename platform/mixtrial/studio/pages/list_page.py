"""The list of studies: the state of each study, and actions on a whole study."""

from __future__ import annotations

import html

import streamlit as st

from mixtrial.dashboard.frame import card, draw_empty
from mixtrial.language.spoken import told
from mixtrial.studies.changes import TRASH, Thrown, duplicate, restore, to_trash, trashed
from mixtrial.studies.listing import ARCHIVED, ListedStudy, studies_in
from mixtrial.studio.pages.frame import ago, draw_top, go_to, state_pill, tried, who_came
from mixtrial.studio.running import Studio

TO_THE_TRASH = "The study goes to the trash, with all answers. It can be restored from there."
LEAD = "A study is made here, built, and opened under an address of its own."


def draw_list(studio: Studio) -> None:
    """Draw all studies, archived studies, and the trash."""
    draw_top("Studio", told("Studies"))
    studies = studies_in(studio.folder)
    with card("studies", "Your studies", LEAD):
        if st.button(told("New study"), type="primary", key="to-new"):
            go_to(new="")
        present = [each for each in studies if each.state != ARCHIVED]
        if not present:
            draw_empty("There is no study yet.")
        for each in present:
            _draw_row(studio, each)
    archived = [each for each in studies if each.state == ARCHIVED]
    if archived:
        with card(
            "archived", "Archived", "They keep all their data; their addresses do not answer."
        ):
            for each in archived:
                _draw_row(studio, each)
    thrown = trashed(studio.folder)
    if thrown:
        with card(
            "trash",
            "Trash",
            f"They stay until the folder {TRASH} is emptied by hand.",
        ):
            for one in thrown:
                _draw_thrown(studio, one)


def _draw_row(studio: Studio, study: ListedStudy) -> None:
    """Draw a study with its state and its actions."""
    name = study.folder.name
    with st.container(key=f"sx-row-{name}"):
        st.html(
            f'<div class="sx-head"><h3>{html.escape(study.title)}</h3>'
            f"{state_pill(study.state)}</div>"
            f'<p class="sx-facts">{who_came(study)} · '
            f"{told('changed')} {ago(study.changed_at)} · {html.escape(name)}</p>" + _fault(study)
        )
        with st.container(horizontal=True, gap="xsmall"):  # on a phone, all buttons are in one row
            if st.button(told("Show"), key=f"to-show-{name}", type="secondary"):
                go_to(study=name)
            if st.button(told("Duplicate"), key=f"duplicate-{name}"):
                tried(lambda: duplicate(study.folder, study.title), "The copy has no answers.")
                st.rerun()
            if study.state == ARCHIVED:
                if st.button(told("Bring back"), key=f"unarchive-{name}"):
                    tried(lambda: study.folder.note(is_archived=False))
                    st.rerun()
            elif st.button(told("Archive"), key=f"archive-{name}"):
                _put_away(studio, study)
                st.rerun()
            with st.popover(told("Delete")):
                st.html(f'<p class="dx-note">{told(TO_THE_TRASH)}</p>')
                if st.button(told("Move to the trash"), key=f"delete-{name}"):
                    studio.servers.stop(study.folder)
                    tried(lambda: to_trash(study.folder), f"{study.title} is in the trash.")
                    st.rerun()


def _put_away(studio: Studio, study: ListedStudy) -> None:
    tried(lambda: study.folder.note(is_archived=True, is_open=False))
    studio.servers.stop(study.folder)


def _draw_thrown(studio: Studio, thrown: Thrown) -> None:
    with st.container(key=f"sx-row-trash-{thrown.place.replace('.', '-')}"):
        st.html(
            f'<div class="sx-head"><h3>{html.escape(thrown.title)}</h3></div>'
            f'<p class="sx-facts">{told("thrown away")} {ago(thrown.thrown_at)}</p>'
        )
        if st.button(told("Restore"), key=f"restore-{thrown.place}"):
            tried(lambda: restore(studio.folder, thrown.place), f"{thrown.title} is back.")
            st.rerun()


def _fault(study: ListedStudy) -> str:
    return f'<p class="sx-fault">{html.escape(study.fault)}</p>' if study.fault else ""
