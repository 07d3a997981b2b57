"""The studio in German: no English is left on its pages and at the fields of its editor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.store.store import open_store
from harbour_study import build_stimuli, write_study
from mixtrial.server.settings import LANGUAGE_VARIABLE
from mixtrial.studies.changes import new_study, to_trash
from mixtrial.studies.folder_lock import FolderLock
from mixtrial.studio.children.builds import Builds
from mixtrial.studio.children.study_servers import StudyServers
from mixtrial.studio.editor.fields.sections import SECTIONS
from mixtrial.studio.editor.pages.editor_page import TEXT, WANTED
from mixtrial.studio.pages import router
from mixtrial.studio.running import Studio, StudioKey
from survey_pages import drawn
from tests.platform.english_left import english_in

DOCUMENTED = ("help", "placeholder", "options", "markdown", "body")
"""Documentation from docs/study-file.md in the editor, which is English; and a study file's own
words."""


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """A folder with a built study, one that files make, one put away, and one in the trash."""
    (tmp_path / "harbour").mkdir()
    write_study(tmp_path / "harbour", n_songs=1)
    build_stimuli(tmp_path / "harbour", n_songs=1)
    new_study(tmp_path, "Dateien")
    new_study(tmp_path, "Fremdes", is_import=True)
    new_study(tmp_path, "Altes").note(is_archived=True)
    to_trash(new_study(tmp_path, "Weg"))
    key = StudioKey(None, b"key")
    store = open_store("sqlite://")
    lock = FolderLock(tmp_path, "here")
    opened = Studio(tmp_path, key, store, lock, StudyServers({}), Builds({}))
    yield opened
    opened.close()


@pytest.fixture
def page(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The studio's page in German, of somebody who has signed in."""
    monkeypatch.setenv(LANGUAGE_VARIABLE, "de")
    monkeypatch.setattr(router, "current_studio", lambda: studio)
    monkeypatch.setattr(router, "is_signed_in", lambda _studio: True)

    def script() -> None:
        from mixtrial.studio.pages import router

        router._draw()

    return AppTest.from_function(script, default_timeout=120)


def test_no_english_is_left_on_pages_of_the_studio(page: AppTest) -> None:
    """List, new, a study that is built, one without a file, one of another tool."""
    left = {}
    for query in (
        {},
        {"new": ""},
        *({"study": name} for name in ("harbour", "dateien", "fremdes")),
    ):
        page.query_params.clear()
        page.query_params.update(query)
        page.run()
        drawn(page)
        left[str(query)] = english_in(page)
    assert {query: texts for query, texts in left.items() if texts} == {}


def test_no_english_is_left_in_the_editor_but_what_the_docs_say(page: AppTest) -> None:
    """Every section; names of sections, labels, buttons, what is wrong."""
    page.query_params.update({"study": "harbour", "edit": ""})
    left = {}
    for title in (*(section.title for section in SECTIONS), TEXT):
        page.session_state[WANTED] = title
        page.run()
        drawn(page)
        left[title] = english_in(page, DOCUMENTED)
    assert {title: texts for title, texts in left.items() if texts} == {}
