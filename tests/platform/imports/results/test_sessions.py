"""Formats that write a session a file, in XML or JSON: small ones, made up here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.exclusions.difference_grades import difference_grades
from analysis.ratings.table import RatingsError, check_ratings
from analysis.scale import Scale, scales_of
from analysis.trials import check_trials
from mixtrial.imports.results.file_names import system_of
from mixtrial.imports.results.options import BestEnd, reading_options
from mixtrial.imports.results.reading import Imported, read_results
from stimuli.study.study import StudyError


def imported(
    folder: Path, text: str, name: str, columns: str | None = None, best: BestEnd | None = None
) -> Imported:
    """Result of reading a file of this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_results(path, reading_options(columns, best=best))


def cells(found: Imported, *names: str) -> list[tuple[str, ...]]:
    """Some columns of the rows, as text."""
    return [tuple(map(str, row)) for row in found.rows[list(names)].itertuples(index=False)]


def element(name: str, place: int, values: str, moved: str = "true") -> str:
    """A stimulus of WAET, played twice."""
    return (
        f'<audioelement ref="h-{name}" name="{name}" type="normal" presentedId="{place}"><metric>'
        '<metricresult name="elementListenTracker"><event/><event/></metricresult>'
        f'<metricresult name="elementFlagMoved">{moved}</metricresult></metric>{values}'
        "<comment><response>Voice &amp; bass</response></comment></audioelement>"
    )


