"""A webMUSHRA project comes in whole: what has a counterpart as a study, all else by its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mixtrial.commands.cli import app
from mixtrial.imports.studies.write_study import import_study
from other_tools import SMALL_WEBMUSHRA, WEBMUSHRA, write_webmushra
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
    """Text of import.md, without the signs that keep Markdown from reading it."""
    return re.sub(r"\\(.)", r"\1", (out / "import.md").read_text("utf-8"))


def test_pages_of_one_kind_are_the_songs_of_a_part(study: Study) -> None:
    """Type, songs and systems of every part, in the order of the pages."""
    assert [(part.type, part.songs, part.systems) for part in study.page_parts] == [
        ("mushra", ("harbour_chorus", "harbour_verse"), ("baseline_file", "CNN_mix")),
        ("abx", ("harbour_pair",), ("reference_file", "CNN_mix")),
        ("attributes", ("stars",), ("one", "two")),
        ("acr", ("alone",), ("one", "two")),
        ("bs1116", ("small",), ("one",)),
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
    stars, alone = study.page_parts[2:4]
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
    text = SMALL_WEBMUSHRA % "media/77d9.wav" + f"  - type: finish\n    questionnaire: [{asked}]\n"
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
            "popupcontent (Saved.): unknown key (did you mean 'popupContent'?)",
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
    """No key is lost in silence: each is in a note, or in a page that stays as it is."""
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
    # Two songs of two systems, reference and anchors; two stars; two alone on two scales;
    # two grades.
    assert f"{2 * (2 * 5 + 2 + 2 * 2 + 2)} rows of 2 participants" in told


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
    import_study(
        write_webmushra(tmp_path / "site", SMALL_WEBMUSHRA % "media/77d9.wav"), tmp_path / "ours"
    )
    study = str(tmp_path / "ours" / "study.yaml")
    words = ["export", study, "--study", "webmushra", "--out", str(tmp_path / "theirs")]
    told = CliRunner().invoke(app, words)
    assert isinstance(told.exception, StudyError)
    assert "are not built; run mixtrial build" in str(told.exception)
    assert not (tmp_path / "theirs").exists()
