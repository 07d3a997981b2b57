"""The question for an e-mail address on the last page, and the one way by which it comes out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from harbour_study import SYSTEMS, open_installation, write_study
from mixtrial.exports.csv_text import download
from mixtrial.exports.registry import export_names, offered_exports
from mixtrial.participation.enrolment import enrol
from mixtrial.reporting.archive_writer import write_archive
from mixtrial.reporting.options import ReportOptions
from mixtrial.server.installation import Installation
from mixtrial.simulation.in_process import simulate_participants
from mixtrial.survey.pages.thanks import is_address
from stimuli.loading.load import load_study
from survey_pages import drawn

NOT_OF_THIS_STUDY = {"trials", "comments", "webmushra_grades"}
"""Exports of answers that it does not ask for."""


@pytest.fixture(params=["optional", "required"])
def installation(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """A study that asks for an address, and gives a completion code and a link."""
    path = write_study(tmp_path, n_songs=2)
    with path.open("a") as file:
        file.write(f"contact: {{ask: {request.param}, text: We write once.}}\n")
        file.write("completion_code: C0DE77\ncompletion_link: https://panel.example/done\n")
    opened = open_installation(path)
    monkeypatch.setattr("mixtrial.survey.router.current_installation", lambda: opened)
    yield opened
    opened.store.close()


def last_page(installation: Installation) -> tuple[str, AppTest]:
    """Token of somebody who has come to the end, and the page they see."""

    def script() -> None:
        from mixtrial.survey.router import render_survey

        render_survey()

    token = enrol(installation).token
    installation.store.finish(token)
    at = AppTest.from_function(script, default_timeout=120)
    at.query_params["p"] = token
    return token, at.run()


def shown(at: AppTest) -> str:
    """All that a page holds, as one text."""
    return " ".join(str(element.proto) for element in at.main)


def leave(at: AppTest, address: str) -> AppTest:
    """Type an address and hand it in."""
    at.text_input[0].set_value(address)
    return next(each for each in at.button if each.label == "Leave this address").click().run()


def test_an_address_can_be_left_seen_to_be_noted_and_taken_away(installation: Installation) -> None:
    """Text that is not an address is refused in a sentence; the withdrawal code stays."""
    token, at = last_page(installation)
    drawn(at)
    code = installation.store.find_participant(token).completion_code  # type: ignore[union-attr]
    assert "We write once." in shown(at)
    assert str(code) in shown(at)
    is_required = installation.study.contact.ask == "required"
    assert ("C0DE77" in shown(at)) is not is_required
    assert ("panel.example" in shown(at)) is not is_required
    at = leave(at, "ada at example")
    assert "does not look like" in at.warning[0].value
    at = leave(at, " ada@example.org ")
    drawn(at)
    assert installation.store.contacts(installation.study.identifier)["address"].to_list() == [
        "ada@example.org"
    ]
    assert "C0DE77" in shown(at)
    assert "ada@example.org" not in shown(at)
    at = next(each for each in at.button if each.label == "Remove it again").click().run()
    assert installation.store.contacts(installation.study.identifier).empty
    assert at.text_input


@pytest.mark.parametrize("installation", ["optional"], indirect=True)
def test_addresses_leave_by_their_own_download_only(installation: Installation) -> None:
    """Every other table is without them; taking them is logged."""
    token, _ = last_page(installation)
    list(simulate_participants(installation, 2, seed=1))
    installation.store.record_contact(token, "+ada@example.org")
    assert download(installation, "contacts") == "address\n'+ada@example.org\n"
    assert installation.store.actions(installation.study.identifier)[-1].detail == "contacts"
    for name in set(export_names()) - {"contacts"}:
        assert "ada@example" not in download(installation, name)


@pytest.mark.slow
@pytest.mark.parametrize("installation", ["optional"], indirect=True)
def test_the_archive_for_publication_holds_no_address(
    installation: Installation, tmp_path: Path
) -> None:
    """None of its files, the report's and the codebook among them."""
    token, _ = last_page(installation)
    list(simulate_participants(installation, 2, seed=1))
    installation.store.record_contact(token, "ada@example.org")
    folder = write_archive(installation, tmp_path / "archive", ReportOptions())
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path.name for path in files if b"ada@example" in path.read_bytes()]


def test_the_dashboard_offers_addresses_where_they_are_asked_for(
    installation: Installation,
) -> None:
    """And nowhere else."""
    offered = set(offered_exports(installation.study))
    assert offered == set(export_names()) - NOT_OF_THIS_STUDY


def test_a_study_that_does_not_ask_shows_no_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default: no question, no download, and the fingerprint of before."""
    path = write_study(tmp_path, n_songs=2)
    before = load_study(path, SYSTEMS).fingerprint
    with path.open("a") as file:
        file.write("contact: {ask: none}\n")
    installation = open_installation(path)
    monkeypatch.setattr("mixtrial.survey.router.current_installation", lambda: installation)
    _, at = last_page(installation)
    drawn(at)
    assert not at.text_input
    assert installation.study.fingerprint == before
    assert set(offered_exports(installation.study)) == set(export_names()) - {
        *NOT_OF_THIS_STUDY,
        "contacts",
    }
    installation.store.close()


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("ada@example.org", True),
        ("ada.l+tests@mail.example.org", True),
        ("Zoë@exämple.org", True),
        ("ada@example", False),
        ("@example.org", False),
        ("ada@", False),
        ("ada example@example.org", False),
        ("ada@example.org, mia@example.org", False),
        ("ada@example.org\nbcc:", False),
        ("a" * 250 + "@b.de", False),
        ("", False),
    ],
)
def test_what_looks_like_an_address(text: str, is_one: bool) -> None:
    """One at sign, a host with a dot, no signs that could start another field."""
    assert is_address(text) is is_one