def waet(interface: str, pages: str) -> str:
    """A session of WAET."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><waetresult key="Qx7" state="complete">'
        f'<waet><setup interface="{interface}"/></waet><survey location="pre">'
        '<surveyresult ref="years"><response>6</response></surveyresult></survey>'
        f"{pages}</waetresult>"
    )


def page(name: str, content: str, state: str = "complete") -> str:
    """A page of WAET that took 96.4 s."""
    time = '<metric><metricresult id="testTime">96.4</metricresult></metric>'
    return f'<page ref="{name}" state="{state}">{time}{content}</page>'


AXES = '<value interface-name="clarity">0.61</value><value interface-name="warmth">0.07</value>'


def test_a_session_of_waet_has_a_row_for_each_axis(tmp_path: Path) -> None:
    """Values times 100; plays, times, comments and answers beside them."""
    outside = '<audioelement ref="h-o" type="outside-reference"><value>1</value></audioelement>'
    found = imported(
        tmp_path, waet("APE", page("harbour", element("cnn", 1, AXES) + outside)), "a.xml"
    )
    assert found.title == "a session of WAET"
    assert cells(found, "participant", "song", "system", "attribute", "rating", "time_s") == [
        ("Qx7", "harbour", "cnn", "clarity", "61", "96.4"),
        ("Qx7", "harbour", "cnn", "warmth", "7", "96.4"),
    ]
    assert cells(found, "stimulus_order", "plays", "moved", "comment", "years")[0] == (
        "2", "2", "1", "Voice & bass", "6",
    )  # fmt: skip
    assert set(scales_of(check_ratings(found.rows)).values()) == {Scale(0, 100)}


def test_pages_of_waet_that_come_again_are_repeats_and_open_ones_are_left_out(
    tmp_path: Path,
) -> None:
    """A page after one that was not completed is read all the same."""
    one = "<value>0.5</value>"
    pages = (
        page("a", element("cnn", 0, one))
        + page("b", element("cnn", 0, one), "empty")
        + page("a-repeat-1", element("cnn", 0, "<value>0.25</value>", moved="false"))
    )
    found = imported(tmp_path, waet("MUSHRA", pages), "a.xml")
    assert cells(found, "song", "attribute", "rating", "replicate", "moved") == [
        ("a", "default", "50", "0", "1"), ("a", "default", "25", "1", "0"),
    ]  # fmt: skip
    assert [why for _, why in found.refused] == ["the page b was not completed"]


def test_radio_buttons_of_waet_keep_their_numbers(tmp_path: Path) -> None:
    """Minus one is not an answer; the scale is not known."""
    pages = page("a", element("x", 0, "<value>4</value>") + element("y", 1, "<value>-1</value>"))
    found = imported(tmp_path, waet("discrete", pages), "a.xml")
    assert cells(found, "rating") == [("4",), ("",)]
    assert "scale_minimum" not in found.rows


def test_a_choice_of_waet_is_a_trial_and_abx_cannot_be_read(tmp_path: Path) -> None:
    """The file does not tell which one X was."""
    sides = element("x", 0, "<value>0</value>") + element("y", 1, "<value>1</value>")
    open_one = page("c", element("x", 0, "<value>0</value>") + element("y", 1, "<value>0</value>"))
    found = imported(tmp_path, waet("AB", page("a", sides) + open_one), "a.xml")
    trials = check_trials(found.rows)
    assert [why for _, why in found.refused] == ["no one side was chosen on the page c"]
    assert trials[["trial_kind", "system_a", "system_b", "answer"]].to_numpy().tolist() == [
        ["preference", "x", "y", "b"]
    ]
    with pytest.raises(RatingsError, match="do not say which sound X was"):
        imported(tmp_path, waet("ABX", page("a", sides)), "b.xml")


def test_questions_of_a_page_of_waet_stand_beside_its_rows(tmp_path: Path) -> None:
    """Ticked options of a survey and of a comment are kept; those not ticked are not an answer."""
    survey = (
        '<survey location="post"><surveyresult ref="genre"><response>Shanty</response>'
        '</surveyresult><surveyresult ref="tools" type="checkbox">'
        '<response name="drums" checked="true"/><response name="bass" checked="false"/>'
        "</surveyresult></survey>"
    )
    boxes = (
        '<comment id="heard" type="checkbox"><question>?</question>'
        '<response name="hum">false</response><response name="hiss">true</response></comment>'
    )
    one = element("cnn", 0, "<value>0.5</value>")
    pages = page("a", one + survey + boxes) + page("b", one)
    found = imported(tmp_path, waet("MUSHRA", pages), "a.xml")
    assert cells(found, "song", "genre", "tools", "heard", "years") == [
        ("a", "Shanty", "drums", "hiss", "6"), ("b", "", "", "", "6"),
    ]  # fmt: skip


def of_values(name: str, **values: str) -> str:
    """A page of WAET with a value for each stimulus."""
    return page(name, "".join(element(system, 0, f"<value>{value}</value>")
                              for system, value in values.items()))  # fmt: skip


def test_one_of_three_that_waet_had_chosen_is_a_pick_of_the_best(tmp_path: Path) -> None:
    """It is told in the pairs that it won; two that were chosen are none."""
    pages = of_values("a", x="0", y="1", z="0") + of_values("b", x="1", y="1", z="0")
    found = imported(tmp_path, waet("AB", pages), "a.xml")
    trials = check_trials(found.rows)
    assert [why for _, why in found.refused] == ["no one side was chosen on the page b"]
    assert trials[["trial_kind", "song", "system_a", "system_b", "answer"]].to_numpy().tolist() == [
        ["best", "a", "x", "y", "b"], ["best", "a", "y", "z", "a"],
    ]  # fmt: skip
    with pytest.raises(RatingsError, match="no page that can be used: line 1, no one side was"):
        imported(tmp_path, waet("AB", of_values("b", x="1", y="1", z="0")), "b.xml")


def test_an_order_of_waet_is_a_ranking_once_it_is_said_where_the_best_stands(
    tmp_path: Path,
) -> None:
    """Three places are three pairs; a shared place has no order."""
    pages = of_values("a", x="0.5", y="0", z="1") + of_values("b", x="1", y="1", z="0")
    text = waet("ordinal", pages)
    told = "does not say at which end the best is; use --best first .* or --best last"
    with pytest.raises(RatingsError, match=told):
        imported(tmp_path, text, "a.xml")
    above: dict[BestEnd, list[str]] = {"last": ["a", "b", "b"], "first": ["b", "a", "a"]}
    for best, answers in above.items():
        found = imported(tmp_path, text, "a.xml", best=best)
        trials = check_trials(found.rows)
        pairs = trials[["trial_kind", "system_a", "system_b"]].to_numpy().tolist()
        assert pairs == [["ranking", "x", "y"], ["ranking", "x", "z"], ["ranking", "y", "z"]]
        assert list(trials["answer"]) == answers
        [(_, why)] = found.refused
        assert why == "not every stimulus has a place of its own on the page b"
        assert found.options == (f"--best {best}",)


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    "<waetresult><page>&b;</page></waetresult>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "{}">]>'
    '<waetresult key="&x;"><page>&x;</page></waetresult>'
)


def test_no_entity_is_ever_read(tmp_path: Path) -> None:
    """Neither one of the document nor one outside: a document type is refused as such."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    for text in (BOMB, OUTSIDE.format(secret.as_uri())):
        with pytest.raises(
            StudyError, match="Document types and entities are not accepted"
        ) as caught:
            imported(tmp_path, text, "a.xml")
        assert "secret" not in str(caught.value).replace(str(secret), "")


