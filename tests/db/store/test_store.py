"""The archive keeps who takes part, where they stand and what they are to hear."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.records.errors import StoreError, UnknownParticipantError
from db.records.participation import (
    AssignedPage,
    AssignedSlot,
    Page,
    RatingValue,
    SavedPage,
    SaveOutcome,
    Slot,
)
from db.store.store import Store, open_store
from participants import join, put_on_page

PAGES = (
    AssignedPage("training", "harbour", (AssignedSlot("cnn", "a" * 64), AssignedSlot("human"))),
    AssignedPage("rating", "meadow", (AssignedSlot("human"), AssignedSlot("cnn"))),
    AssignedPage("rating", "meadow", (AssignedSlot("cnn"), AssignedSlot("human")), replicate=1),
)


@pytest.fixture
def store() -> Iterator[Store]:
    """An archive in memory, with one study."""
    archive = open_store("sqlite://")
    archive.register_study("lights", "Harbour Lights", "f" * 64, 7)
    yield archive
    archive.close()


@pytest.fixture
def file_store(tmp_path: Path) -> Iterator[Store]:
    """An archive in a file, as threads need it."""
    archive = open_store(f"sqlite:///{tmp_path / 'study.sqlite'}")
    archive.register_study("lights", "Harbour Lights", "f" * 64, 7)
    yield archive
    archive.close()


def reach_first_page(store: Store, token: str) -> None:
    """Bring a participant to page 0."""
    store.record_consent(token, "v1", True)
    store.record_questionnaire(token, "hobbyist", "headphones", {"years": "6"})
    store.record_volume(token, 0.5)


def test_the_whole_plan_is_stored_before_anything_is_heard(store: Store) -> None:
    """A participant read back equals what was planned, slot for slot."""
    added = join(store, "lights", PAGES)
    found = store.find_participant(added.token)
    assert found == added
    assert found is not None
    assert (found.identifier, found.step, found.page_index) == ("P001", "consent", 0)
    tokens = [[slot.audio_token for slot in page.slots] for page in found.pages]
    assert found.pages == (
        Page(
            0,
            "training",
            "harbour",
            0,
            (Slot(0, "cnn", tokens[0][0], "a" * 64), Slot(1, "human", tokens[0][1])),
        ),
        Page(
            1, "rating", "meadow", 0, (Slot(0, "human", tokens[1][0]), Slot(1, "cnn", tokens[1][1]))
        ),
        Page(
            2, "rating", "meadow", 1, (Slot(0, "cnn", tokens[2][0]), Slot(1, "human", tokens[2][1]))
        ),
    )


def test_tokens_hold_192_random_bits_and_never_repeat(store: Store) -> None:
    """Participants' and audio tokens are 32 characters each, all different."""
    tokens = []
    for _ in range(5):
        participant = join(store, "lights", PAGES)
        tokens.append(participant.token)
        tokens += [slot.audio_token for page in participant.pages for slot in page.slots]
    assert {len(token) for token in tokens} == {32}
    assert len(set(tokens)) == 5 * (1 + 6)


def test_participants_who_come_at_once_get_different_indices(file_store: Store) -> None:
    """Eight threads that enrol three each leave 24 participants, numbered without a gap."""
    errors: list[BaseException] = []

    def enrol_three() -> None:
        try:
            for _ in range(3):
                join(file_store, "lights", PAGES)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=enrol_three) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    names = file_store.participants("lights")["participant"].to_list()
    assert names == [f"P{number:03d}" for number in range(1, 25)]


def test_each_answer_leads_one_step_on(store: Store) -> None:
    """Consent, questionnaire and volume lead to the training page, and are kept."""
    token = join(store, "lights", PAGES).token
    steps = []
    for act in (
        lambda: store.record_consent(token, "v1", True),
        lambda: store.record_questionnaire(token, "hobbyist", "headphones", {"years": "6"}),
        lambda: store.record_volume(token, 0.25),
    ):
        act()
        found = store.find_participant(token)
        assert found is not None
        steps.append(found.step)
    assert steps == ["questionnaire", "volume", "training"]
    assert (found.group, found.device, found.volume) == ("hobbyist", "headphones", 0.25)
    assert found.answers == {"years": "6"}


