"""Panels send people and get them back: whole ways of three of them, as the docs show them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Thread

import pytest
from streamlit.testing.v1 import AppTest

import places
from browser_study import write_study
from db.records.participation import SaveOutcome
from mixtrial.exports.participants import rows_of
from mixtrial.participation.admission import set_limits
from mixtrial.participation.enrolment import enrol
from mixtrial.participation.recruitment import without_identifiers
from mixtrial.server.installation import Installation
from mixtrial.server.language import locale_of
from stimuli.study_keys.recruiting.admission import Admission
from survey_pages import html_of, press, save, served, survey

AGREE, DECLINE = "I agree and take part", "No, thank you"


def of_the_docs(panel: str) -> list[str]:
    """Lines of the study file under a panel's heading on the page about panels."""
    text = (places.ROOT / "docs" / "panels.md").read_text("utf-8")
    [found] = re.findall(rf"## {panel}\n\n```yaml\n(.*?)```", text, flags=re.DOTALL)
    return str(found).splitlines()


@contextmanager
def study_of(panel: str, folder: Path, *more: str) -> Iterator[Installation]:
    """A study that recruits from a panel, served."""
    with pytest.MonkeyPatch.context() as patch:
        lines = [*of_the_docs(panel), *more]
        yield from served(write_study(folder, more=lines), patch)


def come_by(parameters: dict[str, str]) -> AppTest:
    """Open the survey by a panel's link."""
    at = survey()
    for name, value in parameters.items():
        at.query_params[name] = value
    return at.run()


def sent(parameters: dict[str, str], button: str = AGREE) -> AppTest:
    """Open the survey by a panel's link and press a button of the welcome."""
    return press(come_by(parameters), button)


def token_of(at: AppTest) -> str:
    """The personal token that the address has now."""
    value = at.query_params["p"]
    return value if isinstance(value, str) else value[0]


def walked_on(installation: Installation, token: str, n_pages: int, start: int = 0) -> None:
    """Hand in pages one after the other."""
    someone = installation.store.find_participant(token)
    if someone.step == "questionnaire":
        installation.store.record_questionnaire(token, "hobbyist", "headphones")
        installation.store.record_volume(token, 0.5)
    for index in range(start, start + n_pages):
        assert survey(token).exception == []
        assert save(installation, token, index, 50.0) is SaveOutcome.STORED


def test_prolific_sends_somebody_and_gets_them_back(tmp_path: Path) -> None:
    """They come again half way and go on; the end has Prolific's code and link, not their id."""
    by = {"PROLIFIC_PID": "5f2a77", "STUDY_ID": "s1", "SESSION_ID": "x9"}
    with study_of("Prolific", tmp_path) as installation:
        token = token_of(sent(by))
        walked_on(installation, token, 1)
        assert token_of(sent({**by, "SESSION_ID": "x10"})) == token
        walked_on(installation, token, 2, start=1)
        at = survey(token)
        assert at.code[0].value == "C1A2B3"
        (link,) = at.get("link_button")
        assert link.proto.url == "https://app.prolific.com/submissions/complete?cc=C1A2B3"
        assert "5f2a77" not in html_of(at)
        people = rows_of(installation)
        assert people[["prolific_pid", "study_id", "session_id"]].values.tolist() == [
            ["5f2a77", "s1", "x10"]
        ]  # fmt: skip


def test_whoever_declines_is_told_how_to_return_and_leaves_nothing(tmp_path: Path) -> None:
    """The code for returned places, and its link; nobody is stored."""
    with study_of("Prolific", tmp_path) as installation:
        at = sent({"PROLIFIC_PID": "5f2a77"}, DECLINE)
        assert at.code[0].value == "CRETURN7"
        (link,) = at.get("link_button")
        assert link.proto.url.endswith("complete?cc=CRETURN7")
        assert installation.store.counts(installation.study.identifier).enrolled == 0


def test_whoever_comes_too_late_is_told_how_to_return(tmp_path: Path) -> None:
    """The study is closed: no participant, the code for returned places."""
    with study_of("Prolific", tmp_path) as installation:
        installation.store.set_study_status(installation.study.identifier, "closed")
        at = come_by({"PROLIFIC_PID": "5f2a77"})
        assert at.button == []
        assert at.code[0].value == "CRETURN7"
        assert installation.store.counts(installation.study.identifier).enrolled == 0


@pytest.mark.parametrize("language", ["en", "de", "fr", "zh"])
def test_a_full_study_says_so_before_it_asks_and_lets_its_own_go_on(
    tmp_path: Path, language: str
) -> None:
    """One place of the file: taken; the dashboard gives a second, and then ends its days."""
    more = (f"language: {language}", "admission: {capacity: 1, closes: 2999-01-01}")
    text = locale_of(language).text
    with study_of("Prolific", tmp_path, *more) as installation:
        study, store = installation.study.identifier, installation.store
        first = token_of(press(come_by({"PROLIFIC_PID": "5f2a77"}), text("agree")))
        late = come_by({"PROLIFIC_PID": "5f2a78"})
        assert text("study_full") in html_of(late)
        assert text("own_link_goes_on") in html_of(late)
        assert late.code[0].value == "CRETURN7"
        assert token_of(press(come_by({"PROLIFIC_PID": "5f2a77"}), text("agree"))) == first
        set_limits(store, study, Admission(capacity=2))
        token_of(press(come_by({"PROLIFIC_PID": "5f2a78"}), text("agree")))
        set_limits(store, study, Admission(capacity=9, closes="2020-02-29"))
        assert text("study_over") in html_of(come_by({"PROLIFIC_PID": "5f2a79"}))
        walked_on(installation, first, 3)
        assert store.find_participant(first).step == "thanks"
        set_limits(store, study, Admission())
        assert text("study_full") in html_of(come_by({"PROLIFIC_PID": "5f2a79"}))


