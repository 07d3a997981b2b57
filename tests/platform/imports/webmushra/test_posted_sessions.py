"""A session is read from the raw body, and becomes the rows that webMUSHRA's own files have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtrial.imports.results.options import ReadingOptions
from mixtrial.imports.results.reading import imported_of, read_results
from mixtrial.imports.webmushra.posted_session import NoSessionError, session_of_body
from mixtrial.imports.webmushra.session_tables import SessionTable, tables_of
from posted_sessions import TRIALS, body, session

HEAD = "session_test_id,years,device,session_uuid,trial_id,"
WHO = "harbour_mixes,6,headphones,u1,"
CORNERS = ("outerRight", "innerRight", "innerLeft", "outerLeft")
FILES = {
    "mushra": (
        "rating_stimulus,rating_score,rating_time,rating_comment",
        "chorus,cnn,58,41250,", "chorus,reference,100,41250,dry & clear; 100 % +1",
    ),
    "paired_comparison": (
        "choice_reference,choice_non_reference,choice_answer,choice_time,choice_comment",
        "pair,reference,cnn,correct,9400,",
    ),
    "bs1116": (
        ",".join(["rating_reference", "rating_non_reference", "rating_reference_score",
                  "rating_non_reference_score", "rating_time", "choice_comment"]),
        "small,reference,cnn,5.0,3.2,9400,a click",
    ),
    "lms": ("stimuli_rating,stimuli,rating_time", "stars,4,cnn,5000", "stars,NA,old,5000"),
    "lss": ("stimuli_rating,stimuli,rating_time", "one,3,cnn,5000"),
    "lss_2_scales": ("stimuli_rating1,stimuli_rating2,stimuli,rating_time", "two,3,5,cnn,5000"),
    "spatial_localization": (
        "name,stimulus,position_x,position_y,position_z", "where,voice,cnn,1,-0.5,2",
    ),
    "spatial_asw": (
        "name,stimulus," + ",".join(f"position_{c}_{axis}" for c in CORNERS for axis in "xyz"),
        "wide,voice,cnn," + ",".join(map(str, range(1, 13))),
    ),
    "spatial_hwd": (
        "name,stimulus," + ",".join(f"position_{c}_{axis}" for c in CORNERS for axis in "xyz")
        + ",height,depth",
        "deep,voice,cnn," + ",".join(map(str, range(1, 13))) + ",1.5,2",
    ),
    "spatial_lev": (
        "name,stimulus,"
        + ",".join(f"position_{c}_{axis}" for c in ("center", "height", "width1", "width2")
                   for axis in "xyz"),
        "around,voice,cnn," + ",".join(map(str, range(1, 13))),
    ),
}  # fmt: skip
"""Header and rows of each of webMUSHRA's files, with ``session_uuid``, written by hand."""


def tables(*said: Any) -> dict[str, SessionTable]:
    """Tables of sessions, all of whose answers are in one."""
    found, left = tables_of([session_of_body(body(each)) for each in said])
    assert left == ()
    return {table.name: table for table in found}


@pytest.mark.parametrize("name", FILES)
def test_each_page_type_gives_the_file_that_write_php_would(tmp_path: Path, name: str) -> None:
    """The same columns and cells as written by hand, and the same rows as of that file."""
    header, *rows = FILES[name]
    text = "\n".join([HEAD + header, *(WHO + row for row in rows), ""])
    [table] = tables(session("u1", name)).values()
    assert table.name == name
    assert table.table.to_csv(index=False, lineterminator="\n") == text
    path = tmp_path / f"{name}.csv"
    path.write_text(text, encoding="utf-8")
    of_file = read_results(path)
    of_session = imported_of(table.reading(), name, "", "", ReadingOptions())
    pd.testing.assert_frame_equal(of_session.rows, of_file.rows)
    assert set(of_session.assumed) <= set(of_file.assumed)
    assert of_session.refused == of_file.refused


def test_the_raw_json_is_taken_as_it_stands_and_the_encoded_one_decoded() -> None:
    """``&``, ``+`` and ``%41`` in a comment are what they are; both ways say the same session."""
    said = session()
    said["trials"][0] = {
        **TRIALS["mushra"],
        "responses": [{"stimulus": "cnn", "score": "5", "comment": "a+b & %41 €", "time": 1}],
    }
    raw = session_of_body(body(said))
    encoded = quote_plus(json.dumps(said)).encode()
    for more in (b"", b"&submit=1"):
        other = session_of_body(b"sessionJSON=" + encoded + more)
        assert (other.said, other.digest) == (raw.said, raw.digest)
    assert raw.trials[0]["responses"][0]["comment"] == "a+b & %41 €"
    assert (raw.test, raw.session) == ("harbour_mixes", "u1")