def test_a_plan_without_training_begins_with_rating(store: Store) -> None:
    """The step after the volume is the kind of page 0."""
    token = join(store, "lights", PAGES[1:]).token
    reach_first_page(store, token)
    found = store.find_participant(token)
    assert found is not None
    assert (found.step, found.page_index) == ("rating", 0)


def test_a_refusal_is_kept_and_can_be_taken_back(store: Store) -> None:
    """No leads to ``refused``; a later yes leads on; both answers count."""
    token = join(store, "lights", PAGES).token
    store.record_consent(token, "v1", False)
    assert store.counts("lights").refused == 1
    store.record_consent(token, "v1", True)
    counts = store.counts("lights")
    assert (counts.refused, counts.consented, counts.by_step) == (0, 1, {"questionnaire": 1})


def test_answers_given_again_do_not_send_a_participant_back(store: Store) -> None:
    """A questionnaire resubmitted from an old tab leaves the step alone, and the volume locked."""
    token = join(store, "lights", PAGES).token
    reach_first_page(store, token)
    store.record_questionnaire(token, "professional", "headphones")
    store.record_volume(token, 0.9)
    found = store.find_participant(token)
    assert found is not None
    assert (found.step, found.group, found.volume) == ("training", "professional", 0.5)


def test_the_completion_code_stays_the_same(store: Store) -> None:
    """Finishing twice gives one code, of letters that cannot be mistaken for each other."""
    token = join(store, "lights", PAGES).token
    code = store.finish(token)
    assert store.finish(token) == code
    assert len(code) == 10
    assert not set(code) & set("IO01")


def test_an_answer_alone_changes_the_stamp_of_its_participant_and_of_nobody_else(
    store: Store,
) -> None:
    """By the stamps, the dashboard reads only rows that have changed."""
    first, _ = (join(store, "lights", PAGES) for _ in range(2))
    before = store.progress_of_each("lights")
    store.record_answers(first.token, {"feedback": "too loud"})
    after = store.progress_of_each("lights")
    assert [before[number] == after[number] for number in sorted(before)] == [False, True]


def test_withdrawal_leaves_nothing_but_a_taken_number(store: Store) -> None:
    """After withdrawal by code: no ratings, answers, events, consents, and the link is dead."""
    token = join(store, "lights", PAGES).token
    reach_first_page(store, token)
    epoch = store.page_state(token, 0).epoch
    saved = SavedPage(token, 0, epoch, 1, False, (RatingValue(0, "overall", 63.0),))
    assert store.save_page(saved) is SaveOutcome.STORED
    code = store.finish(token)
    assert store.withdraw(code)
    assert not store.withdraw(code)
    assert store.find_participant(token) is None
    assert store.ratings("lights").empty
    assert store.pages("lights").empty
    row = store.participants("lights").iloc[0].to_dict()
    assert row["participant"] == "P001"
    assert row["step"] == "withdrawn"
    assert (row["group"], row["device"], row["consented"]) == ("", "", False)
    assert join(store, "lights", PAGES).identifier == "P002"


def test_withdrawal_leaves_no_trace_in_the_file_and_its_log(
    file_store: Store, tmp_path: Path
) -> None:
    """Nothing a participant said can be read from the bytes on the disk, for SQLite overwrites."""
    told = {"why": "because of my grandmother's piano"}
    token = join(file_store, "lights", PAGES).token
    file_store.record_consent(token, "v1", True)
    file_store.record_questionnaire(token, "hobbyist", "headphones", told)

    def written() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.glob("study.sqlite*"))

    assert b"grandmother" in written()
    assert token.encode() in written()
    assert file_store.withdraw(token)
    assert b"grandmother" not in written()
    assert token.encode() not in written()


def test_a_code_is_taken_as_it_was_typed_and_in_its_own_study_only(store: Store) -> None:
    """Small letters will do; another study's researcher deletes nothing here."""
    store.register_study("other", "Other", "d" * 64, 1)
    token = join(store, "lights", PAGES).token
    code = store.finish(token)
    assert not store.withdraw(code, "other")
    assert store.find_participant(token) is not None
    assert store.withdraw(code.lower(), "lights")
    assert store.find_participant(token) is None


