"""Every page under axe-core: nothing serious or critical, in light and in dark.

The page types by themselves are in tests/platform/browser/player/test_page_types.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from browser_study import (
    TWO_ATTRIBUTES,
    Server,
    Walker,
    running_browser,
    running_server,
    write_study,
)
from mixtrial.dashboard.router import VIEWS
from mixtrial.participation.headphone_check import right_interval
from non_text_contrast import faint_parts
from page_audit import GROUND, OF_COLOURS, serious_findings, wait_until_drawn
from page_walks import hear_headphone_trial
from tests.platform.browser.survey.test_walk import check_database, rate_and_reload, value_of

pytestmark = pytest.mark.browser

PASSWORD = "of the tests"
DESK = {"width": 1280, "height": 720}
PHONE = {"width": 390, "height": 844}
EVERYTHING = """
headphones: {test: antiphase, trials: 1, needed: 1, attempts: 1, gate: required}
comments: both
ask: [years, age, hearing]
contact: {ask: optional}
completion_code: CODE-1
completion_link: https://example.org/done
pages: {break_after: 1, training_feedback: true, back: true}
questionnaires:
  - name: background
    when: before
    title: Your background
    text: Some questions of this study.
    questions:
      - name: plays
        type: choice
        label: Do you play an instrument?
        choices: [{name: "1", label: Often}, {name: "0", label: Never}]
      - name: likes
        type: multiple
        label: What do you like?
        choices: [{name: pop, label: Pop}, {name: folk, label: Folk}]
        required: false
      - {name: hours, type: number, label: "How many hours a week?", required: false}
      - {name: tired, type: scale, label: "How tired are you?", low_label: fresh, required: false}
      - {name: more, type: text, label: "Anything else?", required: false}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A served study that asks for everything a study can ask for."""
    study = write_study(
        tmp_path_factory.mktemp("axe"), more=[TWO_ATTRIBUTES, *EVERYTHING.strip().splitlines()]
    )
    with running_server(study, MIXTRIAL_ADMIN_PASSWORD=PASSWORD) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    with running_browser() as browser:
        yield browser


class Audit:
    """A participant or researcher in a browser, and what axe-core says of each page they meet."""

    def __init__(
        self,
        browser: Any,
        server: Server,
        schemes: Sequence[str] = ("light", "dark"),
        *,
        measures_edges: bool = True,
        **options: Any,
    ) -> None:
        self.schemes, self.measures_edges = schemes, measures_edges
        self.walker = Walker(browser, server, color_scheme=schemes[0], **options)
        self.page = self.walker.page
        self.seen: list[str] = []
        self.findings: list[str] = []

    def look(self, name: str) -> None:
        """Audit the page as it is now, and its colours in each of the colour schemes."""
        self.seen.append(name)
        grounds: list[str] = []
        for scheme in self.schemes:
            self.page.emulate_media(color_scheme=scheme)
            self.page.wait_for_function(f"grounds => !grounds.includes({GROUND})", arg=grounds)
            found = serious_findings(self.page, OF_COLOURS if grounds else ())
            if self.measures_edges:
                found += faint_parts(self.page)
            grounds.append(self.page.evaluate(GROUND))
            self.findings += [f"{name}, {scheme}: {each}" for each in found]
        if len(set(grounds)) < len(self.schemes):
            self.findings.append(f"{name}: the ground has one colour, light and dark")

    def wait_for(self, text: str) -> None:
        """Until a text is there, and then audit the page under that name."""
        self.page.get_by_text(text).first.wait_for()
        self.look(text)


@pytest.mark.parametrize(
    "size", [DESK, pytest.param(PHONE, marks=pytest.mark.slow)], ids=["desk", "phone"]
)
def test_no_page_of_a_participant_hinders_anybody_and_every_rating_is_kept(
    browser: Any, server: Server, size: dict[str, int]
) -> None:
    """From the welcome to the thanks, with every page that a study can have on the way.

    The database holds each slider's value. On a phone, by `make validate`.
    """
    audit = Audit(browser, server, viewport=size)
    walker, page = audit.walker, audit.page
    page.goto(f"{server.url}/")
    audit.wait_for("I agree")
    walker.agree()
    heading_has_focus(page, "About you")
    audit.look("questions")
    if size == DESK:
        height = page.get_by_test_id("stMain").evaluate("each => each.scrollHeight")
        assert height <= 900, "all that a study can ask of a person"
    answer_everything(walker)
    audit.wait_for("Your background")
    page.get_by_test_id("stRadioOption").filter(has_text="Often").click()
    page.get_by_role("button", name="Continue").click()
    page.locator(".play:not([disabled])").wait_for()
    audit.look("volume")
    walker.set_volume()
    pass_headphones(audit, server)
    walker.wait_for_page()
    audit.look("practice, untouched")
    walker.rate(0, 70)
    page.get_by_text("Keyboard").click()
    audit.look("practice, one rated")
    walker.rate_page(value_of, 2)
    audit.wait_for("How you used the scale")
    heading_has_focus(page, "How you used the scale")
    page.locator(".stButton button").last.click()
    page.get_by_text("Song 1 of 2").wait_for()
    walker.wait_for_page()
    heading_has_focus(page, page.locator("h1").inner_text())
    page.wait_for_function("document.title.startsWith('Song 1 of 2')")
    audit.look("Song 1 of 2")
    rate_and_reload(server, walker)
    audit.wait_for("Time for a break")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Song 2 of 2").wait_for()
    walker.rate_page(value_of, 2)
    audit.wait_for("Your personal code")
    assert audit.findings == [], "\n".join(audit.findings)
    assert len(audit.seen) == 11
    assert walker.troubles == []
    check_database(server, walker.token)
    walker.close()


def heading_has_focus(page: Any, text: str) -> None:
    """Wait until the focus is on the page's heading, where a screen reader begins to read."""
    page.wait_for_function(
        "text => document.activeElement.matches('.mx-heading h1')"
        " && document.activeElement.textContent === text",
        arg=text,
    )


