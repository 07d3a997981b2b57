"""Parts that must be heard before a page is handed in, and parts that can have been heard at all.

The server asks the browser's own account.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from browser_study import DURATION_S, SYSTEMS
from db.records.participation import SaveOutcome
from mixtrial.participation.autosave import AutosaveError, save
from mixtrial.participation.enrolment import enrol
from mixtrial.server.installation import Installation, load_installation
from mixtrial.server.settings import settings_for_study
from mixtrial.simulation.in_process import simulate_participants
from page_types_study import write_page_types_study
from participants import put_on_page

PARTS = f"""
parts:
  - type: multi_stimulus
    systems: [{SYSTEMS[0]}, {SYSTEMS[3]}]
    must_listen: 0.5
pages: {{training: false}}
"""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A study whose mixes must be heard by half."""
    folder = tmp_path_factory.mktemp("listening")
    study = write_page_types_study(folder, is_built=False, parts=PARTS)
    installation = load_installation(settings_for_study(study))
    yield installation
    installation.store.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The same with its stimuli, which last four seconds."""
    study = write_page_types_study(tmp_path_factory.mktemp("built"), parts=PARTS)
    installation = load_installation(settings_for_study(study))
    yield installation
    installation.store.close()


def message(token: str, seq: int, heard: tuple[float, ...], **changes: Any) -> bytes:
    """A final save of the first page with what was heard of each mix."""
    ratings = [{"slot": slot, "attribute": "overall", "value": 40} for slot in range(2)]
    events: list[dict[str, Any]] = [
        {"t_ms": 9000.0, "kind": "heard", "slot": slot, "value": share}
        for slot, share in enumerate(heard)
    ]
    page = {"token": token, "page": 0, "epoch": 1, "seq": seq, "final": True}
    return json.dumps(page | {"ratings": ratings, "events": events} | changes).encode()


def test_a_page_not_heard_is_refused_and_what_was_saved_before_stays(
    installation: Installation,
) -> None:
    """One sentence; the same page is taken once all was heard, whole shares and rounding too."""
    token = enrol(installation).token
    put_on_page(installation.store, token, 0)
    installation.store.page_state(token, 0)
    assert save(installation, message(token, 1, (), final=False)) is SaveOutcome.STORED
    for heard in ((), (1.0,), (1.0, 0.3)):
        with pytest.raises(AutosaveError, match=r"not complete: . recordings were not heard"):
            save(installation, message(token, 2, heard))
    state = installation.store.page_state(token, 0, opening=False)
    assert (len(state.ratings), state.final) == (2, False)
    assert save(installation, message(token, 2, (1, 0.49))) is SaveOutcome.STORED
    assert installation.store.page_state(token, 0, opening=False).final


def test_simulated_participants_hear_what_they_must(installation: Installation) -> None:
    """A dry run of such a study comes to its end."""
    (someone,) = simulate_participants(installation, 1, seed=3)
    found = installation.store.find_participant(someone.token)
    assert found is not None
    assert found.step == "thanks"


def opened_before(built: Installation, monkeypatch: pytest.MonkeyPatch, ago_s: float) -> str:
    """Token of somebody whose first page was opened a while ago."""
    token = enrol(built).token
    put_on_page(built.store, token, 0)
    opened_at = datetime.now(UTC) - timedelta(seconds=ago_s)
    monkeypatch.setattr("db.writing.page_turning.now", lambda: opened_at)
    built.store.page_state(token, 0)
    return token


def test_more_than_can_have_been_heard_is_refused_and_logged(
    built: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Two mixes of four seconds need eight; two seconds after opening nothing is stored.

    The log names the participant as exports do, never by the token.
    """
    token = opened_before(built, monkeypatch, 2.0)
    with (
        caplog.at_level(logging.WARNING),
        pytest.raises(AutosaveError, match=r"^8\.0 s were heard in the 2\.\d s since the page"),
    ):
        save(built, message(token, 1, (1.0, 1.0)))
    participant = built.store.find_participant(token)
    assert participant is not None
    assert f"refused a page of {participant.identifier} (page 0): 8.0 s were heard" in caplog.text
    assert token not in caplog.text
    assert not built.store.page_state(token, 0, opening=False).final


def test_what_can_just_have_been_heard_is_taken(
    built: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both mixes from the first second on, with a sound card a little faster than the server."""
    token = opened_before(built, monkeypatch, 2 * DURATION_S - 0.05)
    assert save(built, message(token, 1, (1.0, 1.0))) is SaveOutcome.STORED


def test_the_time_of_a_simulated_participant_is_made_up(built: Installation) -> None:
    """A dry run hears all of a page at once."""
    (someone,) = simulate_participants(built, 1, seed=3)
    found = built.store.find_participant(someone.token)
    assert found is not None
    assert found.step == "thanks"
