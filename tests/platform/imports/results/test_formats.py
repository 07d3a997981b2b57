"""Each format of results by a small file of its own, made up here, and what must come of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.exclusions.difference_grades import difference_grades
from analysis.ratings.table import RatingsError, check_ratings, fingerprint, read_ratings
from analysis.scale import Scale, scales_of
from analysis.trials import check_trials
from mixtrial.imports.results.options import reading_options
from mixtrial.imports.results.reading import Imported, read_results
from mixtrial.imports.results.registry import formats

MUSHRA = (
    "session_test_id,years,session_uuid,trial_id,rating_stimulus,rating_score,rating_time,"
    "rating_comment\n"
)


def imported(folder: Path, text: str, name: str = "results.csv", **options: object) -> Imported:
    """Result of reading a file of this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_results(path, reading_options(**options))  # type: ignore[arg-type]


def cells(found: Imported, *names: str) -> list[tuple[str, ...]]:
    """Some columns of the rows, as text."""
    return [tuple(map(str, row)) for row in found.rows[list(names)].itertuples(index=False)]


def test_a_mushra_file_is_read_with_times_orders_and_questionnaire(tmp_path: Path) -> None:
    """Milliseconds become seconds; the scale goes from 0 to 100 and is not asked for."""
    found = imported(
        tmp_path,
        MUSHRA + "t,6,u1,chorus,cnn,58,41250,\nt,6,u1,chorus,reference,100,41250,loud\n"
        "t,6,u1,verse,cnn,14,900,\nt,2,u2,chorus,cnn,,5,\n",
    )
    assert found.title == "results of webMUSHRA"
    assert cells(found, "participant", "song", "system", "attribute", "rating", "time_s") == [
        ("u1", "chorus", "cnn", "basic_audio_quality", "58", "41.250"),
        ("u1", "chorus", "reference", "basic_audio_quality", "100", "41.250"),
        ("u1", "verse", "cnn", "basic_audio_quality", "14", "0.900"),
        ("u2", "chorus", "cnn", "basic_audio_quality", "", "0.005"),
    ]
    assert cells(found, "page_order", "stimulus_order", "replicate", "years", "comment") == [
        ("1", "1", "0", "6", ""), ("1", "2", "0", "6", "loud"), ("2", "1", "0", "6", ""),
        ("1", "1", "0", "2", ""),
    ]  # fmt: skip
    assert scales_of(check_ratings(found.rows)) == {"basic_audio_quality": Scale(0, 100)}
    assert "a slider that was never moved stands at 100" in found.in_one_line


def test_a_page_that_comes_again_is_a_repeat(tmp_path: Path) -> None:
    """The same trial of the same participant, apart or at once."""
    row = "t,6,u1,chorus,cnn,{},1,\n"
    found = imported(tmp_path, MUSHRA + row.format(1) + row.format(2))
    assert cells(found, "rating", "replicate", "page_order") == [("1", "0", "1"), ("2", "1", "2")]
    assert any("repeats" in clause for clause in found.assumed)


def test_the_header_again_is_skipped_and_a_ragged_row_is_set_by_its_end(tmp_path: Path) -> None:
    """Another questionnaire has other columns before the session; what fits nowhere is refused."""
    found = imported(
        tmp_path,
        MUSHRA + "t,6,u1,chorus,cnn,58,1,\n" + MUSHRA + "t,u2,chorus,cnn,40,2,\n"
        "t,a,b,u3,chorus,cnn,30,2,\nt,u4\n",
    )
    assert cells(found, "participant", "years", "rating") == [
        ("u1", "6", "58"), ("u2", "", "40"), ("u3", "", "30"),
    ]  # fmt: skip
    assert found.refused == ((6, "it has 2 cells where the header has 8"),)


def test_two_tests_in_one_file_are_told_and_one_can_be_kept(tmp_path: Path) -> None:
    """They may be two versions of one study."""
    text = MUSHRA + "v1,6,u1,chorus,cnn,58,1,\nv2,6,u2,chorus,cnn,5,1,\n"
    found = imported(tmp_path, text)
    assert any("column test has 2 values (v1, v2)" in doubt for doubt in found.doubts)
    kept = imported(tmp_path, text, only=["test=v2"])
    assert cells(kept, "participant") == [("u2",)]
    assert kept.doubts == ()


