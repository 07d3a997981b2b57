"""The headphone check: what is stored, what passes, who may try again, what is served."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from starlette.requests import Request
from starlette.responses import Response

from browser_study import write_study
from db.records.participation import SaveOutcome
from db.records.steps import Step
from mixtrial.participation.autosave import save
from mixtrial.participation.enrolment import enrol
from mixtrial.participation.headphone_check import (
    answered,
    headphone_check_of,
    right_interval,
    trial_sound,
)
from mixtrial.routes.audio import audio
from mixtrial.routes.headphones import headphone_sound
from mixtrial.server.installation import Installation, load_installation
from mixtrial.server.settings import settings_for_study
from participants import put_on_page

CHECK = "headphones: {test: huggins, trials: 3, needed: 2, attempts: 2, gate: required}"


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """A study that checks headphones."""
    loaded = load_installation(settings_for_study(write_study(tmp_path, more=[CHECK])))
    monkeypatch.setattr("mixtrial.routes.headphones.current_installation", lambda: loaded)
    yield loaded
    loaded.store.close()


def comer(installation: Installation) -> str:
    """Token of somebody who has set the volume."""
    token = enrol(installation).token
    installation.store.record_consent(token, "v", accepted=True)
    installation.store.record_questionnaire(token, "hobbyist", "headphones", {"years": "3"})
    installation.store.record_volume(token, 0.5)
    return token


def answer(
    installation: Installation, token: str, attempt: int, trial: int, is_right: bool
) -> None:
    """Give the right or a wrong answer in a trial, and store it."""
    someone = installation.store.find_participant(token)
    right = right_interval(installation.study, someone, attempt, trial)
    given = right if is_right else right % 3 + 1
    answers = answered(installation.study, someone, attempt, trial, given)
    assert answers is not None
    installation.store.record_questionnaire(token, someone.group, someone.device, answers)


def outcome(installation: Installation, token: str) -> str:
    """Where somebody is in the check."""
    check = headphone_check_of(installation.study, installation.store.find_participant(token))
    assert check is not None
    return check.outcome


def test_enough_right_answers_pass_and_every_answer_is_stored(installation: Installation) -> None:
    """Two of three: passed; what was right and what was given stand side by side."""
    token = comer(installation)
    for trial, is_right in enumerate((True, False, True)):
        assert outcome(installation, token) == "open"
        answer(installation, token, 0, trial, is_right)
    assert outcome(installation, token) == "passed"
    someone = installation.store.find_participant(token)
    stored = someone.answers
    right = [right_interval(installation.study, someone, 0, trial) for trial in range(3)]
    assert stored["headphones_right_1"] == " ".join(map(str, right))
    given = [right[0], right[1] % 3 + 1, right[2]]
    assert stored["headphones_given_1"] == " ".join(map(str, given))
    assert (stored["headphones_passed"], stored["years"]) == ("yes", "3")
    rule = {name: stored[f"headphones_{name}"] for name in
            ("test", "trials", "needed", "attempts", "gate")}  # fmt: skip
    assert rule == {"test": "huggins", "trials": "3", "needed": "2", "attempts": "2",
                    "gate": "required"}  # fmt: skip
    assert (someone.step, someone.group) == ("training", "hobbyist")


def test_who_fails_may_try_again_until_the_attempts_are_used_up(installation: Installation) -> None:
    """The second attempt is a new one; failing it too is the end, and the first is kept."""
    token = comer(installation)
    for attempt in range(2):
        for trial in range(3):
            assert outcome(installation, token) == "open"
            answer(installation, token, attempt, trial, is_right=trial == 0)
    assert outcome(installation, token) == "failed"
    stored = installation.store.find_participant(token).answers
    assert stored["headphones_passed"] == "no"
    assert {"headphones_given_1", "headphones_given_2"} <= set(stored)


def test_an_answer_that_is_not_waited_for_changes_nothing(installation: Installation) -> None:
    """A double submit, a skipped trial and an interval that does not exist are left out."""
    token = comer(installation)
    answer(installation, token, 0, 0, True)
    someone = installation.store.find_participant(token)
    for attempt, trial, given in ((0, 0, 1), (0, 2, 1), (1, 1, 1), (0, 1, 4), (0, 1, 0)):
        assert answered(installation.study, someone, attempt, trial, given) is None


def test_a_study_without_a_check_asks_nobody(tmp_path: Path) -> None:
    """By default there is none, and no sound for it."""
    loaded = load_installation(settings_for_study(write_study(tmp_path)))
    someone = enrol(loaded)
    assert headphone_check_of(loaded.study, someone) is None
    with pytest.raises(ValueError, match="has no headphone check"):
        trial_sound(loaded.study, someone, 0, 0)
    loaded.store.close()


def fetched(token: str, attempt: int, trial: int, site: str = "same-origin") -> Response:
    """Answer of the route."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [(b"sec-fetch-site", site.encode())],
        "path_params": {"token": token, "attempt": attempt, "trial": trial},
    }
    return asyncio.run(headphone_sound(Request(scope)))


