"""A WAET project comes in whole: axes, surveys, pool, references; all else by its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mixtrial.commands.cli import app
from mixtrial.imports.studies.write_study import import_study
from other_tools import WAET, write_waet
from stimuli.loading.load import load_study
from stimuli.study.study import Study, StudyError


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with axes and surveys, imported."""
    folder = tmp_path_factory.mktemp("waet")
    import_study(write_waet(folder / "theirs"), folder / "ours")
    return folder / "ours"


@pytest.fixture(scope="module")
def study(out: Path) -> Study:
    """The study that was written."""
    return load_study(out / "study.yaml")


@pytest.fixture(scope="module")
def report(out: Path) -> str:
    """Text of import.md, without the signs that keep Markdown from reading it."""
    return re.sub(r"\\(.)", r"\1", (out / "import.md").read_text("utf-8"))


def test_axes_are_the_questions_of_one_part(study: Study) -> None:
    """Both pages are songs of it; the words of an axis stand where they stood."""
    [part] = study.page_parts
    assert (part.type, part.songs) == ("ape", ("harbour", "lantern"))
    assert part.attributes == ("clarity", "warmth")
    labels = [(label.value, label.word) for label in part.scales["clarity"].labels]
    assert labels == [(0, "Low"), (100, "High")]
    assert [each.question for each in study.attributes] == ["How clear is it?", "How warm is it?"]
    assert part.systems == ("baseline_file", "deep")
    options = part.options
    assert (options.must_listen, options.must_move) == (0.05, False)
    assert (options.playback, options.on_switch) == ("loop", "keep")


def test_surveys_stand_before_between_and_after(study: Study) -> None:
    """A question of all pages comes after each; words without a question go to our own pages."""
    before, between = study.questionnaires
    assert [(q.name, q.type, q.required) for q in before.questions] == [
        ("years", "number", True),
        ("plays", "multiple", False),
    ]
    assert before.text == "Take your time."
    assert (between.when, between.after_pages) == ("between", "each")
    assert [q.label for q in between.questions] == ["Which genre?"]
    assert study.thanks == "Please submit.\n\nGood-bye."


def test_the_setup_becomes_keys_of_the_study(study: Study) -> None:
    """Loudness, pool, comments and the way back."""
    assert (study.loudness, study.loudness_target_lufs) == ("match", -23)
    assert study.pages.songs_per_participant == 1
    assert study.comments == "stimulus"
    assert study.completion_link == "https://panel.example/done"


@pytest.mark.parametrize(
    ("sought", "said"),
    [
        ("crossFade", "crossFade (3.0): stimuli are switched with a fade of 5 ms"),
        ("<calibration", "calibration: see the key headphones"),
        ("<conditional", "conditional: no question is jumped over"),
        ('<surveycheckbox id="plays"', "min (1): how many are chosen is not limited"),
        ("scalerange", "interfaceoption (type=check name=scalerange min=25 max=75): no page asks"),
        ('gain="-3"', "gain (-3 dB): change the file itself"),
        ('<page id="lantern"', "label (letter): stimuli are always called by"),
        ('<scalelabel position="0"', "the word Low stands at 0"),
    ],
)
def test_the_report_says_what_became_of_a_line(report: str, sought: str, said: str) -> None:
    """By its number in the project's file, that of an element's beginning."""
    number = WAET[: WAET.index(sought)].count("\n") + (0 if sought == "crossFade" else 1)
    assert f"* line {number}: {said}" in report


ONE_PAGE = """\
<waet><setup interface="%s" randomiseOrder="true">
<interface><scales><scalelabel position="0">Bad</scalelabel>
<scalelabel position="100">Good</scalelabel></scales></interface></setup>
<page id="p" hostURL="media/" loop="true" synchronous="true"><interface/>
<audioelement id="a" url="3c02.wav"/><audioelement id="b" url="77d9.wav"/>%s</page></waet>
"""
ONE_OF_TWO = ONE_PAGE.replace('<audioelement id="b" url="77d9.wav"/>%s', "")
SURVEY = """\
<survey location="before"><surveynumber id="years" %s><statement>Years</statement>
</surveynumber></survey></setup>
"""
HIDDEN = '<audioelement id="h" url="a81f.wav" type="reference"/>'
OPEN = '<audioelement id="o" url="a81f.wav" type="outside-reference"/>'


