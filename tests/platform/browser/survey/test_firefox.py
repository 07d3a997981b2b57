"""Numbers typed in Firefox."""

from __future__ import annotations

import pytest

from browser_study import running_server, write_study
from firefox import PROGRAM, firefox
from mixtrial.participation.enrolment import enrol
from mixtrial.server.installation import load_installation
from mixtrial.server.language import locale_of
from mixtrial.server.settings import settings_for_study
from tests.platform.browser.survey.test_presses import QUESTIONS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(PROGRAM is None, reason="needs Firefox; .ci/firefox installs it"),
]
RADIO = "[data-testid=stRadioOption]"
GERMAN = {"intl.accept_languages": "de"}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "de"])
def test_firefox_stores_one_number_for_point_and_comma(
    tmp_path_factory: pytest.TempPathFactory, language: str
) -> None:
    """In a study of either language: the comma in one field, the point in the other."""
    more = [*QUESTIONS, f"language: {language}"]
    study = write_study(tmp_path_factory.mktemp("study"), more=more)
    installation = load_installation(settings_for_study(study))
    token = enrol(installation).token
    installation.store.record_consent(token, "v", accepted=True)
    with (
        running_server(study) as server,
        firefox(tmp_path_factory.mktemp("firefox"), **GERMAN) as page,
    ):
        page.open(f"{server.url}/?p={token}")
        for choices in (installation.study.groups, installation.study.devices):
            page.press(RADIO, choices[0].label.partition(":")[0])
        page.press("button[kind^=primary]")
        page.press("[class*=st-key-decimal-] input[inputmode=decimal]")
        page.type("2,5")
        page.press("button[kind^=primary]")
        page.press(RADIO, "No")
        page.press("[class*=st-key-decimal-questions][class*=size] input[inputmode=decimal]")
        page.type("2.5")
        page.press("button[kind^=primary]")
        page.find("h1", locale_of(language).text("volume_heading"))
    someone = installation.store.find_participant(token)
    installation.store.close()
    assert someone is not None
    assert someone.answers["habits.hours"] == "2.5"
    assert someone.answers["rooms.size"] == "2.5"