def test_participants_are_inferred_where_no_session_is_named(tmp_path: Path) -> None:
    """A row that comes again begins another participant, and so do other answers."""
    text = (
        "session_test_id,age,trial_id,rating_stimulus,rating_score,rating_time,rating_comment\n"
        "t,30,a,x,1,1,\nt,30,a,y,2,1,\nt,30,a,x,3,1,\nt,31,a,x,4,1,\n"
    )
    found = imported(tmp_path, text)
    assert [who for (who,) in cells(found, "participant")] == [
        "results-inferred001", "results-inferred001", "results-inferred002",
        "results-inferred003",
    ]  # fmt: skip
    assert any("names no participants" in clause for clause in found.assumed)


NAMELESS = (
    "session_test_id,age,device,trial_id,rating_stimulus,rating_score,rating_time,rating_comment\n"
)


def test_a_row_that_lacks_an_answer_stays_with_its_listener(tmp_path: Path) -> None:
    """Between two rows of one, it has their answers; it is told."""
    found = imported(
        tmp_path,
        NAMELESS + "t,30,hp,a,x,1,1,\nt,30,a,y,2,1,\nt,30,hp,b,x,3,1,\nt,41,hp,a,x,4,1,\n",
    )
    assert cells(found, "participant", "age", "device", "rating") == [
        ("results-inferred001", "30", "hp", "1"), ("results-inferred001", "30", "hp", "2"),
        ("results-inferred001", "30", "hp", "3"), ("results-inferred002", "41", "hp", "4"),
    ]  # fmt: skip
    assert any("set by their end (3)" in clause for clause in found.assumed)


def test_a_row_that_could_be_of_two_listeners_is_refused(tmp_path: Path) -> None:
    """Its contents, both answered; where only one answered, the row is theirs."""
    found = imported(
        tmp_path,
        NAMELESS + "t,30,hp,a,x,1,1,\nt,hp,b,x,2,1,\nt,41,hp,a,x,3,1,\nt,41,a,y,4,1,\n"
        "t,50,hp,a,x,5,1,\n",
    )
    assert cells(found, "participant", "age", "rating") == [
        ("results-inferred001", "30", "1"), ("results-inferred002", "41", "3"),
        ("results-inferred002", "41", "4"), ("results-inferred003", "50", "5"),
    ]  # fmt: skip
    [(row, why)] = found.refused
    assert row == 3
    assert "could be of the participant before or after it" in why


def test_a_row_that_lacks_an_answer_has_those_of_its_session(tmp_path: Path) -> None:
    """Where the session is named, nothing else is needed."""
    found = imported(tmp_path, MUSHRA + "t,u1,a,x,1,1,\nt,2,u2,a,x,1,1,\nt,6,u1,a,y,1,1,\n")
    assert cells(found, "participant", "years") == [("u1", "6"), ("u2", "2"), ("u1", "6")]
    assert any("set by their end (2)" in clause for clause in found.assumed)


def test_bs_1116_gives_both_grades_and_the_reference_once_a_page(tmp_path: Path) -> None:
    """On the scale from 1 to 5."""
    text = (
        "session_test_id,trial_id,rating_reference,rating_non_reference,rating_reference_score,"
        "rating_non_reference_score,rating_time,choice_comment\n"
        "t,a,reference,mp3,5,3.6,1,\nt,a,reference,aac,4.5,5,1,\n"
    )
    found = imported(tmp_path, text)
    assert cells(found, "system", "rating", "replicate") == [
        ("reference", "5", "0"), ("mp3", "3.6", "0"), ("reference", "4.5", "1"), ("aac", "5", "0"),
    ]  # fmt: skip
    assert scales_of(check_ratings(found.rows)) == {"basic_audio_quality": Scale(1, 5)}
    graded = difference_grades(found.rows)
    assert graded[["system", "rating"]].to_numpy().tolist() == [["mp3", -1.4], ["aac", 0.5]]
    assert scales_of(check_ratings(graded)) == {"basic_audio_quality": Scale(-4, 4)}


