"""Links that end: a study may say for how many days somebody can take part."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from browser_study import SYSTEMS, write_study
from db.records.participation import Participant, SaveOutcome
from db.records.steps import Step
from mixtrial.participation.enrolment import enrol
from mixtrial.participation.link_expiry import LAST_PAGE, has_expired
from mixtrial.routes.route_table import ROUTES
from mixtrial.server.installation import Installation
from route_server import answer_for
from stimuli.loading.load import load_study
from stimuli.study.study import StudyError
from survey_pages import has_player, html_of, save, served, survey

BEGAN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
GONE = "This link has expired"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built study whose links are good for two days."""
    folder = tmp_path_factory.mktemp("links")
    write_study(folder, more=["pages: {link_days: 2}"])
    return folder


@pytest.fixture
def installation(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """That study, served."""
    yield from served(folder / "study.yaml", monkeypatch)


@pytest.fixture
def client(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of its routes."""
    answer_for(monkeypatch, lambda: installation)
    with TestClient(Starlette(routes=ROUTES)) as opened:
        yield opened


def comer(installation: Installation, folder: Path, agreed: timedelta) -> str:
    """Token of somebody on the practice page who agreed so long ago."""
    token = enrol(installation).token
    installation.store.record_consent(token, "v1", accepted=True)
    installation.store.record_questionnaire(token, "hobbyist", "headphones")
    installation.store.record_volume(token, 0.5)
    moment = (datetime.now(UTC) - agreed).replace(tzinfo=None)
    with closing(sqlite3.connect(folder / "mixtrial.sqlite")) as database, database:
        database.execute(
            "UPDATE consent SET recorded_at = ? WHERE participant_id ="
            " (SELECT id FROM participant WHERE token = ?)",
            (f"{moment:%Y-%m-%d %H:%M:%S.%f}", token),
        )
    return token


def message(installation: Installation, token: str, value: float) -> dict[str, Any]:
    """A save of the practice page."""
    state = installation.store.page_state(token, 0)
    rating = {"slot": 0, "attribute": "overall", "value": value}
    numbers = {"epoch": state.epoch, "seq": state.seq + 1}
    return {"token": token, "page": 0, **numbers, "ratings": [rating]}


@pytest.mark.parametrize(
    ("step", "days", "expected"),
    [
        (Step.QUESTIONNAIRE, 1.99, False),
        (Step.QUESTIONNAIRE, 2.0, True),
        (Step.RATING, 2.5, True),
        (Step.CONSENT, 90.0, False),
        (Step.REFUSED, 90.0, False),
        (Step.THANKS, 90.0, False),
    ],
)
def test_a_link_ends_with_its_time_between_agreeing_and_finishing(
    folder: Path, step: Step, days: float, expected: bool
) -> None:
    """Two days are two days; who has finished, or not agreed, has no end; grace is before it."""
    study = load_study(folder / "study.yaml")
    someone = Participant("t" * 32, "study", 0, "participant", step, 0, (), agreed_at=BEGAN)
    moment = BEGAN + timedelta(days=days)
    assert has_expired(study, someone, moment) is expected
    assert not has_expired(study, someone, moment, grace=timedelta(days=100))


def test_a_study_that_says_nothing_has_links_without_an_end(tmp_path: Path) -> None:
    """None is the default, and no part of the fingerprint of studies that do not use it."""
    plain = load_study(write_study(tmp_path))
    someone = Participant("t" * 32, "study", 0, "participant", Step.RATING, 0, (), agreed_at=BEGAN)
    assert plain.pages.link_days is None
    assert not has_expired(plain, someone, BEGAN + timedelta(days=5000))
    (tmp_path / "explicit").mkdir()
    ended = load_study(write_study(tmp_path / "explicit", more=["pages: {link_days: 2}"]))
    assert ended.fingerprint != plain.fingerprint


@pytest.mark.parametrize("days", ["0", "-1", "two"])
def test_days_that_are_none_are_refused(tmp_path: Path, days: str) -> None:
    """The sentence names the key."""
    path = write_study(tmp_path, is_built=False, more=[f"pages: {{link_days: {days}}}"])
    with pytest.raises(StudyError, match="link_days must be"):
        load_study(path)


def test_the_first_agreement_is_when_the_time_begins(
    installation: Installation, folder: Path
) -> None:
    """A refusal before it, and another agreement after it, change nothing."""
    token = enrol(installation).token
    installation.store.record_consent(token, "v1", accepted=False)
    refused = installation.store.find_participant(token)
    assert refused is not None
    assert refused.agreed_at is None
    token = comer(installation, folder, timedelta(days=1))
    installation.store.record_consent(token, "v1", accepted=True)
    someone = installation.store.find_participant(token)
    assert someone is not None
    assert someone.agreed_at is not None
    assert timedelta(hours=23) < datetime.now(UTC) - someone.agreed_at < timedelta(hours=25)


def test_an_expired_link_leads_to_a_page_that_says_so(
    installation: Installation, folder: Path
) -> None:
    """Before the end the practice page is drawn, after it only the sentence; the end stays open."""
    assert GONE not in html_of(survey(comer(installation, folder, timedelta(days=1.9))))
    late = comer(installation, folder, timedelta(days=2.1))
    at = survey(late)
    assert GONE in html_of(at)
    assert "What you answered until then is stored" in html_of(at)
    assert not has_player(at)
    installation.store.finish(late)
    assert "Your personal code" in html_of(survey(late))


def test_a_page_left_open_can_be_handed_in_for_an_hour_and_then_says_gone(
    client: TestClient, installation: Installation, folder: Path
) -> None:
    """Past the hour saves are answered 410 and sound 403; what was acknowledged before stays."""
    within = comer(installation, folder, timedelta(days=2) + LAST_PAGE / 2)
    answer = client.post("/api/autosave", json=message(installation, within, 63.0))
    assert answer.status_code == 204
    assert sound(client, installation, within) == 200
    late = comer(installation, folder, timedelta(days=1))
    assert client.post("/api/autosave", json=message(installation, late, 63.0)).status_code == 204
    with closing(sqlite3.connect(folder / "mixtrial.sqlite")) as database, database:
        database.execute("UPDATE consent SET recorded_at = datetime(recorded_at, '-30 hours')")
    answer = client.post("/api/autosave", json=message(installation, late, 12.0))
    assert answer.status_code == 410
    assert answer.json() == {"error": "This link has expired.", "reason": "expired"}
    assert sound(client, installation, late) == 403
    (kept,) = installation.store.page_state(late, 0, opening=False).ratings
    assert kept.value == 63.0


def sound(client: TestClient, installation: Installation, token: str) -> int:
    """Status with which the first recording of the practice page is answered."""
    someone = installation.store.find_participant(token)
    assert someone is not None
    return client.get(f"/api/audio/{someone.pages[0].slots[0].audio_token}").status_code


def test_what_was_saved_before_the_end_is_in_the_export(
    installation: Installation, folder: Path
) -> None:
    """An expired participant is one who did not finish; no rating of theirs goes away."""
    token = comer(installation, folder, timedelta(days=1))
    installation.store.page_state(token, 0)
    assert save(installation, token, 0, 40.0) is SaveOutcome.STORED
    with closing(sqlite3.connect(folder / "mixtrial.sqlite")) as database, database:
        database.execute("UPDATE consent SET recorded_at = datetime(recorded_at, '-30 hours')")
    someone = installation.store.find_participant(token)
    assert someone is not None
    assert has_expired(installation.study, someone, datetime.now(UTC))
    ratings = installation.store.ratings(installation.study.identifier)
    mine = ratings[ratings["participant"] == someone.identifier]
    assert len(mine) == len(SYSTEMS) * len(installation.study.attributes)
    assert not mine["finished"].any()
