"""The preview: each page of a study, as the survey draws it, and nothing stored of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from browser_study import write_study
from mixtrial.preview import throw_away
from mixtrial.preview.stations import reach, stations
from mixtrial.preview.throw_away import open_preview, preview_of
from mixtrial.routes.route_table import MIDDLEWARE, ROUTES
from mixtrial.server.installation import Installation
from route_server import answer_for
from survey_pages import drawn, html_of, player_of, press, served

OWN = "[{name: a, type: text, label: Why}]"
RICH = (
    "contact: {ask: optional}",
    "arms: [{name: told, instructions: A machine made some.}, {name: not_told}]",
    "headphones: {test: antiphase, gate: required}",
    "pages: {training_feedback: true, break_after: 1}",
    "questionnaires:",
    *(
        f"  - {{name: {when}, {said}, title: {title}, questions: {OWN}}}"
        for when, said, title in (
            ("before", "when: before", "Beforehand"),
            ("each", "when: between, after_pages: each", "Meanwhile"),
            ("after", "when: after", "Afterwards"),
        )
    ),
)
ON_PAGE = {
    "welcome": "I agree and take part",
    "declined": "You have chosen not to take part",
    "about-you": "About you",
    "questions-before": "Beforehand",
    "volume": "A machine made some.",
    "headphones": "Which tone is the quietest?",
    "without-headphones": "This study needs headphones",
    "page-1": "Practice",
    "feedback": "How you used the scale",
    "page-2": "Song 1 of 2",
    "questions-each.1": "Meanwhile",
    "break-3": "Time for a break",
    "page-3": "Song 2 of 2",
    "questions-each.2": "Meanwhile",
    "questions-after": "Afterwards",
    "thanks": "personal code",
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with everything between its pages."""
    return write_study(tmp_path_factory.mktemp("previewed"), more=RICH)


@pytest.fixture
def installation(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """The study as it is served to somebody who has signed in."""
    monkeypatch.setattr(throw_away.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr("mixtrial.survey.previewed.is_signed_in", lambda *_: True)
    for opened in served(study, monkeypatch):
        yield opened
        if (preview := open_preview(opened)) is not None:
            preview.store.close()


def preview(key: str, **said: str) -> AppTest:
    """A page's preview, as Streamlit runs it."""

    def script() -> None:
        from mixtrial.survey.router import render_survey

        render_survey()

    at = AppTest.from_function(script, default_timeout=120)
    for name, value in {"preview": key, **said}.items():
        at.query_params[name] = value
    return drawn(at.run())


def rows(installation: Installation) -> dict[str, int]:
    """How many rows each table of the study's own database has."""
    place = installation.settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(place)) as database:
        names = database.execute("select name from sqlite_master where type = 'table'").fetchall()
        return {
            name: database.execute(f"select count(*) from {name}").fetchone()[0]
            for (name,) in names
        }


def test_every_page_of_a_study_can_be_previewed_and_none_stores_anything(
    installation: Installation,
) -> None:
    """In the order in which a participant meets them, each marked; all tables stay as they were."""
    before = rows(installation)
    assert {"participant", "rating", "event", "page", "slot", "consent"} <= before.keys()
    keys = [each.key for each in stations(installation)]
    assert keys == list(ON_PAGE)
    for key in keys:
        page = preview(key)
        assert "Nothing is stored" in html_of(page)
        said = html_of(page) + json.dumps([button.label for button in page.button])
        assert ON_PAGE[key].lower() in said.lower(), key
    assert rows(installation) == before


def test_one_can_go_on_from_a_preview_and_save_and_hear_and_nothing_is_stored(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Agreeing leads on, a page is saved, its sound is served; the study has 0 participants."""
    before = rows(installation)
    page = press(preview("welcome"), "I agree and take part")
    assert "About you" in html_of(page)
    data = player_of(preview("page-2"))
    answer_for(monkeypatch, lambda: installation)
    client = TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE))
    assert client.get(f"/{data['urls'][0]}").headers["content-type"] == "audio/flac"
    message = {
        "token": data["token"],
        "page": data["page"],
        "epoch": data["epoch"],
        "seq": data["seq"] + 1,
        "ratings": [{"slot": 0, "attribute": data["attributes"][0]["name"], "value": 30.0}],
        "events": [{"t_ms": 1.0, "kind": "play", "slot": 0}],
    }
    assert client.post("/api/autosave", content=json.dumps(message)).status_code == 204
    sound = player_of(preview("headphones"))
    assert client.get(f"/{sound['url']}").headers["content-type"] == "audio/wav"
    assert rows(installation) == before
    assert client.post("/api/autosave", content=json.dumps({**message, "token": "x" * 32})
                       ).status_code == 404  # fmt: skip


def test_a_preview_is_refused_to_who_has_not_signed_in(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence, no page, no database."""
    monkeypatch.setattr("mixtrial.survey.previewed.is_signed_in", lambda *_: False)
    page = preview("page-2")
    assert [each.value for each in page.error] == [
        "Previews are for whoever has signed in to the dashboard."
    ]
    assert "I agree" not in [button.label for button in page.button]
    assert open_preview(installation) is None


def test_the_link_of_a_preview_is_no_link_of_the_study(installation: Installation) -> None:
    """Without the parameter the token belongs to nobody."""
    token = reach(preview_of(installation), "thanks")
    assert token is not None
    assert installation.store.find_participant(token) is None


def test_a_preview_speaks_every_language(installation: Installation) -> None:
    """Buttons and texts that the study leaves out are in the language asked for."""
    words = {
        "en": "I agree and take part",
        "de": "Ich willige ein und nehme teil",
        "fr": "J’accepte et je participe",
        "zh": "我同意并参加",
    }
    for language, label in words.items():
        assert label in [button.label for button in preview("welcome", language=language).button]
    assert installation.study.language == "en"


def test_a_page_that_is_not_there_is_a_sentence(installation: Installation) -> None:
    """A link to a page of before the study was changed."""
    assert installation.study.songs
    assert "no such page any more" in preview("page-9").error[0].value


def test_an_arm_can_be_chosen(installation: Installation) -> None:
    """Who is told nothing reads nothing."""
    assert "A machine made some." in html_of(preview("volume", arm="told"))
    assert "A machine made some." not in html_of(preview("volume", arm="not_told"))


def test_only_a_preview_may_be_framed_by_the_dashboard(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The survey itself and the dashboard stay without a frame."""
    answer_for(monkeypatch, lambda: installation)
    monkeypatch.setattr("mixtrial.server.headers.current_installation", lambda: installation)
    client = TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE))
    for address, framed_by in (
        ("/?preview=volume", "'self'"),
        ("/", "'none'"),
        ("/admin?preview=volume", "'none'"),
    ):
        policy = client.get(address).headers["content-security-policy"]
        assert policy.endswith(f"frame-ancestors {framed_by}")


def test_a_preview_is_thrown_away(installation: Installation, tmp_path: Path) -> None:
    """Its folder can be read by its owner alone, and is gone afterwards."""
    preview_of(installation)
    (folder,) = tmp_path.glob("mixtrial-preview-*")
    assert folder.stat().st_mode & 0o077 == 0
    throw_away._throw_away(folder)
    assert not folder.exists()
    assert open_preview(installation) is None
