"""The editor of one study file: its sections, its faults, undo, and saving."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from analysis.counts import counted
from mixtrial.dashboard.frame import card, pill
from mixtrial.dashboard.switching import draw_skeleton, place_of
from mixtrial.language.spoken import told
from mixtrial.server.settings import default_stimuli_folder
from mixtrial.studio.editor.document.document import (
    ChangedOnDiskError,
    StudyDocument,
    open_document,
)
from mixtrial.studio.editor.document.spans import EditError
from mixtrial.studio.editor.fields.departures import Departures, departures_of
from mixtrial.studio.editor.fields.sections import (
    SECTIONS,
    SOUND,
    TESTS,
    Section,
    fields_of,
    section_of,
)
from mixtrial.studio.editor.fields.study_fields import key_order
from mixtrial.studio.editor.pages.begun import (
    NewVersion,
    changes_of_another_study,
    draw_begun,
    is_right,
)
from mixtrial.studio.editor.pages.conflict import draw_conflict
from mixtrial.studio.editor.pages.form import SAID, Form, as_sentence, departure_html, renew, say
from mixtrial.studio.editor.pages.groups import draw_fields
from mixtrial.studio.editor.pages.part_types import draw_session
from mixtrial.studio.editor.pages.sound_facts import stamp_of
from mixtrial.studio.editor.pages.sound_grid import draw_grid
from mixtrial.studio.editor.pages.text_page import draw_text
from stimuli.loading.load import StudyFault, check_text
from stimuli.study.manifest import MANIFEST_NAME
from stimuli.study.read_parts import asks_for_ratings
from stimuli.study.study import Study
from stimuli.study_keys.default_texts import in_its_language
from stimuli.study_keys.yaml_source import Place

STYLE = Path(__file__).with_name("editor.css")
TEXT = "As text"
TITLES = (*(section.title for section in SECTIONS), TEXT)
VIEW = "editor-view"
WANTED = "editor-wanted-view"
"""Section to be shown next: of a fault that was pressed."""

DEPARTURES = "editor-departures"
"""Key of the departures found last, and of their text and build."""

MOST_FAULTS = 6


def draw_editor(
    study_path: Path, *, has_begun: bool = False, on_new_version: NewVersion | None = None
) -> None:
    """Draw the editor of a study file for a signed-in researcher.

    Parameters
    ----------
    study_path
        The study file.
    has_begun
        Whether somebody has taken part; if so, changes that need a new version are reported, and
        not saved.
    on_new_version
        Function that makes the new version, if a new version can be made.
    """
    st.html(f"<style>{STYLE.read_text(encoding='utf-8')}</style>")
    try:
        document = _document(study_path)
    except EditError as error:
        st.html(f'<p class="ed-fault" role="alert">{html.escape(as_sentence(str(error)))}</p>')
        return
    study, faults = check_text(document.text, document.path)
    form = _form(document, faults)
    if study is not None:
        form = replace(form, departures=_departures(document, study))
    others = changes_of_another_study(document, study) if has_begun else ()
    is_broken = has_begun and study is None and is_right(document.base, document.path)
    _draw_bar(document, faults, may_save=not others and not is_broken)
    draw_conflict(document)
    draw_begun(document, others, on_new_version)
    view = _draw_sections(form)
    _draw_faults(faults)
    _draw_all_departures(form)
    draw_skeleton("section")
    with place_of(view, TITLES, "section"):
        if view == TEXT or form.values is None:
            with card("editor-text", TEXT, "The study file itself; changes here can be undone."):
                draw_text(form)
        else:
            section = next(each for each in SECTIONS if each.title == view)
            _draw_section(form, section, study, has_begun=has_begun)


def _document(path: Path) -> StudyDocument:
    """The document of this browser's session, opened at first use."""
    key = f"editor-document-{path}"
    if key not in st.session_state:
        st.session_state[key] = open_document(path, key_order)
        st.session_state.pop(VIEW, None)
        renew()
    document: StudyDocument = st.session_state[key]
    if not document.is_changed:  # without unsaved changes, the editor loads changes from the disk
        theirs = document.text_on_disk()
        if theirs != document.text:
            document.take_theirs(theirs)
            renew()
    return document


def _departures(document: StudyDocument, study: Study) -> Departures:
    """The current text's departures from recommendations; kept until the text or build changes."""
    build = default_stimuli_folder(document.path) / MANIFEST_NAME
    stand = (document.text, stamp_of(build))
    kept = st.session_state.get(DEPARTURES)
    if kept is None or kept[0] != stand:
        kept = st.session_state[DEPARTURES] = (stand, departures_of(study, document.path))
    found: Departures = kept[1]
    return found


def _form(document: StudyDocument, faults: Sequence[StudyFault]) -> Form:
    values = document.values
    known: Mapping[str, Any] = values if isinstance(values, Mapping) else {}
    silent = {key: known[key] for key in ("language", "songs", "files", "contact") if key in known}
    defaults = in_its_language(silent, asks_for_ratings(known))
    names = {
        key: [str(each.get("name")) if isinstance(each, Mapping) else str(each) for each in entries]
        for key in ("songs", "systems", "attributes")
        if isinstance(entries := known.get(key, defaults.get(key)), list)
    }
    names |= {"training_song": names.get("songs", []), "song": names.get("songs", [])}
    names |= {key: names.get("attributes", []) for key in ("primary", "confirmatory", "attribute")}
    return Form(document, values, faults, defaults, names)


