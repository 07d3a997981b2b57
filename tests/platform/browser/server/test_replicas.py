"""A browser behind nginx: the replica that serves it is killed, and the walk goes on."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from browser_study import Server, Walker, answers, running_browser, write_study
from db.store.store import open_store
from mixtrial.server.process import server_command
from nginx_server import needs_nginx, nginx
from postgresql_server import needs_postgresql, postgresql_server
from route_server import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_postgresql, needs_nginx]


@contextmanager
def replica(study: Path, port: int, database: str) -> Iterator[subprocess.Popen[bytes]]:
    """The whole server of a study on a port, with its data in PostgreSQL."""
    environment = {
        **os.environ,
        "MIXTRIAL_STUDY": str(study),
        "MIXTRIAL_SECRET": "of the tests",
        "MIXTRIAL_DATABASE_URL": database,
    }
    process = subprocess.Popen(
        server_command("127.0.0.1", port), env=environment, stdout=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60.0
        while not answers(f"http://127.0.0.1:{port}/api/healthz"):
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.2)
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_walk_survives_the_end_of_each_replica(tmp_path: Path) -> None:
    """One is killed on the practice page, comes back, then the other: every rating is there."""
    study = write_study(tmp_path)
    ports = [free_port(), free_port()]
    with postgresql_server() as postgresql, running_browser() as browser:
        database = postgresql.new_database()
        with nginx(ports) as (front, _log), replica(study, ports[1], database) as second:
            walker = Walker(browser, Server(study, front))
            with replica(study, ports[0], database):
                walker.go_to_first_page()
            walker.rate_page(lambda slot, _: 40 + slot)
            walker.page.get_by_text("Song 1 of 2").wait_for()
            with replica(study, ports[0], database):
                second.kill()
                walker.rate_page(lambda slot, _: 50 + slot)
                walker.page.get_by_text("Song 2 of 2").wait_for()
                walker.rate_page(lambda slot, _: 60 + slot)
                walker.page.get_by_text("Your personal code").wait_for()
        store = open_store(database)
        table = store.ratings("which-mix-is-best")
        store.close()
    assert len(table) == 3 * 4 * 5
    assert not table.duplicated(["phase", "song", "system", "attribute"]).any()
    values = table.groupby("page_order")["rating"].agg(["min", "max"])
    assert values.to_numpy().tolist() == [[40, 43], [50, 53], [60, 63]]