NETFLIX = """<?xml version="1.0" encoding="UTF-8"?>
<{root}>
  <info startTime="2026-03-04T10:02:11+01:00" subjectName="L07" testStatus="{status}"/>
  <surveyResults surveyCompleted="yes" yearsOfExperience="6"/>
  <trials>{trials}</trials>
</{root}>"""


def test_a_session_of_netflix_app_names_systems_by_their_files(tmp_path: Path) -> None:
    """A trial that comes again is a repeat; the reference and the anchors have our names."""
    trial = (
        '<trial trialName="harbour" trialSeconds="180.0">'
        '<testFile fileName="harbour_cnn.wav" plays="6" score="58.0"/>'
        '<testFile fileName="harbour_reference.wav" plays="3" score="100.0" comment="original"/>'
        '<testFile fileName="harbour_35anchor.wav" plays="2" score="14.0"/></trial>'
    )
    text = NETFLIX.format(root="MUSHRA", status="complete", trials=trial + trial)
    found = imported(tmp_path, text, "a.xml")
    assert cells(found, "song", "system", "rating", "replicate", "plays")[:4] == [
        ("harbour", "cnn", "58", "0", "6"), ("harbour", "reference", "100", "0", "3"),
        ("harbour", "anchor35", "14", "0", "2"), ("harbour", "cnn", "58", "1", "6"),
    ]  # fmt: skip
    assert set(found.rows["participant"]) == {"L07 2026-03-04T10:02:11+01:00"}
    assert set(found.rows["yearsOfExperience"]) == {"6"}
    assert scales_of(check_ratings(found.rows)) == {"basic_audio_quality": Scale(0, 100)}


def test_grades_of_bs_1116_are_what_the_slider_showed(tmp_path: Path) -> None:
    """3.599999904632568 is a float of 32 bits of 3.6; a session that was broken off is told."""
    trial = '<trial trialName="a"><testFile fileName="a_x.wav" score="3.599999904632568"/></trial>'
    text = NETFLIX.format(root="BS-1116", status="incomplete", trials=trial)
    found = imported(tmp_path, text, "a.xml")
    assert cells(found, "system", "rating") == [("x", "3.6")]
    assert "the session was not finished" in found.assumed
    assert scales_of(check_ratings(found.rows)) == {"basic_audio_quality": Scale(1, 5)}


def test_grades_of_bs_1116_are_compared_with_those_of_the_reference_on_their_page(
    tmp_path: Path,
) -> None:
    """A trial that comes twice is two pages; both differences are kept, apart."""
    trial = (
        '<trial trialName="a"><testFile fileName="a_x.wav" score="3.6"/>'
        '<testFile fileName="a_reference.wav" score="{}"/></trial>'
    )
    trials = trial.format("5.0") + trial.format("4.5")
    text = NETFLIX.format(root="BS-1116", status="complete", trials=trials)
    graded = difference_grades(imported(tmp_path, text, "a.xml").rows)
    assert graded[["system", "rating", "replicate"]].to_numpy().tolist() == [
        ["x", -1.4, "0"], ["x", -0.9, "1"],
    ]  # fmt: skip


def test_a_forced_choice_of_netflix_app_is_a_trial(tmp_path: Path) -> None:
    """The one with the score 1 was chosen."""
    trial = (
        '<trial trialName="a"><testFile fileName="a_x.wav" score="0.0"/>'
        '<testFile fileName="a_y.wav" score="1.0"/></trial>'
    )
    without = trial.replace("1.0", "0.0").replace('trialName="a"', 'trialName="c"')
    text = NETFLIX.format(root="AB_Forced_Choice", status="complete", trials=trial + without)
    found = imported(tmp_path, text, "a.xml")
    trials = check_trials(found.rows)
    assert [why for _, why in found.refused] == ["no one side was chosen in c"]
    assert trials[["system_a", "system_b", "answer"]].to_numpy().tolist() == [["x", "y", "b"]]