def test_paired_comparisons_are_trials_and_undecided_ones_are_told(tmp_path: Path) -> None:
    """Which is the reference was asked, so an answer is right or wrong."""
    text = (
        "session_test_id,trial_id,choice_reference,choice_non_reference,choice_answer,choice_time,"
        "choice_comment\n"
        "t,a,reference,mp3,correct,9400,\nt,b,reference,mp3,incorrect,1,\n"
        "t,c,reference,mp3,undecided,1,\n"
    )
    found = imported(tmp_path, text)
    trials = check_trials(found.rows)
    assert trials[["song", "answer", "correct"]].to_numpy().tolist() == [
        ["a", "a", 1.0], ["b", "b", 0.0],
    ]  # fmt: skip
    assert set(trials["trial_kind"]) == {"abx"}
    assert found.refused == ((4, "the answer is neither right nor wrong"),)


def test_likert_pages_of_several_scales_have_an_attribute_each(tmp_path: Path) -> None:
    """Padded numbers are stripped; NA is missing."""
    text = (
        "session_test_id,trial_id,stimuli_rating1,stimuli_rating2,stimuli,rating_time\n"
        "t,a, 4 ,NA,x,1000\nt,a,2,5,y,1000\n"
    )
    found = imported(tmp_path, text)
    assert cells(found, "system", "attribute", "rating") == [
        ("x", "scale 1", "4"), ("x", "scale 2", "NA"), ("y", "scale 1", "2"), ("y", "scale 2", "5"),
    ]  # fmt: skip
    one = imported(
        tmp_path, "session_test_id,trial_id,stimuli_rating,stimuli,rating_time\nt,a, 3 ,x,1\n"
    )
    assert cells(one, "system", "attribute", "rating") == [("x", "overall", "3")]


def test_spatial_answers_are_places_one_coordinate_an_attribute(tmp_path: Path) -> None:
    """The name of the source stands before the coordinate."""
    text = (
        "session_test_id,trial_id,name,stimulus,position_x,position_y,position_z\n"
        "t,a,violin,binaural,0.5,-1.25,0\n"
    )
    found = imported(tmp_path, text)
    assert cells(found, "system", "attribute", "rating") == [
        ("binaural", "violin position_x", "0.5"), ("binaural", "violin position_y", "-1.25"),
        ("binaural", "violin position_z", "0"),
    ]  # fmt: skip


PYMUSHRA = {
    "harbour": {
        "1": {"id": "chorus", "type": "mushra", "date": "2026-03-04", "testId": "harbour",
              "responses": [
                  {"stimulus": "cnn", "score": 58, "comment": None, "time": 41250},
                  {"stimulus": "reference", "score": 100, "comment": None, "time": 41250}],
              "questionaire": {"years": 6, "uuid": "0f1d"}},
        "2": {"id": "end", "type": "finish", "responses": [{"x": 1}], "questionaire": {}},
    }
}  # fmt: skip


def test_pymushras_store_and_its_csv_give_the_same(tmp_path: Path) -> None:
    """The CSV in another order of columns; a page without ratings is left out and told."""
    store = imported(tmp_path, json.dumps(PYMUSHRA), "store.json")
    csv = imported(
        tmp_path,
        "responses_score;wm_id;wm_type;questionaire_uuid;responses_stimulus;responses_time;wm_testId;"
        "questionaire_years\n58;chorus;mushra;0f1d;cnn;41250;harbour;6\n"
        "100;chorus;mushra;0f1d;reference;41250;harbour;6\n",
    )
    assert {store.title, csv.title} == {"results of pymushra"}
    assert cells(store, "participant", "song", "system", "rating", "time_s", "years") == [
        ("0f1d", "chorus", "cnn", "58", "41.250", "6"),
        ("0f1d", "chorus", "reference", "100", "41.250", "6"),
    ]
    assert fingerprint(check_ratings(store.rows)) == fingerprint(check_ratings(csv.rows))
    assert [why for _, why in store.refused] == ["its page type finish holds no ratings"]


QUALTRICS = (
    "StartDate,Status,ResponseId,IPAddress,Finished,Q1,1_Q3_1,1_Q3_2,2_Q3_1,2_Q3_2\n"
    "Start,Status,Response,IP,Finished,Group?,Rate - Mix A,Rate - Mix B,Rate - Mix A,Rate - Mix B\n"
    + ",".join(['"{""ImportId"":""x""}"'] * 10)
    + "\n2026,IP Address,R_1,1.2.3.4,True,pro,3,5,2,1\n"
    "2026,Survey Preview,R_2,1.2.3.4,True,pro,1,1,1,1\n"
    "2026,IP Address,R_3,1.2.3.4,False,amateur,4,,1,\n"
)


