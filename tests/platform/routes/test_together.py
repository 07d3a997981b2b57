"""Saves that wait at the same time are one transaction, and each is answered for itself."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from browser_study import SYSTEMS, write_study
from db.records.errors import StoreUnavailableError
from db.records.participation import SavedPage, SaveOutcome
from db.records.steps import Step
from db.store.store import Store
from mixtrial.participation import autosave
from mixtrial.participation.autosave import AutosaveError, save_together
from mixtrial.participation.enrolment import enrol
from mixtrial.routes.player import together
from mixtrial.routes.player.together import SavesTogether, Stored
from mixtrial.server.installation import Installation
from participants import put_on_page
from survey_pages import served


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """A study without anybody in it."""
    yield from served(write_study(tmp_path), monkeypatch)


def people(installation: Installation, n_people: int) -> list[str]:
    """Tokens of participants whose first page is open."""
    tokens = [enrol(installation).token for _ in range(n_people)]
    for token in tokens:
        put_on_page(installation.store, token, 0, Step.TRAINING)
        installation.store.page_state(token, 0)
    return tokens


def message(token: str, value: float, slot: int = 0) -> bytes:
    """The first save of a page, of one rating."""
    rating = {"slot": slot, "attribute": "overall", "value": value}
    body = {"token": token, "page": 0, "epoch": 1, "seq": 1, "ratings": [rating]}
    return json.dumps(body).encode()


def values(installation: Installation, token: str) -> list[float]:
    """Stored ratings of the first page."""
    state = installation.store.page_state(token, 0, opening=False)
    return [rating.value for rating in state.ratings]


def kinds(results: Sequence[Stored]) -> list[object]:
    """Outcomes, and the classes of errors."""
    return [type(each) if isinstance(each, Exception) else each for each in results]


def test_a_message_that_does_not_fit_takes_nothing_from_those_beside_it(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction stores the good ones; the others get the sentence, or the outcome."""
    first, second, third = people(installation, 3)
    begun: list[object] = []
    begin = Store.together

    def counted(store: Store) -> AbstractContextManager[None]:
        begun.append(store)
        return begin(store)

    monkeypatch.setattr(Store, "together", counted)
    messages = [
        message(first, 10.0), b"{", message(second, 1000.0), message(second, 20.0, len(SYSTEMS)),
        message("x" * 20, 30.0), message(third, 40.0),
    ]  # fmt: skip
    results = save_together(installation, messages)
    stored, unknown, mismatch = SaveOutcome.STORED, SaveOutcome.UNKNOWN, SaveOutcome.MISMATCH
    refused = AutosaveError
    assert kinds(results) == [stored, refused, refused, mismatch, unknown, stored]
    assert [values(installation, each) for each in (first, second, third)] == [[10.0], [], [40.0]]
    assert begun == [installation.store]


def test_after_a_fault_of_the_program_each_is_stored_alone(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The fault is the answer to its own message alone, and the log has it."""
    first, second, third = people(installation, 3)
    read = autosave.saved_page

    def at_fault(told: autosave.AutosaveMessage) -> SavedPage:
        if told.token == second:
            raise KeyError("a fault of the program")
        return read(told)

    monkeypatch.setattr(autosave, "saved_page", at_fault)
    messages = [message(each, 50.0) for each in (first, second, third)]
    results = save_together(installation, messages)
    assert kinds(results) == [SaveOutcome.STORED, KeyError, SaveOutcome.STORED]
    assert [values(installation, each) for each in (first, second, third)] == [[50.0], [], [50.0]]
    assert "stored one by one" in caplog.text


def test_a_database_that_is_away_is_asked_once_for_all(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is refused at once, not one after the other."""
    tokens = people(installation, 3)
    asked: list[object] = []

    def away(_store: Store) -> None:
        asked.append(None)
        raise StoreUnavailableError("The database cannot be reached.")

    monkeypatch.setattr(Store, "together", away)
    results = save_together(installation, [message(each, 50.0) for each in tokens])
    assert kinds(results) == [StoreUnavailableError] * 3
    assert len(asked) == 1


def test_those_that_come_during_a_save_are_next_and_none_is_answered_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first does not wait for others; the next are stored together, up to a number."""
    monkeypatch.setattr(together, "AT_ONCE", 3)
    batches: list[list[bytes]] = []
    may_end = threading.Semaphore(0)

    def store(messages: Sequence[bytes]) -> list[Stored]:
        batches.append(list(messages))
        may_end.acquire()
        if b"unforeseen" in messages:
            raise OSError("of the whole batch")
        return [ValueError("of one") if b"bad" in each else SaveOutcome.STORED for each in messages]

    async def send() -> None:
        saves = SavesTogether(store)
        sent = [asyncio.ensure_future(saves.store(b"0"))]
        while not batches:
            await asyncio.sleep(0.001)
        more = (b"1", b"bad", b"3", b"4", b"unforeseen")
        sent.extend(asyncio.ensure_future(saves.store(each)) for each in more)
        await asyncio.sleep(0)
        sent[3].cancel()  # whoever sent it has gone; it is stored all the same
        done, _ = await asyncio.wait(sent[:3], timeout=0.05)
        assert done == set(), "nothing is answered before it is stored"
        may_end.release()
        assert await sent[0] is SaveOutcome.STORED
        may_end.release(2)
        results = await asyncio.gather(*sent[1:], return_exceptions=True)
        assert [type(each) for each in results] == [
            SaveOutcome, ValueError, asyncio.CancelledError, OSError, OSError,
        ]  # fmt: skip

    asyncio.run(send())
    assert batches == [[b"0"], [b"1", b"bad", b"3"], [b"4", b"unforeseen"]]
