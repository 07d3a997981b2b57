"""The archive on a real PostgreSQL: the same tests as on SQLite, and what only a server can do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from db.engine import migrate, open_engine
from db.models import Base, PageRow, ParticipantRow
from db.records.errors import StoreUnavailableError
from db.records.participation import AssignedPage
from db.store.store import Store, open_store
from postgresql_server import PostgresqlServer, needs_postgresql, postgresql_server
from tests.db.store import test_collected, test_contacts, test_store
from tests.db.store.test_collected import (  # noqa: F401 - collected here a second time
    test_a_session_is_kept_once_and_another_content_is_another_version,
    test_the_same_session_from_many_threads_is_one,
    test_what_is_no_session_is_kept_once_and_as_far_as_there_is_room,
)
from tests.db.store.test_contacts import (  # noqa: F401 - collected here a second time
    finished,
    test_addresses_come_in_the_alphabet_s_order_not_in_the_participants,
    test_an_address_is_noted_changed_and_taken_away,
)
from tests.db.store.test_store import (  # noqa: F401 - collected here a second time
    PAGES,
    file_store,
    store,
    test_a_look_is_noted_with_number_and_status_and_the_same_again_is_none,
    test_an_answer_alone_changes_the_stamp_of_its_participant_and_of_nobody_else,
    test_audio_is_granted_for_the_page_reached_and_the_next,
    test_each_answer_leads_one_step_on,
    test_participants_who_come_at_once_get_different_indices,
    test_studies_in_one_archive_do_not_mix,
    test_the_whole_plan_is_stored_before_anything_is_heard,
    test_what_researchers_do_is_logged_in_order,
    test_withdrawal_leaves_nothing_but_a_taken_number,
)
from tests.db.test_migrations import REVISIONS
from tests.db.writing import test_saving
from tests.db.writing.test_saving import (  # noqa: F401 - collected here a second time
    opened,
    ratings_of,
    save,
    test_a_closed_page_takes_nothing_new,
    test_a_final_save_of_an_earlier_page_sends_nobody_back,
    test_a_final_save_whose_answer_was_lost_can_be_sent_again,
    test_a_late_message_of_the_same_opening_is_left_aside,
    test_a_message_sent_before_a_reload_still_counts_until_the_new_opening_saves,
    test_a_rating_keeps_its_time_until_its_value_changes,
    test_a_repeated_save_changes_nothing,
    test_saves_from_many_threads_lose_and_double_nothing,
    test_saves_made_together_are_stored_all_or_none,
    test_the_final_save_closes_the_page_and_moves_on,
    test_two_final_saves_at_once_move_on_by_one_page,
    test_what_does_not_fit_is_refused_whole,
)

pytestmark = needs_postgresql


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """One server for all tests of this file."""
    with postgresql_server() as running:
        yield running


@pytest.fixture(autouse=True)
def url(server: PostgresqlServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """URL of a new database, which the other files' tests take for their own."""
    new = server.new_database()

    def open_this_one(_url: str) -> Store:
        return open_store(new)

    for module in (test_collected, test_contacts, test_saving, test_store):
        monkeypatch.setattr(module, "open_store", open_this_one)
    return new


