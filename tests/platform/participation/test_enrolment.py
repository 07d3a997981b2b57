"""Who comes in gets the plan of their number, tied to the files that will be played."""

from __future__ import annotations

import dataclasses
import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from pydantic import ValidationError

from db.records.errors import StoreUnavailableError, UnknownParticipantError
from db.records.participation import Participant
from db.records.steps import Step
from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.participation import enrolment
from mixtrial.participation.admission import Closed
from mixtrial.participation.enrolment import (
    ENROLMENTS_AT_ONCE,
    ENROLMENTS_PER_S,
    EnrolmentClosedError,
    answer_questionnaire,
    enrol,
    enrol_visitor,
)
from mixtrial.server.installation import Installation
from mixtrial.server.limits import RateLimit
from participants import put_on_page
from stimuli.design.session import plan_session
from stimuli.study_keys.recruiting.admission import Admission


def stored_orders(participant: Participant) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return kind, song and order of systems of each stored page."""
    return [
        (page.phase, page.song, tuple(slot.system for slot in page.slots))
        for page in participant.pages
    ]


def planned_orders(
    installation: Installation, index: int
) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return the same of the plan for a participant's index."""
    return [
        (page.phase, page.song, page.systems)
        for page in plan_session(installation.study, index).pages
    ]


def test_the_stored_plan_is_the_one_drawn_from_the_studys_seed(tmp_path: Path) -> None:
    """Order comes from seed and number; each slot carries its file's checksum."""
    build_stimuli(tmp_path)
    installation = open_installation(write_study(tmp_path))
    assert installation.manifest is not None
    for index in range(3):
        added = enrol(installation)
        assert added.index == index
        assert stored_orders(added) == planned_orders(installation, index)
        for page in added.pages:
            for slot in page.slots:
                built = installation.manifest.stimulus(page.song, slot.system)
                assert slot.stimulus_sha256 == built.sha256
    installation.store.close()


def test_an_unbuilt_study_enrols_without_checksums(tmp_path: Path) -> None:
    """Simulated participants need no stimuli."""
    installation = open_installation(write_study(tmp_path))
    added = enrol(installation, "simulated")
    assert added.kind == "simulated"
    assert {slot.stimulus_sha256 for page in added.pages for slot in page.slots} == {None}
    installation.store.close()


