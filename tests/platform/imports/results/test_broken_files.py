"""Files of a known format that lack what it needs: one sentence each, or what is there is read."""

from __future__ import annotations

import gzip
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
    """Result of reading a file of this text."""
    path = folder / "results.txt"
    path.write_text(text, encoding="utf-8")
    return read_results(path, reading_options())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (MUSHRA, "none of its rows fits its header"),
        (MUSHRA + "t,s\n", "none of its rows fits its header"),
        ("session_test_id,trial_id,stimuli,rating_time\nt,s,x,1\n", "has an unknown page type"),
        ("session_test_id,trial_id,name,stimulus\nt,s,n,x\n", "has an unknown page type"),
        ("index,session_test_id,trial_id,stimuli,stimuli_rating,rating_time\n0,t,s,x,1,1\n",
         "Remove the columns before session_test_id"),
        (JSPSYCH + ",rt\nslider,1,9,s,x,1\n", "its trials with a slider have no response"),
        (f"{PYMUSHRA},responses_score\ns,mushra,u,61\n",
         "lacks the column responses_stimulus, which its page type mushra needs"),
        (f"{PYMUSHRA},responses_answer,responses_reference\ns,abx,u,correct,reference\n",
         "lacks the column responses_nonReference"),
        (json.dumps({"t": {"1": {**RECORD, "responses": []}}}), "has no questionaire_uuid"),
        (json.dumps({"t": {"1": {**RECORD, "questionaire": {}, "responses": [{"score": 1}]}}}),
         "has no questionaire_uuid"),
        ('[{"TestID": "s", "Runtime": 1, "rating": {"x": ' + "9" * 6000 + "}}]",
         "has a number of 6000 digits"),
    ],
)  # fmt: skip
def test_what_lacks_is_told_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    """The file is named; no other error comes through."""
    with pytest.raises(RatingsError, match=words) as caught:
        imported(tmp_path, text)
    assert str(caught.value).startswith("results.txt")


def test_times_are_read_by_the_declared_decimal_sign(tmp_path: Path) -> None:
    """A table's own seconds, and milliseconds of webMUSHRA and pymushra; unclear ones are asked.

    Times that a format has made seconds of are not read by the sign once more.
    """
    sides = {
        "participant;song;system;rating;time_s\na;b;c;1,5;12,500\n": "12.500",
        MUSHRA.replace(",", ";") + "t;s;x;1,5;41250,500;\n": "41.251",
        "wm_id;wm_type;questionaire_uuid;responses_stimulus;responses_score;responses_time\n"
        "s;mushra;u;x;1,5;1.250,500\n": "1.250",
    }  # fmt: skip
    path = tmp_path / "results.txt"
    for text, time_s in sides.items():
        path.write_text(text, encoding="utf-8")
        rows = read_results(path, reading_options(decimal="comma")).rows
        assert (rows["time_s"].tolist(), rows["rating"].tolist()) == ([time_s], ["1.5"])
    path.write_text(MUSHRA.replace(",", ";") + "t;s;x;50;41,250;\n", encoding="utf-8")
    with pytest.raises(RatingsError, match=r"rating_time: 41,250 could have .* --decimal comma"):
        read_results(path)


def test_a_packed_file_is_told_as_such_whatever_its_format(tmp_path: Path) -> None:
    """JSON and XML too: what is in it is not guessed."""
    path = tmp_path / "results.json"
    path.write_bytes(gzip.compress(b'{"t": {}}'))
    with pytest.raises(RatingsError, match=r"results\.json is compressed by gzip; unpack it"):
        read_results(path)


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
    with pytest.raises(RatingsError, match="no row that can be used: row 2, the answer is neither"):
        imported(tmp_path, text)
