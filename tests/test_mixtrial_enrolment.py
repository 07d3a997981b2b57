"""Who comes in gets the plan of their number, tied to the files that will be played."""

from __future__ import annotations

import threading
from pathlib import Path

from harbour_study import build_stimuli, open_installation, write_study

from db.records import Participant
from mixtrial.enrolment import enrol
from mixtrial.installation import Installation
from stimuli.design import plan_session


def stored_orders(participant: Participant) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return kind, song and order of systems of each stored page."""
    return [
        (page.kind, page.song, tuple(slot.system for slot in page.slots))
        for page in participant.pages
    ]


def planned_orders(here: Installation, index: int) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return the same of the plan for a participant's index."""
    return [(page.kind, page.song, page.systems) for page in plan_session(here.study, index).pages]


def test_the_stored_plan_is_the_one_drawn_from_the_studys_seed(tmp_path: Path) -> None:
    """Order comes from seed and number; each slot carries its file's checksum."""
    build_stimuli(tmp_path)
    here = open_installation(write_study(tmp_path))
    assert here.manifest is not None
    for index in range(3):
        added = enrol(here)
        assert added.index == index
        assert stored_orders(added) == planned_orders(here, index)
        for page in added.pages:
            for slot in page.slots:
                built = here.manifest.stimulus(page.song, slot.system)
                assert slot.stimulus_sha256 == built.sha256
    here.store.close()


def test_an_unbuilt_study_enrols_without_checksums(tmp_path: Path) -> None:
    """Simulated participants need no stimuli."""
    here = open_installation(write_study(tmp_path))
    added = enrol(here, "simulated")
    assert added.kind == "simulated"
    assert {slot.stimulus_sha256 for page in added.pages for slot in page.slots} == {None}
    here.store.close()


def test_those_who_come_at_once_get_the_plan_of_their_own_number(tmp_path: Path) -> None:
    """Twelve threads: twelve numbers, and nobody holds a plan drawn for somebody else."""
    here = open_installation(write_study(tmp_path))
    added: list[Participant] = []
    threads = [threading.Thread(target=lambda: added.append(enrol(here))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(participant.index for participant in added) == list(range(12))
    for participant in added:
        assert stored_orders(participant) == planned_orders(here, participant.index)
    here.store.close()
