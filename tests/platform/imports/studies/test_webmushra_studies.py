"""A webMUSHRA project comes in whole: what has a counterpart as a study, all else by its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mixtrial.commands.cli import app, sentence_for
from mixtrial.imports.studies.write_study import import_study
from other_tools import WEBMUSHRA, write_webmushra
from stimuli.loading.load import load_study
from stimuli.study.study import Study, StudyError


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with every page type, imported."""
    folder = tmp_path_factory.mktemp("webmushra")
    import_study(write_webmushra(folder / "site"), folder / "ours")
    return folder / "ours"


@pytest.fixture(scope="module")
def study(out: Path) -> Study:
    """The study that was written."""
    return load_study(out / "study.yaml")


@pytest.fixture(scope="module")
def report(out: Path) -> str:
    """What import.md says, without the signs that keep Markdown from reading it."""
    return re.sub(r"\\(.)", r"\1", (out / "import.md").read_text("utf-8"))


def test_pages_of_one_kind_are_the_songs_of_a_part(study: Study) -> None:
    """Type, songs and systems of every part, in the order of the pages."""
    assert [(part.type, part.songs, part.systems) for part in study.page_parts] == [
        ("mushra", ("harbour_chorus", "harbour_verse"), ("baseline_file", "CNN_mix")),
        ("abx", ("harbour_pair",), ("reference_file", "CNN_mix")),
        ("attributes", ("stars",), ("one", "two")),
        ("acr", ("alone",), ("one", "two")),
    ]


def test_a_song_has_the_files_of_its_page_and_no_others(study: Study, out: Path) -> None:
    """Audio lies under names of ours, byte for byte the project's."""
    files = {song.name: set(song.files) for song in study.songs}
    assert files["harbour_verse"] == {"baseline_file", "CNN_mix"}
    assert files["stars"] == {"one", "two"}
    [verse] = [song for song in study.songs if song.name == "harbour_verse"]
    source = out.parent / "site" / "media" / "b81f.wav"
    assert verse.reference is not None
    assert verse.reference.read_bytes() == source.read_bytes()
    assert study.system_labels == {"baseline_file": "baseline", "CNN_mix": "CNN mix"}


def test_texts_are_plain_and_stand_on_our_pages(study: Study) -> None:
    """Markup is gone, a line break stays, and the text behind a colon is whole."""
    assert study.title == "Harbour Lights"
    assert study.welcome == "Welcome\n\nMind this: listen twice.\nThen answer."
    assert study.consent == "Consent\n\nPlease read: you may stop."
    assert study.thanks == "Thank you\n\nThank you for taking part."
    assert (study.language, study.pages.back, study.identifier) == ("fr", True, "harbour_mixes")


def test_responses_become_words_to_choose_from(study: Study) -> None:
    """Three responses are 1 to 3; two scales of a page are two questions of two and three words."""
    stars, alone = study.page_parts[2:]
    assert (stars.options.must_listen, stars.options.must_move) == (1.0, True)
    assert alone.options.must_move is False
    [name] = stars.attributes
    assert stars.scales[name].words == ("Bad", "Fair", "Good")
    assert [alone.scales[each].words for each in alone.attributes] == [
        ("No noise", "Noise"),
        ("Dry", "Fitting", "Wet"),
    ]


LIKERT = """\
testname: Likert
pages:
  - type: likert_multi_stimulus
    id: one
    name: One
    stimuli: {a: media/3c02.wav, b: media/77d9.wav}
    response: [%s]
"""


@pytest.mark.parametrize(
    ("responses", "labels", "step", "said"),
    [
        (
            "{value: 5, label: Top}, {value: 4, label: Good}, {value: 1, label: Bad}",
            [(1, "Bad"), (4, "Good"), (5, "Top")],
            None,
            ("assumed", "responses stand from the lowest value to the highest"),
        ),
        (
            "{value: 1, label: Good}, {value: '0', label: Same}, {value: -1, label: Bad}",
            [(-1, "Bad"), (0, "Same"), (1, "Good")],
            1,
            ("taken", "the response 1 is 1"),
        ),
        (
            "{value: 2000000, label: Many}, {value: 1, label: Few}",
            [(1, "Few"), (2, "Many")],
            1,
            ("assumed", "the response 2000000 is 2: the values are no numbers of one scale"),
        ),
        (
            "{value: bad, label: Bad}, {value: 7, label: Top}",
            [(1, "Bad"), (2, "Top")],
            1,
            ("assumed", "the response bad is 1: the values are no numbers of one scale"),
        ),
    ],
)
def test_responses_that_are_numbers_keep_their_order_and_meaning(
    tmp_path: Path,
    responses: str,
    labels: list[tuple[float, str]],
    step: float | None,
    said: tuple[str, str],
) -> None:
    """A scale written from the top down is none upside down; counted places are told."""
    done = import_study(write_webmushra(tmp_path / "site", LIKERT % responses), tmp_path / "ours")
    [part] = load_study(tmp_path / "ours" / "study.yaml").page_parts
    [scale] = part.scales.values()
    assert [(label.value, label.word) for label in scale.labels] == labels
    assert scale.step == step
    assert any(note.kind == said[0] and note.text.startswith(said[1]) for note in done.notes)


