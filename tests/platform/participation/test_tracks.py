"""Adaptive tracks end to end: the server chooses, and nothing is lost or doubled."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from analysis.findings.adaptive.thresholds import MeanThreshold
from analysis.trials import trials_section
from browser_study import SYSTEMS
from db.records.participation import Page, Participant, SaveOutcome
from mixtrial.dashboard.views.answers.choices import tracks
from mixtrial.exports.csv_text import download
from mixtrial.exports.trials import told_trials
from mixtrial.participation import autosave
from mixtrial.participation.enrolment import enrol
from mixtrial.reporting.table_reader import read_table
from mixtrial.server.installation import Installation, load_installation
from mixtrial.server.settings import settings_for_study
from mixtrial.simulation.in_process import simulate_participants
from mixtrial.simulation.over_http import simulate_over_http
from page_types_study import write_page_types_study
from participants import put_on_page
from route_server import free_port, serving, start
from stimuli.design.balance import balance_table
from stimuli.page_types.staircase import SPREAD_RANKS, planted_rank
from survey_pages import html_of, player_of, served, survey

PASSWORD = "one step down"
LEVELS = (SYSTEMS[0], SYSTEMS[1], SYSTEMS[3])
PARTS = f"""
parts:
  - type: staircase
    name: heard
    reference: human
    levels: [{", ".join(LEVELS)}]
    level_values: [9, 6, 3]
    reversals: 4
    max_trials: 14
  - type: acr
    songs: [amber]
    systems: [human, {SYSTEMS[0]}]
pages: {{training: true, back: true}}
"""
ODD = "odd_one"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of two tracks and two single mixes, which nobody can hear."""
    return write_page_types_study(tmp_path_factory.mktemp("tracks"), parts=PARTS)