def test_an_export_of_qualtrics_is_unfolded_by_loop_question_and_choice(tmp_path: Path) -> None:
    """Choices have the words of the second row; previews and addresses are not taken over."""
    found = imported(tmp_path, QUALTRICS, columns="group=Q1", renamed=["attribute.Q3=overall"])
    assert found.title == "an export of Qualtrics"
    assert cells(found, "participant", "group", "song", "system", "attribute", "rating") == [
        ("R_1", "pro", "1", "Mix A", "overall", "3"), ("R_1", "pro", "1", "Mix B", "overall", "5"),
        ("R_1", "pro", "2", "Mix A", "overall", "2"), ("R_1", "pro", "2", "Mix B", "overall", "1"),
        ("R_3", "amateur", "1", "Mix A", "overall", "4"),
        ("R_3", "amateur", "1", "Mix B", "overall", ""),
        ("R_3", "amateur", "2", "Mix A", "overall", "1"),
        ("R_3", "amateur", "2", "Mix B", "overall", ""),
    ]  # fmt: skip
    assert found.refused == ((5, "it is a preview of the survey"),)
    assert "IPAddress" not in found.rows


def qualtrics(*columns: tuple[str, str, str]) -> str:
    """An export: of each column its name, its question and one answer per line."""
    answers = zip(*(column[2].split("\n") for column in columns), strict=True)
    head = [[column[at] for column in columns] for at in (0, 1)]
    ids = ['"{""ImportId"":""x""}"'] * len(columns)
    return "\n".join(",".join(row) for row in (*head, ids, *answers)) + "\n"


WHO = ("ResponseId", "Response", "R_1\nR_2\nR_3")
RATED = (("1_Q3_1", "Rate - Mix A", "3\n4\n5"), ("1_Q3_2", "Rate - Mix B", "1\n2\n2"))


@pytest.mark.parametrize(
    "name",
    ["1_Q7_First Click", "1_Q7_Last Click", "1_Q7_Page Submit", "1_Q7_Click Count", "1_Q3_DO_1",
     "1_Q3_DO", "1_Q3_4_TEXT", "Q7_Page Submit", "Q3_DO_2"],
)  # fmt: skip
def test_times_and_orders_of_qualtrics_are_no_ratings(tmp_path: Path, name: str) -> None:
    """They are listed as left out, and the systems keep their words."""
    found = imported(tmp_path, qualtrics(WHO, *RATED, (name, "Timing - x", "1.5\n2\n3")))
    assert set(cells(found, "system", "attribute")) == {("Mix A", "Q3"), ("Mix B", "Q3")}
    assert len(found.rows) == 6
    assert any(clause.endswith(f"left out: {name}") for clause in found.assumed)
    assert name not in found.rows


def test_one_odd_cell_of_qualtrics_is_refused_by_row_and_column(tmp_path: Path) -> None:
    """The other ratings of its column are not given up for it; an empty cell is none."""
    odd = ("1_Q3_3", "Rate - Mix C", "4\n4?\n")
    with pytest.raises(RatingsError, match=r'row 5, column 1_Q3_3: "4\?" is not a number'):
        imported(tmp_path, qualtrics(WHO, *RATED, odd))
    comment = ("1_Q9_1", "Why - Mix A", "loud\n4\nquiet")
    found = imported(tmp_path, qualtrics(WHO, *RATED, comment))
    assert len(found.rows) == 6
    assert "columns without ratings were left out: 1_Q9_1" in found.assumed
    with pytest.raises(RatingsError, match="None of its columns holds ratings"):
        imported(tmp_path, qualtrics(WHO, comment))


def test_the_columns_of_qualtrics_may_have_small_letters(tmp_path: Path) -> None:
    """A spreadsheet may have written them so."""
    text = qualtrics(WHO, ("status", "Status", "0\nSurvey Preview\n0"), *RATED)
    found = imported(tmp_path, text.replace("ResponseId", "responseid"))
    assert {who for (who,) in cells(found, "participant")} == {"R_1", "R_3"}