def test_the_questionnaire_comes_after_the_pages(study: Study) -> None:
    """A number, a text that may stay empty, a choice; names that we keep are changed."""
    [questionnaire] = study.questionnaires
    assert questionnaire.when == "after"
    assert [(q.name, q.type, q.required) for q in questionnaire.questions] == [
        ("years", "number", True),
        ("group_file", "text", False),
        ("device_used", "choice", True),
    ]
    assert (questionnaire.questions[0].minimum, questionnaire.questions[0].maximum) == (0, 60)


@pytest.mark.parametrize(("end", "is_shown"), [("9" * 400, "9" * 300), ("-.inf", "-.inf")])
def test_an_end_that_is_no_finite_number_is_a_line(tmp_path: Path, end: str, is_shown: str) -> None:
    """The question is asked without it."""
    asked = f"{{type: number, name: years, label: Years, min: 0, max: {end}}}"
    text = SMALL % "media/77d9.wav" + f"  - type: finish\n    questionnaire: [{asked}]\n"
    done = import_study(write_webmushra(tmp_path / "site", text), tmp_path / "ours")
    [questionnaire] = load_study(tmp_path / "ours" / "study.yaml").questionnaires
    [question] = questionnaire.questions
    assert (question.minimum, question.maximum) == (0, None)
    [lost] = [note.text for note in done.notes if note.text.startswith("max (")]
    assert lost.startswith(f"max ({is_shown}")
    assert lost.endswith("): no number")


def line_of(text: str, after: str = "") -> int:
    """Line of the project's file that begins with a text, the first one after another."""
    start = WEBMUSHRA.index(after) if after else 0
    return WEBMUSHRA[: WEBMUSHRA.index(text, start)].count("\n") + 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (line_of("bufferSize"), "bufferSize (2048): the browser's own player needs none"),
        (line_of("showWaveform"), "showWaveform (true): pages show no waveform"),
        (line_of("unforced"), "unforced (I cannot tell): a choice is always made"),
        (line_of("- {value: bad"), "img (star.png): a response is a word"),
        (
            line_of("popupcontent"),
            "popupcontent (Saved.): unknown key; did you mean 'popupContent'?",
        ),
        (line_of("- type: generic", "where"), "a page of words between others: 'Take a break.'"),
        (line_of("- {type: number"), "default (0): no answer is given beforehand"),
        (line_of("- type: paired"), "the reference is X in webMUSHRA; here X is the reference or"),
        (line_of("content: Mind"), "the text holds a colon or a #; it is read as one text"),
        (line_of("createAnchor35"), "createAnchor35 (true): the low anchor"),
    ],
)
def test_the_report_says_what_became_of_a_line(report: str, line: int, said: str) -> None:
    """By its number in the project's file."""
    assert f"* line {line}: {said}" in report


def test_every_line_with_a_key_is_told_of(report: str) -> None:
    """No key is lost in silence: each stands in a note, or in a page that stays as it is."""
    pages = re.findall(r"^Lines (\d+)–(\d+): ", report, re.MULTILINE)
    told = {int(line) for line in re.findall(r"^\* line (\d+):", report, re.MULTILINE)}
    told |= {line for first, last in pages for line in range(int(first), int(last) + 1)}
    told_by_the_page = {
        "type", "id", "pages", "min", "max", "-", "random", "baseline", "CNN mix", "one", "two",
        "response",
    }  # fmt: skip
    for number, text in enumerate(WEBMUSHRA.splitlines(), start=1):
        key = text.strip().removeprefix("- ").partition(":")[0]
        is_told = number in told or key in told_by_the_page or "label" in text
        assert is_told, (number, text)


def test_pages_without_a_counterpart_stand_in_the_report_as_they_are(report: str) -> None:
    """Their lines, and why they stay out."""
    first = line_of("- type: spatial")
    assert f"Lines {first}–{first + 2}: spatial: no page of mixtrial asks where" in report
    assert "    - type: spatial\n        id: where\n        name: Where?\n" in report


@pytest.fixture(scope="module")
def built(out: Path) -> Path:
    """The study file, its stimuli built."""
    study = out / "study.yaml"
    run("check", study)
    run("build", study, "--workers", 1)
    return study


def run(*words: object) -> str:
    """Run a command that must end well, and return what it printed."""
    told = CliRunner().invoke(app, [str(word) for word in words])
    assert told.exit_code == 0, (words, told.output, told.exception)
    return told.output