@given(
    st.text(), st.text(), st.lists(st.tuples(st.text(), st.text()), max_size=3), st.booleans()
)  # fmt: skip
def test_any_text_survives_the_way(
    comment: str, stimulus: str, asked: list[tuple[str, str]], is_encoded: bool
) -> None:
    """Whatever is in comment, name and answers, raw or encoded: cells hold it, trimmed."""
    said = session()
    response = {"stimulus": stimulus, "score": 5, "comment": comment, "time": 1}
    said["trials"] = [{"id": "a", "type": "mushra", "responses": [response]}]
    said["participant"] = {"name": [q for q, _ in asked], "response": [a for _, a in asked]}
    text = json.dumps(said)
    sent = quote_plus(text) if is_encoded else text
    [table] = tables_of([session_of_body(b"sessionJSON=" + sent.encode())])[0]
    row = table.cells.iloc[0]
    assert row["rating_comment"] == plain(comment)
    assert row["rating_stimulus"] == plain(stimulus)
    assert table.answers.iloc[0].tolist() == [plain(answer) for _, answer in asked]


def plain(text: str) -> str:
    """The part of it that a text file can hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"hello", "The posted text has no field sessionJSON"),
        (b"sessionJSON=", "is not JSON"),
        (b"sessionJSON={", "is not JSON"),
        (b"sessionJSON=" + b"[" * 100_000, "is not JSON"),
        (b"sessionJSON=" + b"9" * 10_000, "is not JSON"),
        (b'sessionJSON={"testId": "a", "trials": [' + b"[" * 49 + b"]" * 49 + b"]}", "50 levels"),
        (b"sessionJSON=[]", "The session's JSON is not an object"),
        (b"sessionJSON={\xff}", "not UTF-8"),
        (b'sessionJSON={"testId": "a"}', "no list of trials"),
        (b'sessionJSON={"trials": []}', "no testId"),
        (b'sessionJSON={"testId": [1], "trials": []}', "The session's testId is not a text"),
        (b'sessionJSON={"testId": "a\\u001b[31m", "trials": []}', "not printable"),
        (body({"testId": "a" * 201, "trials": []}), "too long"),
        (b'sessionJSON={"testId": "a", "uuid": "\\ud800", "trials": []}', "not printable"),
    ],
)
def test_what_is_no_session_is_refused_with_the_reason(sent: bytes, why: str) -> None:
    """One clause each, whatever is sent."""
    with pytest.raises(NoSessionError, match=why):
        session_of_body(sent)


def test_fifty_levels_are_taken_and_no_more() -> None:
    """Kept messages can be read from within many calls too: in a report, in the dashboard."""
    sent = b'sessionJSON={"testId": "a", "uuid": "u1", "trials": [' + b"[" * 48 + b"]" * 48 + b"]}"
    assert session_of_body(sent).session == "u1"


def test_a_session_without_a_name_is_called_by_its_content() -> None:
    """Front ends of before 2022 send no uuid: the same content is the same session."""
    one, again = (session_of_body(body(session(None))) for _ in range(2))
    assert one.session == again.session
    assert one.session.startswith("unnamed-")
    other = session_of_body(body(session(None, "lms")))
    assert other.session != one.session


def test_what_stands_in_no_table_is_told_and_the_rest_taken() -> None:
    """Unknown page types, trials without responses, answers without questions."""
    said = session()
    said["participant"] = {"name": ["years"], "response": []}
    said["trials"] += [
        {"id": "x", "type": "video", "responses": [{}]}, "trial", {"type": "mushra"},
        {"id": "y", "type": "mushra", "responses": [7, {"stimulus": "cnn", "score": 1}]},
    ]  # fmt: skip
    found, left = tables_of([session_of_body(body(said))])
    assert [len(table.cells) for table in found] == [3]
    assert [each.what for each in left] == [
        "answers to questions that have no names",
        "trial 2, pages of the type video have no table",
        "trial 3, no trial: it has no list of responses",
        "trial 4, no trial: it has no list of responses",
        "trial 5, 1 responses: no objects",
    ]


def test_questions_of_odd_names_keep_a_column_each() -> None:
    """Twice the same, none, or that of a column of the tool's own."""
    said = session()
    said["participant"] = {
        "name": ["age", "age", "", "session_uuid"], "response": ["1", "2", "3", "4"]
    }  # fmt: skip
    answers = tables(said)["mushra"].answers
    assert list(answers) == ["age", "age_2", "question_3", "answer_session_uuid"]
    assert answers.iloc[0].tolist() == ["1", "2", "3", "4"]


def test_sessions_that_were_asked_different_questions_stand_in_one_table() -> None:
    """A question that was added later is empty before; a scale given as a text is one scale."""
    later = session("u2", "lss")
    later["participant"] = {"name": ["years", "room"], "response": ["7", "quiet"]}
    later["trials"] = [
        {"id": "one", "type": "likert_single_stimulus",
         "responses": [{"stimulus": "cnn", "stimulusRating": "4", "time": 1}]}
    ]  # fmt: skip
    table = tables(session("u1", "lss"), later)["lss"]
    assert table.answers["room"].tolist() == ["", "quiet"]
    assert table.cells["stimuli_rating"].tolist() == ["3", "4"]
