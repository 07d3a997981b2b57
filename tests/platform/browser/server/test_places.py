"""The survey under a path of a shared host, behind nginx, and in a frame of another site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from answering import answering
from browser_study import (
    SYSTEMS,
    TWO_ATTRIBUTES,
    Server,
    Walker,
    new_context,
    running_browser,
    running_server,
)
from browser_study import write_study as write
from db.store.store import open_store
from mixtrial.server.session_cookie import SESSION_COOKIE
from nginx_server import nginx
from postgresql_server import program

pytestmark = pytest.mark.browser
PASSWORD = "correct harbour battery"
PATH = "/study1"
N_ATTRIBUTES = 2


@pytest.fixture(scope="module")
def portal() -> Iterator[int]:
    """The port of another site, whose page shows in a frame what its address names."""

    class Portal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            framed = self.path.partition("?")[2]
            self.wfile.write(
                f'<!doctype html><iframe src="{framed}" allow="autoplay" width="1000" '
                'height="800"></iframe>'.encode()
            )

        def log_message(self, *_: Any) -> None:
            pass

    with answering(Portal) as port:
        yield port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, portal: int) -> Iterator[Server]:
    """A study under a path, which the portal may frame by one of its two names."""
    study = write(
        tmp_path_factory.mktemp("places"),
        more=[TWO_ATTRIBUTES, f"embed_origins: ['http://localhost:{portal}']"],
    )
    with running_server(study, base_path=PATH, MIXTRIAL_ADMIN_PASSWORD=PASSWORD) as running:
        yield running


@pytest.fixture(scope="module")
def context() -> Iterator[Any]:
    """A browser in which one after the other comes, so that it loads Streamlit once."""
    with running_browser() as browser:
        yield new_context(browser)


@pytest.fixture
def walker(context: Any, server: Server) -> Iterator[Walker]:
    """Somebody without a cookie."""
    walker = Walker(context.browser, server, shared=context)
    yield walker
    walker.close()


@contextmanager
def behind_nginx(server: Server) -> Iterator[Server]:
    """The same study at nginx's address, with the configuration of docs/deploy."""
    with nginx([server.port, server.port], PATH) as (port, _log):
        yield Server(server.study, port, base_path=PATH)


def take_part(walker: Walker) -> None:
    """From the welcome, which is open, to the first song."""
    walker.page.get_by_role("button", name="I agree").click()
    walker.page.get_by_text("What describes you best?").wait_for()
    walker.answer_questions()
    walker.set_volume()
    walker.rate_page(lambda slot, number: 10 + slot + number, N_ATTRIBUTES)
    walker.page.get_by_text("Song 1 of 2").wait_for()
    walker.wait_for_page()


def ratings_of(server: Server, token: str) -> int:
    """How many ratings of the practice page are stored."""
    store = open_store(server.database_url)
    try:
        return len(store.page_state(token, 0, opening=False).ratings)
    finally:
        store.close()


def walk_under_the_path(walker: Walker, server: Server) -> None:
    """Take part, come back by a reload; sign in, fetch a table, sign out: all below the path."""
    asked: list[str] = []
    page = walker.page
    page.on("request", lambda request: asked.append(request.url))
    walker.server = server
    page.goto(f"{server.url}/")
    take_part(walker)
    assert ratings_of(server, walker.token) == len(SYSTEMS) * N_ATTRIBUTES
    page.reload()
    walker.wait_for_page()
    page.goto(f"{server.url}/admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    assert page.url.partition("?")[0] == f"{server.url}/admin"
    (cookie,) = walker.context.cookies()
    assert (cookie["name"], cookie["path"]) == (SESSION_COOKIE, f"{PATH}/")
    page.goto(f"{server.url}/admin?view=data")
    with page.expect_download() as download:
        page.locator(f'a[href="{PATH}/api/admin/ratings.csv"]').click()
    assert download.value.path().read_text().startswith("participant,group,song,system")
    page.get_by_role("link", name=f"{server.url}/").wait_for()  # the one that there is
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Password").wait_for()
    assert walker.context.cookies() == []
    assert [url for url in asked if not url.startswith((f"{server.url}/", "data:", "blob:"))] == []
    assert [text for text in walker.troubles if "status of 404" not in text] == []


@pytest.mark.slow
def test_a_study_under_a_path_is_taken_and_looked_at(walker: Walker, server: Server) -> None:
    """Without a proxy: every request stays below the path, and so does the cookie."""
    walk_under_the_path(walker, server)


def test_a_study_under_a_path_behind_nginx_is_taken_and_looked_at(
    walker: Walker, server: Server
) -> None:
    """The path stands before each location of docs/deploy/nginx.conf, and nothing else changes.

    Where there is no nginx, the walk is without a proxy.
    """
    with behind_nginx(server) if program("nginx") else nullcontext(server) as front:
        walk_under_the_path(walker, front)


def test_a_named_site_shows_the_survey_in_a_frame_without_a_cookie(
    walker: Walker, server: Server, portal: int
) -> None:
    """Another site to the browser: the whole way to the first song, sound and saves included."""
    outside = walker.page
    outside.goto(f"http://localhost:{portal}/?{server.url}/")
    walker.troubles.clear()  # of the portal's own address, which is none of ours
    walker.page = outside.frames[1]
    take_part(walker)
    assert walker.context.cookies() == []
    assert ratings_of(server, walker.token) == len(SYSTEMS) * N_ATTRIBUTES
    assert [text for text in walker.troubles if "status of 404" not in text] == []


@pytest.mark.parametrize(
    ("site", "path"), [("127.0.0.1", "/"), ("localhost", "/admin")], ids=["unnamed", "dashboard"]
)
def test_no_other_site_and_no_other_page_is_framed(
    walker: Walker, server: Server, portal: int, site: str, path: str
) -> None:
    """The browser shows nothing of it and says why; the same page alone is shown."""
    page = walker.page
    page.goto(f"http://{site}:{portal}/?{server.url}{path}")
    for _ in range(600):
        is_told = any("frame-ancestors" in text for text in walker.troubles)
        is_refused = page.frames[1].url.startswith("chrome-error:")
        if is_told and is_refused:
            break
        page.wait_for_timeout(100)
    assert is_told, walker.troubles
    assert is_refused, page.frames[1].url
    page.goto(f"{server.url}{path}")
    page.get_by_role("button", name="I agree" if path == "/" else "Sign in").wait_for()