def test_an_imported_study_is_checked_built_and_rated(built: Path, tmp_path: Path) -> None:
    """Simulated participants go all the way, with every page rated."""
    run("simulate", built, "--participants", 2, "--seed", 1)
    told = run("export", built, "--out", tmp_path / "ratings.csv")
    # Two songs of two systems, reference and anchors; two stars; two alone on two scales.
    assert f"{2 * (2 * 5 + 2 + 2 * 2)} rows of 2 participants" in told


def test_a_study_goes_out_as_a_project_and_comes_in_again(built: Path, tmp_path: Path) -> None:
    """Types, systems, scales, anchors and texts are the same; audio is the build's."""
    told = run("export", built, "--study", "webmushra", "--out", tmp_path / "theirs")
    assert "a project of webMUSHRA" in told
    import_study(tmp_path / "theirs", tmp_path / "again")
    first, again = load_study(built), load_study(tmp_path / "again" / "study.yaml")
    for one, other in zip(first.page_parts, again.page_parts, strict=True):
        assert (one.type, len(one.songs), one.rated) == (other.type, len(other.songs), other.rated)
        assert [one.scales[a] for a in one.attributes] == [
            other.scales[a] for a in other.attributes
        ]
        for key in ("playback", "must_move"):
            assert getattr(one.options, key) == getattr(other.options, key)
    assert (first.title, first.consent) == (again.title, again.consent.removeprefix("Consent\n\n"))
    assert first.thanks in again.thanks
    assert [s.title for s in first.songs] == [s.title for s in again.songs]
    asked = [q.name for q in again.questionnaires[0].questions]
    assert asked == ["group_file", "device_file", "years", "group_file_2", "device_used"]


def test_a_nested_list_begins_on_a_line_of_its_own(built: Path, tmp_path: Path) -> None:
    """The tool's own reader takes ``- - random`` for one text."""
    run("export", built, "--study", "webmushra", "--out", tmp_path / "theirs")
    [config] = (tmp_path / "theirs" / "configs").iterdir()
    text = config.read_text("utf-8")
    assert "\n  -\n    - random\n    - type: mushra\n" in text
    assert re.search(r"^ *- +-", text, re.MULTILINE) is None


def test_a_study_that_is_not_built_cannot_go_out(tmp_path: Path) -> None:
    """The sentence says what to do, and no folder is made."""
    import_study(write_webmushra(tmp_path / "site", SMALL % "media/77d9.wav"), tmp_path / "ours")
    study = str(tmp_path / "ours" / "study.yaml")
    words = ["export", study, "--study", "webmushra", "--out", str(tmp_path / "theirs")]
    told = CliRunner().invoke(app, words)
    assert isinstance(told.exception, StudyError)
    assert "are not built; run mixtrial build" in str(told.exception)
    assert not (tmp_path / "theirs").exists()


SMALL = """\
testname: Small
testId: small
pages:
  - type: mushra
    id: one
    name: One
    reference: media/a81f.wav
    stimuli: {a: media/3c02.wav, b: %s}
"""


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/etc/passwd", "is an absolute path, which is not followed"),
        ("'C:\\music\\a.wav'", "is an absolute path, which is not followed"),
        ("../secret.wav", "leads out of the project, and is not followed"),
        ("media/link.wav", "leads out of the project, and is not followed"),
        ("media/gone.wav", "is not there"),
        ("configs/harbour.yaml", "is no audio (.wav, "),
        ("https://example.org/a.wav", "is an address on a network, from which nothing is fetched"),
        ("media/loop.wav", "is a name or a link that leads to no file"),
        (f"media/{'a' * 5000}.wav", "is a name or a link that leads to no file"),
    ],
)
def test_a_file_that_cannot_be_taken_is_a_line_and_a_sentence(
    tmp_path: Path, path: str, said: str
) -> None:
    """What else the page has is taken; nothing outside the project is read."""
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
        ("testname: x\npages:\n\t- type: mushra\n", r"line 3: .*indent with spaces"),
        ("testname: x\npages: !!python/object/apply:os.system [ls]\n", "line 2: tags .* not read"),
        (f"testname: x\nl0: &l0 [a]\n{LAUGHS}pages: *l29\n", "nested or repeated too deeply"),
        ("testname: x\na: &a [*a]\npages: []\n", "repeats itself too often"),
        (f"testname: x\npages: {'[' * 40}{']' * 40}\n", "nested or repeated too deeply"),
        (
            "testname: x\npages:\n  - type: bs1116\n    id: a\n",
            "line 3: bs1116: .*nothing was written",
        ),
        ("testname: x\npages: [{type: finish}]\n", "no page .* has a counterpart"),
        ("testname: x\n", "holds no study of another tool"),
        ("testname: x\npages: {a: [}\n", "line 2: this is not valid YAML"),
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
    with pytest.raises(StudyError, match="is there already, and stays as it is"):
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
    assert str(refused.value).startswith("harbour.yaml holds what no study here can have: ")
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
