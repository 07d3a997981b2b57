"""Questions that are called as a column of ours, or as nothing should be."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from mixtrial.imports.results.format import with_answers
from mixtrial.imports.results.options import reading_options
from mixtrial.imports.results.reading import Imported, read_results
from mixtrial.imports.results.together import as_one_table

OURS = ("participant", "song", "system", "attribute", "rating", "Comment", "time_s")


def imported(folder: Path, text: str, name: str = "results.csv") -> Imported:
    """Result of reading a file of this text."""
    (folder / name).write_text(text, encoding="utf-8")
    return read_results(folder / name, reading_options())


def webmushra(names: tuple[str, ...]) -> str:
    """One rating, and questions of these names, each answered by its own name."""
    return (
        f"session_test_id,{','.join(names)},session_uuid,trial_id,rating_stimulus,rating_score,"
        f"rating_time,rating_comment\nt,{','.join(names)},u1,s,x,61,1000,loud\n"
    )


def netflix(names: tuple[str, ...]) -> str:
    """The same of Netflix' app."""
    said = " ".join(f'{name}="{name}"' for name in names)
    return (
        f'<MUSHRA><info subjectName="u1" testStatus="complete"/><surveyResults {said}/><trials>'
        '<trial trialName="s" trialSeconds="1.000"><testFile fileName="s_x.wav" score="61" '
        'comment="loud"/></trial></trials></MUSHRA>'
    )


def waet(names: tuple[str, ...]) -> str:
    """The same of WAET."""
    said = "".join(
        f'<surveyresult ref="{name}"><response>{name}</response></surveyresult>' for name in names
    )
    return (
        f'<waetresult key="u1"><waet><setup interface="APE"/></waet><survey>{said}</survey>'
        '<page ref="s"><metric><metricresult id="testTime">1.000</metricresult></metric>'
        '<audioelement name="x"><value interface-name="basic_audio_quality">0.61</value>'
        "<comment><response>loud</response></comment></audioelement></page></waetresult>"
    )


def pymushra(names: tuple[str, ...]) -> str:
    """The same of pymushra."""
    response = {"stimulus": "x", "score": 61, "comment": "loud", "time": 1000}
    trial = {"id": "s", "type": "mushra", "responses": [response],
             "questionaire": {"uuid": "u1", **{name: name for name in names}}}  # fmt: skip
    return json.dumps({"t": {"1": trial}})


@pytest.mark.parametrize("written", [webmushra, netflix, waet, pymushra])
def test_an_answer_never_stands_in_a_column_of_ours(tmp_path: Path, written: object) -> None:
    """It has another name, which is told; other answers keep theirs, `self` and `name` too."""
    others = ("self", "name", "depth", "height", "stimuli", "group", "answer_song")
    found = imported(tmp_path, written((*OURS, *others)))  # type: ignore[operator]
    [row] = found.rows.to_dict("records")
    assert [row[name.lower()] for name in OURS] == [
        "u1", "s", "x", "basic_audio_quality", "61", "loud", "1.000",
    ]  # fmt: skip
    for name in OURS:
        kept = "answer_song_" if name == "song" else f"answer_{name}"
        assert row[kept] == name
        assert f"the answers to {name} stand in the column {kept}" in found.assumed
    assert [row[name] for name in others] == list(others)
    assert len(as_one_table([found], None)) == 1


def test_a_column_of_qualtrics_may_be_called_as_ours(tmp_path: Path) -> None:
    """The person is still the response."""
    text = (
        "ResponseId,participant,song,1_Q3_1\na,b,c,d\n"
        + ",".join(['"{""ImportId"":""x""}"'] * 4)
        + "\nR_1,ann,none,61\n"
    )
    [row] = imported(tmp_path, text).rows.to_dict("records")
    assert (row["participant"], row["song"], row["rating"]) == ("R_1", "1", "61")
    assert (row["answer_participant"], row["answer_song"]) == ("ann", "none")


def test_answers_go_to_every_row_of_their_index() -> None:
    """A row of a file may give several of ours."""
    rows = pd.DataFrame({"system": ["x", "y", "z"]}, index=[2, 2, 3])
    answers = pd.DataFrame({"age": ["31", "40", "50"], "System": ["a", "b", "c"]}, index=[2, 3, 4])
    joined, told = with_answers(rows, answers)
    assert joined.to_numpy().tolist() == [["x", "31", "a"], ["y", "31", "a"], ["z", "40", "b"]]
    assert told == ("the answers to System stand in the column answer_System",)
