"""Import of a study of another tool into the studio: its files, then the results."""

from __future__ import annotations

import html

import streamlit as st

from analysis.counts import counted
from mixing.ingest.decoding import AUDIO_SUFFIXES
from mixtrial.dashboard.frame import card
from mixtrial.imports.reading.project import SETTINGS_SUFFIXES
from mixtrial.imports.studies.registry import study_readers
from mixtrial.imports.studies.write_study import Import
from mixtrial.language.spoken import told
from mixtrial.studies.foreign_study import (
    found_tests,
    import_into,
    import_report,
    remove_source,
    source_files,
)
from mixtrial.studies.listing import ListedStudy
from mixtrial.studies.study_folder import StudyFolder
from mixtrial.studio.pages.frame import tried
from mixtrial.studio.upload_routes import SOURCE_FILES
from mixtrial.studio.uploader.uploader import draw_uploader

WORDS = "Drop the tool's folder here, or a ZIP of it"
LEAD = (
    "Settings of {tools} are read, with the sound that they name. Upload the folder "
    "or a ZIP, so that each file is where the settings look for it."
)


def draw_import(study: ListedStudy) -> None:
    """Draw the area to drop files of another tool, and make the study from these files."""
    folder = study.folder
    tools = [reader.tool for reader in study_readers().values()]
    last = f" {told('and')} {tools[-1]}" if tools[1:] else ""
    named = f"{', '.join(tools[:-1] if last else tools)}{last}"
    with card("import", "A study of another tool", told(LEAD).format(tools=named)):
        draw_uploader(folder, SOURCE_FILES, (*SETTINGS_SUFFIXES, *AUDIO_SUFFIXES), told(WORDS))
        files = source_files(folder)
        if not files:
            return
        found = found_tests(folder)
        n_sounds = sum(path.suffix.lower() in AUDIO_SUFFIXES for path in files)
        sounds = told(f"{counted(n_sounds, 'audio file')}")
        if not found:
            _say(f"{sounds}, {told('and no settings that are read:')} {named}.", is_fault=True)
        else:
            _draw_found(study, found, sounds)
        if st.button(told("Begin again with other files"), key="other-source", type="tertiary"):
            tried(lambda: remove_source(folder), "The files are removed.")
            st.rerun()


def _draw_found(study: ListedStudy, found: dict[str, str], sounds: str) -> None:
    """Draw the studies that were found, a choice if there are several, and the import."""
    named = [f"{place} ({tool})" for place, tool in found.items()]
    chosen = next(iter(found))
    if len(found) > 1:
        at = named.index(st.selectbox(told("Which of the studies"), named, key="which-source"))
        chosen = [*found][at]
        _say(told(f"{len(found)} studies and {sounds} have come."))
    else:
        _say(told(f"{named[0]} and {sounds} have come."))
    if st.button(told("Make the study of it"), type="primary", key="import"):
        done: list[Import] = []
        if tried(lambda: done.append(import_into(study.folder, chosen, study.title))):
            tried(lambda: None, _told(done[0]))
        st.rerun()


def _say(sentence: str, *, is_fault: bool = False) -> None:
    tone = "sx-fault" if is_fault else "dx-note"
    st.html(f'<p class="{tone}" role="status">{html.escape(sentence)}</p>')


def _told(done: Import) -> str:
    """Result for the settings, in a sentence."""
    n_pages, n_left = len(done.study.pages), len(done.study.as_they_are)
    parts = [f"{counted(n_pages, 'page')} with sound taken from {done.tool}"]
    parts += [f"{n_left} without a counterpart"] if n_left else []
    parts += [f"{counted(done.n_missing, 'audio file')} missing"] if done.n_missing else []
    return f"{', '.join(map(told, parts))}; {told('what became of each line stands below.')}"


def draw_import_report(folder: StudyFolder) -> None:
    """Draw the result for each line of the other tool's settings."""
    report = import_report(folder)
    if report:
        with st.expander(told("What was imported, line by line")):
            st.code(report, language=None, wrap_lines=True)