def _draw_bar(
    document: StudyDocument, faults: Sequence[StudyFault], *, may_save: bool = True
) -> None:
    """Draw whether the file is valid and saved, with the buttons for undo and saving."""
    state = pill("not saved", "warn") if document.is_changed else pill("saved", "good")
    right = (
        pill(f"{len(faults)} to correct", "warn") if faults else pill("nothing to correct", "good")
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="ed-bar"):
        st.html(f'<p class="ed-state" role="status">{state} {right}</p>')
        st.button(told("Undo"), key="ed-undo", disabled=not document.done, on_click=_step,
                  args=(document.undo,))  # fmt: skip
        st.button(told("Redo"), key="ed-redo", disabled=not document.undone, on_click=_step,
                  args=(document.redo,))  # fmt: skip
        can_save = document.is_changed and may_save
        st.button(told("Save"), key="ed-save", type="primary", disabled=not can_save,
                  on_click=_save, args=(document,))  # fmt: skip
    said = st.session_state.pop(SAID, None)
    if said:
        st.html(
            f'<p class="dx-note dx-flag" role="status">{html.escape(told(as_sentence(said)))}</p>'
        )


def _step(step: Any) -> None:
    step()
    renew()


def _save(document: StudyDocument) -> None:
    try:
        document.save()
    except ChangedOnDiskError:
        return  # the page shows the user's changes and the changes on the disk
    except EditError as error:
        say(str(error))
        return
    _, faults = check_text(document.text, document.path)
    say("saved; it cannot be built before it is corrected" if faults else "saved")


def _draw_sections(form: Form) -> str:
    """Draw all section names and the chosen section, initially the section of the first fault."""
    titles = [*TITLES]
    wrong = {_title_of(fault.place) for fault in form.faults}
    first = _title_of(form.faults[0].place) if form.faults else titles[0]
    wanted = st.session_state.pop(WANTED, None)
    if wanted is not None or VIEW not in st.session_state:
        st.session_state[VIEW] = wanted or (first if first in titles else titles[0])

    if form.values is None:  # the file cannot be read, so there are no fields to show
        st.session_state[VIEW] = TEXT

    def shown(title: str) -> str:
        return f"⚠ {told(title)}" if title in wrong else told(title)

    chosen = st.pills(
        told("Section"),
        titles,
        key=VIEW,
        format_func=shown,
        label_visibility="collapsed",
        required=True,
    )
    return chosen or titles[0]


def _title_of(place: Place) -> str:
    section = section_of(place)
    return section.title if section else TEXT


def _draw_faults(faults: Sequence[StudyFault]) -> None:
    """List all faults, each with a link to the field with the fault."""
    if not faults:
        return
    with st.container(key="ed-faults", gap="xsmall"):
        for number, fault in enumerate(faults[:MOST_FAULTS]):
            title = _title_of(fault.place)
            line = f"{told('line')} {fault.line}: " if fault.line else ""
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                sentence = html.escape(line + as_sentence(told(fault.sentence)))
                st.html(f'<p class="ed-listed">{sentence}</p>')
                st.button(
                    told(title),
                    key=f"ed-fault-{number}",
                    type="tertiary",
                    on_click=_go,
                    args=(fault,),
                )
        if faults[MOST_FAULTS:]:
            st.caption(told(f"and {len(faults) - MOST_FAULTS} more"))


def _draw_all_departures(form: Form) -> None:
    """List all departures from recommendations, each with a link to its field."""
    listed = [(path, each) for path, those in form.departures.items() for each in those]
    if not listed:
        return
    n = len(listed)
    with st.expander(told(f"{counted(n, 'departure')} from recommendations")):
        for number, (path, each) in enumerate(listed):
            title = _title_of(path)
            with st.container(gap="xxsmall"):
                st.html(f'<p class="ed-departs">{departure_html(each)}</p>')
                st.button(
                    told(title), key=f"ed-departure-{number}", type="tertiary", on_click=_show,
                    args=(title,), icon=":material/arrow_forward:",
                )  # fmt: skip


def _show(title: str) -> None:
    st.session_state[WANTED] = title


def _go(fault: StudyFault) -> None:
    """Show the section of a fault, and the entry with the fault."""
    st.session_state[WANTED] = _title_of(fault.place)
    for at, part in enumerate(fault.place):
        if isinstance(part, int):
            place = "-".join(map(str, fault.place[:at]))
            st.session_state[f"ed-chosen-{place}-kept"] = part
    renew()


def _draw_section(form: Form, section: Section, study: Study | None, *, has_begun: bool) -> None:
    with card(f"editor-{section.title.lower().replace(' ', '-')}", section.title, section.lead):
        if section is SOUND:
            draw_grid(form, has_begun=has_begun)
        if section is TESTS:
            draw_session(study)
        first, *others = fields_of(section)
        # A heading of the group would repeat the title of the section.
        if first.kind == "group" and not others:
            draw_fields(form, (first.key,), first.inner)
        else:
            draw_fields(form, (), (first, *others))