def test_those_who_come_at_once_get_the_plan_of_their_own_number(tmp_path: Path) -> None:
    """Twelve threads: twelve numbers, and nobody holds a plan drawn for somebody else."""
    installation = open_installation(write_study(tmp_path))
    added: list[Participant] = []
    threads = [
        threading.Thread(target=lambda: added.append(enrol(installation))) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(participant.index for participant in added) == list(range(12))
    for participant in added:
        assert stored_orders(participant) == planned_orders(installation, participant.index)
    installation.store.close()


def planned_for(
    installation: Installation, participant: Participant, number: int, group: str
) -> bool:
    """Whether a participant holds the plan with this number of a group."""
    planned = [
        (page.phase, page.song, page.systems)
        for page in plan_session(installation.study, number, group).pages
    ]
    return stored_orders(participant) == planned


def pages_of(installation: Installation, **keys: object) -> Installation:
    """The same installation with other keys under ``pages``."""
    pages = installation.study.pages.model_copy(update=keys)
    return dataclasses.replace(
        installation, study=installation.study.model_copy(update={"pages": pages})
    )


def test_a_plan_that_was_given_up_goes_to_the_next_participant(tmp_path: Path) -> None:
    """Refused and withdrawn plans are free at once; a finished and a running one are not."""
    installation = open_installation(write_study(tmp_path))
    refused, withdrawn, running, finished = (enrol(installation) for _ in range(4))
    installation.store.record_consent(refused.token, "v1", accepted=False)
    installation.store.withdraw(withdrawn.token)
    installation.store.finish(finished.token)
    later = [enrol(installation) for _ in range(3)]
    assert [added.index for added in later] == [4, 5, 6]
    for added, number in zip(later, (0, 1, 4), strict=True):
        assert stored_orders(added) == planned_orders(installation, number)
    assert stored_orders(running) == planned_orders(installation, 2)
    installation.store.close()


def test_a_plan_is_abandoned_after_the_studys_hours(tmp_path: Path) -> None:
    """An hour after the last page opened the plan is free; whoever comes back keeps their pages."""
    installation = pages_of(open_installation(write_study(tmp_path)), abandoned_after_hours=1.0)
    first, second = enrol(installation), enrol(installation)
    put_on_page(installation.store, second.token, 0, Step.TRAINING)
    installation.store.page_state(second.token, 0)
    database = sqlite3.connect(tmp_path / "mixtrial.sqlite")
    database.execute("UPDATE participant SET created_at = '2026-01-01 00:00:00.000000'")
    database.commit()
    third = enrol(installation)
    assert stored_orders(third) == planned_orders(
        installation, 0
    )  # the first did nothing for an hour
    assert stored_orders(enrol(installation)) == planned_orders(
        installation, 2
    )  # the second opened a page
    again = installation.store.find_participant(first.token)
    assert again is not None
    assert again.pages == first.pages
    database.execute("UPDATE participant SET created_at = '2026-01-01 00:00:00.000000'")
    database.commit()
    database.close()
    never = pages_of(installation, abandoned_after_hours=0.0)
    assert stored_orders(enrol(never)) == planned_orders(installation, 3)
    installation.store.close()


def test_simulated_participants_take_no_plan_from_real_ones(tmp_path: Path) -> None:
    """Each kind counts its plans for itself; the numbers in the data are shared."""
    installation = open_installation(write_study(tmp_path))
    simulated, real = enrol(installation, "simulated"), enrol(installation)
    assert (simulated.index, real.index) == (0, 1)
    assert stored_orders(simulated) == stored_orders(real) == planned_orders(installation, 0)
    installation.store.close()


def test_within_groups_each_group_walks_through_its_own_plans(tmp_path: Path) -> None:
    """The plan is drawn when the group is known, and not again; other tokens, nothing heard yet."""
    installation = pages_of(open_installation(write_study(tmp_path)), balance_within="groups")
    groups = ["hobbyist", "professional", "hobbyist", "hobbyist"]
    for group, number in zip(groups, (0, 0, 1, 2), strict=True):
        added = enrol(installation)
        installation.store.record_consent(added.token, "v1", accepted=True)
        answered = answer_questionnaire(installation, added.token, group, "headphones")
        assert (answered.step, answered.group) == ("volume", group)
        assert planned_for(installation, answered, number, group)
        assert {slot.audio_token for page in answered.pages for slot in page.slots}.isdisjoint(
            slot.audio_token for page in added.pages for slot in page.slots
        )
        assert answer_questionnaire(installation, added.token, group, "headphones") == answered
    installation.store.record_volume(added.token, 0.5)
    installation.store.page_state(added.token, 0)
    late = answer_questionnaire(installation, added.token, "professional", "headphones")
    assert late.pages == answered.pages  # what was opened is never exchanged
    with pytest.raises(UnknownParticipantError, match="does not belong to any participant"):
        answer_questionnaire(installation, "x" * 32, "hobbyist", "headphones")
    installation.store.close()


def test_so_many_come_in_from_one_address_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three at once, here; another address is let in, and the first again a moment later."""
    now = [0.0]
    limit = RateLimit(0.1, 3, lambda: now[0])
    monkeypatch.setattr(enrolment, "enrolment_limit", lambda: limit)
    installation = open_installation(write_study(tmp_path, n_songs=1))
    for _ in range(3):
        enrol_visitor(installation, "2001:db8:1:2::1")
    with pytest.raises(
        StoreUnavailableError, match="Too many participants came in from this address"
    ):
        enrol_visitor(installation, "2001:db8:1:2::ffff")
    assert installation.store.counts("harbour-lights").enrolled == 3
    enrol_visitor(installation, None)
    now[0] = 10.0
    enrol_visitor(installation, "2001:db8:1:2::1")
    assert installation.store.counts("harbour-lights").enrolled == 5
    installation.store.close()


def test_a_full_lecture_hall_comes_in_at_once() -> None:
    """Two hundred behind one address, and six a minute after them."""
    now = [0.0]
    limit = RateLimit(ENROLMENTS_PER_S, ENROLMENTS_AT_ONCE, lambda: now[0])
    assert {limit.wait_s("hall") for _ in range(200)} == {0.0}
    assert limit.wait_s("hall") > 0.0
    now[0] = 60.0
    assert [limit.wait_s("hall") for _ in range(6)] == [0.0] * 6


def test_the_last_places_are_given_once_and_come_back(tmp_path: Path) -> None:
    """Twelve at once on five places: five come in. Who declines gives theirs to the next."""
    path = write_study(tmp_path)
    path.write_text(path.read_text() + "admission: {capacity: 5}\n", encoding="utf-8")
    installation = open_installation(path)
    enrol(installation, "simulated")  # takes no place
    added: list[Participant] = []
    refused: list[Closed] = []

    def come() -> None:
        try:
            added.append(enrol(installation))
        except EnrolmentClosedError as error:
            refused.append(error.reason)

    threads = [threading.Thread(target=come) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(added) == 5
    assert refused == [Closed.FULL] * 7
    store, study = installation.store, installation.study.identifier
    store.record_consent(added[0].token, "v", False)
    enrol(installation)
    with pytest.raises(EnrolmentClosedError, match="has all the participants it needs"):
        enrol(installation)
    answer_questionnaire(installation, added[1].token, "hobbyist", "headphones")
    assert store.study_status(study) == "open"
    store.close()


def test_the_last_day_ends_at_midnight_utc() -> None:
    """Its last second is in it, and the next is not, wherever the clock stands."""
    limits = Admission(closes="2027-03-31")
    assert not limits.is_over(datetime(2027, 3, 31, 23, 59, 59, tzinfo=UTC))
    assert limits.is_over(datetime(2027, 4, 1, 0, 0, tzinfo=UTC))
    west = timezone(timedelta(hours=-8))
    assert limits.is_over(datetime(2027, 3, 31, 16, 0, tzinfo=west))
    for wrong in ("2027-02-29", "31.3.2027", "20270331", "2027-3-31"):
        with pytest.raises(ValidationError, match="closes must be a day"):
            Admission(closes=wrong)