@pytest.mark.parametrize(
    ("interface", "more", "kind", "systems"),
    [
        ("APE", "", "ape", ("a", "b")),
        ("horizontal", "", "multi_stimulus", ("a", "b")),
        ("discrete", "", "attributes", ("a", "b")),
        ("AB", "", "preference", ("a", "b")),
        ("AB", HIDDEN, "best", ("a", "b", "h")),
        ("ordinal", HIDDEN, "ranking", ("a", "b", "h")),
        ("ABX", "", "abx", ("a", "b")),
        ("MUSHRA", "", "multi_stimulus", ("a", "b")),
        ("MUSHRA", HIDDEN, "multi_stimulus", ("a", "b", "h")),
        ("MUSHRA", HIDDEN + OPEN, "mushra", ("a", "b")),
        ("APE", OPEN, "ape", ("a", "b")),
    ],
)
def test_every_interface_has_its_page_type(
    tmp_path: Path, interface: str, more: str, kind: str, systems: tuple[str, ...]
) -> None:
    """An outside reference is heard openly where the type has one, and told of where not."""
    done = import_study(
        write_waet(tmp_path / "theirs", ONE_PAGE % (interface, more)), tmp_path / "o"
    )
    [part] = load_study(tmp_path / "o" / "study.yaml").page_parts
    assert (part.type, part.systems) == (kind, systems)
    is_open = kind == "mushra"
    assert part.references == (("reference",) if is_open else ())
    told = any("outside reference" in note.text for note in done.notes if note.kind == "lost")
    assert told == (OPEN in more and not is_open)


ASKED = """\
<survey location="%s"><surveystatement id="s%s"><statement>Think.</statement></surveystatement>
<surveynumber id="q%s"><statement>How %s?</statement></surveynumber></survey>
"""


def test_what_the_only_page_asks_comes_before_and_after_it(tmp_path: Path) -> None:
    """Where there is one page, its surveys stand where they stood; where it comes again, after."""
    more = ASKED % ("before", 1, 1, "loud") + ASKED % ("after", 2, 2, "tired")
    text = ONE_PAGE % ("APE", more)
    import_study(write_waet(tmp_path / "theirs", text), tmp_path / "ours")
    before, after = load_study(tmp_path / "ours" / "study.yaml").questionnaires
    told = [(each.when, each.text, [q.label for q in each.questions]) for each in (before, after)]
    assert told == [("before", "Think.", ["How loud?"]), ("after", "Think.", ["How tired?"])]
    again = text.replace('loop="true"', 'loop="true" repeatCount="1"')
    import_study(write_waet(tmp_path / "again", again), tmp_path / "twice")
    [between] = load_study(tmp_path / "twice" / "study.yaml").questionnaires
    assert (between.when, len(between.questions)) == ("between", 2)


MANY = "9" * 5000


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('randomiseOrder="true"', f'poolSize="{MANY}"', "poolSize (999"),
        ('loop="true"', f'repeatCount="{MANY}"', "repeatCount (999"),
        ('randomiseOrder="true"', 'loudness="nan"', "loudness (nan): no level from -50 to -6"),
        ("</setup>", SURVEY % 'min="nan"', "min (nan): no number"),
        ("</setup>", SURVEY % f'max="{MANY}"', "max (999"),
    ],
)
def test_what_is_no_number_is_a_short_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    """The rest of the project comes in."""
    text = (ONE_PAGE % ("APE", "")).replace(old, new, 1)
    done = import_study(write_waet(tmp_path / "theirs", text), tmp_path / "ours")
    [note] = [note.text for note in done.notes if note.text.startswith(said)]
    assert len(note) < 400
    assert load_study(tmp_path / "ours" / "study.yaml").loudness == "check"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ONE_PAGE % ("timeline", ""), r"line 4: page p \(timeline\): .*comments along the time"),
        (ONE_PAGE % ("ABX", HIDDEN), r"it has 3 stimuli; such a page has two here"),
        (ONE_OF_TWO % "ordinal", r"it has one stimulus; such a page has two at least"),
        (ONE_PAGE % ("horizontl", ""), r"no interface of WAET \(did you mean 'horizontal'\?\)"),
        ('<!DOCTYPE waet SYSTEM "file:///etc/passwd"><waet></waet>', "line 1: Document types and"),
        (
            '<!DOCTYPE waet [<!ENTITY x SYSTEM "file:///etc/passwd">]><waet>&x;</waet>',
            "Document types and entities are not accepted",
        ),
        ("<waet><page></waet>", r"line 1: This is not valid XML \(mismatched tag\)"),
        ("<waet>" + "<page>" * 40 + "</page>" * 40 + "</waet>", "too many elements or levels"),
        ('<waetresult key="x"><waet></waet></waetresult>', "holds no study of a known tool"),
    ],
)
def test_a_project_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    """With its line; nothing outside is read and nothing written."""
    with pytest.raises(StudyError, match=said):
        import_study(write_waet(tmp_path / "theirs", text), tmp_path / "ours")
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]


