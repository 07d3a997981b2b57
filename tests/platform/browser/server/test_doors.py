"""The doors as a browser meets them: policy, sign-in, dashboard, and what never reaches it."""

from __future__ import annotations

import re
import sqlite3
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import pytest

from browser_study import (
    SYSTEMS,
    TWO_ATTRIBUTES,
    Server,
    Walker,
    running_browser,
    running_server,
    write_study,
)
from held_answers import HeldAnswers, Seen
from mixtrial.dashboard.router import VIEWS
from mixtrial.server.installation import load_installation
from mixtrial.server.session_cookie import SESSION_COOKIE
from mixtrial.server.settings import settings_for_study
from mixtrial.simulation.in_process import simulate_participants
from page_audit import serious_findings, wait_until_drawn

pytestmark = pytest.mark.browser
PASSWORD = "correct harbour battery"
KEY_COLUMNS = {"Screening": "Reasons to look", "Balance": "Even"}
MARKUP = "<img src=x onerror=alert(1)>"
SUBSTANCE = (
    ".js-plotly-plot:visible, .dx-table:visible, .dx-downloads:visible, "
    ".st-key-dx-preview iframe, .st-key-dx-card-report button:visible"
)
# One of our systems is called like a word of style sheets.
STYLE_WORD = re.compile(rb"[a-z-]*align[a-z-]*\s*:\s*baseline")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A served study in which four participants, simulated but not marked so, have taken part."""
    more = [TWO_ATTRIBUTES, "comments: both", "contact: {ask: optional}"]
    study = write_study(tmp_path_factory.mktemp("doors"), title=f"Mixes {MARKUP}", more=more)
    installation = load_installation(settings_for_study(study))
    list(simulate_participants(installation, 4, seed=1))
    installation.store.close()
    with sqlite3.connect(study.parent / "mixtrial.sqlite") as database:
        database.execute("UPDATE participant SET kind = 'participant'")
    database.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIXTRIAL_ADMIN_PASSWORD", PASSWORD)
        with running_server(study) as started:
            yield started


STREAMLITS = ("/_stcore/health", "/_stcore/host-config")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for the whole file."""
    with running_browser() as browser:
        yield browser


@pytest.mark.parametrize("path", ["/", "/admin", "/api/healthz", *STREAMLITS])
def test_every_door_of_the_whole_server_carries_the_safe_headers(server: Server, path: str) -> None:
    """Streamlit's own pages too, which set none themselves."""
    with urllib.request.urlopen(f"{server.url}{path}", timeout=60) as answer:
        headers = dict(answer.headers)
    assert "object-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/_stcore/metrics"),
        ("GET", "/_stcore/metrics/"),
        ("GET", "/_stcore/%6detrics"),
        ("PUT", "/_stcore/upload_file/session/file"),
        ("POST", "/_stcore/agent/interact"),
    ],
)
def test_the_whole_server_keeps_metrics_inside_and_takes_no_files(
    server: Server, method: str, path: str
) -> None:
    """404, however the address is written; Streamlit itself would answer otherwise."""
    asked = urllib.request.Request(f"{server.url}{path}", method=method)
    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=60)
    assert refused.value.code == 404
    refused.value.close()


CARDS = '[class*="st-key-dx-card-"]'
SURFACE = "() => getComputedStyle(document.documentElement).getPropertyValue('--dx-surface').trim()"


def look_at(walker: Walker, view: str) -> None:
    """Wait until a view is drawn whole, and look whether it fits a phone and hinders nobody."""
    page = walker.page
    page.get_by_role("button", name="Sign out").wait_for()
    page.locator(SUBSTANCE).locator("visible=true").first.wait_for()
    page.locator(".dx-skeleton").wait_for(state="hidden")
    page.get_by_role("heading", name=MARKUP).wait_for()
    wait_until_drawn(page)
    assert walker.overflow_px() <= 0, view
    assert serious_findings(page) == [], view
    if view in KEY_COLUMNS:
        box = page.locator("th:visible", has_text=KEY_COLUMNS[view]).bounding_box()
        assert box["x"] + box["width"] <= 390 - 12, view


def press(walker: Walker, answers: HeldAnswers, view: str, *, turns_dark: bool) -> Seen:
    """Go from one view to another; what is seen of the former one until the server answers."""
    page = walker.page
    button = page.locator(".st-key-dashboard-view").get_by_text(view, exact=True)
    seen = answers.press(button, CARDS, ".st-key-dx-waiting-view")
    if turns_dark:
        assert page.evaluate(SURFACE) == "#ffffff"
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(f"({SURFACE})() === '#1a2224'")
    answers.go_on()
    page.mouse.move(0, 0)
    look_at(walker, view)
    return seen


