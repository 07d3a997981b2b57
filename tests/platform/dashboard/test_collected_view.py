"""The dashboard shows what webMUSHRA's front end posted, blind, and only where something was."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from harbour_study import open_installation, write_study
from mixtrial.dashboard import router
from mixtrial.imports.webmushra.posted_session import session_of_body
from posted_sessions import TRIALS, body, rated, session
from survey_pages import drawn


def test_the_view_is_there_once_a_session_came_and_names_no_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sessions, answers by page type, another version, and a body to be repaired."""
    installation = open_installation(write_study(tmp_path, n_songs=2))
    store = installation.store
    monkeypatch.setattr(router, "current_installation", lambda: installation)
    monkeypatch.setattr(router, "is_signed_in", lambda _installation: True)

    def script() -> None:
        from mixtrial.dashboard.router import render_dashboard

        render_dashboard()

    page = AppTest.from_function(script, default_timeout=120)
    page.query_params["view"] = "collected"
    page.run()
    drawn(page)
    assert "Collected" not in page.segmented_control[0].options
    for said in (rated("u1", {"secretsystem": 3}), rated("u1", {"secretsystem": 4}),
                 session("<b>u2", *TRIALS)):  # fmt: skip
        posted = session_of_body(body(said))
        store.keep_session(posted.test, posted.session, posted.digest, posted.text.encode())
    store.keep_unreadable(b"x", "The posted text has no field sessionJSON")
    page = AppTest.from_function(script, default_timeout=120)
    page.query_params["view"] = "collected"
    page.run()
    drawn(page)
    told = " ".join(str(element.proto) for element in page.main)
    assert "Collected" in page.segmented_control[0].options
    for text in (
        "2 (look at it)", "paired_comparison", "spatial_hwd", "&lt;b&gt;u2",
        "<b>2</b><span>each counted once", "<b>1</b><span>posted, but no session",
    ):  # fmt: skip
        assert text in told
    assert "secretsystem" not in told
    store.close()
