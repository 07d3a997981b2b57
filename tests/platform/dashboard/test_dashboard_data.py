"""The dashboard's view of the data: pause and close, withdrawals, what can be fetched and heard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from harbour_study import SYSTEMS, build_stimuli, open_installation, write_study
from mixtrial.dashboard import router
from mixtrial.dashboard.views.answers.ratings import shown_names
from mixtrial.exports.registry import export_names
from mixtrial.participation.enrolment import EnrolmentClosedError, enrol
from mixtrial.routes.route_table import ROUTES
from mixtrial.server.installation import Installation
from mixtrial.server.session_cookie import SESSION_COOKIE, begin_session
from mixtrial.simulation.in_process import simulate_participants
from route_server import answer_for
from survey_pages import drawn

STUDY = "harbour-lights"


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """A built study, and a researcher who has signed in."""
    build_stimuli(tmp_path, n_songs=2)
    opened = open_installation(write_study(tmp_path, n_songs=2))
    monkeypatch.setattr(router, "current_installation", lambda: opened)
    monkeypatch.setattr(router, "is_signed_in", lambda _installation: True)
    yield opened
    opened.store.close()


def view(name: str) -> AppTest:
    """One view of the dashboard, as Streamlit runs it."""

    def script() -> None:
        from mixtrial.dashboard.router import render_dashboard

        render_dashboard()

    page = AppTest.from_function(script, default_timeout=120)
    page.query_params["view"] = name
    return page.run()


def shown(page: AppTest) -> str:
    """All that a page holds, as one text."""
    return " ".join(str(element.proto) for element in page.main)


@pytest.mark.parametrize("status", ["paused", "closed"])
def test_a_study_is_paused_and_closed_and_opened_again(
    installation: Installation, status: str
) -> None:
    """The choice counts at once for whoever comes, and is in the log."""
    page = view("data")
    page.radio[0].set_value(status).run()
    drawn(page)
    assert installation.store.study_status(STUDY) == status
    with pytest.raises(EnrolmentClosedError, match="no new participants"):
        enrol(installation)
    assert f"Study set to {status}" in shown(page)
    page.radio[0].set_value("open").run()
    assert enrol(installation).index == 0


def test_limits_are_set_in_open_and_count_before_the_file(installation: Installation) -> None:
    """One place and a day: the second to come is refused; emptied, the file counts again."""
    token = enrol(installation).token
    page = view("open")
    assert "1 place taken, and no limit to them." in shown(page)
    page.number_input[0].set_value(1)
    day = datetime.now(UTC).date() + timedelta(days=30)
    page.date_input[0].set_value(day)
    next(each for each in page.button if each.label == "Set the limits").click().run()
    assert f"1 of 1 place taken. The last day to come in is {day}" in shown(page)
    assert installation.store.actions(STUDY)[-1].detail == f"capacity 1, closes {day}"
    with pytest.raises(EnrolmentClosedError, match="has all the participants it needs"):
        enrol(installation)
    assert installation.store.find_participant(token) is not None
    page.number_input[0].set_value(None)
    page.date_input[0].set_value(None)
    next(each for each in page.button if each.label == "Set the limits").click().run()
    assert "no limit to them. There is no last day." in shown(page)
    assert enrol(installation).index == 1


def test_a_withdrawal_needs_the_code_and_a_tick(installation: Installation) -> None:
    """Neither alone deletes anything; both delete everything, address included, and are logged."""
    token = enrol(installation).token
    code = installation.store.finish(token)
    installation.store.record_contact(token, "ada@example.org")
    page = view("data")
    for text, tick, words in (
        (code, False, "Give the code and tick the box"),
        ("", True, "Give the code and tick the box"),
        ("NOBODYSCODE", True, "Nobody has this code"),
    ):
        page.text_input[0].set_value(text)
        page.checkbox[0].set_value(tick)
        next(each for each in page.button if each.label == "Delete").click().run()
        assert words in page.warning[0].value
    assert installation.store.find_participant(token) is not None
    page.text_input[0].set_value(f" {code} ")
    page.checkbox[0].set_value(True)
    next(each for each in page.button if each.label == "Delete").click().run()
    assert "The data of P001 have been deleted" in page.success[0].value
    assert installation.store.find_participant(token) is None
    assert installation.store.contacts(STUDY).empty
    done = installation.store.actions(STUDY)[-1]
    assert (done.kind, done.detail) == ("withdrawal", "P001")
    at = f"{installation.store.actions(STUDY)[-1].at:%Y-%m-%d %H:%M:%S}"
    assert at in " ".join(str(element.proto) for element in page.main)  # the log has it at once


def test_who_stopped_half_way_is_withdrawn_by_their_link(installation: Installation) -> None:
    """They have no code yet; the whole link will do, with whatever stands behind the token."""
    token = enrol(installation).token
    page = view("data")
    page.text_input[0].set_value(f"https://listening.example.org/?p={token}&lang=de")
    page.checkbox[0].set_value(True)
    next(each for each in page.button if each.label == "Delete").click().run()
    assert "have been deleted" in page.success[0].value
    assert installation.store.find_participant(token) is None


def test_every_link_to_a_download_is_one_that_is_served(installation: Installation) -> None:
    """Ratings, codebook, events and webMUSHRA's table are among them."""
    names = set(re.findall(r"/api/admin/(\w+)\.csv", shown(view("data"))))
    assert {"ratings", "codebook", "events", "webmushra", "participants", "stimuli"} <= names
    assert names <= set(export_names())


def test_each_stimulus_can_be_heard_with_what_its_system_decided(
    installation: Installation,
) -> None:
    """A player a system for the chosen song, under the address for researchers."""
    text = shown(view("stimuli"))
    for system in SYSTEMS:
        assert f"/api/admin/audio/song0/{system}" in text


def test_the_explorer_plays_by_an_address_that_names_neither_song_nor_system(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A labelled control; its sound is the mix that is chosen, for who has signed in."""
    list(simulate_participants(installation, 3, seed=1))
    text = shown(view("explore"))
    assert "All mixes of a song have the same loudness" in text
    (address,) = set(re.findall(r"/api/admin/heard/[0-9a-f]+", text))
    assert not [name for name in SYSTEMS if f"/{name}" in text]
    answer_for(monkeypatch, lambda: installation)
    client = TestClient(Starlette(routes=ROUTES))
    assert client.get(address).status_code == 403
    client.cookies.set(SESSION_COOKIE, begin_session(installation))
    letters = shown_names(installation.study, installation.blinding_key, False)
    first = next(system for system, letter in letters.items() if letter == "System A")
    named = client.get(f"/api/admin/audio/song0/{first}")
    assert client.get(address).content == named.content
    assert client.get("/api/admin/heard/00").status_code == 404
