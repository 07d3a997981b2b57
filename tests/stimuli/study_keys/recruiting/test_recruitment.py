"""Panels: known ones by name, any other by its parameters; what cannot work is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser_study import write_study
from db.reading.ratings import PARTICIPANT_COLUMNS
from stimuli.loading.load import load_study
from stimuli.study.study import Study, StudyError
from stimuli.study_keys.recruiting.panels import PANELS
from stimuli.study_keys.recruiting.recruitment import TAKEN, Recruitment, WayBack


def study_with(folder: Path, *lines: str) -> Study:
    """A study with more lines in its file."""
    folder.mkdir(exist_ok=True)
    return load_study(write_study(folder, is_built=False, more=list(lines)))


def test_a_panel_by_name_brings_its_parameters_and_changes_nothing(tmp_path: Path) -> None:
    """Other parameters can be named instead; no fingerprint hangs on who sends participants."""
    plain = study_with(tmp_path / "plain")
    assert plain.recruitment.places == {
        "PROLIFIC_PID": "prolific_pid", "STUDY_ID": "study_id", "SESSION_ID": "session_id",
    }  # fmt: skip
    turk = study_with(tmp_path / "turk", "recruitment: {panel: mturk, keep: [hitId]}")
    assert turk.recruitment.places == {"workerId": "workerid", "hitId": "hitid"}
    assert turk.recruitment.person == "workerid"
    assert turk.fingerprint == plain.fingerprint
    own = study_with(tmp_path / "own", "recruitment: {participant: code}")
    assert own.recruitment.places == {"code": "code"}


def test_every_panel_that_is_known_can_be_named() -> None:
    """Its parameters are names that nothing else has."""
    for name, panel in PANELS.items():
        recruitment = Recruitment.model_validate({"panel": name})
        assert recruitment.participant == panel.participant
        assert set(recruitment.places) == {*panel.keep, panel.participant} - {None}


def test_a_code_has_its_panels_link_beside_it(tmp_path: Path) -> None:
    """Prolific has one, MTurk none; a link is a link; both keys of the study file lead there."""
    prolific = study_with(tmp_path / "a", "recruitment: {panel: prolific, completion: C1A2B3}")
    link = "https://app.prolific.com/submissions/complete?cc=C1A2B3"
    assert prolific.way_back == WayBack("C1A2B3", link)
    assert Recruitment(panel="mturk").way_back("C1A2B3") == WayBack("C1A2B3")
    assert Recruitment().way_back("https://a.example/x") == WayBack(link="https://a.example/x")
    assert Recruitment().way_back(None) == WayBack()
    assert study_with(tmp_path / "b", "completion_code: C1").way_back == WayBack("C1")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("{panel: prolifc}", "no panel 'prolifc' .*Did you mean 'prolific'"),
        ("{participant: p}", "The parameter name 'p' is reserved"),
        ("{participant: Group}", "The parameter name 'Group' is reserved"),
        ("{keep: [years]}", "The parameter name 'years' is reserved"),
        ("{keep: [headphones_passed]}", "is reserved"),
        ("{participant: 'a b'}", "may contain only letters"),
        ("{participant: pid, keep: [PID]}", "every name may be used only once"),
        ("{participant: pid, archive: [hit]}", "archive names 'hit', which is not a parameter"),
        ("{completion: 'a code'}", "neither a code .* nor a link"),
        ("{completion: 'javascript:alert(1)'}", "neither a code .* nor a link"),
        ("{returned: 'ftp://a.example/'}", "returned must be a link"),
        ("{screened_out: 'https://{pid}.example/', participant: pid}", "screened_out must be a l"),
        ("{completion: 'https://a.example/{pid}'}", r"\{pid\}; the placeholders are none"),
    ],
)  # fmt: skip
def test_what_cannot_lead_anywhere_is_refused(tmp_path: Path, told: str, sentence: str) -> None:
    """One sentence that says which and what to do."""
    with pytest.raises(StudyError, match=sentence):
        study_with(tmp_path, f"recruitment: {told}")


def test_one_way_back_is_told_once(tmp_path: Path) -> None:
    """In recruitment or beside it; a link beside it takes the places of the panel."""
    with pytest.raises(StudyError, match="both completion_code and recruitment: completion; leave"):
        study_with(tmp_path / "a", "completion_code: C1", "recruitment: {completion: C2}")
    with pytest.raises(
        StudyError, match=r"line \d+: completion_link has the unknown placeholder \{workerId\}"
    ):
        study_with(tmp_path / "b", "completion_link: 'https://a.example/{workerId}'")
    taken = study_with(
        tmp_path / "c",
        "completion_link: 'https://a.example/{workerId}'",
        "recruitment: {panel: mturk}",
    )
    assert taken.way_back.link == "https://a.example/{workerId}"


def test_no_parameter_can_have_the_name_of_a_column() -> None:
    """The table of participants has each name once."""
    assert set(PARTICIPANT_COLUMNS) <= TAKEN