def answer_everything(walker: Walker) -> None:
    """Answer the questions about the participant, the ready-made ones included."""
    page = walker.page
    for group in page.locator(".stRadio").all():
        group.get_by_test_id("stRadioOption").first.click()
    for answer in ("Hobbyist", "Headphones"):
        page.get_by_test_id("stRadioOption").filter(has_text=answer).click()
    page.get_by_role("button", name="Continue").and_(page.locator(":enabled")).click()


def pass_headphones(audit: Audit, server: Server) -> None:
    """Hear the trial of the headphone check, look at it, and answer it rightly."""
    from db.store.store import open_store
    from stimuli.loading.load import load_study

    page = audit.page
    page.get_by_text("Headphone check: 1 of 1").wait_for()
    hear_headphone_trial(page)
    audit.look("headphones")
    store = open_store(server.database_url)
    participant = store.find_participant(audit.walker.token)
    assert participant is not None
    given = right_interval(load_study(server.study), participant, 0, 0)
    store.close()
    page.get_by_role("button", name=f"Sound {given}").press("Enter")


def test_no_way_out_of_the_survey_hinders_anybody_seriously(
    browser: Any, server: Server, tmp_path: Path
) -> None:
    """Refused, a foreign link, a study that is not built, and one that cannot be read."""
    audit = Audit(browser, server)
    page = audit.page
    page.goto(f"{server.url}/?p=nobody-has-this-token-000")
    audit.wait_for("This link does not work")
    audit.walker.close()
    audit.walker = Walker(browser, server)
    page = audit.page = audit.walker.page
    page.goto(f"{server.url}/")
    page.get_by_role("button", name="No, thank you").click()
    audit.wait_for("Thank you for your interest")
    with running_server(write_study(tmp_path, is_built=False)) as bare:
        page.goto(f"{bare.url}/")
        audit.wait_for("This study is not ready yet")
    assert audit.findings == [], "\n".join(audit.findings)
    audit.walker.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_view_of_the_dashboard_hinders_anybody_seriously(
    browser: Any, server: Server, scheme: str
) -> None:
    """The sign-in, a wrong password, and every view on a desk, in light colours and in dark ones.

    On a phone, in light colours, `test_doors.py` looks at them.
    """
    # Its colours are chosen when it is drawn.
    audit = Audit(browser, server, [scheme], measures_edges=False)
    page = audit.page
    page.goto(f"{server.url}/admin")
    page.get_by_label("Password").wait_for()
    audit.look("sign-in")
    page.get_by_label("Password").fill("another one")
    page.get_by_role("button", name="Sign in").click()
    audit.wait_for("That is not the password")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    for view in VIEWS:
        page.goto(f"{server.url}/admin?view={view.lower()}")
        page.get_by_role("button", name="Sign out").wait_for()
        wait_until_drawn(page)
        audit.look(view)
    assert audit.findings == [], "\n".join(audit.findings)
    audit.walker.close()