def test_words_of_a_scale_are_its_numbers_where_they_are_given(tmp_path: Path) -> None:
    """Capitals do not count; without the words, or a scale of as many values, they are refused."""
    text = "participant,song,system,rating\nA,s,x,Good\nA,s,y,bad\n"
    path = tmp_path / "words.csv"
    path.write_text(text, encoding="utf-8")
    words = reading_options(labels="Bad,Poor,Fair,Good,Excellent")
    found = read_results(path, words, Scale(1, 5, 1))
    assert cells(found, "rating") == [("4",), ("1",)]
    with pytest.raises(RatingsError, match="also give a scale of 5 values, such as --scale 1:5:1"):
        read_results(path, words, Scale(1, 7, 1))
    with pytest.raises(
        RatingsError,
        match=r'row 2: The rating "Good" is not a number\. .*--scale 1:5:1 --labels Bad',
    ):
        check_ratings(read_results(path).rows)


def test_signs_in_names_that_nobody_sees_are_told(tmp_path: Path) -> None:
    """Of ratings and of choices, with the option that gives another name."""
    found = imported(
        tmp_path, "participant,song,system,rating\nA,s,x\u202ey,30\nA,s,z,40\n", "r.csv"
    )
    [told] = found.doubts
    assert told.startswith(r"the system 'x\u202ey' holds U+202E, which nobody sees")
    assert told.endswith("--rename system.")
    columns = "participant,part,trial_kind,song,attribute,system_a,system_b,answer\n"
    trial = "A,,preference,s,overall,x,y\u200b,a\n"
    assert "holds U+200B" in imported(tmp_path, columns + trial, "t.csv").doubts[0]


def test_columns_of_other_names_are_asked_for_and_taken_when_named(tmp_path: Path) -> None:
    """The sentence has the option as it may be typed."""
    text = "Subject,track,codec,score\nA,s,x,61\nA,s,y,30\n"
    with pytest.raises(
        RatingsError,
        match="--map participant=Subject,song=track,system=codec,rating=score",
    ):
        imported(tmp_path, text)
    found = imported(
        tmp_path, text, columns="participant=subject,song=track,system=codec,rating=score"
    )
    assert cells(found, "participant", "song", "system", "attribute", "rating") == [
        ("A", "s", "x", "overall", "61"), ("A", "s", "y", "overall", "30"),
    ]  # fmt: skip
    with pytest.raises(RatingsError, match="has no column listener"):
        imported(tmp_path, text, columns="participant=listener")
    with pytest.raises(RatingsError, match="--map: There is no column listener; choose"):
        imported(tmp_path, text, columns="listener=Subject")


def test_two_columns_that_could_be_the_rating_are_asked_about(tmp_path: Path) -> None:
    """They differ in capitals alone."""
    text = "participant,song,system,Rating,RATING\nA,s,x,61,5\n"
    with pytest.raises(RatingsError, match=r"Rating and RATING could both be the rating.*--map"):
        imported(tmp_path, text)
    assert cells(imported(tmp_path, text, columns="rating=RATING"), "rating") == [("5",)]


@pytest.mark.parametrize(
    ("header", "options", "words"),
    [
        ("participant,,song,,system,rating", {}, "columns 2 and 4 have no name; name or remove"),
        ("participant,x,x,system,y,rating", {"columns": "song=x"},
         "columns 2 and 3 have the same name x; rename one in the table"),
        ("participant,song,A,A,B,C", {"wide": "system"}, "columns 3 and 4 have the same name A"),
        ("participant,song,system,y,rating,rating", {},
         "columns 5 and 6 have the same name rating; rename one in the table"),
    ],
)  # fmt: skip
def test_columns_of_one_name_are_refused_by_their_places(
    tmp_path: Path, header: str, options: dict[str, str], words: str
) -> None:
    """No option could tell them apart."""
    with pytest.raises(RatingsError, match=f"results.csv: Its {words}"):
        imported(tmp_path, f"{header}\nA,1,s,2,x,50\n", **options)


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("participant,song,cnn,human\nA,s,1,60\nA,t,3,7\n", "system"),
        ("participant,s_cnn,s_human,t_cnn,t_human\nA,1,60,3,7\n", "song_system"),
    ],
)
def test_wide_tables_are_unfolded_by_what_their_columns_stand_for(
    tmp_path: Path, text: str, wide: str
) -> None:
    """Both are the same table."""
    long = tmp_path / "long.csv"
    long.write_text(
        "participant,song,system,attribute,rating\n"
        "A,s,cnn,overall,1\nA,s,human,overall,60\nA,t,cnn,overall,3\nA,t,human,overall,7\n"
    )
    found = imported(tmp_path, text, wide=wide)
    assert fingerprint(check_ratings(found.rows)) == fingerprint(read_ratings(long))