def test_audio_is_granted_for_the_page_reached_and_the_next(store: Store) -> None:
    """Before the volume page nothing may be heard; then page 0 and 1, not 2."""
    participant = join(store, "lights", PAGES)

    def open_pages() -> list[bool]:
        grants = [store.audio_grant(page.slots[0].audio_token) for page in participant.pages]
        return [grant is not None and grant.is_open for grant in grants]

    assert open_pages() == [False, False, False]
    store.record_consent(participant.token, "v1", True)
    assert open_pages() == [False, False, False]
    store.record_questionnaire(participant.token, "hobbyist", "headphones")
    assert open_pages() == [True, True, False]
    put_on_page(store, participant.token, 2)
    assert open_pages() == [True, True, True]  # earlier pages were never closed
    store.finish(participant.token)
    assert open_pages() == [False, False, False]
    assert store.audio_grant("nobody's token at all") is None


def test_a_grant_tells_what_to_play_and_its_page(store: Store) -> None:
    """The grant names song, system, checksum and the page's systems in their order."""
    slot = join(store, "lights", PAGES).pages[0].slots[0]
    grant = store.audio_grant(slot.audio_token)
    assert grant is not None
    assert (grant.study, grant.page_index, grant.position) == ("lights", 0, 0)
    assert (grant.song, grant.system, grant.stimulus_sha256) == ("harbour", "cnn", "a" * 64)
    assert grant.page_systems == ("cnn", "human")


def test_a_grant_counts_how_often_the_same_was_heard_before(store: Store) -> None:
    """On earlier pages, and before it on its own page; another song's do not count."""
    twice = AssignedPage(
        "rating", "harbour", (AssignedSlot("cnn"), AssignedSlot("cnn", role="reference"))
    )
    other = AssignedPage("rating", "lantern", (AssignedSlot("cnn"), AssignedSlot("human")))
    someone = join(store, "lights", (twice, other, twice))
    join(store, "lights", (twice, twice))
    counts = []
    for page in someone.pages:
        put_on_page(store, someone.token, page.index)
        grants = [store.audio_grant(slot.audio_token) for slot in page.slots]
        counts.append([grant.hearing for grant in grants if grant is not None])
    assert counts == [[0, 1], [0, 0], [2, 3]]


def test_a_changed_study_file_is_a_new_version_of_the_same_study(store: Store) -> None:
    """Participants keep the fingerprint they came in under, and the numbering goes on."""
    join(store, "lights", PAGES)
    store.register_study("lights", "Harbour Lights 2", "e" * 64, 7)
    join(store, "lights", PAGES)
    table = store.participants("lights")
    assert table["study_fingerprint"].to_list() == ["f" * 64, "e" * 64]
    assert table["participant"].to_list() == ["P001", "P002"]


def test_studies_in_one_archive_do_not_mix(store: Store) -> None:
    """Each study numbers and lists its own participants."""
    store.register_study("other", "Other", "d" * 64, 1)
    join(store, "lights", PAGES)
    assert join(store, "other", PAGES).identifier == "P001"
    assert store.counts("lights").enrolled == 1


def test_what_researchers_do_is_logged_in_order(store: Store) -> None:
    """Status changes and unblinding are in the log, oldest first."""
    store.set_study_status("lights", "paused")
    store.log_action("lights", "unblind", "after 30")
    assert [(action.kind, action.detail) for action in store.actions("lights")] == [
        ("status", "paused"),
        ("unblind", "after 30"),
    ]
    assert store.study_status("lights") == "paused"
    with pytest.raises(StoreError, match="not 'ajar'"):
        store.set_study_status("lights", "ajar")


