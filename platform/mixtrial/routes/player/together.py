"""Saves that wait at the same time are stored together; each is answered after the commit.

SQLite allows one writer at a time, so one thread stores all saves of a process. Saves that arrive
while the thread is writing are stored together in the next transaction. A save that arrives alone
does not wait.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future, get_running_loop
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from db.records.participation import SaveOutcome

Stored = SaveOutcome | Exception
"""The result of one save."""

StoreAll = Callable[[Sequence[bytes]], Sequence[Stored]]

AT_ONCE = 32
"""So many saves of a transaction take some 20 ms, for which another process waits."""

Waiting = tuple[bytes, "Future[SaveOutcome]", AbstractEventLoop]


class SavesTogether:
    """The thread that stores all saves of this process, and the saves that wait for the thread.

    Parameters
    ----------
    store_all
        Function that stores messages and returns a result for each message; when the function
        returns, every write has ended.
    """

    def __init__(self, store_all: StoreAll) -> None:
        self._store_all = store_all
        self._waiting: SimpleQueue[Waiting] = SimpleQueue()
        self._thread: Thread | None = None
        self._starting = Lock()

    async def store(self, raw: bytes) -> SaveOutcome:
        """Store one message, together with waiting messages; raise the error of this message."""
        loop = get_running_loop()
        answer: Future[SaveOutcome] = loop.create_future()
        self._waiting.put((raw, answer, loop))
        self._start()
        return await answer

    def _start(self) -> None:
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = Thread(target=self._work, name="saves", daemon=True)
                    self._thread.start()

    def _work(self) -> None:
        while True:
            saves = self._next()
            try:
                results = self._store_all([raw for raw, _, _ in saves])
            except Exception as error:  # every save of the group is answered with this error
                results = [error] * len(saves)
            answers: dict[AbstractEventLoop, list[tuple[Future[SaveOutcome], Stored]]] = {}
            for (_, answer, loop), result in zip(saves, results, strict=True):
                answers.setdefault(loop, []).append((answer, result))
            for loop, results_of_loop in answers.items():
                # If the event loop was closed, nobody waits for the results.
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(_answer, results_of_loop)

    def _next(self) -> list[Waiting]:
        """Wait for a save; return at most ``AT_ONCE`` of the saves that wait."""
        saves = [self._waiting.get()]
        try:
            while len(saves) < AT_ONCE:
                saves.append(self._waiting.get_nowait())
        except Empty:
            pass
        return saves


def _answer(results: Sequence[tuple[Future[SaveOutcome], Stored]]) -> None:
    for answer, result in results:
        if answer.done():  # the request was cancelled
            continue
        if isinstance(result, Exception):
            answer.set_exception(result)
        else:
            answer.set_result(result)
