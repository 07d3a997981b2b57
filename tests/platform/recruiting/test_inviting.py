"""Material for inviting people: link, QR code, invitation, links of one's own."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from harbour_study import build_stimuli, open_installation, write_study
from mixtrial.dashboard.views.opening import capacity_table, with_a_place
from mixtrial.participation.enrolment import enrol_visitor, returning
from mixtrial.participation.recruitment import recruitment_answers
from mixtrial.recruiting.invitation import invitation
from mixtrial.recruiting.personal_links import (
    AddressesError,
    addresses_in,
    addresses_of_file,
    personal_links,
)
from mixtrial.recruiting.qr_code import qr_code
from mixtrial.routes.route_table import ROUTES
from mixtrial.server.installation import Installation
from mixtrial.server.session_cookie import SESSION_COOKIE, begin_session
from route_server import answer_for
from stimuli.study_keys.keys import Arm
from stimuli.study_keys.recruiting.recruitment import Recruitment

LINK = "https://lab.example.org/study1/"


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """A built study."""
    build_stimuli(tmp_path, n_songs=2)
    opened = open_installation(write_study(tmp_path, n_songs=2))
    answer_for(monkeypatch, lambda: opened)
    yield opened
    opened.store.close()


def client(installation: Installation, *, is_signed_in: bool = True) -> TestClient:
    """A browser before the routes."""
    found = TestClient(Starlette(routes=ROUTES), base_url="http://lab.example.org")
    if is_signed_in:
        found.cookies.set(SESSION_COOKIE, begin_session(installation))
    return found


def test_a_qr_code_has_its_quiet_zone_and_its_three_finder_patterns() -> None:
    """ISO/IEC 18004: four light squares around, and 7 x 7 patterns in three corners."""
    picture = Image.open(io.BytesIO(qr_code(LINK, "png"))).convert("1")
    n_squares = picture.width // 12
    dark = [[not picture.getpixel((12 * x + 6, 12 * y + 6)) for x in range(n_squares)]
            for y in range(n_squares)]  # fmt: skip
    assert not any(any(row) for row in (*dark[:4], *dark[-4:]))
    assert not any(any(row[:4]) or any(row[-4:]) for row in dark)
    finder = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]
    last = n_squares - 11
    for top, left in ((4, 4), (4, last), (last, 4)):
        rows = [row[left : left + 7] for row in dark[top : top + 7]]
        assert ["".join(str(int(each)) for each in row) for row in rows] == finder
    assert (n_squares - 8 - 21) % 4 == 0


def test_the_pictures_are_for_whoever_has_signed_in(installation: Installation) -> None:
    """PNG and SVG of the address under which the dashboard was asked for."""
    for kind, starts in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        answer = client(installation).get(f"/api/admin/qr.{kind}")
        assert answer.content.startswith(starts)
        assert answer.content == qr_code("http://lab.example.org/", kind)  # type: ignore[arg-type]
        refused = client(installation, is_signed_in=False).get(f"/api/admin/qr.{kind}")
        assert refused.status_code == 403


@pytest.mark.parametrize("language", ["en", "de", "fr", "zh"])
def test_an_invitation_says_what_how_long_and_where(
    installation: Installation, language: str
) -> None:
    """Title, minutes, link, and a place for whom to ask, in the study's language."""
    study = installation.study.model_copy(update={"language": language})
    text = invitation(dataclasses.replace(installation, study=study), LINK)
    assert "Harbour Lights" in text
    assert LINK in text
    assert re.search(r"\b\d+\b", text.replace(LINK, ""))
    assert text.endswith("]")


