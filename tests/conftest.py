"""Settings of every test: one thread per library, compiled once, no hurry, one ``__main__``.

A new SQLite archive begins with tables that were made once. A browser test that fails also tells
what its page said.
"""

from __future__ import annotations

import functools
import gc
import os
import pickle
import secrets
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import Engine, text

from db.engine import migrate, open_engine
from db.store import store

# Set before numpy, numba or torch are imported: two busy threads on two shared cores stall.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

# Many tests start programs: they begin with what was compiled once, whatever the caller's shell
# says of bytecode. It is left where git ignores it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Everything that is collected lives as long as the process: there is no garbage in it to look for.
gc.disable()
N_NEW_OBJECTS = 10_000
"""So many objects are made before garbage is looked for: most of what is made is tables."""

# Machines here are shared and noisy: a slow example is not a failure.
settings.register_profile("house", deadline=None, max_examples=40)
settings.load_profile("house")


# Files that take longest begin first, so that no process is left with one when the others are done.
LONGEST = (
    "tests/platform/test_wheel.py",
    "tests/platform/browser",
    "tests/platform/routes/test_byte_blindness.py",
    "tests/platform/commands/test_archive.py",
    "tests/platform/reporting/test_archive_files.py",
    "tests/platform/simulation/test_over_http.py",
    "tests/platform/tutorials",
    "tests/platform/terminal/test_extras.py",
    "tests/analysis/report",
    "tests/analysis/test_results.py",
    "tests/stimuli/rendering",
    "tests/mixing/learning",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files in front; within them, and behind, the order stays one of chance."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_collection_finish() -> None:
    """From here on garbage is looked for among what the tests make, and not in all modules."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(N_NEW_OBJECTS, 5, 5)


@pytest.fixture(autouse=True)
def one_main_module() -> Iterator[None]:
    """Give ``__main__`` back after a page was drawn.

    Streamlit's test harness puts the page's script in its place and leaves it there; a process
    pool that starts later in the same run would execute that script in each of its processes.
    """
    main = sys.modules["__main__"]
    if "streamlit" in sys.modules:
        _scan_packages_once()
    yield
    sys.modules["__main__"] = main


FINDINGS: dict[bytes, Any] = {}
"""By the ratings and all that the analysis was told, to the last byte."""


@pytest.fixture
def analysed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Analyse the same ratings once for all tests of what becomes of the findings.

    That the same ratings have the same findings is shown by tests that do without.
    """
    _remember_findings(monkeypatch)


@pytest.fixture(scope="module")
def analysed_once_here() -> Iterator[None]:
    """The same for all tests of a file, and for what they share."""
    with pytest.MonkeyPatch.context() as patch:
        _remember_findings(patch)
        yield


def _remember_findings(patch: pytest.MonkeyPatch) -> None:
    """Let a report take findings that the same ratings have had before."""
    from analysis.report import contents

    analyse = contents.analyse

    def remembered(table: Any, **how: Any) -> Any:
        tell = how.pop("on_progress")
        key = sha256(pickle.dumps((table, sorted(how.items())))).digest()
        if key not in FINDINGS:
            FINDINGS[key] = analyse(table, **how, on_progress=tell)
        return FINDINGS[key]

    patch.setattr(contents, "analyse", remembered)


OWN_KEY = text("UPDATE secret SET value = :key WHERE name = 'blinding'")


@pytest.fixture(scope="session", autouse=True)
def tables_made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Copy the tables into each archive that a test of this process begins in a file.

    To make them is most of what a small test of the archive costs. The tests of the migrations, and
    those that start a server, make them as anybody does.
    """
    first = tmp_path_factory.mktemp("tables") / "new.sqlite"
    engine = open_engine(f"sqlite:///{first}")
    migrate(engine)
    engine.dispose()
    tables, turn = first.read_bytes(), threading.Lock()

    def with_tables(engine: Engine) -> None:
        name = engine.url.database
        if engine.dialect.name != "sqlite":
            migrate(engine)
            return
        with turn:
            if name in (None, "", ":memory:"):
                _fill_memory(engine, first)
            elif not _fill_new(Path(str(name)), tables):
                migrate(engine)
                return
        with engine.begin() as connection:
            connection.execute(OWN_KEY, {"key": secrets.token_hex(32)})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "migrate", with_tables)
        yield


def _fill_memory(engine: Engine, tables: Path) -> None:
    """Copy a database into the one connection of an archive in memory."""
    filled = engine.raw_connection()
    with closing(sqlite3.connect(tables)) as source:
        source.backup(filled.driver_connection)
    filled.close()


def _fill_new(path: Path, content: bytes) -> bool:
    """Fill a file that is new and can be written; return whether it was one."""
    if not path.is_file() or path.stat().st_size:
        return False
    try:
        path.write_bytes(content)
    except OSError:
        return False
    return True


@functools.cache
def _scan_packages_once() -> None:
    """Let Streamlit look for components among the packages once, not for each page of a test.

    The installed packages stay the same meanwhile; looking is most of what a page costs there.
    """
    from streamlit.components.v2 import manifest_scanner

    found = functools.cache(manifest_scanner.scan_component_manifests)
    manifest_scanner.scan_component_manifests = lambda: list(found())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Add what the page said to the report of a browser test that failed."""
    report = yield
    walker = getattr(item, "funcargs", {}).get("walker")
    if report.when == "call" and report.failed and walker is not None:
        report.sections.append(("what the page said", walker.last_words()))
    return report
