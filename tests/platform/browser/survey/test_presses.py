"""Numbers as people type them, in browsers of two languages; and presses that all do something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from browser_study import Server, Walker, running_browser, running_server, write_study
from db.models import ConsentRow, ParticipantRow
from mixtrial.participation.enrolment import enrol
from mixtrial.server.installation import Installation, load_installation
from mixtrial.server.settings import settings_for_study
from page_audit import wait_until_drawn

pytestmark = pytest.mark.browser
QUESTIONS = """
ask: [years]
questionnaires:
  - name: habits
    when: before
    title: Your habits
    questions:
      - {name: hours, type: number, label: "Hours a day?", decimals: 1, minimum: 0}
  - name: rooms
    when: before
    title: Your rooms
    questions:
      - {name: shared, type: choice, label: "Is it shared?",
         choices: [{name: "yes", label: "Yes"}, {name: "no", label: "No"}]}
      - {name: people, type: text, label: "By whom?",
         show_if: {question: shared, answers: ["yes"]}}
      - {name: size, type: number, label: "How large is it?", decimals: 1, minimum: 0}
""".strip().splitlines()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A study that asks for numbers, served."""
    with running_server(write_study(tmp_path_factory.mktemp("numbers"), more=QUESTIONS)) as running:
        yield running


@pytest.fixture(scope="module")
def installation(server: Server) -> Iterator[Installation]:
    """The same study, to look into its archive."""
    loaded = load_installation(settings_for_study(server.study))
    yield loaded
    loaded.store.close()


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Chromium of the language that a test names, or of English."""
    with running_browser(language=getattr(request, "param", "en")) as running:
        yield running


@pytest.fixture
def walker(browser: Any, server: Server) -> Iterator[Walker]:
    """A window for somebody."""
    walker = Walker(browser, server)
    yield walker
    walker.close()


def rows(installation: Installation, column: Any) -> list[Any]:
    """One column of a table."""
    with installation.store._engine.connect() as connection:
        return list(connection.scalars(select(column)))


def go_on(page: Any) -> None:
    """Press the button below the questions."""
    page.get_by_role("button", name="Continue").click()


@pytest.mark.parametrize(
    ("browser", "typed"),
    [
        ("en", "2,5"),
        pytest.param("de", "2.5", marks=pytest.mark.slow),
        pytest.param("en", "2.5", marks=pytest.mark.slow),
        pytest.param("de", "2,5", marks=pytest.mark.slow),
    ],
    indirect=["browser"],
)
def test_a_number_is_the_same_with_point_and_comma(
    walker: Walker, installation: Installation, typed: str
) -> None:
    """Typed and handed in at once, in a form and outside of one; phones are offered digits."""
    token = enrol(installation).token
    installation.store.record_consent(token, "v", accepted=True)
    page = walker.page
    page.goto(f"{walker.server.url}/?p={token}")
    page.get_by_label("Years of experience").and_(page.locator("[inputmode=numeric]")).fill(typed)
    go_on(page)
    page.get_by_text("Please give a whole number, in digits.").wait_for()
    page.get_by_label("Years of experience").fill("12")
    walker.answer_questions()
    page.get_by_label("Hours a day?").and_(page.locator("[inputmode=decimal]")).fill(typed)
    go_on(page)
    page.get_by_role("heading", name="Your rooms").wait_for()
    page.get_by_test_id("stRadioOption").filter(has_text="No").click()
    page.get_by_label("How large is it?").press_sequentially(typed)
    go_on(page)
    page.locator(".play:not([disabled])").wait_for()
    someone = installation.store.find_participant(token)
    assert someone is not None
    kept = {name: each for name, each in someone.answers.items() if "answered_at" not in name}
    assert kept == {
        "years": "12", "habits.hours": "2.5", "rooms.shared": "no", "rooms.size": "2.5"
    }  # fmt: skip
    assert walker.troubles == []


def test_consent_given_by_double_clicks_in_two_tabs_is_one(
    walker: Walker, installation: Installation
) -> None:
    """Both tabs of an invitation show the welcome when the first one is pressed."""
    link = f"{walker.server.url}/?p={enrol(installation).token}"
    n_before = len(rows(installation, ConsentRow.id))
    tabs = [walker.page, walker.context.new_page()]
    for tab in tabs:
        tab.goto(link)
        tab.get_by_role("button", name="I agree").wait_for()
    for tab in tabs:
        tab.get_by_role("button", name="I agree").dblclick()
        tab.get_by_text("What describes you best?").wait_for()
    assert len(rows(installation, ConsentRow.id)) == n_before + 1


def test_a_passer_by_who_presses_three_times_comes_in_once(
    walker: Walker, installation: Installation
) -> None:
    """Presses that the page cannot keep up with let nobody else in."""
    n_before = len(rows(installation, ParticipantRow.id))
    walker.page.goto(walker.server.url)
    walker.page.get_by_role("button", name="I agree").evaluate(
        "(button) => { for (let press = 0; press < 3; press += 1) button.click(); }"
    )
    walker.page.get_by_text("What describes you best?").wait_for()
    walker.answer_questions()
    walker.page.get_by_label("Hours a day?").wait_for()
    assert len(rows(installation, ParticipantRow.id)) == n_before + 1


def test_continue_with_nothing_chosen_says_what_is_missing(walker: Walker) -> None:
    """The press is taken, each open question says so, and the first has the focus.

    A page that scrolls is as wide as one that does not.
    """
    walker.agree()
    go_on(walker.page)
    walker.page.get_by_text("Some questions still need an answer").wait_for()
    wait_until_drawn(walker.page)
    assert walker.page.get_by_text("Please answer this question.").count() == 2
    first = walker.page.get_by_role("radiogroup").first.locator("input").first
    walker.page.wait_for_function(
        "(field) => field === document.activeElement", arg=first.element_handle()
    )
    gutter = "getComputedStyle(document.querySelector('[data-testid=stMain]')).scrollbarGutter"
    assert walker.page.evaluate(gutter) == "stable both-edges"
