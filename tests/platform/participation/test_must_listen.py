"""What must be heard before a page is handed in: the server asks the browser's own account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from browser_study import SYSTEMS
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
