"""A page in a real browser posts to the collector as webMUSHRA's front end does."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from browser_study import running_browser
from db.store.store import Store, open_store
from mixtrial.imports.webmushra.posted_session import session_of_text
from mixtrial.routes.collector.app import collector_app
from posted_sessions import session
from route_server import free_port

pytestmark = pytest.mark.browser

# The front end sends one request, the JSON as it is, and takes any text of the answer for a fault.
POSTED = """([place, session]) => {
  const request = new XMLHttpRequest();
  request.open("POST", place, false);
  request.setRequestHeader("Content-type", "application/x-www-form-urlencoded");
  request.send("sessionJSON=" + JSON.stringify(session));
  return [request.status, request.responseText];
}"""
FETCHED = """async ([place, session]) => {
  const form = new URLSearchParams({ sessionJSON: JSON.stringify(session) });
  const answer = await fetch(place, { method: "POST", body: form,
    headers: { "X-Requested-With": "XMLHttpRequest" } });
  return [answer.status, await answer.text()];
}"""


@pytest.fixture(scope="module")
def collecting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store]]:
    """Address and archive of a collector that serves a front end too."""
    folder = tmp_path_factory.mktemp("collect")
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text("<!doctype html><title>front end</title>")
    store = open_store(f"sqlite:///{folder / 'mixtrial.sqlite'}")
    port = free_port()
    app = collector_app(store, lambda _line: None, folder / "site")
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}/", store
    server.should_exit = True
    thread.join()
    store.close()


def test_a_browser_posts_and_is_answered_from_here_and_from_another_origin(
    collecting: tuple[str, Store],
) -> None:
    """By a relative path on our own page, by the address on another's; nothing is an error."""
    address, store = collecting
    response = {"stimulus": "Größe & Co. + 100 %", "score": "7", "comment": '"x" 😀 %41', "time": 1}
    with running_browser() as browser:
        page = browser.new_page()
        elsewhere = address.replace("127.0.0.1", "localhost")  # another origin to a browser
        for origin, place in (
            (address, "service/write.php"), (elsewhere, f"{address}service/write.php")
        ):  # fmt: skip
            page.goto(origin)
            for how in (POSTED, FETCHED):
                said = session(f"u{store.n_collected()}")
                said["trials"] = [{"id": "a", "type": "mushra", "responses": [response]}]
                answers = [page.evaluate(how, [place, said]) for _ in range(2)]
                assert answers == [[200, ""], [200, ""]]
                held = store.collected_sessions()[-1]
                assert session_of_text(held.content.decode()).said == said
    assert store.n_collected() == 4