def test_a_researcher_signs_in_sees_every_view_and_signs_out(browser: Any, server: Server) -> None:
    """Nothing is blocked or fetched elsewhere, no title is markup; a language is remembered.

    No view hinders anybody seriously or is wider than a phone, and on one the key column of its
    table is in view: *Reasons to look* of a participant, *Even* of the balance. From each view to
    the next, however slow the server, a press leaves nothing of the former one: 0 cards and a
    skeleton. Nor does it take the server to turn dark with the browser.
    """
    walker = Walker(browser, server, viewport={"width": 390, "height": 850})
    page = walker.page
    page.on("dialog", lambda dialog: walker.troubles.append(f"dialog: {dialog.message}"))
    statuses: list[tuple[int, str]] = []
    page.on("response", lambda answer: statuses.append((answer.status, answer.url)))
    page.goto(f"{server.url}/admin")
    page.get_by_label("Password").fill("guess")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("That is not the password.").wait_for()
    assert walker.context.cookies() == []
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    (cookie,) = walker.context.cookies()
    assert (cookie["name"], cookie["httpOnly"]) == (SESSION_COOKIE, True)
    answers = HeldAnswers(page)
    page.goto(f"{server.url}/admin?view=overview")
    look_at(walker, "Overview")
    pressed = [*list(VIEWS)[1:], "Overview"]
    seen = {view: press(walker, answers, view, turns_dark=view == "Overview") for view in pressed}
    assert [view for view in pressed if seen[view].n_former == 0] == []
    assert {view: each for view, each in seen.items() if each.n_left} == {}
    assert [view for view in pressed if not seen[view].skeleton] == []
    page.emulate_media(color_scheme="light")
    page.goto(f"{server.url}/admin?view=data")
    with page.expect_download() as download:
        page.locator('a[href="/api/admin/ratings.csv"]').click()
    text = download.value.path().read_text()
    assert text.startswith("participant,group,song,system")
    page.get_by_role("button", name="Deutsch").click()
    page.get_by_role("heading", name="Eine Versuchsperson").wait_for()
    page.goto(f"{server.url}/admin?view=open")  # the browser remembers it
    page.get_by_role("heading", name="Wer teilnehmen darf").wait_for()
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Who may come in").wait_for()
    tab = walker.context.new_page()
    tab.goto(f"{server.url}/admin?view=data")
    tab.locator(SUBSTANCE).first.wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Password").wait_for()
    tab.get_by_label("Password").wait_for()  # by itself, with nothing of the study left
    tab.locator(SUBSTANCE).first.wait_for(state="detached")
    failed = [(status, url) for status, url in statuses if status >= 400]
    assert failed == []
    assert walker.troubles == []
    walker.close()


def test_no_name_of_a_system_reaches_a_participants_browser(browser: Any, server: Server) -> None:
    """Neither by the websocket nor by an address, a header, an answer of ours or the page."""
    walker = Walker(browser, server)
    received: list[bytes] = []

    def on_frame(frame: Any) -> None:
        received.append(frame if isinstance(frame, bytes) else str(frame).encode())

    def on_response(answer: Any) -> None:
        is_ours = "/api/" in answer.url and "/api/player/" not in answer.url
        received.append(f"{answer.url} {answer.headers}".encode())
        if is_ours and answer.status == 200:
            received.append(answer.body())

    walker.page.on("websocket", lambda socket: socket.on("framereceived", on_frame))
    walker.page.on("response", on_response)
    walker.go_to_first_page()
    walker.rate_page(lambda slot, number: 50 + slot + number, 2)
    walker.page.get_by_text("Song 1 of 2").wait_for()
    walker.wait_for_page()
    received.append(walker.page.content().encode())
    received.append(
        walker.page.evaluate(
            "[...document.querySelectorAll('*')].map((e) => e.shadowRoot?.innerHTML ?? '')"
            ".join(' ')"
        ).encode()
    )
    assert walker.audio_urls
    assert b"Level balance" in b"".join(received[:-2])  # the frames can be read
    everything = STYLE_WORD.sub(b"", b"\n".join(received))
    assert [name for name in SYSTEMS if name.encode() in everything] == []
    assert walker.context.cookies() == []
    walker.close()


@pytest.fixture(scope="module")
def session() -> dict[str, Any]:
    """Cookies in the browser of a researcher who has signed in; empty until somebody has."""
    return {}


def on_view(
    browser: Any, server: Server, session: dict[str, Any], view: str, **options: Any
) -> Walker:
    """A researcher's browser on a view: signed in once, and anew where somebody signed out."""
    walker = Walker(browser, server, storage_state=dict(session), **options)
    page = walker.page
    page.goto(f"{server.url}/admin?view={view}")
    password, substance = page.get_by_label("Password"), page.locator(SUBSTANCE).first
    password.or_(substance).first.wait_for()
    if password.count():
        password.fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        session.update(walker.context.storage_state())
        page.goto(f"{server.url}/admin?view={view}")
    substance.wait_for()
    return walker


def test_a_preview_plays_a_page_and_enrols_nobody(
    browser: Any, server: Server, session: dict[str, Any]
) -> None:
    """A page as a participant sees it, in the dashboard's frame, heard and rated: 0 rows more."""
    walker = on_view(browser, server, session, "preview", viewport={"width": 1280, "height": 1000})
    before = n_rows(server)
    page = walker.page
    page.get_by_label("Page").first.click()
    page.get_by_role("option", name=re.compile("^Page 1 of 2")).click()
    frame = page.frame_locator(".st-key-dx-preview iframe[src*='preview=page-2']")
    frame.get_by_text("Nothing is stored.").wait_for()
    letter = frame.locator(".rating:not([aria-busy=true]) .letter:not([disabled])").first
    letter.click()
    inside = next(each for each in page.frames if "preview=page-2" in each.url)
    inside.wait_for_function("window.heard() > 0")
    assert inside.evaluate("innerWidth") == 390
    assert walker.audio_urls
    assert n_rows(server) == before
    walker.close()


def n_rows(server: Server) -> dict[str, int]:
    """How many rows each table has of what people said and did."""
    names = ("participant", "consent", "page", "slot", "rating", "event")
    with sqlite3.connect(server.study.parent / "mixtrial.sqlite") as database:
        asked = {name: database.execute(f"SELECT count(*) FROM {name}") for name in names}
        found = {name: cursor.fetchone()[0] for name, cursor in asked.items()}
    database.close()
    return found
