"""From an empty folder to the PDF of a report, step by step, by a studio's pages alone.

The browser test of the studio walks it, and so does the command that makes the pictures of
docs/tutorial.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from browser_study import new_context, rate_slider
from mixtrial.participation.enrolment import enrol
from mixtrial.server.installation import load_installation
from mixtrial.server.settings import settings_for_study
from mixtrial.simulation.in_process import simulate_participants
from running_studio import Researcher, RunningStudio

TITLE, NAME = "Which codec sounds best?", "which-codec-sounds-best"
FURTHER_LISTENERS = 7
"""Who take part beside the one in the browser, so that there is something to test."""


@dataclass
class Walk:
    """A walk under way: the researcher's page, what is seen of each step, and the PDF."""

    studio: RunningStudio
    browser: Any
    page: Any
    files: list[Path]
    of_context: Mapping[str, Any] = field(default_factory=dict)
    on_step: Callable[[str, Any], None] = lambda _name, _page: None
    done: list[str] = field(default_factory=list)
    presses_to_p: int = 0
    pdf: bytes = b""

    def __post_init__(self) -> None:
        self.who = Researcher(self.page)

    @property
    def link(self) -> str:
        """Where participants come in."""
        return f"{self.studio.url}/s/{NAME}/"

    def to(self, name: str) -> None:
        """Take every step that is not done yet, up to one."""
        while name not in self.done:
            step = list(STEPS)[len(self.done)]
            STEPS[step](self)
            self.done.append(step)
            if step != "rate":  # which is seen while it goes on, by another's browser
                self.on_step(step, self.who.page)


def sign_in(walk: Walk) -> None:
    """An empty studio."""
    walk.who.sign_in(walk.studio.url)
    walk.page.get_by_text("There is no study yet.").wait_for()


def new_study(walk: Walk) -> None:
    """A title, and that the study is made of files."""
    walk.who.press("New study")
    walk.who.fill("Title", TITLE)


def upload(walk: Walk) -> None:
    """Six files, and what was understood of their names."""
    walk.who.press("Make the study")
    walk.page.get_by_text("Drop audio files or a folder here").wait_for()
    walk.who.choose_files(walk.files)
    walk.page.get_by_text("2 recordings by 3 systems").wait_for()


def make(walk: Walk) -> None:
    """The study of these files, not yet built."""
    walk.who.press("Make the study of these files")
    walk.page.get_by_role("button", name="Build the study").wait_for()


def open_study(walk: Walk) -> None:
    """The open study with its link, once it is built."""
    if not walk.who.page.get_by_role("button", name="Open the study").count():
        walk.who.press("Build the study")
        walk.who.page.get_by_role("button", name="Open the study").wait_for()
    walk.who.press("Open the study")
    walk.who.page.get_by_role("link", name=walk.link, exact=True).wait_for()


def rate(walk: Walk) -> None:
    """A participant's pages, each as it is rated; then it is handed in."""
    page = new_context(walk.browser, **walk.of_context).new_page()
    page.goto(walk.link)
    page.get_by_role("button", name="I agree").click()
    page.get_by_text("What describes you best?").wait_for()
    for answer in ("Hobbyist", "Headphones"):
        page.get_by_test_id("stRadioOption").filter(has_text=answer).click()
    page.get_by_role("button", name="Continue").click()
    page.locator(".play:not([disabled])").click()
    page.get_by_role("button", name="This is comfortable").click()
    thanks = page.get_by_text("Thank you", exact=False)
    rated = page.locator(".rating:not([aria-busy=true]) .letter:not([disabled])")
    while not thanks.count():
        rated.first.or_(thanks.first).wait_for()
        if thanks.count():
            break
        for slot in range(page.locator(".slider").count()):
            rate_slider(page, page.locator(".letter").nth(slot), slot, 20 + 10 * slot)
        walk.on_step("rate", page)
        before = page.locator(".rating").first.inner_text()
        page.locator(".rating .next").click()
        page.wait_for_function(
            "(before) => document.body.innerText.includes('Thank you') || "
            "![...document.querySelectorAll('*')].some((each) => "
            "each.shadowRoot?.querySelector('.rating')?.innerText === before)",
            arg=before,
        )


def watch(walk: Walk) -> None:
    """The overview of the study's dashboard; it follows by itself until eight have finished."""
    walk.who.page.goto(f"{walk.link}admin")
    finished = walk.who.page.locator(".dx-figure", has_text="Finished").locator("b")
    finished.get_by_text("1", exact=True).wait_for()
    add_listeners(walk.studio.folder / NAME / "study.yaml", FURTHER_LISTENERS)
    finished.get_by_text(str(1 + FURTHER_LISTENERS), exact=True).wait_for(timeout=120_000)


def report(walk: Walk) -> None:
    """Presses from the last rating to p: at most three."""
    before, page = walk.who.n_presses, walk.who.page
    page.locator(".st-key-dashboard-view button", has_text="Report").click()
    page.get_by_test_id("stCheckbox").locator("label").click()
    walk.who.n_presses += 2
    walk.who.press("Uncover the names for good and make the report")
    page.locator("th:visible", has_text="p (Holm)").wait_for(timeout=600_000)
    walk.presses_to_p = walk.who.n_presses - before


def take_pdf(walk: Walk) -> None:
    """The PDF, downloaded."""
    page = walk.who.page
    with page.expect_download() as coming:
        page.locator("a.dx-download", has_text="PDF").click()
    walk.pdf = Path(coming.value.path()).read_bytes()


STEPS: Mapping[str, Callable[[Walk], None]] = {
    "sign-in": sign_in,
    "new": new_study,
    "upload": upload,
    "make": make,
    "open": open_study,
    "rate": rate,
    "watch": watch,
    "report": report,
    "pdf": take_pdf,
}


def add_listeners(study: Path, n_listeners: int) -> None:
    """Have listeners of known preferences take part who pass for real ones."""
    installation = load_installation(settings_for_study(study))
    with (
        closing(installation.store),
        patch("mixtrial.simulation.in_process.enrol", lambda real, _kind: enrol(real)),
        patch("mixtrial.participation.autosave._impossible_listening", lambda *_: None),
    ):
        list(simulate_participants(installation, n_listeners, seed=1))
