"""Limits on the rate of requests (``RateLimit``) and on failed attempts (``AttemptLimit``).

``RateLimit`` and ``AttemptLimit`` count by a key, usually an address (``network_of``), in this
process only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import IPv6Address
from threading import Lock

MOST_KEYS = 10_000
"""Addresses remembered before those are looked through that count no more."""


class RateLimit:
    """Limit of requests per second for each key; ``at_once`` requests are allowed at the same time.

    Each key has a bucket, stored as the time at which the bucket will be full again (the generic
    cell rate algorithm, ITU-T I.371). Each request delays the time at which the bucket is full by
    ``1 / per_s`` seconds. A request is refused if its bucket would then need more than
    ``at_once / per_s`` seconds to become full.
    """

    def __init__(
        self, per_s: float, at_once: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._step_s, self._reach_s, self._clock = 1 / per_s, at_once / per_s, clock
        self._full_at: dict[str, float] = {}
        self._most_keys = MOST_KEYS
        self._lock = Lock()

    def wait_s(self, key: str) -> float:
        """Take a permit and return 0.0; if none is free, return the number of seconds to wait."""
        # One microsecond is tolerated for rounding: a caller who waits exactly the requested time
        # succeeds.
        wait_s, is_taken = self._take(key, longest_s=1e-6)
        return 0.0 if is_taken else wait_s

    def turn_s(self, key: str, longest_s: float) -> float | None:
        """Take the next permit, and return the seconds until it is valid.

        If the wait would be longer than ``longest_s``, no permit is taken and None is returned.
        A request that has waited need not ask for a permit again.
        """
        wait_s, is_taken = self._take(key, longest_s)
        return wait_s if is_taken else None

    def _take(self, key: str, longest_s: float) -> tuple[float, bool]:
        """Seconds until a permit is valid, and whether it was taken (only if the wait is short)."""
        with self._lock:
            now = self._clock()
            if len(self._full_at) >= self._most_keys:
                self._forget(now)
            full_at = max(self._full_at.get(key, now), now) + self._step_s
            wait_s = max(full_at - now - self._reach_s, 0.0)
            is_near = wait_s <= longest_s
            if is_near:
                self._full_at[key] = full_at
            return wait_s, is_near

    def _forget(self, now: float) -> None:
        """Remove full buckets; repeat this when the number of the remaining buckets has doubled."""
        self._full_at = {key: moment for key, moment in self._full_at.items() if moment > now}
        self._most_keys = max(MOST_KEYS, 2 * len(self._full_at))


def network_of(client: tuple[str, int] | None) -> str:
    """Unit for counting an address: for IPv6 its first 64 bits, which belong to one household."""
    if client is None:
        return "unknown"
    host = client[0]
    if ":" not in host:
        return host
    try:
        return IPv6Address(host.partition("%")[0]).packed[:8].hex()
    except ValueError:
        return host


MOST_FAILURES = 5
FAILURE_WINDOW_S = 300.0


class AttemptLimit:
    """Count of attempts by address: at most ``most`` attempts are allowed within ``window_s``.

    An attempt is counted when it begins, not when it fails. Simultaneous attempts are limited as
    strictly as attempts one after the other. A successful attempt is not counted any more.
    """

    def __init__(
        self,
        most: int = MOST_FAILURES,
        window_s: float = FAILURE_WINDOW_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._window_s, self._clock = most, window_s, clock
        self._tries: dict[str, list[float]] = {}
        self._lock = Lock()

    def take(self, address: str) -> bool:
        """Count an attempt of this address, if a further attempt is allowed now."""
        with self._lock:
            # Without this step, an attack from many addresses could fill the memory.
            if len(self._tries) > MOST_KEYS:
                self._tries = {name: self._recent(name) for name in list(self._tries)}
                self._tries = {name: times for name, times in self._tries.items() if times}
            recent = self._recent(address)
            if len(recent) >= self._most:
                return False
            self._tries[address] = [*recent, self._clock()]
            return True

    def give_back(self, address: str) -> None:
        """Remove the latest attempt from the count, because it was not a failure."""
        with self._lock:
            self._tries[address] = self._recent(address)[:-1]

    def _recent(self, address: str) -> list[float]:
        earliest = self._clock() - self._window_s
        return [moment for moment in self._tries.get(address, []) if moment > earliest]