def test_whoever_is_screened_out_is_told_the_code_for_that(tmp_path: Path) -> None:
    """A headphone check that is needed and failed, with the code for who was not taken."""
    check = "headphones: {test: huggins, trials: 1, needed: 1, attempts: 1, gate: required}"
    with study_of("Prolific", tmp_path, check) as installation:
        token = token_of(sent({"PROLIFIC_PID": "5f2a77"}))
        failed = {
            "headphones_test": "huggins", "headphones_trials": "1", "headphones_needed": "1",
            "headphones_attempts": "1", "headphones_gate": "required", "headphones_passed": "no",
        }  # fmt: skip
        installation.store.record_questionnaire(token, "hobbyist", "headphones", failed)
        installation.store.record_volume(token, 0.5)
        at = survey(token)
        assert "This study needs headphones" in html_of(at)
        assert at.code[0].value == "CSCREEN9"


def test_mturk_sends_a_worker_who_gets_a_code(tmp_path: Path) -> None:
    """No link, the code; what the study declares goes to the archive, the worker does not."""
    by = {"workerId": "A1B2", "assignmentId": "3ABC", "hitId": "H77"}
    with study_of("MTurk", tmp_path) as installation:
        token = token_of(sent(by))
        walked_on(installation, token, 3)
        at = survey(token)
        assert at.code[0].value == "MIX-4711"
        assert list(at.get("link_button")) == []
        (answers,) = rows_of(installation)["answers"]
        assert json.loads(answers) == {"workerid": "A1B2", "assignmentid": "3ABC", "hitid": "H77"}
        packed = without_identifiers(answers, installation.study.recruitment)
        assert json.loads(packed) == {"hitid": "H77"}
        assert token_of(sent(by)) == token
        assert installation.store.counts(installation.study.identifier).enrolled == 1


def test_sona_gives_credit_by_a_link_with_the_survey_code(tmp_path: Path) -> None:
    """The code that Sona wrote into the address is in the link at the end."""
    with study_of("Sona", tmp_path) as installation:
        token = token_of(sent({"id": "31415"}))
        walked_on(installation, token, 3)
        (link,) = survey(token).get("link_button")
        assert link.proto.url == (
            "https://school.sona-systems.com/webstudy_credit.aspx?experiment_id=12"
            "&credit_token=ab3&survey_code=31415"
        )


@pytest.mark.parametrize(
    ("panel", "by", "completion", "link"),
    [
        (
            "cloudresearch",
            {"participantId": "C0FFEE", "assignmentId": "a1", "projectId": "p9"},
            "https://connect.cloudresearch.com/participant/project/p9/complete",
            "https://connect.cloudresearch.com/participant/project/p9/complete",
        ),
        ("surveycircle", {}, "SC-4711", None),
    ],
)
def test_other_panels_by_name_send_somebody_and_get_them_back(
    tmp_path: Path, panel: str, by: dict[str, str], completion: str, link: str | None
) -> None:
    """CloudResearch's own come again as who they are; SurveyCircle names nobody, and has a code."""
    lines = ["recruitment:", f"  panel: {panel}", f"  completion: {completion}"]
    with pytest.MonkeyPatch.context() as patch:
        for installation in served(write_study(tmp_path, more=lines), patch):
            token = token_of(sent(by))
            assert (token_of(sent(by)) == token) is bool(by)
            walked_on(installation, token, 3)
            at = survey(token)
            assert [each.proto.url for each in at.get("link_button")] == ([link] if link else [])
            assert [each.value for each in at.code if each.value == completion] == (
                [] if link else [completion]
            )
            said = json.loads(rows_of(installation)["answers"][0] or "{}")
            assert said == {name.lower(): value for name, value in by.items()}


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "x" * 10_000,
        "a\0b",
        "Łukasz",
        "a b",
        "=1+1",
        "{wave}",
        "\u202e1",
    ],
)
def test_a_hostile_identifier_is_no_identifier(tmp_path: Path, hostile: str) -> None:
    """They take part as somebody whom nobody sent; the place in the link stays empty."""
    with study_of("Any other panel", tmp_path) as installation:
        token = token_of(sent({"pid": hostile, "wave": "2"}))
        assert installation.store.find_participant(token).answers == {"wave": "2"}
        walked_on(installation, token, 3)
        (link,) = survey(token).get("link_button")
        assert link.proto.url == "https://panel.example/done?who=&wave=2"


def test_two_tabs_at_once_are_one_participant(tmp_path: Path) -> None:
    """Both agree at the same moment: the archive adds one of them, and gives it to both."""
    with study_of("MTurk", tmp_path) as installation:
        together, tokens = Barrier(4), []

        def come() -> None:
            together.wait()
            tokens.append(enrol(installation, sent_by={"workerid": "A1B2"}).token)

        tabs = [Thread(target=come) for _ in range(4)]
        for tab in tabs:
            tab.start()
        for tab in tabs:
            tab.join()
        assert len(tokens) == 4
        assert len(set(tokens)) == 1
        assert enrol(installation, sent_by={"workerid": "A1B3"}).token != tokens[0]
        assert enrol(installation, sent_by={"hitid": "H77"}).index == 2