def test_postgresql_comes_to_the_tables_of_the_models_from_every_version(url: str) -> None:
    """Version after version, each opening the next; at the end nothing differs."""
    engine = open_engine(url)
    for revision in REVISIONS:
        migrate(engine, revision)
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_replicas_that_start_at_once_make_the_tables_once(url: str) -> None:
    """Four openings of an empty database at the same time all succeed."""
    stores: list[Store] = []
    threads = [threading.Thread(target=lambda: stores.append(open_store(url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores) == 4
    for opened_store in stores:
        opened_store.close()


def test_replicas_give_each_plan_to_one_participant(url: str) -> None:
    """Two archives on one database let 24 people in at once: plans 0 to 23, each once."""
    replicas = [open_store(url), open_store(url)]
    replicas[0].register_study("lights", "Lights", "f" * 64, 7)
    numbers: list[int] = []

    def plan(number: int) -> tuple[AssignedPage, ...]:
        numbers.append(number)
        return PAGES

    def enrol_three(replica: Store) -> None:
        for _ in range(3):
            replica.enrol("lights", plan)

    threads = [threading.Thread(target=enrol_three, args=(replicas[i % 2],)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(24))
    for replica in replicas:
        replica.close()


def test_saves_through_two_replicas_are_ordered_as_through_one(url: str) -> None:
    """Forty numbered saves, shared out over two replicas: the last value remains."""
    one, token = test_saving.new_store("")
    two = open_store(url)
    epoch = one.page_state(token, 0).epoch
    threads = [
        threading.Thread(target=save, args=((one, two)[seq % 2], token, epoch, seq, float(seq)))
        for seq in range(1, 41)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ratings_of(one, token) == {(0, "overall"): 40.0}
    one.close()
    two.close()


def test_saving_goes_on_after_the_database_was_started_again(url: str) -> None:
    """Connections that the server has cut are replaced before anybody notices."""
    archive, token = test_saving.new_store("")
    epoch = archive.page_state(token, 0).epoch
    save(archive, token, epoch, 1, 40.0)
    engine = open_engine(url)
    cut = (
        "SELECT count(*) FROM pg_stat_activity, pg_terminate_backend(pid, 60000) AS done"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND done"
    )
    with engine.connect() as connection:
        assert connection.exec_driver_sql(cut).scalar_one() >= 1
    engine.dispose()
    save(archive, token, epoch, 2, 70.0)
    assert ratings_of(archive, token) == {(0, "overall"): 70.0}
    archive.close()


def test_a_database_stopped_for_a_while_is_told_once_and_then_saved_to(
    server: PostgresqlServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Refused while it is away, with one line in the log; after its start all goes on."""
    archive, token = test_saving.new_store("")
    epoch = archive.page_state(token, 0).epoch
    save(archive, token, epoch, 1, 40.0)
    assert archive.saving_fault() is None
    server.stop()
    try:
        for _ in range(3):
            with pytest.raises(StoreUnavailableError, match="Please try again"):
                save(archive, token, epoch, 2, 70.0)
            with pytest.raises(StoreUnavailableError, match="Please try again"):
                archive.check_saving()
    finally:
        server.start()
    told = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert len(told) <= 2, "that the connections were cut, and that there are no new ones"
    assert "Connection refused" in told[-1]
    archive.check_saving()
    save(archive, token, epoch, 2, 70.0)
    assert ratings_of(archive, token) == {(0, "overall"): 70.0}
    archive.close()


def test_a_server_that_went_away_is_one_sentence() -> None:
    """A wrong port is said in words, without a password."""
    with pytest.raises(ValueError, match="cannot be opened") as caught:
        open_store("postgresql+psycopg://mixtrial:hunter2@127.0.0.1:9/studies")
    assert "hunter2" not in str(caught.value)


def test_moments_are_those_of_the_clock_wherever_the_server_keeps_its_own(url: str) -> None:
    """Tokyo's time on the server: a page is opened and the study ended between now and now."""
    engine = open_engine(url)
    with engine.begin() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET timezone TO 'Asia/Tokyo'")
    before = datetime.now(UTC)
    archive, token = test_saving.new_store("")
    for page in range(2):
        epoch = archive.page_state(token, page).epoch
        save(archive, token, epoch, 1, 40.0, final=True, page=page)
    after = datetime.now(UTC)
    with engine.connect() as connection:
        moments = list(connection.scalars(select(PageRow.opened_at)))
        moments += connection.scalars(select(ParticipantRow.finished_at))
    engine.dispose()
    assert len(moments) == 3
    assert [moment for moment in moments if not before <= moment <= after] == []
    archive.close()