def test_a_look_is_noted_with_number_and_status_and_the_same_again_is_none(store: Store) -> None:
    """More listeners, uncovered names or another status make another look; another kind too."""
    store.note_look("lights", "means", 12, is_blind=True)
    store.note_look("lights", "means", 12, is_blind=True)
    store.note_look("lights", "report", 12, is_blind=False)
    store.note_look("lights", "means", 12, is_blind=True)
    store.note_look("lights", "means", 13, is_blind=True)
    store.set_study_status("lights", "closed")
    store.note_look("lights", "means", 13, is_blind=True)
    store.note_look("lights", "means", 13, is_blind=False)
    looks = store.looks("lights")
    assert [(each.kind, each.n_listeners, each.is_blind, each.status) for each in looks] == [
        ("means", 12, True, "open"),
        ("report", 12, False, "open"),
        ("means", 13, True, "open"),
        ("means", 13, True, "closed"),
        ("means", 13, False, "closed"),
    ]
    assert all(each.at.tzinfo is not None for each in looks)
    assert [each.at for each in looks] == sorted(each.at for each in looks)
    store.register_study("other", "Other", "d" * 64, 1)
    assert store.looks("other") == ()


def test_the_key_of_blind_names_is_made_once_for_a_database(file_store: Store) -> None:
    """Whoever opens the database, at the same time or later, finds the key it was made with."""
    key = file_store.blinding_key()
    assert len(key) == 32
    again = open_store(file_store._engine.url.render_as_string(hide_password=False))
    assert again.blinding_key() == file_store.blinding_key() == key
    again.close()
    other = open_store("sqlite://")
    assert other.blinding_key() != key
    other.close()


def test_unknown_names_are_answered_in_a_sentence(store: Store) -> None:
    """An unknown study or token raises a domain error."""
    with pytest.raises(StoreError, match="not hold a study 'nowhere'"):
        store.counts("nowhere")
    with pytest.raises(UnknownParticipantError, match="does not belong to any participant"):
        store.record_volume("x" * 32, 0.5)
    with pytest.raises(UnknownParticipantError, match="no such page"):
        store.page_state("x" * 32, 0)
    assert store.find_participant("x" * 32) is None


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("not a url", "is not a database URL"),
        ("postgresql+nosuch://host/db", "is not a database URL"),
        ("sqlite:////nowhere-at-all/study.sqlite", "cannot be opened"),
        ("mysql://host/db", "must be SQLite or PostgreSQL, not mysql"),
    ],
)
def test_a_database_that_cannot_be_opened_is_one_sentence(url: str, message: str) -> None:
    """Bad URLs, unknown databases and missing folders raise StoreError."""
    with pytest.raises(StoreError, match=message):
        open_store(url)


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    """Text under the database's name is refused, not overwritten."""
    path = tmp_path / "study.sqlite"
    path.write_text("not a database, but long enough to look like a header" * 30)
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///{path}")
    assert path.read_text().startswith("not a database")


def test_sqlite_runs_in_write_ahead_mode_with_foreign_keys(
    file_store: Store, tmp_path: Path
) -> None:
    """The pragmas that decide speed and safety are in force."""
    join(file_store, "lights", PAGES)
    with file_store._engine.connect() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert values == {
        "journal_mode": "wal",
        "synchronous": 1,
        "busy_timeout": 15_000,
        "foreign_keys": 1,
    }


def test_a_writer_waits_for_another_writer(file_store: Store, tmp_path: Path) -> None:
    """While somebody else holds the write lock for a moment, a save waits and succeeds."""
    token = join(file_store, "lights", PAGES).token
    other = sqlite3.connect(
        tmp_path / "study.sqlite", isolation_level=None, check_same_thread=False
    )
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    release.start()
    file_store.record_consent(token, "v1", True)
    release.join()
    other.close()
    assert file_store.counts("lights").consented == 1


def test_versions_of_a_study_file_are_dated(store: Store) -> None:
    """Oldest first, each once, however often it is seen again."""
    store.register_study("lights", "Harbour Lights", "e" * 64, 7)
    store.register_study("lights", "Harbour Lights", "f" * 64, 7)
    first, second = store.study_versions("lights")
    assert (first.fingerprint, second.fingerprint) == ("f" * 64, "e" * 64)
    assert first.registered_at <= second.registered_at
    with pytest.raises(StoreError, match="nowhere"):
        store.study_versions("nowhere")
