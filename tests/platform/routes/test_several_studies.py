"""Several studies in one database: each server knows its own participants, data and log alone."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from db.records.participation import Participant
from db.store.store import open_store
from harbour_study import PASSWORD, build_stimuli, open_installation, write_study
from mixtrial.dashboard.snapshot import take_snapshot
from mixtrial.participation.enrolment import enrol
from mixtrial.routes import signin
from mixtrial.routes.route_table import ROUTES
from mixtrial.server.installation import Installation
from mixtrial.server.limits import AttemptLimit
from mixtrial.simulation.in_process import simulate_participants
from route_server import answer_for


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, ...]]:
    """Two built studies whose archive is one file; four and two people have taken part."""
    first_folder, second_folder = (tmp_path_factory.mktemp(name) for name in ("first", "second"))
    for folder in (first_folder, second_folder):
        build_stimuli(folder, n_songs=2)
    first = open_installation(write_study(first_folder, n_songs=2))
    path = write_study(second_folder, n_songs=2)
    text = path.read_text().replace("Harbour Lights", "Night Ferry")
    path.write_text(text)
    second = open_installation(path)
    second.store.close()
    shared = open_store(first.settings.database_url)
    study = second.study
    shared.register_study(study.identifier, study.title, study.fingerprint, study.seed)
    second = dataclasses.replace(second, store=shared)
    list(simulate_participants(first, 4, seed=1))
    list(simulate_participants(second, 2, seed=1))
    yield first, second
    first.store.close()
    shared.close()


@pytest.fixture
def second_server(
    studies: tuple[Installation, ...], monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """A client of the server of the second study."""
    limit = AttemptLimit()
    answer_for(monkeypatch, lambda: studies[1])
    monkeypatch.setattr(signin, "login_limit", lambda: limit)
    with TestClient(Starlette(routes=ROUTES), follow_redirects=False) as opened:
        yield opened


def under_way(installation: Installation) -> Participant:
    """Somebody who stands on the training page."""
    token = enrol(installation).token
    installation.store.record_consent(token, "v1", True)
    installation.store.record_questionnaire(token, "hobbyist", "headphones")
    installation.store.record_volume(token, 0.5)
    found = installation.store.find_participant(token)
    assert found is not None
    return found


def test_each_study_numbers_counts_and_logs_its_own_participants(
    studies: tuple[Installation, ...],
) -> None:
    """Both begin with P001; neither table, count nor log holds anything of the other."""
    first, second = studies
    one, two = (
        installation.store.ratings(installation.study.identifier) for installation in studies
    )
    assert sorted(one["participant"].unique()) == ["P001", "P002", "P003", "P004"]
    assert sorted(two["participant"].unique()) == ["P001", "P002"]
    assert set(one["study_fingerprint"]) == {first.study.fingerprint}
    assert set(two["study_fingerprint"]) == {second.study.fingerprint}
    first.store.log_action(first.study.identifier, "unblind")
    assert "unblind" not in {each.kind for each in second.store.actions(second.study.identifier)}
    assert take_snapshot(second).unblinding is None
    first.store.set_study_status(first.study.identifier, "paused")
    assert second.store.study_status(second.study.identifier) == "open"
    first.store.set_study_status(first.study.identifier, "open")


def test_a_link_of_one_study_opens_nothing_at_the_other(
    studies: tuple[Installation, ...],
    second_server: TestClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Page, sound and save are refused, as for a stranger; nothing is stored."""
    first, second = studies
    somebody = under_way(first)
    address = f"/api/audio/{somebody.pages[0].slots[0].audio_token}"
    assert second_server.get(address).status_code == 404
    message = {
        "token": somebody.token,
        "page": 0,
        "epoch": first.store.page_state(somebody.token, 0).epoch,
        "seq": 1,
        "final": False,
        "ratings": [{"slot": 0, "attribute": "overall", "value": 63.0}],
        "events": [],
    }
    answer = second_server.post("/api/autosave", content=json.dumps(message))
    assert answer.status_code == 404
    assert first.store.page_state(somebody.token, 0, opening=False).ratings == ()

    def script() -> None:
        from mixtrial.survey.router import render_survey

        render_survey()

    monkeypatch.setattr("mixtrial.survey.router.current_installation", lambda: second)
    page = AppTest.from_function(script, default_timeout=120)
    page.query_params["p"] = somebody.token
    page.run()
    assert "This link does not work" in " ".join(str(each.proto) for each in page.main)


def test_a_download_holds_its_own_study_alone(
    studies: tuple[Installation, ...], second_server: TestClient
) -> None:
    """The second server's ratings are those of its two participants."""
    second_server.post("/api/login", data={"password": PASSWORD})
    text = second_server.get("/api/admin/ratings.csv").text
    assert {line.partition(",")[0] for line in text.splitlines()[1:]} == {"P001", "P002"}
    assert studies[0].study.fingerprint not in text


def test_plans_are_given_out_within_a_study(tmp_path: Path) -> None:
    """The first of each study has its first plan, whoever came to the other before."""
    first = open_installation(write_study(tmp_path, n_songs=2))
    enrol(first)
    other = first.study.model_copy(update={"identifier": "night-ferry"})
    first.store.register_study(other.identifier, other.title, other.fingerprint, other.seed)
    second = dataclasses.replace(first, study=other)
    assert enrol(first).index == 1
    assert enrol(second).index == 0
    first.store.close()