def test_a_wide_name_of_more_parts_than_were_told_is_refused(tmp_path: Path) -> None:
    """Which part the further word belongs to is not guessed; a covariate keeps its hyphen."""
    text = "participant,years-experience,harbour_cnn,harbour_my_model\nA,5,1,60\n"
    words = (
        "column harbour_my_model of results.csv has more parts between _ than song_system. Write -"
    )
    with pytest.raises(RatingsError, match=words):
        imported(tmp_path, text, wide="song_system")
    found = imported(tmp_path, text.replace("my_model", "my-model"), wide="song_system")
    assert cells(found, "song", "system", "rating", "years-experience") == [
        ("harbour", "cnn", "1", "5"), ("harbour", "my-model", "60", "5"),
    ]  # fmt: skip


def test_the_songs_and_systems_of_a_wide_table_are_told(tmp_path: Path) -> None:
    """A covariate that was taken for a song is seen there."""
    text = "participant,years_experience,s_cnn,s_human,t_cnn\nA,5,1,60,3\n"
    told = imported(tmp_path, text, wide="song_system").assumed[0]
    assert told.endswith("; songs: years, s, t; systems: experience, cnn, human")


def test_a_wide_column_of_words_is_asked_about(tmp_path: Path) -> None:
    """It may be a group, or a comment."""
    with pytest.raises(RatingsError, match=r"The column kind holds no numbers.*--map group=kind"):
        imported(tmp_path, "participant,song,kind,cnn\nA,s,pro,1\n", wide="system")


def test_names_that_look_alike_can_be_made_one(tmp_path: Path) -> None:
    """The refusal names the option; the option does it."""
    text = "participant,song,system,rating\nA,s,cnn,61\nA,t,CNN,30\n"
    with pytest.raises(RatingsError, match=r'--rename "system\.CNN=cnn"'):
        imported(tmp_path, text)
    assert cells(imported(tmp_path, text, renamed=["system.CNN=cnn"]), "system") == [
        ("cnn",), ("cnn",),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("slot01,s,x,o,1\nslot02,s,x,o,9", "places in a file and no persons"),
        ("A,s,x,o,1\nA,s,y,o,0\nB,s,x,o,0\nB,s,y,o,1", "a choice of one"),
    ],
)
def test_what_looks_like_something_else_is_told(tmp_path: Path, rows: str, words: str) -> None:
    """Rater slots, and choices written as ratings of 0 and 1."""
    found = imported(tmp_path, "participant,song,system,attribute,rating\n" + rows + "\n")
    assert any(words in doubt for doubt in found.doubts)


def test_ratings_of_0_and_1_that_are_no_choice_are_not_doubted(tmp_path: Path) -> None:
    """Two of a page have a 1."""
    text = "participant,song,system,attribute,rating\nA,s,x,o,1\nA,s,y,o,1\nB,s,x,o,0\nB,s,y,o,1\n"
    assert imported(tmp_path, text).doubts == ()


@pytest.mark.parametrize("content", [b"<html><body>1</body></html>", b'{"a": 1}', b"[1, 2]"])
def test_what_is_of_no_format_is_refused_with_those_there_are(
    tmp_path: Path, content: bytes
) -> None:
    """Every format is named."""
    path = tmp_path / "odd.txt"
    path.write_bytes(content)
    with pytest.raises(RatingsError, match="has no known format") as caught:
        read_results(path)
    assert all(each.title in str(caught.value) for each in formats().values())


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    """It would be run; here it is not text."""
    path = tmp_path / "results.pickle"
    path.write_bytes(
        b"\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\xff\x8c\x06system."
    )
    with pytest.raises(RatingsError, match="is not a readable UTF-8 CSV file"):
        read_results(path)
