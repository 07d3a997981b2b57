"""WebMUSHRA's projects with odd, hostile, overlong or otherwise saved content."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mixtrial.commands.cli import app, sentence_for
from mixtrial.imports.studies.write_study import import_study
from other_tools import SMALL_WEBMUSHRA as SMALL
from other_tools import write_webmushra
from stimuli.loading.load import load_study
from stimuli.study.study import StudyError


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/etc/passwd", "is an absolute path, which is not read"),
        ("'C:\\music\\a.wav'", "is an absolute path, which is not read"),
        ("../secret.wav", "is outside the project, and is not read"),
        ("media/link.wav", "is outside the project, and is not read"),
        ("media/gone.wav", "is not there"),
        ("configs/harbour.yaml", "is not an audio file (.wav, "),
        ("https://example.org/a.wav", "is a network address, from which nothing is downloaded"),
        ("media/loop.wav", "is a name or a link that leads to no file"),
        (f"media/{'a' * 5000}.wav", "is a name or a link that leads to no file"),
    ],
)
def test_a_file_that_cannot_be_taken_is_a_line_and_a_sentence(
    tmp_path: Path, path: str, said: str
) -> None:
    """The rest of the page is taken; nothing outside the project is read."""
    (tmp_path / "secret.wav").write_bytes(b"secret")
    config = write_webmushra(tmp_path / "site", SMALL % path)
    (tmp_path / "site" / "media" / "link.wav").symlink_to(tmp_path / "secret.wav")
    (tmp_path / "site" / "media" / "loop.wav").symlink_to("loop.wav")
    told = CliRunner().invoke(
        app, ["import", "study", str(config), "--out", str(tmp_path / "ours")]
    )
    assert told.exit_code == 0, (told.output, told.exception)
    assert "1 audio file could not be taken." in told.output
    report = (tmp_path / "ours" / "import.md").read_text("utf-8")
    line = re.search(rf"\* line 8: the stimulus b: the file .* {re.escape(said)}", report)
    assert line is not None
    assert len(line[0]) < 500
    [song] = load_study(tmp_path / "ours" / "study.yaml").songs
    assert set(song.files) == {"a"}


LAUGHS = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 30))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("testname: x\npages:\n\t- type: mushra\n", "line 3: .*Indent with spaces"),
        (
            "testname: x\npages: !!python/object/apply:os.system [ls]\n",
            "line 2: Tags .* not accepted",
        ),
        (f"testname: x\nl0: &l0 [a]\n{LAUGHS}pages: *l29\n", "too many levels or aliases"),
        ("testname: x\na: &a [*a]\npages: []\n", "is repeated too often"),
        (f"testname: x\npages: {'[' * 40}{']' * 40}\n", "too many levels or aliases"),
        (
            "testname: x\npages:\n  - type: spatial\n    id: a\n",
            "line 3: spatial: .*nothing was written",
        ),
        ("testname: x\npages: [{type: finish}]\n", "No page .* has a counterpart"),
        ("testname: x\n", "holds no study of a known tool"),
        ("testname: x\npages: {a: [}\n", "line 2: This is not valid YAML"),
    ],
)
def test_a_project_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    """With its line; nothing is executed and nothing written."""
    config = write_webmushra(tmp_path / "site", text)
    with pytest.raises(StudyError, match=said) as refused:
        import_study(config, tmp_path / "ours")
    assert sentence_for(refused.value) == str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    """A name that is taken is refused before anything is read."""
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(StudyError, match="exists already and is left unchanged"):
        import_study(write_webmushra(tmp_path / "site"), tmp_path / "ours")
    assert [path.name for path in (tmp_path / "ours").iterdir()] == ["mine.txt"]


def test_a_folder_with_one_project_needs_no_file_name_and_one_with_two_does(
    tmp_path: Path,
) -> None:
    """The sentence names both."""
    config = write_webmushra(tmp_path / "site", SMALL % "media/77d9.wav")
    assert import_study(tmp_path / "site", tmp_path / "ours").tool == "webMUSHRA"
    config.with_name("other.yaml").write_text(SMALL % "media/77d9.wav", encoding="utf-8")
    with pytest.raises(StudyError, match=r"holds 2 studies; .*harbour\.yaml.*other\.yaml"):
        import_study(tmp_path / "site", tmp_path / "more")


def test_hostile_texts_stay_text_in_study_and_report(tmp_path: Path) -> None:
    """Scripts are cut out of texts, and no sign of the source means anything to Markdown."""
    text = SMALL % "media/77d9.wav"
    text = text.replace(
        "name: One", "name: \"A<script>alert(1)</script>B\"\n    '[x](javascript:1)': y"
    )
    import_study(write_webmushra(tmp_path / "site", text), tmp_path / "ours")
    [song] = load_study(tmp_path / "ours" / "study.yaml").songs
    assert song.title == "AB"
    report = (tmp_path / "ours" / "import.md").read_text("utf-8")
    assert "<script>" not in report.replace("\\<", "")
    assert r"\[x\](javascript:1)" in report


def test_signs_of_any_script_stay_whole(tmp_path: Path) -> None:
    """Joined emoji are kept; half a sign, which no file can hold, is replaced."""
    text = SMALL % "media/77d9.wav"
    text = text.replace("name: One", 'name: "\U0001f469\u200d\U0001f3a4 歌 \\ud83d"')
    import_study(write_webmushra(tmp_path / "site", text), tmp_path / "ours")
    [song] = load_study(tmp_path / "ours" / "study.yaml").songs
    assert song.title == "\U0001f469\u200d\U0001f3a4 歌 \ufffd"


def test_a_thirteenth_question_has_no_room(tmp_path: Path) -> None:
    """A page that asks more than a study can is a line; the pages before it are taken."""
    page = """\
  - type: likert_multi_stimulus
    id: page%d
    name: Page
    stimuli: {a: media/3c02.wav, b: media/77d9.wav}
    response: [{value: no}, {value: rather no %d}, {value: yes}]
