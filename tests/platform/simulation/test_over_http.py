"""Simulated participants over HTTP: the real routes, guarded doors, nothing lost or doubled."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from db.store.store import open_store
from harbour_study import PASSWORD, SYSTEMS, build_stimuli, open_installation, write_study
from mixtrial.commands.study.simulate import simulate
from mixtrial.participation.enrolment import enrol
from mixtrial.server.settings import SettingsError
from mixtrial.simulation.doors import CameIn
from mixtrial.simulation.in_process import simulate_participants
from mixtrial.simulation.over_http import BotError, Connection, sign_in, simulate_over_http
from route_server import free_port, serving, start
from stimuli.loading.load import load_study
from stimuli.study.study import Study
from waiting import until

STUDY = "harbour-lights"


@pytest.fixture(scope="module")
def study_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built study of three songs."""
    folder = tmp_path_factory.mktemp("bots")
    build_stimuli(folder)
    return write_study(folder)


@pytest.fixture(scope="module")
def study(study_path: Path) -> Study:
    """The same, read."""
    return load_study(study_path, SYSTEMS)


@pytest.fixture(scope="module")
def url(study_path: Path) -> Iterator[str]:
    """Address of a server of its routes."""
    with serving(study_path, free_port(), MIXTRIAL_ADMIN_PASSWORD=PASSWORD) as address:
        yield address


def rated(database: Path) -> pd.DataFrame:
    """The ratings in a database, without what depends on the moment."""
    store = open_store(f"sqlite:///{database}")
    ratings = store.ratings(STUDY)
    store.close()
    return ratings.drop(columns=["opened_at", "rated_at", "stimulus_sha256"])


def test_over_http_and_in_process_give_the_same_ratings(
    study: Study, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """One after the other, bots leave exactly the table that ``simulate`` writes directly."""
    folder = tmp_path_factory.mktemp("same")
    build_stimuli(folder)
    environment = {"MIXTRIAL_ADMIN_PASSWORD": PASSWORD}
    with serving(write_study(folder), free_port(), **environment) as url:
        codes = simulate_over_http(study, url, PASSWORD, 3, seed=4, n_threads=1)
    assert len(set(codes)) == 3
    direct = open_installation(write_study(tmp_path))
    list(simulate_participants(direct, 3, seed=4))
    direct.store.close()
    over_http = rated(folder / "mixtrial.sqlite")
    pd.testing.assert_frame_equal(over_http, rated(tmp_path / "mixtrial.sqlite"))


def test_the_bots_doors_are_shut_without_the_cookie(url: str) -> None:
    """No cookie, a forged one, or another site's page: 403; a wrong password opens nothing."""
    for cookie in ("", "9999999999.x.forged"):
        with closing(Connection(url, cookie)) as door:
            assert door.send("POST", "/api/admin/bots").status == 403
    with pytest.raises(BotError, match="did not accept the dashboard's password"):
        sign_in(url, "guess")


def test_the_bots_doors_touch_no_real_participant(url: str, study_path: Path) -> None:
    """A real participant's token is unknown there; so are pages that no plan has.

    Bots who are there already go on; once somebody real has come, no other comes in.
    """
    installation = open_installation(study_path)
    with closing(Connection(url, sign_in(url, PASSWORD))) as door:
        bot = door.send("POST", "/api/admin/bots").content(CameIn).token
        token = enrol(installation).token
        _try_the_doors(door, token, bot)
        late = door.send("POST", "/api/admin/bots")
        assert late.status == 409
        assert b"real participants have taken part here" in late.body
    found = installation.store.find_participant(token)
    installation.store.withdraw(token)
    installation.store.close()
    assert found is not None
    assert (found.step, found.completion_code) == ("consent", None)


def _try_the_doors(door: Connection, token: str, bot: str) -> None:
    said = json.dumps({"group": "hobbyist", "device": "headphones", "volume": 0.5}).encode()
    for path, body in ((token, said), (f"{token}/0", None), (f"{token}/finish", None)):
        assert door.send("POST", f"/api/admin/bots/{path}", body).status == 404
    assert door.send("POST", f"/api/admin/bots/{bot}/99").status == 404
    assert door.send("POST", f"/api/admin/bots/{bot}/{10**30}").status == 404
    for bad in (b"", b"[]", b'{"group": "a"}', said.replace(b"0.5", b"2"), b"\xff" * 9):
        assert door.send("POST", f"/api/admin/bots/{bot}", bad).status == 400
    assert door.send("POST", f"/api/admin/bots/{bot}", b"x" * 5000).status == 413


def test_another_study_is_refused(url: str, tmp_path: Path) -> None:
    """Bots that would rate by another study's names stop at once."""
    other = load_study(write_study(tmp_path, n_songs=2), SYSTEMS)
    with pytest.raises(BotError, match="another study, or another version"):
        simulate_over_http(other, url, PASSWORD, 1, seed=1)


def test_the_command_sends_them(
    url: str, study_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``simulate --over-http`` takes the password from the environment and says what came in."""
    monkeypatch.delenv("MIXTRIAL_ADMIN_PASSWORD", raising=False)
    sent = {"participants": 2, "seed": 2, "database": None, "stimuli": None, "over_http": url}
    with pytest.raises(SettingsError, match="MIXTRIAL_ADMIN_PASSWORD"):
        simulate(study_path, **sent, threads=2, think=0.0)
    monkeypatch.setenv("MIXTRIAL_ADMIN_PASSWORD", PASSWORD)
    simulate(study_path, **sent, threads=2, think=0.0)
    assert "2 simulated participants took part over HTTP" in capsys.readouterr().out
    with pytest.raises(BotError, match="is not an address"):
        sign_in("127.0.0.1:1", PASSWORD)


def test_a_killed_server_loses_no_acknowledged_rating(study: Study, tmp_path: Path) -> None:
    """SIGKILL twice while eight bots save: all finish, no rating or event lost or doubled."""
    build_stimuli(tmp_path)
    path = write_study(tmp_path)
    port = free_port()
    environment = {"MIXTRIAL_ADMIN_PASSWORD": PASSWORD}
    process: subprocess.Popen[bytes] = start(path, port, **environment)
    database = tmp_path / "mixtrial.sqlite"
    codes: list[str] = []

    def send_bots() -> None:
        url = f"http://127.0.0.1:{port}"
        codes.extend(simulate_over_http(study, url, PASSWORD, 8, seed=1, n_threads=8, think_s=0.5))

    bots = threading.Thread(target=send_bots)
    bots.start()
    try:
        for n_saved in (1, 8 * len(SYSTEMS)):
            until(lambda least=n_saved: len(rated(database)) >= least)  # type: ignore[misc]
            process.kill()
            process.wait()
            process = start(path, port, **environment)
        bots.join(timeout=240.0)
    finally:
        process.kill()
        process.wait()
    assert len(set(codes)) == 8
    store = open_store(f"sqlite:///{tmp_path / 'mixtrial.sqlite'}")
    people, events = store.participants(STUDY), store.events(STUDY)
    store.close()
    done = people[people["finished_at"] != ""]["participant"]
    assert len(done) == 8
    ratings = rated(database)
    ratings = ratings[ratings["participant"].isin(done)]
    key = ["participant", "phase", "song", "system", "attribute"]
    assert len(ratings) == 8 * 4 * len(SYSTEMS) * 5
    assert not ratings.duplicated(key).any()
    submits = events[(events["event"] == "submit") & events["participant"].isin(done)]
    assert len(submits) == 8 * 4