def test_the_sound_of_the_present_trial_is_served_in_two_channels(
    installation: Installation,
) -> None:
    """A WAV file of 16 bits that is within half a step of what was made."""
    token = comer(installation)
    response = fetched(token, 0, 0)
    assert (response.status_code, response.headers["content-type"]) == (200, "audio/wav")
    sound, rate = soundfile.read(io.BytesIO(response.body), dtype="float32")
    made = trial_sound(installation.study, installation.store.find_participant(token), 0, 0)
    assert (rate, sound.shape) == (44_100, (4 * 44_100, 2))
    assert abs(sound.T - made).max() <= 1 / 2**15


def test_no_other_sound_is_served(installation: Installation) -> None:
    """Later trials, other attempts, strangers and other sites get nothing."""
    token = comer(installation)
    assert fetched(token, 0, 1).status_code == 404
    assert fetched(token, 1, 0).status_code == 404
    assert fetched("nobody-has-this-token-000", 0, 0).status_code == 404
    assert fetched(token, 0, 0, "cross-site").status_code == 403


def page_message(installation: Installation, token: str) -> bytes:
    """A good save of the first page."""
    epoch = installation.store.page_state(token, 0).epoch
    rating = {"slot": 0, "attribute": "overall", "value": 50.0}
    return json.dumps(
        {"token": token, "page": 0, "epoch": epoch, "seq": 1, "ratings": [rating]}
    ).encode()


def heard(installation: Installation, token: str) -> int:
    """Status with which the first recording of the first page is answered."""
    slot = installation.store.find_participant(token).pages[0].slots[0]
    scope = {
        "type": "http", "method": "GET", "path": "/", "query_string": b"",
        "headers": [(b"sec-fetch-site", b"same-origin")],
        "path_params": {"token": slot.audio_token},
    }  # fmt: skip
    return asyncio.run(audio(Request(scope))).status_code


@pytest.mark.parametrize("n_right", [0, 1])
def test_a_required_check_holds_behind_the_pages_too(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, n_right: int
) -> None:
    """Who has not passed, or not yet, is served no recording and can save nothing."""
    monkeypatch.setattr("mixtrial.routes.audio.current_installation", lambda: installation)
    token = comer(installation)
    assert (heard(installation, token), save(installation, page_message(installation, token))) == (
        403, SaveOutcome.NOT_OPEN,
    )  # fmt: skip
    for attempt in range(2):
        for trial in range(3):
            answer(installation, token, attempt, trial, is_right=trial < n_right)
    assert outcome(installation, token) == "failed"
    assert (heard(installation, token), save(installation, page_message(installation, token))) == (
        403, SaveOutcome.NOT_OPEN,
    )  # fmt: skip
    assert installation.store.page_state(token, 0, opening=False).ratings == ()


def test_who_passes_a_required_check_hears_and_saves(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So do simulated participants, who wear no headphones; the volume page is heard before."""
    monkeypatch.setattr("mixtrial.routes.audio.current_installation", lambda: installation)
    token = enrol(installation).token
    installation.store.record_consent(token, "v", accepted=True)
    installation.store.record_questionnaire(token, "hobbyist", "headphones")
    assert heard(installation, token) == 200
    installation.store.record_volume(token, 0.5)
    for trial in range(2):
        answer(installation, token, 0, trial, is_right=True)
    answer(installation, token, 0, 2, is_right=False)
    bot = enrol(installation, "simulated").token
    put_on_page(installation.store, bot, 0, Step.TRAINING)
    for each in (token, bot):
        assert heard(installation, each) == 200
        assert save(installation, page_message(installation, each)) is SaveOutcome.STORED