"""
    text = "testname: Many\npages:\n" + "".join(page % (n, n) for n in range(13))
    import_study(write_webmushra(tmp_path / "site", text), tmp_path / "ours")
    study = load_study(tmp_path / "ours" / "study.yaml")
    assert (len(study.songs), len(study.attributes)) == (12, 12)
    report = (tmp_path / "ours" / "import.md").read_text("utf-8")
    assert "line 63: the page page12: a study asks 12 questions at most" in report


PAIR = """\
testname: Pair
pages:
  - type: paired_comparison
    id: pair
    name: Pair
    reference: media/a81f.wav
    stimuli: {%s: media/3c02.wav}
"""


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        (
            SMALL.replace("{a:", "{CNN:").replace("b: %s", "cnn: media/77d9.wav"),
            {"CNN_file": "CNN"},
        ),
        (
            SMALL.replace("{a:", "{x y:").replace("b: %s", "X  Y: media/77d9.wav"),
            {"x_y": "x y"},
        ),
        (
            PAIR % "reference",
            {"reference_file": "", "reference_stimulus": "reference stimulus"},
        ),
    ],
)
def test_conditions_that_are_called_almost_alike_come_in(
    tmp_path: Path, text: str, labels: dict[str, str]
) -> None:
    """Each has a name of its own; no label is given twice."""
    import_study(write_webmushra(tmp_path / "site", text), tmp_path / "ours")
    study = load_study(tmp_path / "ours" / "study.yaml")
    assert len(set(study.system_names)) == len(study.songs[0].files) == 2
    assert study.system_labels == {name: label for name, label in labels.items() if label}
    assert labels.keys() <= set(study.system_names)


def test_what_no_study_can_have_is_a_sentence_about_their_file(tmp_path: Path) -> None:
    """No line of a file that was never written is named."""
    label = "x" * 20_001
    asked = f"{{type: likert, name: q, response: [{{value: {label}}}, {{value: b}}]}}"
    text = SMALL % "media/77d9.wav" + f"  - type: finish\n    questionnaire: [{asked}]\n"
    with pytest.raises(StudyError) as refused:
        import_study(write_webmushra(tmp_path / "site", text), tmp_path / "ours")
    assert str(refused.value).startswith("harbour.yaml has settings that no study can have, ")
    assert "at most 20000 characters" in str(refused.value)
    assert "study.yaml" not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_what_is_left_off_a_long_text_is_a_line(tmp_path: Path) -> None:
    """A title has 200 characters, a text 20,000, with whatever comes together on one page."""
    text = SMALL.replace("testname: Small", f"testname: {'t' * 200}Rest") % "media/77d9.wav"
    text += f"  - type: finish\n    name: Thanks\n    content: {'x' * 19_995}End\n"
    done = import_study(write_webmushra(tmp_path / "site", text), tmp_path / "ours")
    study = load_study(tmp_path / "ours" / "study.yaml")
    assert (study.title, len(study.thanks)) == ("t" * 200, 20_000)
    assert {(note.line, note.text) for note in done.notes if "left off" in note.text} == {
        (1, "a text has 200 characters at most; left off: 'Rest'"),
        # A heading of 6 signs and two line breaks leave 19,992.
        (9, "a text has 20000 characters at most; left off: 'xxxEnd'"),
    }


@pytest.mark.parametrize(
    ("old", "new", "encoding"),
    [
        ("testId: small\n", "", "utf-8-sig"),
        ("pages:", '"pages":', "utf-8"),
        ("testname:", "'testname' :", "utf-8"),
        ("\n", "\r", "utf-8"),
        ("\n", "\r\n", "utf-8"),
        ("Small", "Küste 歌", "utf-16"),
    ],
)
def test_a_project_is_known_however_it_was_saved(
    tmp_path: Path, old: str, new: str, encoding: str
) -> None:
    """Marks of the encoding, quotes and line breaks of old systems change nothing."""
    config = write_webmushra(tmp_path / "site")
    text = (SMALL % "media/77d9.wav").replace(old, new)
    config.write_bytes(text.encode(encoding))
    done = import_study(config, tmp_path / "ours")
    assert done.tool == "webMUSHRA"
    [line] = [note.line for note in done.notes if note.text.startswith("the page is the song")]
    assert line == (3 if "testId" in old else 4)
    assert load_study(tmp_path / "ours" / "study.yaml").title == (
        "Küste 歌" if "K" in new else "Small"
    )


def test_a_project_in_another_encoding_is_to_be_saved_in_utf_8(tmp_path: Path) -> None:
    """The sentence says so, not that there is no study."""
    config = write_webmushra(tmp_path / "site")
    config.write_bytes((SMALL % "media/77d9.wav").encode("utf-16-le"))
    with pytest.raises(StudyError, match="not a text file in UTF-8; save it as one"):
        import_study(config, tmp_path / "ours")


def test_two_questions_of_one_name_are_both_asked(tmp_path: Path) -> None:
    """The second one gets a number, though both stand on one line."""
    asked = "[{type: text, name: q, label: One}, {type: text, name: q, label: Two}]"
    text = SMALL % "media/77d9.wav" + f"  - type: finish\n    questionnaire: {asked}\n"
    done = import_study(write_webmushra(tmp_path / "site", text), tmp_path / "ours")
    [questionnaire] = load_study(tmp_path / "ours" / "study.yaml").questionnaires
    assert [(q.name, q.label) for q in questionnaire.questions] == [("q", "One"), ("q_2", "Two")]
    assert "the question 'q' is called q_2" in [note.text for note in done.notes]


def test_a_study_without_any_of_its_sounds_is_told_which_are_wanted(tmp_path: Path) -> None:
    """The settings alone, as somebody sends them: nothing is written, and the files are named."""
    settings = tmp_path / "alone.yaml"
    page = "  - {type: mushra, id: one, reference: media/r.wav, stimuli: {a: media/a.wav}}"
    settings.write_text(f"testname: T\ntestId: t\npages:\n{page}\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"media/r\.wav is not there.*Put the audio where"):
        import_study(settings, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_signs_that_turn_a_text_round_are_taken_out_and_told(tmp_path: Path) -> None:
    """Participants read exactly the text of the file."""
    text = (SMALL % "media/77d9.wav").replace("name: One", "name: On\u202e\u200be")
    done = import_study(write_webmushra(tmp_path / "site", text), tmp_path / "ours")
    [song] = load_study(tmp_path / "ours" / "study.yaml").songs
    assert song.title == "One"
    [told] = [note.text for note in done.notes if "U+202E" in note.text]
    assert told == "U+202E, U+200B in a text: only words are taken"


def test_pages_that_stay_out_for_one_reason_are_told_by_all_their_lines(tmp_path: Path) -> None:
    """In one sentence, where nothing else is there."""
    pages = "".join(f"  - type: spatial\n    id: where{n}\n" for n in range(5))
    config = write_webmushra(tmp_path / "site", f"testname: a\npages:\n{pages}")
    with pytest.raises(StudyError, match=r"\(lines 3, 5, 7, 9, 11: spatial: no page of mixtrial"):
        import_study(config, tmp_path / "ours")
