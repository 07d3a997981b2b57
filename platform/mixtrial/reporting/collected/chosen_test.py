"""Choice of one of the collected tests."""

from __future__ import annotations

from analysis.ratings.table import RatingsError
from db.records.collected import CollectedSession
from db.store.store import Store


def sessions_of_test(store: Store, test: str | None, place: str) -> list[CollectedSession]:
    """All versions of all sessions of a test, in the order of arrival.

    Parameters
    ----------
    store
        The archive.
    test
        Name of the test; None if the database has only one test.
    place
        Name of the database of sessions, for an error message.

    Raises
    ------
    RatingsError
        No session was collected, no session belongs to the named test, or several tests were
        collected and none was named.
    """
    everything = store.collected_sessions()
    tests = list(dict.fromkeys(each.test for each in everything))
    if not tests:
        raise RatingsError(
            f"{place} holds no sessions of another tool's front end. For a study of mixtrial, name "
            "its study.yaml."
        )
    listed = ", ".join(tests[:20]) + (", …" if len(tests) > 20 else "")
    if test is None and len(tests) > 1:
        raise RatingsError(f"{place} holds several tests ({listed}); name one by --test.")
    if test is not None and test not in tests:
        raise RatingsError(f"{place} holds no test {test}; choose {listed}.")
    return [each for each in everything if test in (None, each.test)]