@pytest.fixture(scope="module")
def simulated(path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The same with twelve simulated listeners and nobody else."""
    database = f"sqlite:///{tmp_path_factory.mktemp('simulated') / 'own.sqlite'}"
    installation = load_installation(settings_for_study(path, database_url=database))
    list(simulate_participants(installation, 12, seed=3))
    yield installation
    installation.store.close()


@pytest.fixture
def empty(path: Path, tmp_path: Path) -> Iterator[Installation]:
    """The study with a database of its own."""
    database = f"sqlite:///{tmp_path / 'own.sqlite'}"
    installation = load_installation(settings_for_study(path, database_url=database))
    yield installation
    installation.store.close()


def somebody(installation: Installation, page: int = 1) -> str:
    """Token of one who stands on a page; the first is practice."""
    token = enrol(installation).token
    put_on_page(installation.store, token, page)
    return token


def now(installation: Installation, token: str) -> Participant:
    """The participant as the database has them."""
    found = installation.store.find_participant(token)
    assert found is not None
    return found


def message(installation: Installation, token: str, index: int, *, is_right: bool) -> str:
    """Message of a browser at the end of a page, after it has opened it."""
    state = installation.store.page_state(token, index)
    systems = [slot.system for slot in state.page.rated_slots]
    place = next(at for at, name in enumerate(systems) if systems.count(name) == 1)
    chosen = place if is_right else (place + 1) % 3
    ratings = [
        {"slot": slot, "attribute": ODD, "value": 100.0 if slot == chosen else 0.0}
        for slot in range(3)
    ]
    said = {"token": token, "page": index, "epoch": state.epoch, "seq": state.seq + 1}
    return json.dumps({**said, "final": True, "ratings": ratings})


def answer(installation: Installation, token: str, *, is_right: bool = True) -> SaveOutcome:
    """Answer the page that somebody stands on."""
    index = now(installation, token).page_index
    return autosave.save(installation, message(installation, token, index, is_right=is_right))


def track_of(participant: Participant, song: str) -> list[Page]:
    """Pages of a track in their order."""
    return [page for page in participant.pages if page.part == "heard" and page.song == song
            and page.phase == "rating"]  # fmt: skip


def levels_of(pages: list[Page]) -> list[str]:
    """Levels of the pages that are settled."""
    return [
        next(slot.system for slot in page.rated_slots if slot.system != "human")
        for page in pages
        if page.slots
    ]


def test_an_answer_settles_the_next_trial_of_its_track_and_nothing_else(
    empty: Installation,
) -> None:
    """One right: the same level; two: the next; the other song's track waits for its own."""
    token = somebody(empty)
    first, second = (page.song for page in now(empty, token).pages[1:3])
    for _ in range(2):
        assert answer(empty, token) is SaveOutcome.STORED
    for _ in range(2):
        answer(empty, token, is_right=now(empty, token).pages[3].song == first)
    participant = now(empty, token)
    assert levels_of(track_of(participant, first))[:2] == [LEVELS[0]] * 2
    assert levels_of(track_of(participant, second))[:2] == [LEVELS[0]] * 2
    settled = {song: len(levels_of(track_of(participant, song))) for song in (first, second)}
    assert settled == {first: 3, second: 3}
    assert participant.page_index == 5
    following = participant.pages[participant.page_index + 1]
    assert len(following.slots) == 3


def test_a_repeat_a_reload_and_a_second_tab_meet_the_same_trial(empty: Installation) -> None:
    """The final save sent twice, the page opened three times: tokens and stimuli stay."""
    token = somebody(empty)
    index = now(empty, token).page_index
    sent = message(empty, token, index, is_right=True)
    assert [autosave.save(empty, sent) for _ in range(2)] == [SaveOutcome.STORED] * 2
    later = message(empty, token, index, is_right=False)
    assert autosave.save(empty, later) is SaveOutcome.CLOSED
    song = now(empty, token).pages[index].song
    pages = track_of(now(empty, token), song)
    assert len(levels_of(pages)) == 2
    opened = [empty.store.page_state(token, pages[1].index).page for _ in range(3)]
    assert opened[0] == opened[1] == opened[2] == pages[1]


def test_a_server_that_dies_between_save_and_next_trial_has_stored_neither(
    empty: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser sends again, and the track goes on as if nothing had been."""
    token = somebody(empty)
    index = now(empty, token).page_index
    sent = message(empty, token, index, is_right=True)

    def dies(*_given: object) -> None:
        raise MemoryError("killed here")

    with monkeypatch.context() as dying:
        dying.setattr(autosave, "chooser", dies)
        with pytest.raises(MemoryError, match="killed here"):
            autosave.save(empty, sent)
    assert now(empty, token).page_index == index
    assert not now(empty, token).pages[index].is_closed
    assert autosave.save(empty, sent) is SaveOutcome.STORED
    assert len(levels_of(track_of(now(empty, token), now(empty, token).pages[index].song))) == 2


def test_the_pages_left_of_a_track_leave_the_plan(empty: Installation) -> None:
    """All right: both tracks end at the hardest level after ten trials, and the ratings follow."""
    token = somebody(empty)
    n_before = len(now(empty, token).pages)
    assert n_before == 1 + 2 * 14 + 1 + 2
    while now(empty, token).pages[now(empty, token).page_index].part == "heard":
        assert answer(empty, token) is SaveOutcome.STORED
    participant = now(empty, token)
    # two trials for each of two steps, and three times two that ask for more
    assert [len(track_of(participant, song)) for song in ("amber", "birch")] == [10, 10]
    assert [page.index for page in participant.pages] == list(range(1 + 20 + 1 + 2))
    assert participant.pages[participant.page_index].part == "acr"
    assert all(page.slots for page in participant.pages)
    told = told_trials(empty)
    assert list(told["ended"].dropna())[-2:] == ["hardest", "hardest"]


def test_the_browser_is_told_neither_level_nor_number_of_pages(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most so many pages while tracks are open; no way back, and no level in what is sent."""
    for installation in served(path, monkeypatch):
        token = somebody(installation)
        at = survey(token)
        assert "Page 1 of at most 30" in html_of(at)
        data = player_of(at)
        assert (data["page_type"], data["may_go_back"]) == ("staircase", False)
        assert len(data["urls"]) == 3
        assert len(data["next_urls"]) == 3  # the other song's, settled before
        text = json.dumps(data)
        assert not any(re.search(rf"\b{name}\b", text) for name in (*LEVELS, "human", "level"))
        answer(installation, token)
        data = player_of(survey(token))
        assert (data["page"], data["next_urls"] != []) == (2, True)
        installation.store.withdraw(token)


def test_simulated_listeners_of_a_known_threshold_are_found(simulated: Installation) -> None:
    """In process: mean threshold within the planted one's reach; the export has every column."""
    told = told_trials(simulated)
    rated = told[told["phase"] == "rating"]
    assert list(rated.groupby(["participant", "track"])["trial"].min().unique()) == [1]
    found = trials_section(rated, (), 1)
    assert found is not None
    [entry] = found.thresholds
    assert entry.unit == "value"
    assert entry.n_tracks == 24
    mean = entry.by_curve
    assert isinstance(mean, MeanThreshold)
    # ranks 1, 2, 3 are 9, 6 and 3; a share of 70.7 % lies just above the planted middle
    planted = 12 - 3 * (planted_rank(3) - SPREAD_RANKS * 0.244)
    assert abs(mean.mean - planted) < 1.5


def test_the_export_is_read_again_and_says_the_same(
    simulated: Installation, tmp_path: Path
) -> None:
    """Thresholds of the CSV file are those of the database."""
    file = tmp_path / "trials.csv"
    file.write_text(download(simulated, "trials"), encoding="utf-8")
    read = read_table(file).tables.trials
    assert read is not None
    told = told_trials(simulated)
    own = trials_section(told[told["phase"] == "rating"], (), 1)
    again = trials_section(read, (), 1)
    assert own is not None
    assert again is not None
    assert repr(own.thresholds) == repr(again.thresholds)


def test_over_http_listeners_answer_as_in_this_process(
    simulated: Installation, path: Path, tmp_path: Path
) -> None:
    """The doors tell the plan again after each answer; level, answer and end are the same."""
    database = f"sqlite:///{tmp_path / 'http.sqlite'}"
    with serving(
        path, free_port(), MIXTRIAL_ADMIN_PASSWORD=PASSWORD, MIXTRIAL_DATABASE_URL=database
    ) as url:
        remote = load_installation(settings_for_study(path, database_url=database))
        assert len(simulate_over_http(remote.study, url, PASSWORD, 1, seed=3)) == 1
    columns = ["track", "trial", "level", "answer", "correct", "reversal", "ended"]
    local = told_trials(simulated)
    local = local[local["participant"] == "P001"].reset_index(drop=True)
    pd.testing.assert_frame_equal(told_trials(remote)[columns], local[columns])
    remote.store.close()


@pytest.mark.slow
def test_a_killed_server_goes_on_at_the_level_of_the_track(
    path: Path, simulated: Installation, tmp_path: Path
) -> None:
    """SIGKILL as soon as an answer is in the database: each track is the one of no kill at all."""
    database = f"sqlite:///{tmp_path / 'killed.sqlite'}"
    environment = {"MIXTRIAL_ADMIN_PASSWORD": PASSWORD, "MIXTRIAL_DATABASE_URL": database}
    remote = load_installation(settings_for_study(path, database_url=database))
    port = free_port()
    process = start(path, port, **environment)
    codes: list[str] = []

    def send_bot() -> None:
        url = f"http://127.0.0.1:{port}"
        codes.extend(simulate_over_http(remote.study, url, PASSWORD, 1, seed=3, think_s=0.05))

    bot = threading.Thread(target=send_bot)
    bot.start()
    try:
        for n_answers in (2, 7):
            deadline = time.monotonic() + 120.0
            while len(told_trials(remote)) < n_answers and time.monotonic() < deadline:
                time.sleep(0.01)
            process.kill()
            process.wait()
            assert not codes, "the bot was through before the server was killed"
            process = start(path, port, **environment)
        bot.join(timeout=240.0)
    finally:
        process.kill()
        process.wait()
    assert len(codes) == 1
    columns = ["track", "trial", "level", "answer", "correct", "reversal", "ended"]
    local = told_trials(simulated)
    local = local[local["participant"] == "P001"].reset_index(drop=True)
    pd.testing.assert_frame_equal(told_trials(remote)[columns], local[columns])
    remote.store.close()


def test_the_dashboard_counts_tracks_and_balance_without_a_level(
    simulated: Installation,
) -> None:
    """Twelve tracks a song, all over; what differs is in each place about equally often."""
    told = told_trials(simulated)
    counted = tracks(told[told["phase"] == "rating"], {})
    assert counted[["Tracks", "Over"]].to_numpy().tolist() == [[12, 12], [12, 12]]
    assert not {*LEVELS, "human"} & set(counted.astype(str).to_numpy().ravel())
    study = simulated.study
    plans = simulated.store.plans(study.identifier)
    rows = balance_table(plans[plans["phase"] == "rating"], study)
    place = rows[rows["criterion"].str.contains("what differs")].iloc[0]
    assert place["cells"] == 3
    assert place["fewest"] > 0.8 * place["mean"]