@pytest.mark.parametrize(
    ("file", "trial", "system"),
    [
        ("harbour_cnn.wav", "harbour", "cnn"),
        ("folder/harbour-song-cnn.flac", "harbour_song", "cnn"),
        ("cnn.wav", "harbour", "cnn"),
        ("harbour.wav", "harbour", "harbour"),
        ("a_hidden_Reference.wav", "a", "reference"),
        ("a_7anchor.wav", "a", "anchor70"),
    ],
)
def test_a_system_is_what_a_files_name_says_besides_its_trial(
    file: str, trial: str, system: str
) -> None:
    """Folders, endings and the trial's own name go."""
    assert system_of(file, trial) == system


def test_beaqlejs_names_the_reference_and_leaves_the_person_out(tmp_path: Path) -> None:
    """A test set that was not heard has no rating; milliseconds become seconds."""
    sets = [
        {"TestID": "chorus", "Runtime": 41250, "rating": {"Reference": 100, "1": 40},
         "filename": {"Reference": "a.wav", "1": "b.wav"}},
        {"TestID": "verse"},
        {"UserName": "Ann", "UserEmail": "ann@example.org"},
    ]  # fmt: skip
    found = imported(tmp_path, json.dumps(sets), "20260304-a1.txt")
    assert found.title == "results of BeaqleJS"
    assert cells(found, "participant", "song", "system", "rating", "time_s") == [
        ("20260304-a1", "chorus", "reference", "100", "41.250"),
        ("20260304-a1", "chorus", "1", "40", "41.250"),
    ]
    assert "ann" not in found.rows.to_csv().lower()


JSPSYCH = [
    {"trial_type": "html-button-response", "trial_index": 0, "time_elapsed": 9, "response": 0},
    {"trial_type": "audio-slider-response", "trial_index": 1, "time_elapsed": 99, "rt": 1500,
     "response": 63, "stimulus": "a.wav", "item": "chorus", "method": "cnn", "subject_id": "s1"},
]  # fmt: skip


def test_sliders_of_jspsych_are_ratings_and_properties_are_named(tmp_path: Path) -> None:
    """Song and system have the names that the experiment gave them; JSON and CSV are the same."""
    with pytest.raises(RatingsError, match="--map song=item,system=method"):
        imported(tmp_path, json.dumps(JSPSYCH), "a.json")
    as_csv = (
        "trial_type,trial_index,time_elapsed,rt,response,item,method,subject_id\n"
        "html-button-response,0,9,,0,,,\naudio-slider-response,1,99,1500,63,chorus,cnn,s1\n"
    )
    for text, name in ((json.dumps(JSPSYCH), "a.json"), (as_csv, "a.csv")):
        found = imported(tmp_path, text, name, "song=item,system=method")
        assert found.title == "data of jsPsych"
        assert cells(found, "participant", "song", "system", "rating", "time_s") == [
            ("s1", "chorus", "cnn", "63", "1.500")
        ]
        assert len(found.refused) == 1


def test_golisten_has_a_column_for_each_sound_of_an_example(tmp_path: Path) -> None:
    """The title stands over the first of them; names of people are left out."""
    text = (
        'Tags,,,t1,,,\nName,Date,"Age?","Chorus rating",,"Verse rating",\n'
        ",,,chorus_cnn.wav,reference.wav,verse_cnn.wav,reference.wav\n"
        "Ann,2026-03-04 10:00:00,30,61,100,5,99\nBob,2026-03-04 11:00:00,40,20,90,7,98\n"
    )
    found = imported(tmp_path, text, "mushra.csv")
    assert found.title == "results of GoListen"
    assert cells(found, "participant", "song", "system", "rating") == [
        ("mushra-row4", "Chorus", "cnn", "61"), ("mushra-row4", "Chorus", "reference", "100"),
        ("mushra-row4", "Verse", "cnn", "5"), ("mushra-row4", "Verse", "reference", "99"),
        ("mushra-row5", "Chorus", "cnn", "20"), ("mushra-row5", "Chorus", "reference", "90"),
        ("mushra-row5", "Verse", "cnn", "7"), ("mushra-row5", "Verse", "reference", "98"),
    ]  # fmt: skip
    assert "Ann" not in found.rows.to_csv()


def test_golistens_ratings_of_one_sound_need_tags(tmp_path: Path) -> None:
    """Its files are not named there; a tag names the system."""
    text = 'Tags,,{}\nName,Date,"Chorus rating"\nAnn,2026-03-04,"4"\n'
    with pytest.raises(RatingsError, match="write the system of each example into the first row"):
        imported(tmp_path, text.format(""), "a.csv")
    found = imported(tmp_path, text.format("cnn"), "b.csv")
    assert cells(found, "song", "system", "rating") == [("Chorus", "cnn", "4")]
