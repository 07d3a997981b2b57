"""Editing a study that has begun: changes that need a new version, and making this version."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import streamlit as st

from mixtrial.language.spoken import told
from mixtrial.studio.editor.document.changes import with_value
from mixtrial.studio.editor.document.document import StudyDocument
from mixtrial.studio.editor.pages.form import renew
from stimuli.loading.load import check_text
from stimuli.study.new_version import Change, changes_that_need_a_new_version
from stimuli.study.study import Study

IDENTIFIER = ("identifier",)

NewVersion: TypeAlias = Callable[[str, Callable[[str], str]], None]
"""Makes a new study: from its title, and from its text once its identifier is known."""


def changes_of_another_study(document: StudyDocument, study: Study | None) -> tuple[Change, ...]:
    """Changes that are not possible in a study with participants."""
    if study is None or not document.is_changed:
        return ()
    before, _ = check_text(document.base, document.path)
    return changes_that_need_a_new_version(before, study) if before is not None else ()


def draw_begun(
    document: StudyDocument, changed: Sequence[Change], on_new_version: NewVersion | None
) -> None:
    """List the changes that need a new version of a study; offer to make this version."""
    if not changed:
        return
    if [each.place for each in changed] == [IDENTIFIER] and document.value(IDENTIFIER) is None:
        said = (
            "The identifier follows from the title: write one into the file, "
            f"{changed[0].before}, before you change the title, or it becomes another study."
        )
    else:
        keys = ", ".join(dict.fromkeys(str(each.place[0]) for each in changed))
        said = (
            f"What you changed ({keys}) determines what participants hear or are asked. Save it "
            "as a new version, which is a separate study, and pause this one."
        )
    st.html(
        f'<p class="dx-note dx-flag" role="status">{told("People have taken part in this study.")} '
        f"{html.escape(told(said))}</p>"
    )
    if on_new_version is not None and st.button(
        told("Save as a new version"), key="ed-new-version"
    ):
        text, title = document.text, str(document.value(("title",)))
        # The editor's undo can restore the replaced text.
        document.take_theirs(document.text_on_disk())
        renew()
        on_new_version(title, lambda name: with_value(text, IDENTIFIER, name, document.order))


def is_right(text: str, path: Path) -> bool:
    """Whether a text is a valid study, so that saving it cannot break a study with participants."""
    return check_text(text, path)[0] is not None
