"""Faults in the field: no network, a restarted server, a closed tab, two tabs at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest

from browser_study import (
    SYSTEMS,
    TWO_ATTRIBUTES,
    Server,
    Walker,
    new_context,
    running_browser,
    running_server,
    write_study,
)
from db.store.store import Store, open_store
from tests.db.test_adversity import hold_the_pen
from waiting import until

pytestmark = pytest.mark.browser

N_SLOTS = len(SYSTEMS)
ATTRIBUTES = ("level", "overall")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A served study."""
    folder: Path = tmp_path_factory.mktemp("robust")
    with running_server(write_study(folder, more=[TWO_ATTRIBUTES])) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Any]:
    """A context for one participant after the other."""
    context = new_context(browser, viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def walker(browser: Any, context: Any, server: Server) -> Iterator[Walker]:
    """A participant on the practice page."""
    walker = Walker(browser, server, shared=context)
    walker.return_to_first_page()
    yield walker
    walker.close()


@pytest.fixture
def store(server: Server) -> Iterator[Store]:
    """The study's archive."""
    store = open_store(server.database_url)
    yield store
    store.close()


def stored(store: Store, token: str, page_index: int = 0) -> dict[tuple[int, str], float]:
    """Ratings of a page by slot and attribute."""
    state = store.page_state(token, page_index, opening=False)
    return {(rating.slot, rating.attribute): rating.value for rating in state.ratings}


def test_ratings_made_offline_are_kept_and_stored_after_reconnecting(
    walker: Walker, store: Store
) -> None:
    """Sound and sliders go on without a network; the notice says so; nothing is lost."""
    walker.context.set_offline(True)
    walker.rate(0, 71)
    walker.rate(1, 22)
    walker.page.get_by_text("Offline: kept on this device").wait_for()
    assert stored(store, walker.token) == {}
    walker.context.set_offline(False)
    walker.page.get_by_text("Answers saved").wait_for()
    assert stored(store, walker.token) == {(0, "level"): 71.0, (1, "level"): 22.0}


@pytest.mark.parametrize("offline_s", [8, pytest.param(30, marks=pytest.mark.slow)])
def test_a_page_rated_and_saved_offline_loses_nothing(
    walker: Walker, store: Store, offline_s: int
) -> None:
    """Cut off, a participant rates a whole page and presses Save: it is stored once they are back.

    Every rating and every event arrives, each once, and the same order of mixes goes on.
    """
    page = walker.page
    walker.rate(0, 11)
    page.get_by_text("Answers saved").wait_for()
    walker.context.set_offline(True)
    began = monotonic()
    values = {}
    for number, attribute in enumerate(ATTRIBUTES):
        for slot in range(N_SLOTS):
            values[slot, attribute] = float(5 + 20 * slot + number)
            walker.rate(slot, int(values[slot, attribute]))
        walker.next()
    page.get_by_text("Offline: kept on this device").wait_for()
    page.wait_for_timeout(max(0.0, 1000 * (began + offline_s - monotonic())))
    assert stored(store, walker.token) == {(0, "level"): 11.0}
    page.locator(".rating .next").get_by_text("Saving …").wait_for()
    walker.context.set_offline(False)
    page.get_by_text("Song 1 of 2").wait_for()
    assert stored(store, walker.token) == values
    participant = store.find_participant(walker.token)
    assert participant is not None
    events = store.events(participant.study)
    mine = events[events["participant"] == participant.identifier]
    practice = mine[mine["page_index"] == 0]
    rated = practice[practice["event"] == "rate"]
    assert len(rated) == 1 + N_SLOTS * len(ATTRIBUTES)
    assert list(rated["t_ms"]) == sorted(set(rated["t_ms"]))
    assert list(practice["event"]).count("submit") == 1


def too_many(wait_s: int, requests: list[float]) -> Callable[[Any], None]:
    """A server that answers 429 and notes when it was asked."""

    def refuse(route: Any) -> None:
        requests.append(monotonic())
        route.fulfill(status=429, headers={"Retry-After": str(wait_s)}, body="{}")

    return refuse


def test_a_save_refused_as_one_too_many_waits_as_told_and_is_stored(
    walker: Walker, store: Store
) -> None:
    """429 with five seconds: nothing is sent before they are over, then the rating is stored."""
    refused: list[float] = []
    walker.page.route("**/api/autosave", too_many(5, refused), times=1)
    walker.watch_saves()
    walker.rate(0, 64)
    walker.page.get_by_text("Answers saved").wait_for()
    assert monotonic() - refused[0] >= 5.0
    assert "Not saved yet: kept on this device, trying again" in walker.said_of_saves()
    assert stored(store, walker.token) == {(0, "level"): 64.0}


@pytest.mark.slow
def test_a_database_locked_for_ten_seconds_is_told_and_nothing_is_lost(
    walker: Walker, store: Store, server: Server
) -> None:
    """Another program holds the database: ratings go on, wait as "Saving", and are all stored."""
    path, released = Path(server.database_url.removeprefix("sqlite:///")), Event()
    walker.watch_saves()
    holder = hold_the_pen(path, 300.0, released)
    began = monotonic()
    try:
        walker.rate(0, 31)
        walker.rate(1, 62)
        walker.page.wait_for_timeout(max(0.0, 1000 * (began + 10.0 - monotonic())))
        assert stored(store, walker.token) == {}
        assert "Saving …" in walker.said_of_saves()
        assert "Answers saved" not in walker.said_of_saves()
    finally:
        released.set()
        holder.join()
    walker.page.get_by_text("Answers saved").wait_for()
    assert stored(store, walker.token) == {(0, "level"): 31.0, (1, "level"): 62.0}


def test_a_disk_that_was_full_is_told_and_nothing_is_lost(walker: Walker, store: Store) -> None:
    """The server cannot store for a while (503): the page says so and tries until it can."""
    full = {"status": 503, "headers": {"Retry-After": "1"}, "body": "{}"}
    walker.page.route("**/api/autosave", lambda route: route.fulfill(**full))
    walker.rate(2, 17)
    walker.page.get_by_text("Not saved yet: kept on this device, trying again").wait_for()
    walker.rate(3, 88)
    walker.page.unroute("**/api/autosave")
    walker.page.get_by_text("Answers saved").wait_for()
    assert stored(store, walker.token) == {(2, "level"): 17.0, (3, "level"): 88.0}


@pytest.mark.slow
def test_a_database_moved_away_is_told_and_nothing_is_lost(
    walker: Walker, store: Store, server: Server
) -> None:
    """The server itself refuses what it could not keep; the answers come when the file is back."""
    place = Path(server.database_url.removeprefix("sqlite:///"))
    elsewhere = place.rename(place.with_name("elsewhere.sqlite"))
    walker.rate(2, 17)
    walker.page.get_by_text("Not saved yet: kept on this device, trying again").wait_for()
    walker.rate(3, 88)
    elsewhere.rename(place)
    walker.page.get_by_text("Answers saved").wait_for()
    assert stored(store, walker.token) == {(2, "level"): 17.0, (3, "level"): 88.0}


def test_a_recording_refused_as_one_too_many_is_fetched_after_the_wait(walker: Walker) -> None:
    """429 at the first fetch of a page: the page comes up by itself, without an error."""
    refused: list[float] = []
    walker.page.route("**/api/audio/*", too_many(1, refused), times=1)
    walker.page.reload()
    walker.wait_for_page()
    walker.page.locator(".rating .letter:not([disabled])").nth(N_SLOTS - 1).wait_for()
    assert len(refused) == 1


def test_ratings_made_offline_survive_a_reload(walker: Walker, store: Store) -> None:
    """The copy on the device is brought in when the page is opened again, events included."""
    token = walker.token
    walker.rate(1, 17)
    walker.page.get_by_text("Answers saved").wait_for()
    walker.page.route("**/api/autosave", lambda route: route.abort())
    walker.rate(2, 83)
    walker.page.get_by_text("Offline: kept on this device").wait_for()
    walker.page.unroute("**/api/autosave")
    walker.page.route("**/api/autosave", lambda route: route.abort(), times=1)  # the last beacon
    walker.page.reload()
    walker.wait_for_page()
    until(lambda: stored(store, token) == {(1, "level"): 17.0, (2, "level"): 83.0})
    participant = store.find_participant(token)
    assert participant is not None
    events = store.events(participant.study)
    rated = events[(events["participant"] == participant.identifier) & (events["event"] == "rate")]
    assert list(rated["value"]) == ["level=17", "level=83"], "each once, in their order"


def test_a_tab_closed_right_after_a_rating_loses_nothing(walker: Walker, store: Store) -> None:
    """The last message leaves with the page; the link shows the rating again."""
    token, url = walker.token, walker.page.url
    walker.rate(3, 64)
    walker.page.close(run_before_unload=True)
    until(lambda: stored(store, token) == {(3, "level"): 64.0})
    walker.page = walker.context.new_page()
    walker.page.goto(url)
    walker.wait_for_page()
    assert walker.page.locator(".value b").inner_text() == "64"


@pytest.mark.slow
def test_a_restarted_server_loses_nothing_and_takes_the_page(
    walker: Walker, server: Server, store: Store
) -> None:
    """Ratings made while it was down are stored afterwards, and the next save leads on."""
    walker.rate(0, 40)
    walker.page.get_by_text("Answers saved").wait_for()
    server.stop()
    walker.rate(1, 41)
    walker.page.get_by_text("Offline: kept on this device").wait_for()
    server.start()
    until(lambda: stored(store, walker.token).get((1, "level")) == 41.0)
    for number, _ in enumerate(ATTRIBUTES):
        for slot in range(N_SLOTS):
            walker.rate(slot, 40 + slot + number)
        walker.next()
    walker.page.get_by_text("Song 1 of 2").wait_for()
    values = {
        (slot, name): 40.0 + slot + number
        for number, name in enumerate(ATTRIBUTES)
        for slot in range(N_SLOTS)
    }
    assert stored(store, walker.token) == values


def test_a_server_that_dies_at_the_submit_still_leads_on(
    walker: Walker, server: Server, store: Store
) -> None:
    """The page was stored, the wish to go on was lost with the connection: it is repeated."""

    def answer(route: Any) -> None:
        if not route.request.post_data_json["final"]:
            route.continue_()
            return
        status = route.fetch().status
        server.stop()
        route.fulfill(status=status)

    walker.page.route("**/api/autosave", answer)
    walker.rate_page(lambda slot, number: 20 + slot + number, len(ATTRIBUTES))
    for _ in range(600):
        if server.process is None:
            break
        walker.page.wait_for_timeout(100)  # the handler above runs while the page is waited for
    assert server.process is None
    walker.page.locator("[data-test-connection-state=CONNECTED]").wait_for(state="detached")
    server.start()
    walker.page.get_by_text("Song 1 of 2").wait_for()
    assert len(stored(store, walker.token)) == N_SLOTS * len(ATTRIBUTES)


def test_of_two_tabs_the_later_has_the_page_and_says_so(walker: Walker, store: Store) -> None:
    """The older tab is told that it goes on elsewhere; nothing is stored twice."""
    walker.rate(0, 30)
    walker.page.get_by_text("Answers saved").wait_for()
    first, second = walker.page, walker.context.new_page()
    second.goto(first.url)
    second.locator(".rating .letter:not([disabled])").first.wait_for()
    second.locator(".letter").first.click()
    second.locator(".slider").first.fill("90")
    second.get_by_text("Answers saved").wait_for()
    first.bring_to_front()
    first.locator(".slider").first.fill("10")
    first.get_by_text("Continued in another tab").wait_for()
    assert stored(store, walker.token) == {(0, "level"): 90.0}
    walker.rate_page(lambda slot, _: 50 + slot, len(ATTRIBUTES))
    # The one press took the page over and handed it in.
    first.get_by_text("Song 1 of 2").wait_for()
    assert set(stored(store, walker.token).values()) == {50.0, 51.0, 52.0, 53.0}


def test_recordings_that_do_not_arrive_can_be_loaded_again(walker: Walker) -> None:
    """A missing file gives a clear sentence and a button, not a silent page."""
    walker.context.clear_cookies()
    walker.page.route("**/api/audio/*", lambda route: route.fulfill(status=503, body="no"))
    walker.page.reload()
    walker.page.get_by_text("The recordings could not be loaded").wait_for()
    assert walker.page.locator(".rating .letter:not([disabled])").count() == 0
    walker.page.unroute("**/api/audio/*")
    walker.page.get_by_role("button", name="Try again").click()
    walker.wait_for_page()


def test_a_browser_without_web_audio_gets_a_clear_page(browser: Any, server: Server) -> None:
    """Who cannot hear is told so in words."""
    walker = Walker(browser, server)
    walker.context.add_init_script("delete window.AudioContext")
    walker.page.add_init_script("delete window.AudioContext")
    walker.agree()
    walker.answer_questions()
    walker.page.get_by_text("This browser cannot play the recordings").wait_for()
    walker.close()


def test_sound_put_to_sleep_wakes_at_the_next_press(walker: Walker) -> None:
    """A suspended context (a call, a locked phone) plays again after pause and play."""
    walker.page.evaluate(
        """() => {
          const resume = AudioContext.prototype.resume;
          window.contexts = [];
          AudioContext.prototype.resume = function () {
            window.contexts.push(this); return resume.call(this);
          };
          const start = AudioBufferSourceNode.prototype.start;
          AudioBufferSourceNode.prototype.start = function (...rest) {
            window.sounding = this.context; return start.apply(this, rest);
          };
        }"""
    )
    walker.page.locator(".letter").first.click()
    walker.page.wait_for_function("window.heard && window.heard() > 0.001")
    walker.page.evaluate("window.sounding.suspend()")
    walker.page.wait_for_function("window.sounding.state === 'suspended'")
    walker.page.locator(".letter").nth(1).click()
    walker.page.wait_for_function("window.sounding.state === 'running' && window.heard() > 0.001")
