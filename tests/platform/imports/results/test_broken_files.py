"""Files of a known format that lack what it needs: one sentence each, or what is there is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.ratings.table import RatingsError
from mixtrial.imports.results.options import reading_options
from mixtrial.imports.results.reading import Imported, read_results

MUSHRA = "session_test_id,trial_id,rating_stimulus,rating_score,rating_time,rating_comment\n"
JSPSYCH = "trial_type,trial_index,time_elapsed,song,system"
PYMUSHRA = "wm_id,wm_type,questionaire_uuid"
RECORD = {"id": "s", "type": "mushra", "questionaire": {"uuid": "u"}}


def imported(folder: Path, text: str) -> Imported:
    """What a file of this text gives."""
    path = folder / "results.txt"
    path.write_text(text, encoding="utf-8")
    return read_results(path, reading_options())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (MUSHRA, "has no row that fits its header"),
        (MUSHRA + "t,s\n", "has no row that fits its header"),
        ("session_test_id,trial_id,stimuli,rating_time\nt,s,x,1\n", "of no page type"),
        ("session_test_id,trial_id,name,stimulus\nt,s,n,x\n", "of no page type"),
        ("index,session_test_id,trial_id,stimuli,stimuli_rating,rating_time\n0,t,s,x,1,1\n",
         "take the columns before session_test_id out"),
        (JSPSYCH + ",rt\nslider,1,9,s,x,1\n", "its trials with a slider have no response"),
        (f"{PYMUSHRA},responses_score\ns,mushra,u,61\n",
         "lacks the column responses_stimulus, which its page type mushra needs"),
        (f"{PYMUSHRA},responses_answer,responses_reference\ns,abx,u,correct,reference\n",
         "lacks the column responses_nonReference"),
        (json.dumps({"t": {"1": {**RECORD, "responses": []}}}), "holds no questionaire_uuid"),
        (json.dumps({"t": {"1": {**RECORD, "questionaire": {}, "responses": [{"score": 1}]}}}),
         "holds no questionaire_uuid"),
        ('[{"TestID": "s", "Runtime": 1, "rating": {"x": ' + "9" * 6000 + "}}]",
         "holds a number of 6000 digits"),
    ],
)  # fmt: skip
def test_what_lacks_is_told_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    """The file is named; no other error comes through."""
    with pytest.raises(RatingsError, match=words) as caught:
        imported(tmp_path, text)
    assert str(caught.value).startswith("results.txt")


def test_sliders_of_jspsych_need_no_time_and_their_header_may_have_capitals(
    tmp_path: Path,
) -> None:
    """The rating is read all the same."""
    header = (JSPSYCH + ",response").replace("song,system", "Song,System").upper()
    [row] = imported(tmp_path, f"{header}\nslider,1,9,s,x,61\n").rows.to_dict("records")
    assert (row["song"], row["system"], row["rating"], row["page_order"]) == ("s", "x", "61", "1")
    assert "time_s" not in row


@pytest.mark.parametrize("place", ["²", "", "one", "9" * 6000])
def test_a_place_of_waet_that_is_no_number_is_empty(tmp_path: Path, place: str) -> None:
    """The value is read all the same."""
    text = (
        '<waetresult key="k"><waet><setup interface="APE"/></waet><page ref="s">'
        f'<audioelement name="x" presentedId="{place}"><value>0.5</value></audioelement></page>'
        "</waetresult>"
    )
    [row] = imported(tmp_path, text).rows.to_dict("records")
    assert (row["rating"], row["stimulus_order"]) == ("50", "")


def test_paired_comparisons_that_are_all_undecided_have_no_rows(tmp_path: Path) -> None:
    """Nothing is left to analyse."""
    text = (
        "session_test_id,trial_id,choice_reference,choice_non_reference,choice_answer,choice_time,"
        "choice_comment\nt,a,reference,x,undecided,1,\n"
    )
    with pytest.raises(
        RatingsError, match="no row that can be taken: row 2, the answer is neither"
    ):
        imported(tmp_path, text)
