"""``mixtrial collect``: store the sessions of webMUSHRA's own front end."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from analysis.counts import counted
from db.known_databases import KnownDatabases
from db.store.store import Store, open_store
from mixtrial.reporting.collected.overview import SessionSeen, sessions_seen
from mixtrial.routes.collector.app import POSTED_TO, collector_app
from mixtrial.server.process import LAST_WORDS_S, address_here, check_place
from mixtrial.terminal.databases import database_to_fill

MOST_CONNECTIONS = 2000
"""More sessions at once are refused for now, so that memory is not exhausted."""


def collect(
    place: Annotated[
        str,
        typer.Argument(
            help="Place to store the sessions: a folder, a study.yaml, a database file "
            "(.sqlite) or a URL."
        ),
    ],
    webmushra: Annotated[
        Path | None, typer.Option(help="Folder of webMUSHRA; also serve the pages in this folder.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8600,
) -> None:
    """Store sessions that webMUSHRA's pages send; replaces webMUSHRA's write.php or pymushra."""
    url, study = database_to_fill(place)
    known = None if study is None else KnownDatabases(study)
    if known is not None:
        known.check_file(url)
    check_place(host, port)
    store = open_store(url)
    try:
        app = collector_app(store, _tell, webmushra)
        if known is not None:
            known.note("collected", store.place)
        store.watch_saving()
        _announce(store, address_here(host, port), study, webmushra)
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=LAST_WORDS_S,
            server_header=False,
        )
        uvicorn.Server(config).run()
    finally:
        store.close()


_TELLING = threading.Lock()


def _tell(line: str) -> None:
    """Print one line in the terminal; a closed terminal is ignored."""
    with _TELLING, suppress(OSError):
        typer.echo(f"  {datetime.now():%H:%M:%S}  {line}")


def _kept(store: Store) -> Iterator[str]:
    """One line for each test: number of sessions, time of the last one, answers by page type."""
    seen: dict[str, list[SessionSeen]] = {}
    for each in sessions_seen(store):
        seen.setdefault(each.test, []).append(each)
    for test, sessions in seen.items():
        first = [each for each in sessions if each.version == 1]
        answers: Counter[str] = Counter()
        for each in first:
            answers.update(each.answers)
        of_types = ", ".join(f"{name} {n}" for name, n in answers.items()) or "none"
        further = len(sessions) - len(first)
        also = f"; {further} of other content under the same name" if further else ""
        yield (
            f"{test}: {counted(len(first), 'session')}, the last "
            f"{sessions[-1].received_at:%d %b %H:%M}; answers: {of_types}{also}"
        )
    if bodies := store.n_unreadable():
        yield f"to be repaired: {bodies} (posted, but no session)"


def _announce(store: Store, where: str, study: Path | None, webmushra: Path | None) -> None:
    n = store.n_collected()
    typer.echo(f"\n  {counted(n, 'session')} kept in {store.place}\n")
    for line in _kept(store):
        typer.echo(f"    {line}")
    if webmushra is not None:
        typer.echo(f"  webMUSHRA      {where}/?config=NAME.yaml")
    typer.echo(f"  It posts to    remoteService: {where}/{POSTED_TO}")
    if study is not None and study.is_file():
        typer.echo(f"  Dashboard      mixtrial serve {study}    (its view Collected)")
    typer.echo("\n  Stop with Ctrl-C; nothing is lost.\n")