def test_an_address_has_one_link_whenever_the_list_is_made_and_is_stored_nowhere(
    installation: Installation,
) -> None:
    """Whoever comes by it twice is one participant; making links adds nobody."""
    text = "ada@example.org; bea@example.org\n\nAda@Example.org, =1+1\tcy@example.org"
    made = personal_links(installation, LINK, text)
    assert made == personal_links(installation, LINK, text)
    rows = list(csv.DictReader(io.StringIO(made)))
    assert [row["address"] for row in rows] == [
        "Ada@Example.org", "bea@example.org", "'=1+1", "cy@example.org",
    ]  # fmt: skip
    assert len({row["link"] for row in rows}) == 4
    assert all("example.org" not in row["link"].removeprefix(LINK) for row in rows)
    assert installation.store.participants("harbour-lights").empty
    query = {name: value for name, (value,) in parse_qs(urlsplit(rows[0]["link"]).query).items()}
    sent_by = recruitment_answers(installation.study.recruitment, query)
    first = enrol_visitor(installation, None, sent_by)
    assert returning(installation, sent_by) == first
    assert enrol_visitor(installation, None, sent_by).token == first.token


@pytest.mark.parametrize(
    ("text", "words"),
    [(" ;\n,", "has no address"), ("x" * 255, "at most 254 characters, not 255"),
     ("\n".join(map(str, range(5001))), "5001 addresses, but at most 5000")],
)  # fmt: skip
def test_a_list_that_cannot_be_used_is_a_sentence(text: str, words: str) -> None:
    """Empty, an address too long, too many."""
    with pytest.raises(AddressesError, match=words):
        addresses_in(text)


def test_a_study_that_tells_nobody_apart_makes_no_links(installation: Installation) -> None:
    """The sentence names the key."""
    study = installation.study.model_copy(update={"recruitment": Recruitment()})
    with pytest.raises(AddressesError, match=r"recruitment: \{participant: pid\}"):
        personal_links(dataclasses.replace(installation, study=study), LINK, "a@example.org")


def test_the_file_of_links_comes_by_a_form_of_the_dashboard(installation: Installation) -> None:
    """A list posted by another site or without a cookie is refused; a bad one is a sentence."""
    form = {"addresses": "ada@example.org"}
    answer = client(installation).post("/api/admin/links", data=form)
    assert answer.text.startswith("address,link")
    assert "http://lab.example.org/?PROLIFIC_PID=" in answer.text
    refused = client(installation, is_signed_in=False).post("/api/admin/links", data=form)
    assert refused.status_code == 403
    foreign = client(installation).post(
        "/api/admin/links", data=form, headers={"sec-fetch-site": "cross-site"}
    )
    assert foreign.status_code == 403
    assert client(installation).post("/api/admin/links", data={}).status_code == 400
    table = b"\xef\xbb\xbfName;Mail\r\nAda;<ada@example.org>\r\nBea;bea@example.org\r\n"
    by_file = client(installation).post("/api/admin/links", data=form, files={"list": table})
    assert by_file.text.splitlines()[0] == "address,link"
    assert answer.text.splitlines()[1] == by_file.text.splitlines()[1]
    assert [line.partition(",")[0] for line in by_file.text.splitlines()[1:]] == [
        "ada@example.org", "bea@example.org",
    ]  # fmt: skip
    for bad in (b"\xff\xfe", b"a\0b"):
        refused = client(installation).post("/api/admin/links", files={"list": bad})
        assert refused.status_code == 400
        assert "not a text" in refused.json()["error"]
    torn = {"content-type": "multipart/form-data; boundary=x"}
    refused = client(installation).post("/api/admin/links", content=b"--y", headers=torn)
    assert refused.status_code == 400
    assert addresses_of_file(b"p-1\tfirst\np-2\n") == ["p-1", "p-2"]


def test_capacity_counts_who_takes_a_place(installation: Installation) -> None:
    """Of 5 and 2 places two are taken: none by who declined or is simulated."""
    arms = (Arm(name="told", quota=5), Arm(name="not_told", quota=2))
    study = installation.study.model_copy(update={"arms": arms})
    people = pd.DataFrame(
        [("told", "rating", "participant"), ("told", "thanks", "participant"),
         ("told", "refused", "participant"), ("not_told", "rating", "simulated")],
        columns=["arm", "step", "participant_kind"],
    )  # fmt: skip
    assert capacity_table(study, with_a_place(people)).to_numpy().tolist() == [
        ["Told", 5, 2, 3], ["Not told", 2, 0, 2],
    ]  # fmt: skip