def test_an_imported_project_is_checked_and_rated(out: Path) -> None:
    """`mixtrial check` finds no error; simulated participants answer every axis of their page."""
    run = CliRunner().invoke
    study = str(out / "study.yaml")
    checked = run(app, ["check", study])
    assert checked.exit_code == 0, checked.output
    walked = run(app, ["simulate", study, "--participants", "2", "--seed", "1"])
    assert walked.exit_code == 0, (walked.output, walked.exception)
    exported = run(app, ["export", study, "--out", str(out / "ratings.csv")])
    # One song of the two each, two systems on two axes.
    assert "8 rows of 2 participants" in exported.output


def test_two_axes_of_one_name_are_two_questions(tmp_path: Path) -> None:
    """The second one gets a number, which is told."""
    axis = "<interface name='clear'><title>%s</title></interface>"
    text = (ONE_PAGE % ("APE", "")).replace("<interface/>", axis % "One?" + axis % "Two?")
    done = import_study(write_waet(tmp_path / "theirs", text), tmp_path / "ours")
    asked = load_study(tmp_path / "ours" / "study.yaml").attributes
    assert [(each.name, each.question) for each in asked] == [
        ("clear", "One?"),
        ("clear_2", "Two?"),
    ]
    told = [note.text for note in done.notes if note.kind == "assumed"]
    assert "another axis called clear is called clear_2" in told


def test_a_page_with_more_axes_than_a_study_can_ask_is_named(tmp_path: Path) -> None:
    """Where no other page is left, nothing is written."""
    axes = "".join(f"<interface name='axis{n}'/>" for n in range(30))
    text = (ONE_PAGE % ("APE", "")).replace("<interface/>", axes)
    said = "No page of .* has a counterpart .*line 4: the page p: a study asks 12 questions at most"
    with pytest.raises(StudyError, match=said):
        import_study(write_waet(tmp_path / "theirs", text), tmp_path / "ours")
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]


def test_a_second_open_reference_is_a_line(tmp_path: Path) -> None:
    """The first one is heard; only that one is told as taken."""
    second = OPEN.replace('"o"', '"o2"').replace("a81f", "77d9")
    text = ONE_PAGE % ("MUSHRA", OPEN + second)
    done = import_study(write_waet(tmp_path / "theirs", text), tmp_path / "ours")
    reference = load_study(tmp_path / "ours" / "study.yaml").songs[0].reference
    assert reference is not None
    assert reference.read_bytes() == (tmp_path / "theirs" / "media" / "a81f.wav").read_bytes()
    told = [(note.kind, note.text) for note in done.notes if "o2" in note.text]
    assert told == [("lost", "o2: a page has one open reference")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_a_project_is_known_in_every_encoding_that_xml_has(tmp_path: Path, encoding: str) -> None:
    """Pages that stay as they are are in the report in letters, too."""
    declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    text = declared + (ONE_PAGE % ("ABX", "")).replace("</waet>", '<page id="left"/></waet>')
    project = write_waet(tmp_path / "theirs")
    project.write_bytes(text.encode(encoding))
    assert import_study(project, tmp_path / "ours").tool == "WAET"
    assert '<page id="left"/>' in (tmp_path / "ours" / "import.md").read_text("utf-8")
